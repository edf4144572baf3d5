"""Says whether the registry can work."""

from __future__ import annotations

from aiohttp import web

from central_registry.db import sql
from central_registry.http.bodies import answer
from central_registry.http.context import SCANS


async def get_health(request: web.Request) -> web.Response:
    """200 while the database answers, however much it holds."""
    return answer({"ok": await sql.answers(request.app[SCANS])})
