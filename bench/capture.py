"""EPCIS events captured and asked for over HTTP, beside reading and hashing the same documents and nothing else.

The service is a process of its own on a PostgreSQL with its own fsync. A document holds a thousand events of one
garment each, so that each is a row, a code, a row of place; the smaller one is what a hand scanner sends. What is
measured is the time until the answer, of one sender.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import statistics
import time
from typing import Any

import aiohttp

from bench.kit import ISSUER, Row, percentile, serial
from bench.scan_under_load import GTIN, serving
from central_registry import db
from central_registry.embedded import EmbeddedPostgres
from central_registry.exchange.epcis.document import CONTEXT, MOST_EVENTS, read
from central_registry.exchange.keys import Right

ROUNDS, FULL_ROUNDS = 4, 16
_ALONE = "reading and hashing alone"


def rows(*, full: bool = False) -> list[Row]:
    """Events a second, large documents and small; a page of them asked for."""
    found = asyncio.run(measure(FULL_ROUNDS if full else ROUNDS))
    large, small = found["large"], found["small"]
    return [
        Row(f"capture: documents of {MOST_EVENTS} events", large, "events/s", _ALONE, found["read"]),
        Row("capture: documents of one event", small, "events/s", f"documents of {MOST_EVENTS}", large),
        Row(
            "query: a page of 30 by a step, p99", found["page_ms"], "ms", "a capture of one event", 1000 / small, "less"
        ),
    ]


async def measure(rounds: int) -> dict[str, float]:
    """Medians of rounds of one sender; the first of each is not counted."""
    async with EmbeddedPostgres(durable=True) as dsn, serving(dsn) as http, await db.connect(dsn) as pool:
        key = await a_key(pool)
        spent = [await _timed_s(http, key, MOST_EVENTS) for _ in range(rounds + 1)][1:]
        small = [await _timed_s(http, key, 1) for _ in range(20 * rounds)]
        pages = [await _page_s(http, key) for _ in range(20 * rounds)]
        return {
            "large": MOST_EVENTS / statistics.median(spent),
            "small": 1 / statistics.median(small[1:]),
            "page_ms": 1000 * percentile(pages[1:], 99),
            "read": MOST_EVENTS / statistics.median(_read_s() for _ in range(rounds)),
        }


async def a_key(pool: Any) -> dict[str, str]:
    """The header of a new marketplace's key that captures and queries; put into the database as it stands."""
    party, name, secret = "91330482MA0000207M", secrets.token_hex(6), secrets.token_urlsafe(32)
    at = db.now()
    await pool.execute(
        "INSERT INTO party (party, kind, name, made_at, made_by) VALUES ($1, 'marketplace', '示例商城', $2, 'bench')",
        party,
        at,
    )
    await pool.execute(
        "INSERT INTO party_status (party, n, status, reason, effective_on, at, person, by_party) "
        "VALUES ($1, 1, 'active', 'bench', $2::timestamptz::date, $2, 'bench', 'bench')",
        party, at,
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO verify_key (verify_key, association, party, secret_hash, note, per_minute, rights, made_at, "
        "ends_at, person) "
        "VALUES ($1, '', $2, $3, 'bench', 1000000000, $4, $5::timestamptz, $5::timestamptz + interval '1 day', '')",
        name, party, hashlib.sha256(secret.encode()).digest(), list(Right), at,
    )  # fmt: skip
    await pool.execute("INSERT INTO issuer (issuer, agent) VALUES ($1, 'bench')", ISSUER)
    return {"Authorization": f"Bearer {name}.{secret}"}


def document(events: int) -> bytes:
    """Of so many events, each about one new serial."""
    return json.dumps(
        {
            "@context": [CONTEXT], "type": "EPCISDocument", "schemaVersion": "2.0",
            "creationDate": "2026-11-20T09:00:00Z", "epcisBody": {"eventList": [_event() for _ in range(events)]},
        }
    ).encode()  # fmt: skip


def _event() -> dict[str, Any]:
    return {
        "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "receiving", "disposition": "in_progress",
        "eventTime": "2026-11-20T09:00:00Z", "eventTimeZoneOffset": "+08:00",
        "epcList": [f"https://id.gs1.org/01/{GTIN}/21/{serial()}"],
    }  # fmt: skip


async def _timed_s(http: aiohttp.ClientSession, key: dict[str, str], events: int) -> float:
    body = document(events)
    head = {**key, "Content-Type": "application/json"}
    begun_s = time.perf_counter()
    async with http.post("/v1/epcis/capture", data=body, headers=head) as answer:
        assert answer.status == 202, await answer.text()
    return time.perf_counter() - begun_s


async def _page_s(http: aiohttp.ClientSession, key: dict[str, str]) -> float:
    begun_s = time.perf_counter()
    async with http.get("/v1/epcis/events", params={"EQ_bizStep": "receiving"}, headers=key) as answer:
        assert answer.status == 200, await answer.text()
        await answer.read()
    return time.perf_counter() - begun_s


def _read_s() -> float:
    body = document(MOST_EVENTS)
    begun_s = time.perf_counter()
    for event in read(body):
        assert event.hash_id
    return time.perf_counter() - begun_s
