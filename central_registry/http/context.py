"""Holds what all handlers share: configuration, clock, page, the connections in their pools, the gate.

However busy the agents are, a consumer's page finds a connection: the pools are apart. However many batches come, an
agent's other questions find one: fewer batches are at work than its pool has connections. Each pool works with the
login of its role, where it has one (central_registry/fence).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

from aiohttp import web

from central_registry import db
from central_registry.agents import epoch
from central_registry.agents.enrolment import Secrets
from central_registry.config import CHECKS_AT_ONCE, RegistryConfig
from central_registry.consumer.labels import Labels
from central_registry.consumer.scan_page import ScanPage
from central_registry.db import Pool
from central_registry.distribution.news import News
from central_registry.distribution.question import Questions
from central_registry.fence.policies import Role
from central_registry.fence.roles import Logins, renew
from central_registry.http.counters import Counters
from central_registry.ingest.gate import Gate
from central_registry.ingest.turns import Turns
from central_registry.parties.doorstep import Doorstep

CONFIG: web.AppKey[RegistryConfig] = web.AppKey("config", RegistryConfig)
CLOCK: web.AppKey[Callable[[], datetime]] = web.AppKey("clock", Callable[[], datetime])  # type: ignore[arg-type]
PAGE: web.AppKey[ScanPage] = web.AppKey("page", ScanPage)
COUNTERS: web.AppKey[Counters] = web.AppKey("counters", Counters)
GATE: web.AppKey[Gate] = web.AppKey("gate", Gate)
DOORSTEP: web.AppKey[Doorstep] = web.AppKey("doorstep", Doorstep)
POOL: web.AppKey[Any] = web.AppKey("pool", object)
"""For agents."""

SCANS: web.AppKey[Any] = web.AppKey("scans", object)
"""For consumers."""

LABELS: web.AppKey[Labels] = web.AppKey("labels", Labels)
"""What consumers look up, by that pool: those who ask at once are answered together."""

NEWS: web.AppKey[News] = web.AppKey("news", News)
"""For agents that wait for what is put for them."""

QUESTIONS: web.AppKey[Questions] = web.AppKey("questions", Questions)
"""Of agents for news: those that ask at once are looked at together."""

SECRETS: web.AppKey[Secrets] = web.AppKey("secrets", Secrets)
"""By which agents are known."""

TURNS: web.AppKey[Turns] = web.AppKey("turns", Turns)
"""Of agents that tell: those that tell little at once are taken in together."""

CHECKS: web.AppKey[Any] = web.AppKey("checks", object)
"""For check codes that consumers typed: judging one takes the registry's secret, which `reader` may not read."""

PEOPLE: web.AppKey[Any] = web.AppKey("people", object)
"""For people who are logged in: the console and `/v1/admin`."""

_AGENTS_LIMIT_S, _SCANS_LIMIT_S, _PEOPLE_LIMIT_S = 120.0, 10.0, 60.0
"""For one statement: nobody waits longer than that for its answer."""


def gate_of(config: RegistryConfig) -> Gate:
    """The gate that the configuration asks for."""
    at_work = min(config.ingest.at_work, max(1, config.database.connections_max - 1))
    return Gate(at_work, config.ingest.bytes_mib << 20, config.ingest.wait_s)


def pools_of(
    database: str | Logins | Pool, config: RegistryConfig, *, scans_alone: bool = False
) -> Callable[[web.Application], AsyncIterator[None]]:
    """All pools on a DSN or with the logins of the roles, for as long as the application runs; or one pool of the
    caller's for all. The database is migrated first, and the fence stands before anybody is let in; with `scans_alone`
    somebody else has done that, and there are pools for consumers only."""

    async def provide(app: web.Application) -> AsyncIterator[None]:
        if not isinstance(database, str | Logins):
            app[POOL] = app[SCANS] = app[PEOPLE] = app[CHECKS] = database
            app[LABELS] = Labels(database)
            yield
            return
        logins = Logins(database) if isinstance(database, str) else database
        if not scans_alone:
            async with await db.connect(logins.owner, connections_max=1) as owner:
                await renew(owner)
                # what is behind the seal is nobody's to write who comes through the fence, and people may be the first
                await db.in_transaction(owner, epoch.current)
        async with AsyncExitStack() as stack:
            await _open(app, logins, config, stack, scans_alone=scans_alone)
            app[LABELS] = Labels(app[SCANS])
            yield

    return provide


async def news_of(app: web.Application) -> AsyncIterator[None]:
    """One listener for all agents that wait, for as long as the application runs; at its end nobody waits on."""
    pool = app[POOL]
    app[NEWS], app[SECRETS], app[QUESTIONS], app[TURNS] = News(pool), Secrets(pool), Questions(pool), Turns(pool)
    looking = asyncio.create_task(app[NEWS].keep_looking())
    yield
    looking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await looking


async def let_go(app: web.Application) -> None:
    """Answer whoever waits for news: the service ends."""
    app[NEWS].end()


async def _open(
    app: web.Application, logins: Logins, config: RegistryConfig, stack: AsyncExitStack, *, scans_alone: bool
) -> None:
    """Agents and people share a pool, and consumers' questions another, as long as no role parts them."""
    sizes = config.database

    async def pool(role: Role, most: int, limit_s: float) -> Pool:
        behind = role.value in sizes.pgbouncer
        made = await db.open_pool(logins.of(role), most, limit_s=limit_s, pgbouncer=behind)
        return await stack.enter_async_context(made)

    app[SCANS] = app[CHECKS] = await pool(Role.READER, sizes.scan_connections_max, _SCANS_LIMIT_S)
    if logins.roles.get(Role.READER):
        app[CHECKS] = await pool(Role.INGEST, CHECKS_AT_ONCE, _SCANS_LIMIT_S)
    if scans_alone:
        return
    app[POOL] = app[PEOPLE] = await pool(Role.INGEST, sizes.connections_max, _AGENTS_LIMIT_S)
    if logins.roles.get(Role.PEOPLE) or logins.roles.get(Role.INGEST):
        app[PEOPLE] = await pool(Role.PEOPLE, sizes.people_connections_max, _PEOPLE_LIMIT_S)
