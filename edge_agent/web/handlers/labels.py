"""Labels, and strips of them in doubt."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from edge_agent.model.job import Label
from edge_agent.service.labels import require_state
from edge_agent.web import bodies, views
from edge_agent.web.context import asking, number, service
from edge_agent.web.handlers.cartons import carton_view


async def list_labels(request: web.Request) -> dict[str, Any]:
    """Labels in a state, in order of serial."""
    state, after = request.query.get("state"), request.query.get("after", "")
    require_state(state)
    found = await service(request).labels.page(state, limit=number(request, "limit", 100), after=after)
    return views.labels_view(found)


async def get_label(request: web.Request) -> dict[str, Any]:
    """One label, and the carton that its garment is in (null: none)."""
    label = await service(request).labels.find(request.match_info["serial"])
    carton = await service(request).cartons.of_label(label.serial)
    return await _told(request, label) | {"carton": carton_view(carton) if carton else None}


async def _told(request: web.Request, label: Label) -> dict[str, Any]:
    return views.told_label(label, await service(request).labels.stop_of(label.serial))


async def scan_label(request: web.Request) -> dict[str, Any]:
    """The scanner read this label."""
    body = await bodies.read_body(request, bodies.ScanBody)
    found = await service(request).labels.scan(
        body.text, asking(request, body.operator), serial=request.match_info["serial"], on_garment=body.on_garment
    )
    return await _told(request, found)


async def scan_any(request: web.Request) -> dict[str, Any]:
    """The scanner read some label; the text says which."""
    body = await bodies.read_body(request, bodies.ScanBody)
    found = await service(request).labels.scan(body.text, asking(request, body.operator), on_garment=body.on_garment)
    return await _told(request, found)


async def what_was_scanned(request: web.Request) -> dict[str, Any]:
    """Says what a code is and which page it leads to; records nothing and does nothing."""
    body = await bodies.read_body(request, bodies.ScannedBody)
    return views.scanned_view(await service(request).scans.what_is(body.text))


async def scrap_label(request: web.Request) -> dict[str, Any]:
    """Seen spoiled and destroyed."""
    body = await bodies.read_body(request, bodies.DecisionBody)
    serial = request.match_info["serial"]
    return views.label_view(await service(request).labels.scrap(serial, asking(request, body.operator), body.reason))


async def invalidate_label(request: web.Request) -> dict[str, Any]:
    """Not found after a search."""
    body = await bodies.read_body(request, bodies.DecisionBody)
    serial = request.match_info["serial"]
    return views.label_view(
        await service(request).labels.invalidate(serial, asking(request, body.operator), body.reason)
    )


async def replace_label(request: web.Request) -> dict[str, Any]:
    """Scraps a label and opens a job of one for its replacement."""
    key = bodies.idempotency_key(request)
    body = await bodies.read_body(request, bodies.DecisionBody)
    job = await service(request).labels.replace(
        request.match_info["serial"], asking(request, body.operator), body.reason, key
    )
    return views.job_view(job)


async def list_doubts(request: web.Request) -> dict[str, Any]:
    """Windows with labels in doubt."""
    jobs, found = service(request).jobs, await service(request).labels.doubts()
    doubts = [(window, labels, await jobs.find(window.job_id)) for window, labels in found]
    return {"doubts": [views.doubt_view(*one) for one in doubts]}


async def settle_window(request: web.Request) -> dict[str, Any]:
    """Settles a strip by the scan of its last good label."""
    body = await bodies.read_body(request, bodies.SettleBody)
    labels, window_id = service(request).labels, request.match_info["window_id"]
    found = await labels.settle_window(window_id, body.text, asking(request, body.operator), body.rest)
    stopped = await labels.stop_of(found[0].serial) if found else None
    return views.labels_view(found) | {"stopped": asdict(stopped) if stopped else None}
