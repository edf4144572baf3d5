"""Pictures of labels."""

from __future__ import annotations

from aiohttp import web

from edge_agent.web.context import number, service
from label_protocol.errors import InputError


async def preview(request: web.Request) -> web.Response:
    """A PNG: of an issued label (样张, without a readable code), or of a style nobody has issued yet."""
    dpi = number(request, "dpi", 203, least=100, most=1200)
    if "serial" in request.query:
        return _picture(await service(request).previews.issued(request.query["serial"], dpi))
    return _picture(await _sample(request, dpi))


async def _sample(request: web.Request, dpi: int) -> bytes:
    query = request.query
    missing = next((name for name in ("style_no", "size", "template") if not query.get(name)), None)
    if missing is not None:
        raise InputError(f"preview: expected serial, or template, style_no and size; got no {missing}; add it")
    goods = (query["style_no"], query["size"], query.get("lot_no") or None)
    return await service(request).previews.sample(query["template"], *goods, dpi, query.get("firm", ""))


def _picture(data: bytes) -> web.Response:
    return web.Response(body=data, content_type="image/png")
