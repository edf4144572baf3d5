"""Scanners: what they are set to, a code that shows whether one is, how fast it sends its keys, and how loud this page
answers it."""

from __future__ import annotations

from aiohttp import web

from edge_agent.web.console.frame import show
from edge_agent.web.context import service

PATH = "/console/scanner"


async def page(request: web.Request) -> web.Response:
    """What is measured stays in this browser: the page's script compares it, and nothing of it is recorded."""
    scans = service(request).scans
    return await show(request, "pages/scanner.html", set_up=scans.set_up(), terms=scans.terms)
