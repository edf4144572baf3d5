"""Ingest by processor time, beside raw COPY into the same keyed table, on a real PostgreSQL with its own fsync.

Raw COPY stores `(issuer, serial, draw, state)` and checks nothing. *Classified* is every serial judged new, replay or
conflict with its drawing stored. *Whole ingest* starts from the gzipped batch as `central-registry serve` reads it off
the wire: unpacked, parsed, chain hashed, events stored, labels judged, states and sums kept, the answer sent. Batches
are as full as an agent sends them, of windows of eight labels that are sent and then proven: two events a window.

What is measured is the processor's time, of the service and of every process of PostgreSQL: the clock of a machine that
does something else as well says nothing. `BENCH_INGEST_BEFORE` is how many labels lie in the table already, of sixteen
agents that go on.

    python -m bench.ingest
"""

from __future__ import annotations

import asyncio
import os
import secrets
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp
import psutil

from bench.kit import Row
from bench.scan_under_load import BATCH_WINDOWS, GTIN, LOT, WINDOW_LABELS, Agent, Waits, enrolled, packed, serving, tell
from central_registry import db
from central_registry.db import in_transaction
from central_registry.embedded import EmbeddedPostgres
from central_registry.goods.lot_import import import_lots
from central_registry.ingest.classify import Rulings, classify, within_batch
from central_registry.ingest.interpret import DRAW_BYTES, IssuedWindow
from central_registry.ingest.states import State
from label_protocol.codes.serial import ALPHABET

BATCH_LABELS = BATCH_WINDOWS * WINDOW_LABELS
ROUNDS = 6
Step = Callable[[], Awaitable[Any]]
_FILL = (
    "ALTER TABLE serial DROP CONSTRAINT serial_pkey",
    "INSERT INTO serial (issuer, serial, draw, state) SELECT left(s, 3), s, substring(decode(md5(s), 'hex') FOR 12), 1 "
    "FROM (SELECT 'P' || lpad(to_hex(16 + i % 16), 2, '0') || upper(substr(md5(i::text), 1, 14)) AS s "
    "FROM generate_series(1, {labels}) i) AS made",
    "ALTER TABLE serial ADD PRIMARY KEY (issuer, serial)",
    "VACUUM ANALYZE serial",
)


def rows(*, full: bool = False) -> list[Row]:
    """The two ratios, in labels per second of processor time."""
    before = int(os.environ.get("BENCH_INGEST_BEFORE", "0"))
    raw, classified, whole = asyncio.run(measure(120_000 if full else 40_000, before))
    beside = f", beside {before:,} labels" if before else ""
    return [
        Row(f"registry: rows classified{beside}", classified, "labels/s of CPU", "raw COPY", raw, target="≥ 0.40"),
        Row(f"registry: whole ingest{beside}", whole, "labels/s of CPU", "raw COPY", raw, target="≥ 0.35"),
    ]


async def measure(labels: int, before: int) -> tuple[float, float, float]:
    """Means of rounds, of so many labels each, that take turns in being first: raw COPY, classified, whole ingest."""
    async with EmbeddedPostgres(durable=True) as dsn:
        pool = await db.connect(dsn, connections_max=1)
        for statement in _FILL if before else ():
            await pool.execute(statement.format(labels=before), timeout=24 * 3600)
        await pool.close()
        return await rounds(dsn, labels)


async def rounds(dsn: str, labels: int) -> tuple[float, float, float]:
    """The same on a database as it is; the first round is not counted."""
    found: dict[str, list[float]] = {"raw": [], "classified": [], "whole": []}
    async with serving(dsn) as http, await db.connect(dsn, connections_max=1) as pool:
        goods = {"product": {"style_no": "YR2026-0801", "gtin": GTIN}, "lot": {"lot_no": LOT, "quantity": 10**9}}
        await import_lots(pool, [goods])
        postgres = psutil.Process(await pool.fetchval("SELECT pg_backend_pid()")).parent()
        here = psutil.Process()
        service = next(one for one in here.children(recursive=True) if "serve" in one.cmdline())
        known = await pool.fetchval("SELECT count(*) FROM agent")
        for number in range(known, known + ROUNDS + 1):
            agent = await enrolled(http, pool, number)
            agent.issuer = await _goes_on(pool, agent, number % 10)
            contenders = (
                ("raw", _raw_copy(pool, agent, labels), here),
                ("classified", _classified(pool, agent, labels), here),
                ("whole", _whole(http, agent, labels), service),
            )
            first = number % len(contenders)  # who comes first finds the pages of this agent's labels cold
            for name, steps, worker in (*contenders[first:], *contenders[:first]):
                found[name].append(await _spent_s((postgres, worker), steps) / labels)
    raw, classified, whole = (1 / statistics.mean(several[1:]) for several in found.values())
    return raw, classified, whole


