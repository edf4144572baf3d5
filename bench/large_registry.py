"""A registry of the last release with many labels: its migration, its bytes, and what it answers afterwards.

The schema of before is filled by SQL with the shapes that ingest writes (16 agents, windows of eight labels, two events
a window), then brought up to date as `central-registry serve` does at its start. Readers are asked all the while, and
the longest wait is kept.

    python -m bench.large_registry [LABELS]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import asyncpg  # type: ignore[import-untyped]

from bench.kit import Row, asked, percentile
from central_registry import db
from central_registry.embedded import EmbeddedPostgres, releases
from central_registry.fence.roles import make_roles
from central_registry.here.postgres import run
from central_registry.oversight.reconcile import reconcile

LAST_RELEASE = 8
"""The newest migration of the release that is brought up to date."""

AGENTS, WINDOW_LABELS = 16, 8
ASKED_BYTES, ASKED_RECONCILE_S, ASKED_HEALTH_MS = 300, 0.2, 5.0
_PARTS = ("serial", "drawing", "edge_event", "edge_words")
"""The last two: what agents said, before and since it lies packed."""

_SERIAL = "'P' || lpad(to_hex(16 + w % {agents}), 2, '0') || upper(substr(md5(w || '-' || k), 1, 14))"
_FILL = (
    "INSERT INTO agent (agent, issuer, created_at, enrolled_at, feeds_read) "
    "SELECT 'line-' || a, 'P' || lpad(to_hex(16 + a), 2, '0'), now(), now(), true "
    "FROM generate_series(0, {agents} - 1) a",
    "INSERT INTO issuer SELECT issuer, agent FROM agent",
    "ALTER TABLE serial DROP CONSTRAINT serial_pkey; ALTER TABLE drawing DROP CONSTRAINT drawing_pkey",
    "INSERT INTO drawing (draw, agent, window_id, job, snapshot, quota_key, gtin, lot_no, sent_at, serials) "
    "SELECT sha256(w::text::bytea), 'line-' || w % {agents}, substr(md5('w' || w), 1, 16), "
    "substr(md5('j' || w / 600), 1, 16), "
    "encode(sha256((w / 600)::text::bytea), 'hex'), 'lot:L2026' || w / 600, '06901234567892', 'L2026' || w / 600, "
    "to_char(timestamp '2026-01-01' + w * interval '25 seconds', 'YYYY-MM-DD\"T\"HH24:MI:SS.120\"Z\"'), "
    "ARRAY(SELECT {serial} FROM generate_series(1, {each}) k) FROM generate_series(1, {windows}) w",
    "INSERT INTO serial (serial, draw, state) SELECT unnest(serials), draw, 1 FROM drawing",
    "ALTER TABLE serial ADD PRIMARY KEY (serial); ALTER TABLE drawing ADD PRIMARY KEY (draw)",
    "INSERT INTO edge_event (agent, incarnation, seq, hash, body) "
    "SELECT 'line-' || w % {agents}, md5('i' || w % {agents}), 2 * (w / {agents}) + half, "
    "sha256((w || '-' || half)::bytea), "
    "convert_to(rpad(md5(w::text), CASE half WHEN 1 THEN 600 ELSE 225 END, md5('b' || w)), 'UTF8') "
    "FROM generate_series(1, {windows}) w, generate_series(1, 2) half",
    "INSERT INTO incarnation SELECT agent, incarnation, 1, NULL, 0, '', max(seq), '\\x00', now() "
    "FROM edge_event GROUP BY 1, 2",
    "INSERT INTO quota_use SELECT agent, quota_key, sum(cardinality(serials)), 0 FROM drawing GROUP BY 1, 2",
    "INSERT INTO feed_item (agent, kind, key, n, quantity, body) "
    "SELECT agent, 'allotment', quota_key, 1, drawn, '{{}}' FROM quota_use",
    "ANALYZE",
)
"""In the order of being run; keys are made after their rows, as a dump is loaded."""

_SIZES = """
    SELECT coalesce(parent.relname, own.relname)::text AS name, sum(pg_table_size(own.oid))::bigint AS rows,
        sum(pg_indexes_size(own.oid))::bigint AS indexes
    FROM pg_class own
    LEFT JOIN pg_inherits i ON i.inhrelid = own.oid LEFT JOIN pg_class parent ON parent.oid = i.inhparent
    WHERE own.relkind = 'r' AND own.relnamespace = 'public'::regnamespace GROUP BY 1
