"""A registry with many lots and 80 agents: what an agent with three allotments is fed, keeps and sends back, beside one
that is shown every lot, as all agents were before.

    python -m bench.feed_of_many_lots
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from aiohttp import web

from bench import ledger_million
from bench.kit import ROOT, Row, free_port, record, workspace
from central_registry import db
from central_registry.agents.enrolment import add_agent
from central_registry.agents.told import history_of
from central_registry.app import build_app
from central_registry.embedded import EmbeddedPostgres
from central_registry.goods.lot_import import import_lots
from central_registry.issuing.allotments import allot
from edge_agent.identity.credentials import Credentials
from edge_agent.ledger import Ledger
from edge_agent.sync.http_client import enrol

LOTS, FULL_LOTS = 1_000, 5_000
AGENTS, ALLOTMENTS = 80, 3
RSS_LIMIT_MB = 120.0
TIMEOUT_S = 300.0
_EVERYTHING = """
    INSERT INTO feed_shown (agent, kind, key, n) SELECT $1, kind, key, 0 FROM feed_item WHERE agent = '*'
    ON CONFLICT (agent, kind, key) DO UPDATE SET n = 0
"""
_CONFIG = """
[data]
ledger_path = "{home}/ledger/ledger.db"
witness_path = "{home}/w/witness"
catalog_path = "{home}/catalogue/catalogue.json"
[web]
port = {web}
[registry]
credentials_path = "{home}/credentials.json"
[link]
host = "id.example.cn"
"""


@dataclass
class Fed:
    """What one agent took: bytes down in feeds, bytes up in batches as sent and as stored; megabytes of memory, at most
    while it came; seconds until it was told."""

    down: int = 0
    up: int = 0
    stored: int = 0
    most_mb: float = 0.0
    spent_s: float = 0.0


@dataclass
class Registry:
    """The running registry; `wire` counts bytes by agent and path."""

    pool: Any
    url: str
    wire: Counter[tuple[str, str]] = field(default_factory=Counter)


def rows(*, full: bool = False) -> list[Row]:
    """Figures at 1 000 lots, or at 5 000."""
    lots = FULL_LOTS if full else LOTS
    own, all_of_them = asyncio.run(measure(lots))
    of, peer = f"{lots:,} lots, {ALLOTMENTS} of them allotted", "every lot to everybody"
    return [
        Row(f"{of}: fed down", own.down / 1e6, "MB", peer, all_of_them.down / 1e6, "less"),
        Row(f"{of}: sent back, packed", own.up / 1e6, "MB", peer, all_of_them.up / 1e6, "less"),
        Row(f"{of}: sent back, as stored", own.stored / 1e6, "MB", peer, all_of_them.stored / 1e6, "less"),
        Row(f"{of}: agent's memory while it comes", own.most_mb, "MB RSS", peer, all_of_them.most_mb, "less"),
        Row(f"{of}: the same", own.most_mb, "MB RSS", "limit", RSS_LIMIT_MB, "less", "≥ 1"),
        Row(f"{of}: until it is told", own.spent_s, "s", peer, all_of_them.spent_s, "less"),
    ]


async def measure(lots: int) -> tuple[Fed, Fed]:
    """An agent that is fed its own, and one that is fed everything, one after the other."""
    async with _registry() as registry:
        await import_lots(registry.pool, [_record(number) for number in range(lots)])
        for agent in range(AGENTS):
            await add_agent(registry.pool, f"line-{agent}", db.now())
            for number in range(ALLOTMENTS):
                await allot(registry.pool, f"line-{agent}", f"lot:L{(agent * ALLOTMENTS + number) % lots:05}", 10)
        await registry.pool.execute(_EVERYTHING, "line-1")
        return await _fed(registry, "line-0"), await _fed(registry, "line-1")


def _record(number: int) -> dict[str, Any]:
    """The sample's facts as a lot and a style of their own."""
    found = record().model_dump(mode="json", exclude_none=True)
    found["product"]["style_no"] = f"S{number:05}"
    found["lot"]["lot_no"] = f"L{number:05}"
    return found


@contextlib.asynccontextmanager
async def _registry() -> AsyncIterator[Registry]:
    async with EmbeddedPostgres() as dsn:
        pool = await db.connect(dsn)
        app, port = build_app(pool), free_port()
        found = Registry(pool, f"http://127.0.0.1:{port}")
        app.on_response_prepare.append(_counting(found))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        try:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
            yield found
        finally:
            await runner.cleanup()
            await pool.close()


def _counting(registry: Registry) -> Any:
    async def count(request: web.Request, response: web.StreamResponse) -> None:
        key = request.match_info.get("agent", ""), request.path.rpartition("/")[2]
        if isinstance(response, web.Response):
            way = response.content_length if request.method == "GET" else request.content_length
            registry.wire[key] += way or 0

    return count


async def _fed(registry: Registry, name: str) -> Fed:
    """`edge-agent run` from its enrolment until it has told all it was fed."""
    with workspace() as home:
        port = free_port()
        settings = home / "agent.toml"
        settings.write_text(_CONFIG.format(home=home.as_posix(), web=port), encoding="utf-8")
        await _enrolled(registry, name, home)
        command = [sys.executable, "-m", "edge_agent", "run", "--config", str(settings)]
        begun_s = time.perf_counter()
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
            try:
                found = await _watched(registry, name, port, psutil.Process(process.pid))
            finally:
                process.terminate()
        found.spent_s -= begun_s
    found.down, found.up = registry.wire[name, "feed"], registry.wire[name, "events"]
    found.stored = sum([len(event.body) async for event in history_of(registry.pool, name)])
    return found


async def _enrolled(registry: Registry, name: str, home: Path) -> None:
    token = await add_agent(registry.pool, name, db.now())
    answer = await enrol(registry.url, token, name, "bench")
    Credentials(registry.url, answer.agent, answer.secret).save(home / "credentials.json")
    with contextlib.closing(_ledger(home)) as ledger:
        ledger.enrol(answer.agent, answer.issuer, answer.epoch, registry.url)


def _ledger(home: Path) -> Ledger:
    place = home / "ledger" / "ledger.db"
    clock, new_serial = ledger_million.now, ledger_million.new_serial
    return Ledger.open(place, witness=home / "w" / "witness", clock=clock, new_serial=new_serial, fingerprint="bench")


async def _watched(registry: Registry, name: str, web_port: int, process: psutil.Process) -> Fed:
    """Looks every 20 ms, until the agent was fed and the registry has been told of it."""
    found, end_s = Fed(), time.perf_counter() + TIMEOUT_S
    asking = asyncio.create_task(_until_told(registry, name, f"http://127.0.0.1:{web_port}/api/v1/sync"))
    while not asking.done():
        if time.perf_counter() > end_s:
            asking.cancel()
            raise RuntimeError("the agent did not tell what it was fed")
        found.most_mb = max(found.most_mb, process.memory_info().rss / 2**20)
        await asyncio.sleep(0.02)
    await asking
    found.spent_s = time.perf_counter()
    return found


async def _until_told(registry: Registry, name: str, url: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while True:
            await asyncio.sleep(0.2)
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(url) as answer:
                    told = (await answer.json())["pending"] == 0
                if told and any([b"feed_received" in event.body async for event in history_of(registry.pool, name)]):
                    return


if __name__ == "__main__":
    from bench.__main__ import measured

    print(measured("feed_of_many_lots", full=True))
