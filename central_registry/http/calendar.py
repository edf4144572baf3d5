"""Does what falls due by the calendar while nobody asks: memberships whose last day is over, cases to be forgotten."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from central_registry.cases.forgetting import forget_due
from central_registry.db import DatabaseError, told
from central_registry.exchange.deliveries import forget_old
from central_registry.http.context import CLOCK, NEWS, PEOPLE, POOL
from central_registry.issuing.parting import end_due

_LOOK_S = 60.0


async def keep_calendar(app: web.Application) -> AsyncIterator[None]:
    """Look once a minute, for as long as the application runs; a database that is away is asked again."""
    looking = asyncio.create_task(_keep_looking(app))
    yield
    looking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await looking


async def _keep_looking(app: web.Application) -> None:
    while True:
        await asyncio.sleep(_LOOK_S)
        with contextlib.suppress(DatabaseError), told():
            if await end_due(app[POOL], app[PEOPLE], app[CLOCK]()):
                app[NEWS].tell()
            await forget_due(app[PEOPLE], app[CLOCK]())
            await forget_old(app[POOL], app[CLOCK]())