"""


def rows(*, full: bool = False) -> list[Row]:
    """Sizes and times before and after; see `measure`."""
    found = asyncio.run(measure(10_000_000 if full else 200_000))
    labels = f"{found['labels']:,.0f} labels"
    less: Literal["less"] = "less"
    return [
        asked("registry: bytes a label", found["bytes_after"], "bytes", ASKED_BYTES, less),
        Row("registry: the same", found["bytes_after"], "bytes", "last release", found["bytes_before"], less),
        asked(f"registry: reconcile, {labels}", found["reconcile_s"], "s", ASKED_RECONCILE_S, less),
        Row("registry: the same", found["reconcile_s"], "s", "counted anew", found["recount_s"], less),
        Row(f"registry: migration, {labels}", found["migration_s"], "s", "writing them by SQL", found["fill_s"], less),
        Row("registry: longest look-up while it migrates", found["wait_ms"], "ms", "alone", found["alone_ms"], less),
        Row(f"registry: backup, {labels}", found["backup_s"], "s", "writing them by SQL", found["fill_s"], less),
        Row("registry: restore", found["restore_s"], "s", "backup", found["backup_s"], less),
        asked(f"registry: health, {labels}", found["health_ms"], "ms", ASKED_HEALTH_MS, less),
        Row("registry: the same", found["health_ms"], "ms", "a look-up", found["alone_ms"], less),
    ]


async def measure(labels: int) -> dict[str, float]:
    """Figures by name; `…_s`, `…_ms`, bytes a label by table, and in `times` each migration's seconds."""
    found: dict[str, float] = {"labels": labels}
    async with EmbeddedPostgres(durable=True) as dsn:
        pool = await asyncpg.create_pool(dsn, min_size=1, max_size=3, command_timeout=24 * 3600)
        try:
            await _to(pool, LAST_RELEASE)
            found["fill_s"] = await _timed(lambda: _fill(pool, labels))
            found |= {f"{name}_before": size for name, size in (await _sizes(pool, labels)).items()}
            found |= await _migrated(pool)
            found["vacuum_s"] = await _timed(lambda: pool.execute("VACUUM ANALYZE"))
            found |= {f"{name}_after": size for name, size in (await _sizes(pool, labels)).items()}
            found["reconcile_first_s"] = await _timed(lambda: reconcile(pool))
            found["reconcile_s"] = percentile([await _timed(lambda: reconcile(pool)) for _ in range(9)], 50)
            found["recount_s"] = await _timed(lambda: _balanced(pool))
            found["health_ms"] = 1000 * await _timed(lambda: db.sql.answers(pool))
            found |= await _carried(dsn, labels)
        finally:
            await pool.close()
    return found


async def _carried(dsn: str, labels: int) -> dict[str, float]:
    """A dump, and a new database of it, by the programs and words of `central-registry dump` and `restore`."""
    there, newest = releases()
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "registry.dump"
        words = ["--format=custom", f"--file={dump}", dsn]
        backup_s = await _timed(lambda: asyncio.to_thread(run, there[newest] / "pg_dump", words, {}))
        async with EmbeddedPostgres(durable=True) as other:
            async with await db.open_pool(other, 1) as pool:
                await db.in_transaction(pool, make_roles)
            words = ["--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={other}", str(dump)]
            restore_s = await _timed(lambda: asyncio.to_thread(run, there[newest] / "pg_restore", words, {}))
            async with await db.open_pool(other, 1) as pool:
                if (restored := await pool.fetchval("SELECT count(*) FROM serial")) != labels:
                    raise RuntimeError(f"bench: expected {labels} serials in what was restored, got {restored}")
        return {"backup_s": backup_s, "backup_bytes": dump.stat().st_size / labels, "restore_s": restore_s}


async def _fill(pool: Any, labels: int) -> None:
    sizes = {"agents": AGENTS, "each": WINDOW_LABELS, "windows": labels // WINDOW_LABELS}
    for statement in _FILL:
        await pool.execute(statement.format(serial=_SERIAL.format(**sizes), **sizes))


async def _to(pool: Any, newest: int) -> None:
    """Bring the schema to that migration, each in its transaction."""
    await db.in_transaction(pool, db._applied)
    for number, name, text in db.migrations():
        if number <= newest:
            await db.in_transaction(pool, partial(db._apply, number=number, name=name, text=text))


async def _migrated(pool: Any) -> dict[str, float]:
    """Migrate while somebody looks labels up, one after the other."""
    serial = await pool.fetchval("SELECT serials[1] FROM drawing LIMIT 1")
    alone = [await _looked_up(pool, serial) for _ in range(50)]
    done = asyncio.Event()
    looking = asyncio.create_task(_look(pool, serial, done))
    migration_s = await _timed(lambda: db.migrate(pool))
    done.set()
    return {
        "migration_s": migration_s,
        "alone_ms": 1000 * percentile(alone, 50),
        "wait_ms": 1000 * max(await looking),
    }


async def _look(pool: Any, serial: str, done: asyncio.Event) -> list[float]:
    waits = []
    while not done.is_set():
        waits.append(await _looked_up(pool, serial))
        await asyncio.sleep(0.005)
    return waits


async def _looked_up(pool: Any, serial: str) -> float:
    """As the last release and this one both can."""
    words = "SELECT s.state, d.gtin FROM serial s JOIN drawing d ON d.draw = s.draw WHERE s.serial = $1"
    return await _timed(lambda: pool.fetchrow(words, serial))


async def _sizes(pool: Any, labels: int) -> dict[str, float]:
    found = {row["name"]: row for row in await pool.fetch(_SIZES)}
    sizes = {
        f"{name}_{what}": found[name][what] / labels for name in _PARTS for what in ("rows", "indexes") if name in found
    }
    return {**sizes, "bytes": sum(sizes.values())}


async def _balanced(pool: Any) -> None:
    books = await reconcile(pool, recount=True)
    if not all(row["balanced"] for row in books["rows"]):
        raise RuntimeError("bench: expected the sums to be what a recount says, got others")


async def _timed(work: Callable[[], Awaitable[Any]]) -> float:
    begun_s = time.perf_counter()
    await work()
    return time.perf_counter() - begun_s


def main() -> None:
    """Print every figure."""
    for name, value in asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)).items():
        print(f"{name:24} {value:>14,.3f}")


if __name__ == "__main__":
    main()