async def _goes_on(pool: Any, agent: Agent, one: int) -> str:
    """The issuer of the agent: that of one whose labels are here already (`_FILL`), or its own if none are."""
    issuer = f"P{16 + one:02x}"
    if not await pool.fetchval("SELECT EXISTS (SELECT FROM serial WHERE issuer = $1)", issuer):
        return agent.issuer
    await pool.execute("UPDATE agent SET issuer = $2 WHERE agent = $1", agent.name, issuer)
    return issuer


async def _spent_s(workers: tuple[psutil.Process, psutil.Process], steps: Sequence[Step]) -> float:
    """Seconds of processor time that the steps cost PostgreSQL and its client."""
    begun_s = sum(map(_tree_s, workers))
    for step in steps:
        await step()
    return sum(map(_tree_s, workers)) - begun_s


def _tree_s(parent: psutil.Process) -> float:
    """Of a process and, where those are PostgreSQL's, its children: those that live and those that ended."""
    if parent == psutil.Process():
        return time.process_time()
    return sum(parent.cpu_times()[:4]) + sum(sum(one.cpu_times()[:2]) for one in parent.children(recursive=True))


def _raw_copy(pool: Any, agent: Agent, labels: int) -> list[Step]:
    def step(records: list[Any]) -> Step:
        columns = ("issuer", "serial", "draw", "state")
        return lambda: pool.copy_records_to_table("serial", records=records, columns=columns)

    batches = [
        [(agent.issuer, serial, row.draw, State.PRINTED) for row in windows for serial in row.serials]
        for windows in _windows(agent, labels)
    ]
    return [step(records) for records in batches]


def _classified(pool: Any, agent: Agent, labels: int) -> list[Step]:
    def step(windows: list[IssuedWindow]) -> Step:
        return lambda: in_transaction(pool, lambda connection: _new(connection, agent.name, windows))

    async def _new(connection: Any, name: str, windows: list[IssuedWindow]) -> None:
        await classify(connection, name, windows, within_batch(name, windows), {}, Rulings())

    return [step(windows) for windows in _windows(agent, labels)]


def _whole(http: aiohttp.ClientSession, agent: Agent, labels: int) -> list[Step]:
    async def told(batch: bytes) -> None:
        await tell(http, agent, [batch], Waits())

    return [lambda batch=batch: told(batch) for batch in packed(agent, labels // BATCH_LABELS)]


def _windows(agent: Agent, labels: int) -> list[list[IssuedWindow]]:
    return [[_issued(agent) for _ in range(BATCH_WINDOWS)] for _ in range(labels // BATCH_LABELS)]


def _issued(agent: Agent) -> IssuedWindow:
    facts = ("j" * 16, "a" * 64, f"lot:{LOT}", GTIN, LOT, "2026-11-20T09:15:03.120Z")
    return IssuedWindow(os.urandom(DRAW_BYTES), 1, secrets.token_hex(8), *facts, serials=_serials(agent.issuer))


def _serials(issuer: str) -> tuple[str, ...]:
    return tuple(issuer + "".join(ALPHABET[byte & 31] for byte in os.urandom(14)) for _ in range(WINDOW_LABELS))


def main() -> None:
    """Print the table's rows."""
    for row in rows():
        peer = f"{row.peer} {row.theirs:,.0f}"
        print(f"{row.what:50} {row.ours:>10,.0f} {row.unit}   {peer}   ratio {row.ratio:.2f} ({row.target})")


if __name__ == "__main__":
    main()
