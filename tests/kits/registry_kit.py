"""A registry on a real PostgreSQL, and an edge that tells whatever a test wants it to tell.

One server for the whole run, one database per test, copied from a migrated template.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import hashlib
import itertools
import json
import os
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from aiohttp.test_utils import TestClient

from central_registry import db
from central_registry.agents import enrolment
from central_registry.app import build_app
from central_registry.config import RegistryConfig
from central_registry.embedded import EmbeddedPostgres
from central_registry.fence.roles import enter
from central_registry.goods import lot_import
from central_registry.issuing import allotments
from edge_agent import demo
from label_protocol import chain, wire
from label_protocol.codes.serial import new_serial
from tests.kits.http_kit import Served

AT = datetime(2026, 11, 20, 9, 15, 3, tzinfo=UTC)
SAMPLES = Path(demo.__file__).parent / "samples"
_numbers = itertools.count(1)
_PREFIX = f"t{os.getpid()}_" if "REGISTRY_TEST_DSN" in os.environ else "t"
"""Of databases: a server that is given is everybody's who runs tests on it."""


@functools.cache
def _server() -> str:
    """The embedded one, or that of `REGISTRY_TEST_DSN`: a superuser's, `…/postgres?…` (`make postgres15`)."""
    if given := os.environ.get("REGISTRY_TEST_DSN"):
        return given if "?" in given else f"{given}?"
    server = EmbeddedPostgres()
    dsn = server.start()
    atexit.register(server.stop)
    asyncio.run(_without_autovacuum(dsn))
    return dsn


async def _without_autovacuum(dsn: str) -> None:
    """It would walk through the databases of all tests that are over, and change plans in the middle of one."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("ALTER SYSTEM SET autovacuum = off")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()


async def fresh_dsn(*, migrated: bool = True, like: str = "") -> str:
    """The DSN of a new database, migrated or empty; `like`: another one to copy, to which nobody is connected."""
    dsn = await asyncio.to_thread(_server)
    name = f"{_PREFIX}{next(_numbers)}"
    template = like or f"{_PREFIX}migrated"
    connection = await asyncpg.connect(dsn)
    try:
        if not like and not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", template):
            await connection.execute(f"CREATE DATABASE {template}")
            pool = await db.connect(dsn.replace("/postgres?", f"/{template}?"), connections_max=1)
            await pool.close()
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template if migrated else 'template1'}")
    finally:
        await connection.close()
    return dsn.replace("/postgres?", f"/{name}?")


@dataclass
class Registry:
    """A running registry: its pool, and an HTTP client on it."""

    pool: Any
    http: TestClient[Any, Any]
    dsn: str = ""

    @property
    def url(self) -> str:
        return str(self.http.make_url(""))

    async def enrolled(self, name: str = "line-1", fingerprint: str = "machine-1") -> Edge:
        """A new agent that has spent its token."""
        token = await enrolment.add_agent(self.pool, name, AT)
        order = {"token": token, "name": name, "fingerprint": fingerprint}
        answer = await self.http.post("/v1/enrol", json=order)
        assert answer.status == 200, await answer.text()
        found = await answer.json()
        return Edge(self, found["agent"], found["issuer"], found["secret"], fingerprint=fingerprint)

    async def allot(self, agent: str, quantity: int, key: str = "lot:L1") -> None:
        """Allot, of a lot that is imported if it was not; large enough for every test that asks for none of its own."""
        kind, _, lot_no = key.partition(":")
        if kind == "lot" and not await self.pool.fetchval(_KNOWN, lot_no):
            await lot_import.import_lots(self.pool, [garment(lot_no, quantity=1_000_000)])
        await allotments.allot(self.pool, agent, key, quantity)

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.pool.fetch(query, *values)]

    async def alarms(self) -> list[str]:
        return [row["kind"] for row in await self.rows("SELECT kind FROM alarm WHERE closed_at IS NULL ORDER BY kind")]

    async def states(self) -> dict[str, int]:
        return {row["serial"]: row["state"] for row in await self.rows("SELECT serial, state FROM serial")}

    async def page(self, path: str, **headers: str) -> tuple[int, str]:
        answer = await self.http.get(path, headers=headers)
        return answer.status, await answer.text()

    async def facts(self, path: str) -> dict[str, Any]:
        answer = await self.http.get(path, headers={"Accept": "application/json"})
        found: dict[str, Any] = await answer.json()
        return found


@asynccontextmanager
async def running(
    config: RegistryConfig | None = None,
    dsn: str | None = None,
    clock: Callable[[], datetime] = lambda: AT,
    *,
    fenced: bool = False,
) -> AsyncIterator[Registry]:
    """A registry on a fresh database, or on the one given; `fenced`: each of its pools with its role's login, while
    `pool` stays the owner's."""
    dsn = dsn or await fresh_dsn()
    pool = await db.connect(dsn, connections_max=4)
    try:
        app = build_app(await enter(dsn) if fenced else pool, config, clock=clock)
        async with TestClient(Served(app)) as http:
            yield Registry(pool, http, dsn)
    finally:
        await pool.close()


@asynccontextmanager
async def with_two_lots() -> AsyncIterator[Registry]:
    """A registry with the agents line-1 and line-2, the lot L1 of 5000 pieces, and L2 which states no quantity."""
    async with running() as registry:
        for name in ("line-1", "line-2"):
            await registry.enrolled(name)
        await lot_import.import_lots(registry.pool, [garment("L1"), garment("L2", quantity=None)])
        yield registry


