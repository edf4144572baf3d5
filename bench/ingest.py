"""Registry ingest on a real PostgreSQL (embedded, its own fsync settings) beside raw COPY into the same keyed table.

Raw COPY stores `(issuer, serial, draw, state)` and checks nothing. *Classified* is every serial judged new, replay or
conflict with its drawing stored; *whole ingest* starts from the gzipped batch as it comes off the wire:
unpacked, parsed, chain re-hashed, events stored, states projected, quota counted. Windows hold eight labels, sent and
proven, as a print run tells them: two events for eight serials.

    python -m bench.ingest
"""

from __future__ import annotations

import asyncio
import os
import secrets
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from bench.kit import Row, prepared, record
from central_registry import db
from central_registry.agents.enrolment import add_agent
from central_registry.db import in_transaction
from central_registry.embedded import EmbeddedPostgres
from central_registry.goods.lot_import import import_lots
from central_registry.ingest.batch import ingest
from central_registry.ingest.classify import Rulings, classify
from central_registry.ingest.interpret import DRAW_BYTES, IssuedWindow
from central_registry.ingest.states import State
from central_registry.issuing.allotments import allot
from label_protocol import chain, wire
from label_protocol.codes.serial import ALPHABET

BATCH_LABELS = 10_000
WINDOW_LABELS = 8
ROUNDS = 3
_AGENT = "bench"
_ISSUER = "PH1"
_QUOTA_KEY = "lot:L20261118A"


def rows(*, full: bool = False) -> list[Row]:
    """The two ratios, in labels per second."""
    raw, classified, whole = asyncio.run(measure(200_000 if full else 40_000))
    return [
        Row("registry: rows classified", classified, "labels/s", "raw COPY", raw, target="≥ 0.40"),
        Row("registry: whole ingest", whole, "labels/s", "raw COPY", raw, target="≥ 0.15"),
    ]


async def measure(labels: int) -> tuple[float, float, float]:
    """Medians of rounds that take turns: raw COPY, classified, whole ingest."""
    found: dict[str, list[float]] = {"raw": [], "classified": [], "whole": []}
    lot = record().model_dump(mode="json", exclude_none=True)
    lot["lot"]["quantity"] = 10 * labels
    async with EmbeddedPostgres(durable=True) as dsn:
        pool = await db.connect(dsn, connections_max=2)
        try:
            await add_agent(pool, _AGENT, db.now())
            await pool.execute("UPDATE agent SET issuer = $1", _ISSUER)
            await import_lots(pool, [lot])
            await allot(pool, _AGENT, _QUOTA_KEY, 10 * labels)
            for _ in range(ROUNDS):
                found["raw"].append(await _timed(pool, labels, _raw_copy))
                found["classified"].append(await _timed(pool, labels, _classified))
                found["whole"].append(await _timed(pool, labels, _whole))
        finally:
            await pool.close()
    raw, classified, whole = (statistics.median(several) for several in found.values())
    return raw, classified, whole


async def _timed(
    pool: Any, labels: int, prepare: Callable[[Any, int], Sequence[Callable[[], Awaitable[Any]]]]
) -> float:
    """Labels per second of the prepared steps, on empty tables."""
    tables = "serial, drawing, edge_event, incarnation, snapshot, quota_use, label_sum, alarm, conflict, retold"
    await pool.execute(f"TRUNCATE {tables}")
    await pool.execute("CHECKPOINT")
    steps = prepare(pool, labels)
    begun_s = time.perf_counter()
    for step in steps:
        await step()
    return labels / (time.perf_counter() - begun_s)


def _raw_copy(pool: Any, labels: int) -> list[Callable[[], Awaitable[Any]]]:
    batches = [
        [(_ISSUER, serial, row.draw, State.PRINTED) for row in windows for serial in row.serials]
        for windows in _windows(labels)
    ]

    def step(records: list[Any]) -> Callable[[], Awaitable[Any]]:
        columns = ("issuer", "serial", "draw", "state")
        return lambda: pool.copy_records_to_table("serial", records=records, columns=columns)

    return [step(records) for records in batches]


def _classified(pool: Any, labels: int) -> list[Callable[[], Awaitable[Any]]]:
    def step(windows: list[IssuedWindow]) -> Callable[[], Awaitable[Any]]:
        return lambda: in_transaction(pool, lambda connection: classify(connection, _AGENT, windows, {}, Rulings()))

    return [step(windows) for windows in _windows(labels)]


def _whole(pool: Any, labels: int) -> list[Callable[[], Awaitable[Any]]]:
    async def step(body: bytes) -> None:
        batch = await asyncio.to_thread(wire.read_batch, body)
        found = await ingest(pool, _AGENT, batch, db.now())
        assert found["conflicts"] == []

    return [lambda body=body: step(body) for body in _batches(labels)]


def _windows(labels: int) -> list[list[IssuedWindow]]:
    windows = BATCH_LABELS // WINDOW_LABELS
    return [[_issued() for _ in range(windows)] for _ in range(labels // BATCH_LABELS)]


def _issued() -> IssuedWindow:
    facts = ("j" * 16, "a" * 64, _QUOTA_KEY, "06901234567892", "L20261118A", "2026-11-20T09:15:03.120Z")
    return IssuedWindow(os.urandom(DRAW_BYTES), 1, secrets.token_hex(8), *facts, serials=_serials())


def _serials() -> tuple[str, ...]:
    return tuple(_ISSUER + "".join(ALPHABET[byte & 31] for byte in os.urandom(14)) for _ in range(WINDOW_LABELS))


def _batches(labels: int) -> list[bytes]:
    """One agent's history, packed batch by batch."""
    snapshot = dict(prepared().snapshot)
    name = chain.address(snapshot)
    incarnation, head, seq = secrets.token_hex(16), chain.GENESIS, 0
    packed = []
    for batch in range(labels // BATCH_LABELS):
        told = [] if batch else [("incarnation_began", {"parent": None, "reason": "first", "fingerprint": "bench"})]
        for _ in range(BATCH_LABELS // WINDOW_LABELS):
            told += _window(name)
        bodies, before = [], head
        for kind, fields in told:
            event = {"incarnation": incarnation, "seq": seq + len(bodies) + 1, "at": "2026-11-20T09:15:03.120Z"}
            bodies.append(chain.canonical({**event, "type": kind, **fields}))
            head = chain.link(head, bodies[-1])
        packed.append(wire.pack_batch(incarnation, seq + 1, before, bodies, {name: chain.canonical(snapshot)}))
        seq += len(bodies)
    return packed


def _window(snapshot: str) -> list[tuple[str, dict[str, Any]]]:
    window = secrets.token_hex(8)
    sending = {
        "window": window,
        "job": "j" * 16,
        "printer": "line-1",
        "snapshot": snapshot,
        "quota_key": _QUOTA_KEY,
        "gtin": "06901234567892",
        "lot_no": "L20261118A",
        "serials": list(_serials()),
        "replaces": {},
        "counter": 1000,
    }
    evidence = {"counter_before": 1000, "counter_after": 1008, "labels": 8, "status": ["ok", "ok"]}
    printed = {"window": window, "level": "counter", "evidence": evidence, "counts_as": "printed"}
    return [("window_sending", sending), ("window_printed", printed)]


def main() -> None:
    """Print the table's rows."""
    for row in rows(full="--full" in sys.argv):
        peer = f"{row.peer} {row.theirs:,.0f}"
        print(f"{row.what:28} {row.ours:>10,.0f} {row.unit}   {peer}   ratio {row.ratio:.2f} ({row.target})")


if __name__ == "__main__":
    main()
