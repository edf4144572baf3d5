"""The registry as a process of its own: what a consumer and an agent wait for while it is busy, and while it is large.

A full batch is what an agent sends at most: 2 000 events, 8 000 labels. Agents that are told to come back (503) do so
after the time they are told and up to as much again, as the pump does.

    python -m bench.scan_under_load
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import secrets
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp

from bench.kit import Row, asked, percentile, prepared, workspace
from central_registry import db
from central_registry.agents.enrolment import add_agent
from central_registry.embedded import EmbeddedPostgres
from central_registry.goods.lot_import import import_lots
from central_registry.issuing.allotments import allot
from label_protocol import chain, wire
from label_protocol.codes.serial import new_serial

WINDOW_LABELS, BATCH_WINDOWS = 8, 1_000
TELLING, CROWD = 16, 80
SCANNERS = 4
AGENT_LIMIT_S = 60.0
ASKED_P99_MS = 50.0
GTIN, LOT = "06901234567892", "L20261118A"
_FILL = (
    "INSERT INTO serial (issuer, serial, draw, state) "
    "SELECT left('X' || i, 3), 'X' || i, substring(decode(md5(i::text), 'hex') FOR 12), 1 "
    "FROM generate_series(1, {n}) i",
    "INSERT INTO edge_words SELECT i, i, 'x', 'x', '\\x00', '\\x7b7d' FROM generate_series(1, {n}) i",
    "INSERT INTO conflict SELECT 'x', 'x', i, 'X' || i, '\\x00', 'x', '\\x00', now() FROM generate_series(1, {n}) i",
    "ANALYZE",
)
"""So many labels, events and conflicts, straight into the tables."""


@dataclass
class Agent:
    """One that was enrolled, and the batches it has to tell. `serials`: some that the last of them holds."""

    name: str
    issuer: str
    secret: str
    batches: list[bytes] = field(default_factory=list)
    serials: list[str] = field(default_factory=list)


@dataclass
class Waits:
    """Seconds: of every request, whatever its answer, and of every batch until it was taken; how many were put off."""

    requests: list[float] = field(default_factory=list)
    batches: list[float] = field(default_factory=list)
    put_off: int = 0


def rows(*, full: bool = False) -> list[Row]:
    """Scans beside agents that tell a backlog; a crowd of agents; health and a scan beside millions of rows."""
    return asyncio.run(_rows(3_000_000 if full else 1_000_000))


async def _rows(large: int) -> list[Row]:
    async with EmbeddedPostgres(durable=True) as dsn, serving(dsn) as http, await db.connect(dsn) as pool:
        goods = {"product": {"style_no": "YR2026-0801", "gtin": GTIN}, "lot": {"lot_no": LOT, "quantity": 10**9}}
        await import_lots(pool, [goods])
        agents = [await enrolled(http, pool, number) for number in range(1 + TELLING + CROWD)]
        first, *others = agents
        await tell(http, first, packed(first, 1), Waits())
        alone = await _scans(http, first.serials, asyncio.create_task(asyncio.sleep(5)))
        beside = await _beside_a_backlog(http, first, others)
        crowd = await _crowd(http, others[TELLING:])
        small = await _health(http), await _scan_ms(http, first.serials[0])
        for statement in _FILL:
            await pool.execute(statement.format(n=large), timeout=600)
        grown = await _health(http), await _scan_ms(http, first.serials[0])
    apart = await _beside_a_backlog_apart()
    many = f"{large:,} labels, events, conflicts each"
    telling, crowded = f"{TELLING} agents telling", f"{CROWD} agents, a full batch each: longest wait"
    limit: tuple[str, str, float, Literal["less"]] = ("s", "the agent's patience", AGENT_LIMIT_S, "less")
    return [
        *(
            Row(
                f"scan page, p{part}, {telling}",
                percentile(beside, part),
                "ms",
                "alone",
                percentile(alone, part),
                "less",
            )
            for part in (50, 99)
        ),
        Row(
            f"scan page, p99, {telling}, a process for scans",
            percentile(apart, 99),
            "ms",
            "one for all",
            percentile(beside, 99),
            "less",
        ),
        asked(f"scan page, p99, {telling}, a process for scans", percentile(apart, 99), "ms", ASKED_P99_MS, "less"),
        Row(f"{crowded} for an answer", max(crowd.requests), *limit),
        Row(f"{crowded} until taken ({crowd.put_off} put off)", max(crowd.batches), *limit),
        Row(f"health, {many}", grown[0], "ms", "nearly empty", small[0], "less"),
        Row(f"one scan, {many}", grown[1], "ms", "nearly empty", small[1], "less"),
    ]


@contextlib.asynccontextmanager
async def serving(dsn: str) -> AsyncIterator[aiohttp.ClientSession]:
    """`central-registry serve` and a client with no limit on its connections."""
    async with _started(dsn) as lines, _client(lines[-1].split()[-1]) as http:
        yield http


@contextlib.asynccontextmanager
async def serving_apart(dsn: str) -> AsyncIterator[tuple[aiohttp.ClientSession, aiohttp.ClientSession]]:
    """The same with one process for scans, and a client of each."""
    with workspace() as folder:
        settings = folder / "registry.toml"
        settings.write_text("[http]\nscans_port = 0\n", "utf-8")
        async with _started(dsn, "--config", str(settings), "--workers", "1") as (apart, here):
            scans = apart.split()[-1].removesuffix("/01/")
            async with _client(here.split()[-1]) as http, _client(scans) as pages:
                yield http, pages


def _client(url: str) -> aiohttp.ClientSession:
    limits = aiohttp.TCPConnector(limit=0)
    return aiohttp.ClientSession(url, connector=limits, timeout=aiohttp.ClientTimeout(total=600))


@contextlib.asynccontextmanager
async def _started(dsn: str, *more: str) -> AsyncIterator[list[str]]:
    """The service, once it has said where it is; what it said until then."""
    words = ("-m", "central_registry", "serve", "--listen", "127.0.0.1:0", "--dsn", dsn, *more)
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield [(await process.stdout.readline()).decode() for _ in range(2 if more else 1)]
    finally:
        process.terminate()
        await process.wait()


async def enrolled(http: aiohttp.ClientSession, pool: Any, number: int) -> Agent:
    name = f"line-{number}"
    order = {"token": await add_agent(pool, name, db.now()), "name": name, "fingerprint": "bench"}
    async with http.post("/v1/enrol", json=order) as answer:
        found = await answer.json()
    await allot(pool, name, f"lot:{LOT}", 10**6)
    return Agent(found["agent"], found["issuer"], found["secret"])


def packed(agent: Agent, batches: int) -> list[bytes]:
    """A fresh history of so many full batches."""
    snapshot = dict(prepared().snapshot)
    name, incarnation = chain.address(snapshot), secrets.token_hex(16)
    head, seq, packed = chain.GENESIS, 0, []
    for _ in range(batches):
        told = [] if seq else [("incarnation_began", {"parent": None, "reason": "first", "fingerprint": "bench"})]
        told += [event for _ in range(BATCH_WINDOWS) for event in window(agent, name)]
        before, bodies = head, []
        for kind, fields in told:
            event = {"incarnation": incarnation, "seq": seq + len(bodies) + 1, "at": "2026-11-20T09:15:03.120Z"}
            bodies.append(chain.canonical({**event, "type": kind, **fields}))
            head = chain.link(head, bodies[-1])
        packed.append(wire.pack_batch(incarnation, seq + 1, before, bodies, {name: chain.canonical(snapshot)}))
        seq += len(bodies)
    return packed


def window(agent: Agent, snapshot: str) -> list[tuple[str, dict[str, Any]]]:
    agent.serials = [new_serial(agent.issuer, os.urandom) for _ in range(WINDOW_LABELS)]
    sending = {
        "window": secrets.token_hex(8),
        "job": "j" * 16,
        "printer": "line-1",
        "snapshot": snapshot,
        "quota_key": f"lot:{LOT}",
        "gtin": GTIN,
        "lot_no": LOT,
        "serials": agent.serials,
        "replaces": {},
        "counter": 1000,
    }
    evidence = {"counter_before": 1000, "counter_after": 1008, "labels": 8, "status": ["ok", "ok"]}
    printed = {"window": sending["window"], "level": "counter", "evidence": evidence, "counts_as": "printed"}
    return [("window_sending", sending), ("window_printed", printed)]


async def _beside_a_backlog(
    http: aiohttp.ClientSession, known: Agent, others: Sequence[Agent], scans: aiohttp.ClientSession | None = None
) -> list[float]:
    """Milliseconds of every scan, asked of `scans` if it is not the same service, while agents tell two full batches
    each."""
    telling = others[:TELLING]
    backlogs = await asyncio.to_thread(lambda: [packed(agent, 2) for agent in telling])
    work = [tell(http, agent, backlog, Waits()) for agent, backlog in zip(telling, backlogs, strict=True)]
    return await _scans(scans or http, known.serials, asyncio.ensure_future(asyncio.gather(*work)))


async def _beside_a_backlog_apart() -> list[float]:
    """The same with `--workers 1`: scans are answered by a process of their own, on a port of its own."""
    async with (
        EmbeddedPostgres(durable=True) as dsn,
        serving_apart(dsn) as (http, scans),
        await db.connect(dsn) as pool,
    ):
        goods = {"product": {"style_no": "YR2026-0801", "gtin": GTIN}, "lot": {"lot_no": LOT, "quantity": 10**9}}
        await import_lots(pool, [goods])
        first, *others = [await enrolled(http, pool, number) for number in range(1 + TELLING)]
        await tell(http, first, packed(first, 1), Waits())
        return await _beside_a_backlog(http, first, others, scans)


async def _crowd(http: aiohttp.ClientSession, agents: Sequence[Agent]) -> Waits:
    """Those agents at once, each with one full batch."""
    crowd = await asyncio.to_thread(lambda: [packed(agent, 1) for agent in agents])
    waits = Waits()
    await asyncio.gather(*(tell(http, agent, batch, waits) for agent, batch in zip(agents, crowd, strict=True)))
    return waits


async def tell(http: aiohttp.ClientSession, agent: Agent, batches: Sequence[bytes], waits: Waits) -> None:
    """As the pump does: one batch after the other, each until it is taken."""
    for batch in batches:
        begun_s = time.perf_counter()
        while (again_s := await _asked(http, agent, batch, waits)) is not None:
            waits.put_off += 1
            await asyncio.sleep(again_s * (1 + random.random()))
        waits.batches.append(time.perf_counter() - begun_s)


async def _asked(http: aiohttp.ClientSession, agent: Agent, batch: bytes, waits: Waits) -> float | None:
    """None: it was taken; else when to come back."""
    head = {"Authorization": f"Bearer {agent.secret}", "Content-Encoding": "gzip", "Content-Type": "application/json"}
    begun_s = time.perf_counter()
    async with http.post(f"/v1/agents/{agent.name}/events", data=batch, headers=head) as answer:
        text = await answer.text()
    waits.requests.append(time.perf_counter() - begun_s)
    if answer.status == 503:
        return float(answer.headers["Retry-After"])
    if answer.status != 200:
        raise RuntimeError(f"bench: expected the batch to be taken, got {answer.status} {text[:200]}")
    return None


async def _scans(http: aiohttp.ClientSession, serials: Sequence[str], until: asyncio.Future[Any]) -> list[float]:
    """Milliseconds of every scan of a few phones until something ends."""
    found: list[float] = []

    async def phone(serial: str) -> None:
        while not until.done():
            found.append(await _scan_ms(http, serial))

    await asyncio.gather(until, *(phone(serial) for serial in serials[:SCANNERS]))
    return found


async def _scan_ms(http: aiohttp.ClientSession, serial: str) -> float:
    return await _get_ms(http, f"/01/{GTIN}/10/{LOT}/21/{serial}")


async def _health(http: aiohttp.ClientSession) -> float:
    return await _get_ms(http, "/healthz")


async def _get_ms(http: aiohttp.ClientSession, path: str) -> float:
    begun_s = time.perf_counter()
    async with http.get(path) as answer:
        await answer.read()
    if answer.status != 200:
        raise RuntimeError(f"bench: expected 200 from {path}, got {answer.status}")
    return (time.perf_counter() - begun_s) * 1000


def main() -> None:
    """Print the table's rows."""
    for row in rows(full="--full" in sys.argv):
        print(f"{row.what:75} {row.ours:>10,.1f} {row.unit}   {row.peer} {row.theirs:,.1f}")


if __name__ == "__main__":
    main()
