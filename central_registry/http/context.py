"""Holds what all handlers share: configuration, clock, page, the connections in two pools, the gate.

However busy the agents are, a consumer's page finds a connection: the pools are apart. However many batches come, an
agent's other questions find one: fewer batches are at work than its pool has connections.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from central_registry import db
from central_registry.config import RegistryConfig
from central_registry.consumer.scan_page import ScanPage
from central_registry.db import Pool
from central_registry.ingest.gate import Gate
from central_registry.parties.doorstep import Doorstep

CONFIG: web.AppKey[RegistryConfig] = web.AppKey("config", RegistryConfig)
CLOCK: web.AppKey[Callable[[], datetime]] = web.AppKey("clock", Callable[[], datetime])  # type: ignore[arg-type]
PAGE: web.AppKey[ScanPage] = web.AppKey("page", ScanPage)
GATE: web.AppKey[Gate] = web.AppKey("gate", Gate)
DOORSTEP: web.AppKey[Doorstep] = web.AppKey("doorstep", Doorstep)
POOL: web.AppKey[Any] = web.AppKey("pool", object)
"""For agents."""

SCANS: web.AppKey[Any] = web.AppKey("scans", object)
"""For consumers."""

PEOPLE: web.AppKey[Any] = web.AppKey("people", object)
"""For people who are logged in: the console and `/v1/admin`."""

_AGENTS_LIMIT_S, _SCANS_LIMIT_S = 120.0, 10.0
"""For one statement: nobody waits longer than that for its answer."""


def gate_of(config: RegistryConfig) -> Gate:
    """The gate that the configuration asks for."""
    at_work = min(config.ingest.at_work, max(1, config.database.connections_max - 1))
    return Gate(at_work, config.ingest.bytes_mib << 20, config.ingest.wait_s)


def pools_of(database: str | Pool, config: RegistryConfig) -> Callable[[web.Application], AsyncIterator[None]]:
    """Both pools on a DSN, for as long as the application runs; or one pool of the caller's for both."""

    async def provide(app: web.Application) -> AsyncIterator[None]:
        if not isinstance(database, str):
            app[POOL] = app[SCANS] = app[PEOPLE] = database
            yield
            return
        sizes = config.database
        agents, scans = sizes.connections_max, sizes.scan_connections_max
        async with (
            await db.connect(database, connections_max=agents, limit_s=_AGENTS_LIMIT_S) as app[POOL],
            await db.connect(database, connections_max=scans, limit_s=_SCANS_LIMIT_S) as app[SCANS],
        ):
            app[PEOPLE] = app[POOL]
            yield

    return provide
