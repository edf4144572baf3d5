"""The first page: what waits for this person. Each number leads to its rows."""

from __future__ import annotations

from aiohttp import web

from central_registry.console.frame import show
from central_registry.console.page import Desk, Group, Page
from central_registry.parties.acts import Act


async def waiting(desk: Desk) -> web.Response:
    """What waits for me."""
    return await show(desk, "pages/first.html", counts=())


PAGES = (Page("/console/", Act.LOOK, "等我处理", "Waiting for me", waiting, Group.WORK, "home"),)