@dataclass
class Edge:
    """Writes a chained history by hand and sends any part of it. `issuer` starts its serials."""

    registry: Registry
    agent: str
    issuer: str
    secret: str
    fingerprint: str = "machine-1"
    incarnation: str = ""
    bodies: list[bytes] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    snapshots: dict[str, Any] = field(default_factory=dict)
    receipt: Any = None
    at: str = "2026-11-20T09:15:03.120Z"

    def begin(self, parent: Edge | None = None, reason: str = "first") -> Edge:
        """The first event of an incarnation; `parent` is the edge as it stood when it ended."""
        self.incarnation = secrets.token_hex(16)
        self.bodies, self.hashes = [], []
        head = None if parent is None else parent.head()
        self.tell("incarnation_began", parent=head, reason=reason, fingerprint=self.fingerprint)
        return self

    def head(self) -> dict[str, Any]:
        last = self.hashes[-1] if self.hashes else chain.GENESIS
        return {"incarnation": self.incarnation, "seq": len(self.bodies), "hash": last.hex()}

    def tell(self, type_: str, **fields: Any) -> dict[str, Any]:
        """Append one event."""
        event = {
            "incarnation": self.incarnation,
            "seq": len(self.bodies) + 1,
            "at": self.at,
            "type": type_,
            **fields,
        }
        body = chain.canonical(event)
        self.bodies.append(body)
        self.hashes.append(chain.link(self.hashes[-1] if self.hashes else chain.GENESIS, body))
        return event

    def serial(self) -> str:
        return new_serial(self.issuer, secrets.token_bytes)

    def serials(self, count: int) -> list[str]:
        return [self.serial() for _ in range(count)]

    def sending(
        self,
        serials: Sequence[str],
        *,
        window: str = "",
        lot_no: str | None = "L1",
        sample: str = "",
        quota_key: str = "",
        printer: str = "p1",
    ) -> str:
        """A `window_sending`; gives its window's name."""
        window = window or secrets.token_hex(8)
        snapshot = _of_lot(sample_snapshot(sample or "down_graded"), lot_no)
        name = chain.address(snapshot)
        self.snapshots[name] = snapshot
        self.tell(
            "window_sending",
            window=window,
            job="j1",
            printer=printer,
            snapshot=name,
            quota_key=quota_key or (f"lot:{lot_no}" if lot_no else "style:S1"),
            gtin=snapshot["product"]["gtin"],
            lot_no=lot_no,
            serials=list(serials),
            replaces={},
            counter=None,
        )
        return window

    def printed(self, serials: Sequence[str], counts_as: str = "printed", **more: Any) -> str:
        """A window that was sent and printed."""
        window = self.sending(serials, **more)
        self.tell("window_printed", window=window, level="counter", evidence={}, counts_as=counts_as)
        return window

    def batch(self, first: int = 1, last: int | None = None) -> bytes:
        """Events `first` to `last` (all), packed."""
        last = len(self.bodies) if last is None else last
        previous = chain.GENESIS if first == 1 else self.hashes[first - 2]
        named = {name: chain.canonical(value) for name, value in self.snapshots.items()}
        shown = wire.read_sealed(self.receipt, "receipt")
        return wire.pack_batch(self.incarnation, first, previous, self.bodies[first - 1 : last], named, shown)

    async def post(self, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
        """Send bytes as they are."""
        head = {"Content-Type": "application/json", "Content-Encoding": "gzip", **self.auth(), **headers}
        answer = await self.registry.http.post(f"/v1/agents/{self.agent}/events", data=body, headers=head)
        return answer.status, await answer.json()

    async def send(self, first: int = 1, last: int | None = None) -> dict[str, Any]:
        """Send and be accepted."""
        status, found = await self.post(self.batch(first, last))
        assert status == 200, found
        return found

    async def refused(self, first: int = 1, last: int | None = None) -> dict[str, Any]:
        """Send and be refused with a 409."""
        status, found = await self.post(self.batch(first, last))
        assert status == 409, found
        return found

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        answer = await self.registry.http.get(f"/v1/agents/{self.agent}/{path}", params=query, headers=self.auth())
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found

    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    def copy(self) -> Edge:
        """The same machine as it stands now: a clone, or a backup."""
        return Edge(
            self.registry,
            self.agent,
            self.issuer,
            self.secret,
            self.fingerprint,
            self.incarnation,
            list(self.bodies),
            list(self.hashes),
            dict(self.snapshots),
        )


_KNOWN = "SELECT 1 FROM feed_item WHERE agent = '*' AND kind = 'lot' AND key = $1"


def garment(lot_no: str | None, style_no: str = "S1", *, quantity: int | None = 5000, **product: Any) -> dict[str, Any]:
    """A record with no more than an import needs: one style, and one lot of it unless `lot_no` is None."""
    record: dict[str, Any] = {"product": {"style_no": style_no, "gtin": "06901234567892", **product}}
    if lot_no is not None:
        record["lot"] = {"lot_no": lot_no} if quantity is None else {"lot_no": lot_no, "quantity": quantity}
    return record


@functools.cache
def _sample(name: str) -> str:
    return (SAMPLES / f"{name}.json").read_text("utf-8")


def sample_snapshot(name: str) -> dict[str, Any]:
    """A snapshot of one of the sample records, percents as strings."""
    record = json.loads(_sample(name), parse_float=str)
    return {"snapshot": 1, **record, "template": {"name": "t", "version": 1, "kind": "down_grade"}, "rules": {}}


def _of_lot(snapshot: dict[str, Any], lot_no: str | None) -> dict[str, Any]:
    """As an agent makes it: it says the number of its lot, and has no lot section without one."""
    if lot_no is None:
        return {name: value for name, value in snapshot.items() if name != "lot"}
    lot = snapshot.get("lot")
    return {**snapshot, "lot": {**lot, "lot_no": lot_no}} if isinstance(lot, dict) else snapshot


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
