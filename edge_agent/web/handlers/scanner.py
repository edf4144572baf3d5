"""The printed page that scanners are set up from."""

from __future__ import annotations

from aiohttp import web

from edge_agent.web.context import service


async def scanner_page(request: web.Request) -> web.Response:
    """A page to set scanners up from, for an office printer."""
    address = str(request.url.origin().with_path("/console/scanner"))
    pdf = await service(request).scans.set_up_page(address)
    headers = {"Content-Disposition": 'inline; filename="scanner.pdf"'}
    return web.Response(body=pdf, content_type="application/pdf", headers=headers)
