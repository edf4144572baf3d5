"""What a job can be made of, and which labels fit it: the questions behind the page's form."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from aiohttp import web

from edge_agent.service.lots import Lots
from edge_agent.web.context import service
from garment.record import Lot
from label_protocol.errors import InputError


async def catalogue(request: web.Request) -> dict[str, Any]:
    """What a job can be made of: each style with the lots that may be printed of it now."""
    shop = service(request)
    labels = await asyncio.to_thread(shop.library.labels)
    found, known = await shop.lots.listing(), await shop.lots.known()
    offered = await asyncio.to_thread(known.offered, found.styles)
    return {
        "templates": list(labels),
        "titles": {name: {"zh": one.title_zh, "en": one.title_en} for name, one in labels.items()},
        "without_code": [name for name, one in labels.items() if not one.coded],
        "styles": [one._asdict() | {"lots": offered[one.style_no, one.size]} for one in found.styles],
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
    """Which labels a garment can be printed with, best first, and why the others are refused."""
    query = request.query
    missing = next((name for name in ("style_no", "size") if not query.get(name)), None)
    if missing is not None:
        raise InputError(f"fitting: expected style_no and size, got no {missing}; add it")
    body = {"style_no": query["style_no"], "size": query["size"], "lot_no": query.get("lot_no") or None}
    found = await service(request).fitting.fitting(body)
    return {"templates": list(found.templates), "refused": dict(found.refused)}
