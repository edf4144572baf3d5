"""Where the sync stands, and that something changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from aiohttp import web

from edge_agent.web import views
from edge_agent.web.context import asking, service
from edge_agent.web.streams import stream


async def get_sync(request: web.Request) -> dict[str, Any]:
    """Where the sync stands."""
    return dict(views.sync_view(service(request).site.sync_view()))


async def sync_now(request: web.Request) -> dict[str, Any]:
    """Calls the registry at once instead of at the next turn."""
    await service(request).site.sync_now(asking(request))
    return await get_sync(request)


async def changes(request: web.Request) -> web.StreamResponse:
    """A bell: says that something changed, never what; the page asks then."""
    site = service(request).site

    async def items() -> AsyncGenerator[tuple[str, Any]]:
        async with aclosing(site.changes()) as numbers:
            async for number in numbers:
                yield "change", number

    async with aclosing(items()) as found:
        return await stream(request, found)
