"""Puts the recordings of this folder in place again: the agent's folder, the registry's database, an agent on it.

`make.py` recorded with these functions and the tests compare with them: a difference is the product's, not theirs.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg  # type: ignore[import-untyped]

from edge_agent.app import agent
from edge_agent.config import load_config
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from tests.kits.registry_kit import Registry, fresh_dsn, running

HERE = Path(__file__).parent
HOST = "id.example.cn"
NAME = "factory-1"
OPERATOR = "12"
LATER = "2027-01-04T08:00:00.000Z"
"""When the old ledger is opened again: after all of its events, or the clock would have gone back."""

PLACES = {"line-1": "127.0.0.1:9101", "tall": "127.0.0.1:9102", "satin": "127.0.0.1:9103"}
"""Addresses as they stand in the recorded configuration; nobody listens there."""
REGISTRY = "http://127.0.0.1:8700"
"""Address of the registry in the recorded credentials."""
NOBODY = {REGISTRY: "http://127.0.0.1:9"} | {place: f"127.0.0.1:{n}" for n, place in enumerate(PLACES.values(), 1)}
"""Ports at which no factory and no developer has anything: an old agent must not find a real printer."""


def recorded(name: str) -> Any:
    """The value in a recorded JSON file, packed or not."""
    data = (HERE / name).read_bytes()
    return json.loads(gzip.decompress(data) if name.endswith(".gz") else data)


def unpack_home(folder: Path, places: dict[str, str] | None = None) -> Path:
    """Puts the agent's folder in place, with these addresses for its own; gives the path of its configuration."""
    with tarfile.open(HERE / "home.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    for name in ("agent.toml", "credentials.json"):
        path = folder / name
        text = path.read_text("utf-8")
        for before, now in (NOBODY | (places or {})).items():
            text = text.replace(before, now)
        path.write_text(text, "utf-8")
    return folder / "agent.toml"


async def load_registry(dump: dict[str, Any]) -> str:
    """A new database with the recorded schema and rows; gives its DSN. Nothing of today's schema is used."""
    dsn = await fresh_dsn(migrated=False)
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(dump["migration_table"])
        for text in dump["migrations"].values():
            await connection.execute(text)
        for table, rows in dump["tables"].items():
            await connection.execute(f'TRUNCATE "{table}"')
            await connection.copy_to_table(table, source=io.BytesIO(rows.encode()), format="text")
    finally:
        await connection.close()
    return dsn


def odometers() -> dict[str, int]:
    """Where each printer's counter stood when the recording ended."""
    found: dict[str, int] = recorded("story.json")["odometers"]
    return found


@asynccontextmanager
async def printers(counters: dict[str, int]) -> AsyncIterator[dict[str, VirtualPrinter]]:
    """The three virtual printers of the story, with the paper each of them holds."""
    paper = {"line-1": (480, 320), "tall": (320, 720), "satin": (240, 480)}
    machines = {}
    for name, (width_dots, height_dots) in paper.items():
        options = VirtualPrinterOptions(width_dots=width_dots, height_dots=height_dots, odometer=counters[name])
        machines[name] = VirtualPrinter(options)
    try:
        for machine in machines.values():
            await machine.start()
        yield machines
    finally:
        for machine in machines.values():
            await machine.stop()


class Asking:
    """An agent that runs, asked and ordered over its own API."""

    def __init__(self, page: str, session: aiohttp.ClientSession) -> None:
        self._page, self._session, self._orders = page, session, 0

    async def get(self, path: str) -> Any:
        """The JSON at `path`; a refusal fails."""
        return await self._call("GET", path)

    async def post(self, path: str, key: str = "", **body: Any) -> Any:
        """The JSON that an order is answered with."""
        return await self._call("POST", "/api/v1" + path, json=body, headers={"Idempotency-Key": key} if key else {})

    async def upload(self, path: str, data: bytes, kind: str) -> Any:
        """As `post`, of a file."""
        return await self._call("POST", "/api/v1" + path, data=data, headers={"Content-Type": kind})

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        async with self._session.request(method, self._page + path, **more) as answer:
            text = await answer.text()
            assert answer.status < 300, f"{method} {path}: {answer.status} {text}"
            return json.loads(text)

    async def until(self, path: str, **wanted: Any) -> Any:
        """The answer at `path`, as soon as it has these values."""
        found: Any = None
        try:
            async with asyncio.timeout(20):
                while True:
                    found = await self.get("/api/v1" + path)
                    if all(found.get(key) == value for key, value in wanted.items()):
                        return found
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{path}: expected {wanted}, got {found}") from None

    async def print(self, key: str, state: str = "done", **order: Any) -> Any:
        """Orders a job and waits until it is in `state`."""
        job = await self.post("/jobs", key, operator=OPERATOR, **order)
        return await self.until(f"/jobs/{job['job_id']}", state=state)


@asynccontextmanager
async def gone_on(folder: Path) -> AsyncIterator[tuple[Asking, Registry]]:
    """The old agent and the old registry together, as after an update of both; nothing is left to be told."""
    counters = odometers()
    async with (
        running(dsn=await load_registry(recorded("registry.json.gz"))) as registry,
        printers(counters) as machines,
    ):
        places = {place: f"127.0.0.1:{machines[name].port}" for name, place in PLACES.items()}
        config = unpack_home(folder, places | {REGISTRY: registry.url.rstrip("/")})
        async with running_agent(config, LATER) as asking:
            await asking.until("/sync", state="online", pending=0)
            yield asking, registry


@asynccontextmanager
async def running_agent(config: Path, at: str = "") -> AsyncIterator[Asking]:
    """The whole agent as its program runs it; `at` stops its clock."""
    more: dict[str, Any] = {"clock": lambda: at} if at else {}
    async with agent(load_config(config), **more) as (_, page), aiohttp.ClientSession() as session:
        yield Asking(page, session)
