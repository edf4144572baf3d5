"""The rest of the agent over HTTP: pictures, catalogue, printers, sync, holds, alarms, ledger, and changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any

from aiohttp import web

from edge_agent.change_signal import ChangeSignal
from edge_agent.ledger import Ledger
from edge_agent.messages.text import Words
from edge_agent.web import bodies, views
from edge_agent.web.context import number, service
from edge_agent.web.events import stream
from edge_agent.web.pictures import png, sample
from edge_agent.web.problems import HttpRefusal
from garment.record import GarmentRecord
from label_protocol.errors import InputError, RecordError

MAX_IMPORT_BYTES = 32 * 1024 * 1024


# --- pictures, catalogue -----------------------------------------------------------------------------------------


async def preview(request: web.Request) -> web.Response:
    """A PNG: of an issued label (样张, without a readable code), or of a style nobody has issued yet."""
    dpi = number(request, "dpi", 203, least=100, most=1200)
    if "serial" in request.query:
        bitmap = await service(request).picture(request.query["serial"], dpi)
        return _picture(await asyncio.to_thread(png, bitmap, dpi))
    record, template = _catalogued(request), request.query.get("template", "")
    shop = service(request)
    known = (shop.today(), shop.link, shop.overrides, shop.artwork)
    return _picture(await asyncio.to_thread(sample, record, template, dpi, *known))


def _catalogued(request: web.Request) -> GarmentRecord:
    query = request.query
    missing = next((name for name in ("style_no", "size", "template") if not query.get(name)), None)
    if missing is not None:
        raise InputError(f"preview: expected serial, or template, style_no and size; got no {missing}; add it")
    known = service(request).library.labels()
    if query["template"] not in known:  # any other path would let a question read files
        raise InputError(f"preview: expected a template of {', '.join(known)}; choose one of these")
    return service(request).catalog.record(query["style_no"], query["size"], query.get("lot_no") or None)


def _picture(data: bytes) -> web.Response:
    return web.Response(body=data, content_type="image/png")


async def import_catalogue(request: web.Request) -> dict[str, Any]:
    """Takes a JSON or CSV file whole, or nothing of it; no operators once some are named."""
    catalog = service(request).catalog
    take = {"application/json": catalog.import_json, "text/csv": catalog.import_csv}.get(request.content_type)
    if take is None:
        raise HttpRefusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expected application/json or text/csv")
    data = await bodies.read_bytes(request, MAX_IMPORT_BYTES)
    report = await asyncio.to_thread(partial(take, data, people_stay=True))
    return {"added": dict(report.added), "replaced": dict(report.replaced)}


# --- printers, sync, holds, ledger -------------------------------------------------------------------------------


async def list_printers(request: web.Request) -> dict[str, Any]:
    """Every printer and what it is doing, and the groups that stand in for each other."""
    return views.printers_view(service(request).printers, full=(await service(request).disk()).full)


async def test_printer(request: web.Request) -> dict[str, Any]:
    """Print a label without a code; `words` say how far it could be proven."""
    return await _chore(request, service(request).printers.test)


async def calibrate_printer(request: web.Request) -> dict[str, Any]:
    """Have the printer measure its roll; it feeds a few labels."""
    return await _chore(request, service(request).printers.calibrate)


async def _chore(request: web.Request, order: Callable[[str], Awaitable[Words]]) -> dict[str, Any]:
    """Nothing of it enters the ledger, so a request without a body is taken where nobody is named."""
    printer, body = request.match_info["printer_id"], bodies.OperatorBody()
    if request.can_read_body:
        body = await bodies.read_body(request, bodies.OperatorBody)
    await service(request).people.require(body.operator, f"printer {printer}", recorded=False)
    return views.done_view(printer, await order(printer))


async def get_sync(request: web.Request) -> dict[str, Any]:
    """Where the sync stands."""
    return dict(views.sync_view(service(request).sync_view()))


async def sync_now(request: web.Request) -> dict[str, Any]:
    """Calls the registry at once instead of at the next turn."""
    pump = service(request).pump
    if pump is None:
        raise RecordError("sync: expected an enrolled agent, got one without a registry; run edge-agent enrol first")
    pump.notify(now=True)
    return await get_sync(request)


async def list_holds(request: web.Request) -> dict[str, Any]:
    """Why nothing may be issued now."""
    return {"holds": [dict(one) for one in await service(request).holds()]}


async def release_hold(request: web.Request) -> dict[str, Any]:
    """An operator's recorded order to go on."""
    body = await bodies.read_body(request, bodies.DecisionBody)
    await service(request).release_hold(request.match_info["kind"], body.operator, body.reason)
    return await list_holds(request)


async def list_alarms(request: web.Request) -> dict[str, Any]:
    """Open alarms."""
    return {"alarms": [views.alarm_view(one) for one in await service(request).alarms()]}


async def close_alarm(request: web.Request) -> dict[str, Any]:
    """Closes an alarm with a reason."""
    body = await bodies.read_body(request, bodies.DecisionBody)
    await service(request).close_alarm(request.match_info["alarm"], body.operator, body.reason)
    return await list_alarms(request)


async def ledger_balance(request: web.Request) -> dict[str, Any]:
    """The books."""
    return {"rows": [asdict(row) for row in await service(request).ledger.do(Ledger.balance)]}


async def ledger_verify(request: web.Request) -> dict[str, Any]:
    """The whole chain, and rebuild == live; orders go on meanwhile."""
    report = await service(request).verify()
    return asdict(report) | {"ok": report.ok, "first_bad": next(iter(report.findings), "")}


async def changes(request: web.Request) -> web.StreamResponse:
    """A bell: says that something changed, never what; the page asks then."""
    changes = service(request).changes

    async def items() -> AsyncGenerator[tuple[str, Any]]:
        heard = changes.count
        while True:
            yield "change", heard
            heard = await _next_ring(changes, heard)

    async with aclosing(items()) as found:
        return await stream(request, found)


async def _next_ring(changes: ChangeSignal, heard: int) -> int:
    while (count := await changes.wait(heard, 3600.0)) <= heard:
        continue
    return count
