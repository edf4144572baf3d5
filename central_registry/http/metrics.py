"""Shows the counters at `/metrics`, to this computer or to who shows the token, and whether the registry can work."""

from __future__ import annotations

import asyncio
import hmac
import time
from ipaddress import ip_address
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from central_registry.alarms import known_kind
from central_registry.db import Pool, sql
from central_registry.http.bodies import answer
from central_registry.http.context import CHECKS, CLOCK, CONFIG, COUNTERS, PEOPLE, POOL, SCANS
from central_registry.problems import ProblemError

_POOLS = {"ingest": POOL, "scans": SCANS, "people": PEOPLE, "checks": CHECKS}
_READY_S = 1.0
"""A connection that is not to be had within that is none for an agent either."""

_FORWARDED = ("Forwarded", "X-Forwarded-For")


async def get_metrics(request: web.Request) -> web.Response:
    """All counters as Prometheus reads them.

    Raises:
        ProblemError: 404 for anybody else, as if there were nothing here.
    """
    _require_watcher(request)
    counters = request.app[COUNTERS]
    for name, pool in _pools(request).items():
        for state, count in _connections(pool).items():
            counters.pools.labels(name, state).set(count)
        counters.waits_s.labels(name).set(await _wait_s(pool))
    await _ask_books(request)
    text = await asyncio.to_thread(generate_latest, counters.all)
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})


async def get_ready(request: web.Request) -> web.Response:
    """`{ready: true}` while each pool has a connection that answers; however much the database holds.

    Raises:
        ProblemError: 503; one has none within a second.
    """
    pools = {id(pool): pool for pool in _pools(request).values()}
    try:
        async with asyncio.timeout(_READY_S):
            await asyncio.gather(*(sql.answers(pool) for pool in pools.values()))
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as cause:
        raise ProblemError("busy", "the database does not answer within a second", retry_after_s=5) from cause
    return answer({"ready": True})


def _require_watcher(request: web.Request) -> None:
    """Behind a proxy on the same computer everybody comes from loopback, and says for whom."""
    token = request.app[CONFIG].http.metrics_token
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if token and hmac.compare_digest(token.encode(), shown.encode("utf-8", "replace")):
        return
    here = _is_loopback(request.remote or "") and not any(name in request.headers for name in _FORWARDED)
    if token or not here:
        raise ProblemError("not-found", "GET /metrics: expected [http] metrics_token, or a request from this computer")


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _pools(request: web.Request) -> dict[str, Pool]:
    """Those that this process has: a scan worker has no agents and no people."""
    return {name: request.app[key] for name, key in _POOLS.items() if key in request.app}


def _connections(pool: Pool) -> dict[str, int]:
    return {"open": pool.get_size(), "idle": pool.get_idle_size(), "most": pool.get_max_size()}


async def _wait_s(pool: Pool) -> float:
    begun_s = time.monotonic()
    try:
        async with pool.acquire(timeout=_READY_S):
            return time.monotonic() - begun_s
    except TimeoutError:
        return _READY_S


async def _ask_books(request: web.Request) -> None:
    """What stands in the books and is short: alarms that are open, and since when an agent has said nothing."""
    counters, pool, at = request.app[COUNTERS], request.app[POOL], request.app[CLOCK]()
    alarms: list[Any] = [row async for row in sql.count_open_alarms(pool)]
    agents: list[Any] = [row async for row in sql.last_words(pool)]
    counters.alarms.clear()
    counters.silent_s.clear()
    for row in alarms:
        counters.alarms.labels(known_kind(row["kind"])).inc(row["alarms"])
    for row in agents:
        counters.silent_s.labels(row["agent"]).set((at - row["seen_at"]).total_seconds())
