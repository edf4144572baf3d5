"""Scans of known labels over 16 connections: as many as come, first looks that are counted and later ones that are not.

`central-registry serve` as a process of its own; the phones are a second process that reads no more of an answer than
it must, so that the registry is measured. Rates are given per second of the service's own processor time, beside
what a clock on this machine said.

    python -m bench.scan_rate
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from bench.kit import Row, asked, percentile
from bench.scan_under_load import GTIN, LOT, Waits, enrolled, packed, serving, tell
from central_registry import db
from central_registry.embedded import EmbeddedPostgres
from central_registry.goods.lot_import import import_lots

CONNECTIONS = 16
ASKED_SCANS, ASKED_P99_MS = 3_000, 20


@dataclass(frozen=True, slots=True)
class Figures:
    """`a_second` by the clock, `a_core` by the service's processor time, the 99th percentile of the waits."""

    a_second: float
    a_core: float
    p99_ms: float


def rows(*, full: bool = False) -> list[Row]:
    """Known labels, first looks, one label that everybody scans."""
    first, again, hot = asyncio.run(measure(10.0 if full else 3.0))
    per = "scans/s of a core"
    return [
        asked("registry: scans of known labels, of a core", again.a_core, per, ASKED_SCANS),
        Row("registry: scans of known labels", again.a_core, per, "by the clock", again.a_second),
        Row("registry: first looks, each counted durably", first.a_core, per, "by the clock", first.a_second),
        Row(
            "registry: one label scanned by everybody",
            hot.a_core,
            per,
            "any other",
            again.a_core,
            target="as any other",
        ),
        asked("registry: a scan's p99, 16 connections", again.p99_ms, "ms", ASKED_P99_MS, "less"),
        Row("registry: the same", again.p99_ms, "ms", "one label", hot.p99_ms, "less"),
    ]


async def measure(length_s: float) -> list[Figures]:
    """First looks at some thousand labels, then looks at the same, then at one of them."""
    async with EmbeddedPostgres(durable=True) as dsn, serving(dsn) as http, await db.connect(dsn) as pool:
        lot = {"product": {"style_no": "YR2026-0801", "gtin": GTIN}, "lot": {"lot_no": LOT, "quantity": 10**9}}
        await import_lots(pool, [lot])
        agent = await enrolled(http, pool, 1)
        await tell(http, agent, packed(agent, 2), Waits())
        serials = [row["serial"] for row in await pool.fetch("SELECT serial FROM serial")]
        paths = [f"/01/{GTIN}/10/{LOT}/21/{serial}" for serial in serials]
        server = next(one for one in psutil.Process().children(recursive=True) if "serve" in one.cmdline())
        async with http.get("/healthz") as answer:
            port = answer.url.port or 0
        return [await _scanned(server, port, some, length_s) for some in (paths, paths, paths[:1])]


async def _scanned(server: psutil.Process, port: int, paths: Sequence[str], length_s: float) -> Figures:
    order = json.dumps([port, list(paths), length_s]).encode()
    before_s = sum(server.cpu_times()[:2])
    words = (sys.executable, "-m", "bench.scan_rate", "phones")
    phones = await asyncio.create_subprocess_exec(*words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    waits = json.loads((await phones.communicate(order))[0])
    spent_s = sum(server.cpu_times()[:2]) - before_s
    return Figures(len(waits) / length_s, len(waits) / spent_s, percentile(waits, 99))


async def _phones(port: int, paths: Sequence[str], length_s: float) -> list[float]:
    """Milliseconds of every scan."""
    waits: list[float] = []
    ends = time.perf_counter() + length_s

    async def phone(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begun_s := time.perf_counter()) < ends:
            path = paths[number % len(paths)]
            number += CONNECTIONS
            writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if b" 200 " not in head.partition(b"\r\n")[0]:
                raise RuntimeError(f"bench: expected a page, got {head[:200]!r}")
            await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r")[0]))
            waits.append(1000 * (time.perf_counter() - begun_s))
        writer.close()

    await asyncio.gather(*(phone(number) for number in range(CONNECTIONS)))
    return waits


def main() -> None:
    """Print the table's rows; as `phones`, scan what standard input names."""
    if sys.argv[1:] == ["phones"]:
        json.dump(asyncio.run(_phones(*json.load(sys.stdin))), sys.stdout)
        return
    for row in rows():
        print(f"{row.what:48} {row.ours:>8,.0f} {row.unit}   {row.peer} {row.theirs:,.0f}")


if __name__ == "__main__":
    main()
