"""What a job can be made of, which labels fit it, and what is imported: the questions behind the page's form."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from aiohttp import web

from edge_agent.service.lots import Lots
from edge_agent.service.requests import GarmentBody
from edge_agent.web import bodies
from edge_agent.web.context import asking, service
from edge_agent.web.problems import HttpRefusal
from garment.record import Lot
from label_protocol.errors import InputError

MAX_IMPORT_BYTES = 32 * 1024 * 1024
SHEETS = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
"""RFC 7111, and the IANA registration of ECMA-376 workbooks."""
IMPORTED = ("application/json", *SHEETS)


async def catalogue(request: web.Request) -> dict[str, Any]:
    """What a job can be made of: each style with the lots that may be printed of it now."""
    there = service(request).catalogue
    labels = await there.templates()
    found, known = await there.listing(), await there.lots()
    offered = await asyncio.to_thread(known.offered, found.styles)
    return {
        "templates": list(labels),
        "titles": {name: {"zh": one.title_zh, "en": one.title_en} for name, one in labels.items()},
        "without_code": [name for name, one in labels.items() if not one.coded],
        "styles": [one._asdict() | {"lots": offered[one.key]} for one in found.styles],
        "lots": [_lot(one, known) for one in known.lots],
        "operators": [{"code": code, "name": name} for code, name in found.operators],
        "operators_only": bool(found.operators),
    }


def _lot(lot: Lot, known: Lots) -> dict[str, Any]:
    """`gtin` only where it is one; `gtins` all that the lot came in with; `style_no` null: nobody knows its goods."""
    goods, stopped = known.goods.get(lot.lot_no), known.stopped(lot.lot_no)
    gtins = list(goods.gtins) if goods else []
    return {
        "lot_no": lot.lot_no,
        "quantity": lot.quantity,
        "style_no": known.style_of(lot.lot_no),
        "gtin": gtins[0] if len(gtins) == 1 else None,
        "gtins": gtins,
        "stopped": asdict(stopped) if stopped else None,
    }


async def fitting(request: web.Request) -> dict[str, Any]:
    """Which labels a garment can be printed with, best first, and why the others are refused; `firms`: for whom it may
    be, where several firms have such goods.

    Raises:
        InputError: `style_no` or `size` is missing.
    """
    query = request.query
    missing = next((name for name in ("style_no", "size") if not query.get(name)), None)
    if missing is not None:
        raise InputError(f"fitting: expected style_no and size, got no {missing}; add it")
    lot_no, firm = query.get("lot_no") or None, query.get("firm") or None
    body = GarmentBody(style_no=query["style_no"], size=query["size"], lot_no=lot_no, firm=firm)
    found = await service(request).fitting.of_garment(body)
    firms = [{"firm": one, "firm_name": name} for one, name in found.firms.items()]
    fits = {"templates": list(found.templates), "refused": dict(found.refused), "smallest": found.smallest}
    return fits | {"firms": firms}


async def import_catalogue(request: web.Request) -> dict[str, Any]:
    """Takes a JSON file or a sheet (CSV, .xlsx) whole, or nothing of it; no operators once some are named.

    Raises:
        HttpRefusal: another content type, or too much.
    """
    there = service(request).catalogue
    await there.may_import(asking(request))  # before 32 MiB are read
    if request.content_type not in IMPORTED:
        raise HttpRefusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"expected {', '.join(IMPORTED)}; send one of these")
    take = there.import_sheet if request.content_type in SHEETS else there.import_json
    report = await take(await bodies.read_bytes(request, MAX_IMPORT_BYTES), request.query.get("firm", ""))
    return {"added": dict(report.added), "replaced": dict(report.replaced), "told": list(report.told)}
