"""Jobs and labels. One short function per order or question: read the request, ask the service, answer in JSON.

A handler returns what the answer says (a dict), or a whole response where that is not JSON. Errors are raised; the
guard turns them into problem documents.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from aiohttp import web

from edge_agent.ledger.values import Copies, CopiesState
from edge_agent.model.job import Label
from edge_agent.service.copies import told
from edge_agent.service.standing import disk_full
from edge_agent.web import bodies, views
from edge_agent.web.context import number, service
from edge_agent.web.events import stream
from label_protocol.errors import InputError
from label_protocol.states import SerialState, Step

# --- jobs --------------------------------------------------------------------------------------------------------


async def submit_job(request: web.Request) -> dict[str, Any]:
    """Opens a job, or finds the one the same key opened."""
    key = bodies.idempotency_key(request)
    return views.job_view(await service(request).submit_job(await bodies.read_object(request), key))


async def list_jobs(request: web.Request) -> dict[str, Any]:
    """Jobs, newest first."""
    jobs = await service(request).jobs(number(request, "limit", 100))
    return {"jobs": [views.job_view(job) for job in jobs]}


async def get_job(request: web.Request) -> dict[str, Any]:
    """One job."""
    return views.job_view(await service(request).job(request.match_info["job_id"]))


async def job_events(request: web.Request) -> web.StreamResponse:
    """The job now and at every change, until it ends. An unknown job is a 404, not a stream."""
    job_id = request.match_info["job_id"]
    await service(request).job(job_id)

    async def items() -> AsyncGenerator[tuple[str, Any]]:
        async for job in service(request).job_events(job_id):
            yield "job", views.job_view(job)

    async with aclosing(items()) as found:
        return await stream(request, found)


async def pause_job(request: web.Request) -> dict[str, Any]:
    """Stops after the window in hand."""
    body = await bodies.read_body(request, bodies.OperatorBody)
    return views.job_view(await service(request).pause(request.match_info["job_id"], body.operator))


async def resume_job(request: web.Request) -> dict[str, Any]:
    """Goes on with labels never drawn."""
    body = await bodies.read_body(request, bodies.OperatorBody)
    return views.job_view(await service(request).resume(request.match_info["job_id"], body.operator))


async def cancel_job(request: web.Request) -> dict[str, Any]:
    """Draws no more serials."""
    body = await bodies.read_body(request, bodies.OperatorBody)
    return views.job_view(await service(request).cancel(request.match_info["job_id"], body.operator))


# --- copies ------------------------------------------------------------------------------------------------------


async def order_copies(request: web.Request) -> dict[str, Any]:
    """Orders labels that carry no code; answers at once, with the number to ask by."""
    key = bodies.idempotency_key(request)
    desk = service(request).copies
    return await _copies(request, await desk.order(await bodies.read_object(request), key))


async def list_copies(request: web.Request) -> dict[str, Any]:
    """Orders of labels without a code, newest first."""
    desk = service(request).copies
    orders = await desk.recent(number(request, "limit", 100))
    return {"copies": [await _copies(request, order) for order in orders]}


async def get_copies(request: web.Request) -> dict[str, Any]:
    """One order: what is known of it, and the data its labels were made from."""
    desk = service(request).copies
    order = await desk.find(request.match_info["copies_id"])
    return await _copies(request, order) | {"snapshot": await desk.snapshot(order)}


async def cancel_copies(request: web.Request) -> dict[str, Any]:
    """Sends no more copies; the window in hand is still judged."""
    body = await bodies.read_body(request, bodies.OperatorBody)
    desk = service(request).copies
    return await _copies(request, await desk.cancel(request.match_info["copies_id"], body.operator))


async def _copies(request: web.Request, order: Copies) -> dict[str, Any]:
    shop = service(request)
    waits = order.state is CopiesState.OPEN and (await shop.disk()).full
    words = told(order, disk_full()) if waits else shop.copies.told(order)
    return views.copies_view(order, words, await shop.copies.snapshot(order))


# --- labels ------------------------------------------------------------------------------------------------------


async def list_labels(request: web.Request) -> dict[str, Any]:
    """Labels in a state, in order of serial."""
    state = request.query.get("state")
    if state is not None and state not in list(SerialState):
        raise InputError(f"state: expected one of {', '.join(SerialState)}, got {state[:40]!r}; correct it")
    limit, after = number(request, "limit", 100), request.query.get("after", "")
    return views.labels_view(await service(request).labels(state, limit=limit, after=after))


async def get_label(request: web.Request) -> dict[str, Any]:
    """One label."""
    return await _told(request, await service(request).label(request.match_info["serial"]))


async def _told(request: web.Request, label: Label) -> dict[str, Any]:
    return views.told_label(label, await service(request).lots.stop_of(label.serial))


async def scan_label(request: web.Request) -> dict[str, Any]:
    """The scanner read this label."""
    body = await bodies.read_body(request, bodies.ScanBody)
    found = await service(request).scan(
        body.text, body.operator, serial=request.match_info["serial"], on_garment=body.on_garment
    )
    return await _told(request, found)


async def scan_any(request: web.Request) -> dict[str, Any]:
    """The scanner read some label; the text says which."""
    body = await bodies.read_body(request, bodies.ScanBody)
    return await _told(request, await service(request).scan(body.text, body.operator, on_garment=body.on_garment))


async def scrap_label(request: web.Request) -> dict[str, Any]:
    """Seen spoiled and destroyed."""
    return await _decide(request, Step.SCRAP)


async def invalidate_label(request: web.Request) -> dict[str, Any]:
    """Not found after a search."""
    return await _decide(request, Step.INVALIDATE)


async def _decide(request: web.Request, step: Step) -> dict[str, Any]:
    body = await bodies.read_body(request, bodies.DecisionBody)
    found = await service(request).decide(request.match_info["serial"], step, body.operator, body.reason)
    return views.label_view(found)


async def replace_label(request: web.Request) -> dict[str, Any]:
    """Scraps a label and opens a job of one for its replacement."""
    key = bodies.idempotency_key(request)
    body = await bodies.read_body(request, bodies.DecisionBody)
    job = await service(request).replace(request.match_info["serial"], body.operator, body.reason, key)
    return views.job_view(job)


async def list_doubts(request: web.Request) -> dict[str, Any]:
    """Windows with labels in doubt."""
    shop = service(request)
    doubts = [(window, labels, await shop.job(window.job_id)) for window, labels in await shop.doubts()]
    return {"doubts": [views.doubt_view(*one) for one in doubts]}


async def settle_window(request: web.Request) -> dict[str, Any]:
    """Settles a strip by the scan of its last good label."""
    body = await bodies.read_body(request, bodies.SettleBody)
    found = await service(request).settle(request.match_info["window_id"], body.text, body.operator, body.rest)
    stopped = await service(request).lots.stop_of(found[0].serial) if found else None
    return views.labels_view(found) | {"stopped": asdict(stopped) if stopped else None}
