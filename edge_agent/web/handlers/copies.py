"""Copies: labels that carry no code."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from edge_agent.model.copies import Copies
from edge_agent.web import bodies, views
from edge_agent.web.context import asking, number, service


async def order_copies(request: web.Request) -> dict[str, Any]:
    """Orders labels that carry no code; answers at once, with the number to ask by."""
    key = bodies.idempotency_key(request)
    body = await bodies.read_object(request)
    return await _told(request, await service(request).copies.submit(body, key, asking(request)))


async def list_copies(request: web.Request) -> dict[str, Any]:
    """Orders of labels without a code, newest first."""
    found = await service(request).copies.recent(number(request, "limit", 100))
    return {"copies": [await _told(request, copies) for copies in found]}


async def get_copies(request: web.Request) -> dict[str, Any]:
    """One order: what is known of it, and the data its labels were made from."""
    copies = await service(request).copies.find(request.match_info["copies_id"])
    return await _told(request, copies) | {"snapshot": await service(request).copies.snapshot(copies)}


async def cancel_copies(request: web.Request) -> dict[str, Any]:
    """Sends no more copies; the window in hand is still judged."""
    body = await bodies.read_body(request, bodies.OperatorBody)
    return await _told(
        request, await service(request).copies.cancel(request.match_info["copies_id"], asking(request, body.operator))
    )


async def _told(request: web.Request, copies: Copies) -> dict[str, Any]:
    known = service(request).copies
    return views.copies_view(copies, await known.told(copies), await known.snapshot(copies))
