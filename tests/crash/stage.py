"""The stage of the crash test: registry here, virtual printer and agent as processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from central_registry import db
from central_registry.app import build_app
from central_registry.embedded import EmbeddedPostgres
from central_registry.enrol import add_agent
from central_registry.lots import allot, import_lots
from edge_agent.config import load_config
from edge_agent.credentials import Credentials, fingerprint
from edge_agent.demo.play import samples
from edge_agent.opening import open_ledger
from edge_agent.sync.http_client import enrol

ROOT = Path(__file__).resolve().parents[2]
ALLOTTED = 100_000
SAMPLE = "down_graded"
_CONFIG = """
[site]
name = "crash"
[data]
ledger_path = "{home}/ledger/ledger.db"
witness_path = "{home}/witness/witness"
catalog_path = "{home}/catalogue/catalogue.json"
[web]
port = {web}
[registry]
url = "{registry}"
interval_s = 1.0
credentials_path = "{home}/credentials.json"
[link]
host = "id.example.cn"
[printing]
stall_timeout_s = 0.5
silence_limit_s = 1.5
reply_timeout_s = 0.5
[[printers]]
id = "p1"
name = "p1"
url = "tcp://127.0.0.1:{printer}"
profile = "virtual-zpl"
"""


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Stage:
    """Everything around the agent that dies."""

    home: Path
    pool: Any
    web_port: int
    control_port: int
    rng: random.Random
    record: dict[str, Any]
    agent: asyncio.subprocess.Process | None = None
    jobs: int = 0
    decoded: dict[int, str | None] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        """The agent's configuration."""
        return self.home / "agent.toml"

    @property
    def ledger(self) -> Path:
        """The file that must survive."""
        return self.home / "ledger" / "ledger.db"

    async def start_agent(self, point: str = "", nth: int = 1) -> bool:
        """Start it, with a failpoint if named; False if it died before it was ready."""
        command = [sys.executable, "-m", "tests.crash.agent", str(self.config), *([point, str(nth)] if point else [])]
        self.agent = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        assert self.agent.stdout is not None
        async with asyncio.timeout(30):
            return bool(await self.agent.stdout.readline())

    async def dead(self, timeout_s: float) -> bool:
        """Whether the agent has died by itself within `timeout_s`."""
        assert self.agent is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self.agent.wait()
        return self.agent.returncode is not None

    async def kill(self, sign: int = signal.SIGKILL) -> int:
        """Kill the agent and wait for its end."""
        assert self.agent is not None
        if self.agent.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.agent.send_signal(sign)
        return await self.agent.wait()

    async def api(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        """Ask the agent; None if it is not there any more. A refusal is an answer too."""
        headers = {"Idempotency-Key": key} if key else {}
        url = f"http://127.0.0.1:{self.web_port}/api/v1{path}"
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
                session.request(method, url, json=body, headers=headers) as answer,
            ):
                return await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError, ConnectionError):
            return None

    async def printer(self, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The printer's state, after an order to break or mend it if there is one."""
        base = f"http://127.0.0.1:{self.control_port}"
        async with aiohttp.ClientSession() as session:
            if body is not None:
                async with session.post(base + "/faults", json=body) as answer:
                    assert answer.status < 300, await answer.text()
            async with session.get(base + "/state") as answer:
                state: dict[str, Any] = await answer.json()
                return state

    async def registry_chain(self) -> list[tuple[str, int, str]]:
        """What the registry holds of the agent's history, by plain SQL."""
        rows = await self.pool.fetch("SELECT incarnation, seq, hash FROM edge_event")
        return [(row["incarnation"], row["seq"], bytes(row["hash"]).hex()) for row in rows]

    def open_window(self) -> dict[str, Any] | None:
        """The window without a verdict in a copy of the ledger's files: the original is not touched."""
        with tempfile.TemporaryDirectory() as folder:
            for suffix in ("", "-wal"):
                source = Path(f"{self.ledger}{suffix}")
                if source.exists():
                    shutil.copy(source, Path(folder) / f"copy.db{suffix}")
            with contextlib.closing(sqlite3.connect(Path(folder) / "copy.db")) as copy:
                bodies = copy.execute("SELECT body FROM event ORDER BY rowid DESC LIMIT 40").fetchall()
        events = [json.loads(body) for (body,) in bodies]
        ended = {event["window"] for event in events if event["type"].startswith("window_") and "serials" not in event}
        sent = [event for event in events if event["type"] == "window_sending" and event["window"] not in ended]
        return sent[0] if sent else None


@contextlib.asynccontextmanager
async def stage(home: Path, seed: int, speed_ips: float = 60.0) -> AsyncIterator[Stage]:
    """Registry, printer, configuration, enrolment; the agent is not started."""
    async with contextlib.AsyncExitStack() as stack:
        pool, registry, token = await stack.enter_async_context(_registry())
        web_port, printer_port, control_port = free_port(), free_port(), free_port()
        await stack.enter_async_context(_printer(home, printer_port, control_port, speed_ips))
        text = _CONFIG.format(home=home.as_posix(), web=web_port, registry=registry, printer=printer_port)
        (home / "agent.toml").write_text(text, encoding="utf-8")
        await _enrol(home, registry, token)
        record = samples()[SAMPLE].model_dump(mode="json", exclude_none=True)
        found = Stage(home, pool, web_port, control_port, random.Random(seed), record)
        try:
            yield found
        finally:
            if found.agent is not None:
                await found.kill()


@contextlib.asynccontextmanager
async def _registry() -> AsyncIterator[tuple[Any, str, str]]:
    async with EmbeddedPostgres() as dsn:
        pool = await db.connect(dsn)
        runner = web.AppRunner(build_app(pool), access_log=None, shutdown_timeout=1.0)
        try:
            token = await add_agent(pool, "crash", db.now())
            record = samples()[SAMPLE]
            await import_lots(pool, [record.model_dump(mode="json", exclude_none=True)])
            await allot(pool, "crash", record.quota_key, ALLOTTED)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield pool, f"http://127.0.0.1:{runner.addresses[0][1]}", token
        finally:
            await runner.cleanup()
            await pool.close()


@contextlib.asynccontextmanager
async def _printer(home: Path, port: int, control: int, speed_ips: float) -> AsyncIterator[None]:
    command = ["-m", "edge_agent", "virtual-printer", "--listen", f"127.0.0.1:{port}", "--tape", str(home / "tape")]
    command += ["--control", f"127.0.0.1:{control}", "--speed-ips", str(speed_ips)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, stderr=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONUTF8": "1"}
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(30):
            assert await process.stderr.readline(), "the virtual printer did not start"
        yield
    finally:
        process.terminate()
        await process.communicate()


async def _enrol(home: Path, registry: str, token: str) -> None:
    config = load_config(home / "agent.toml")
    answer = await enrol(registry, token, "crash", fingerprint(config.data.ledger_path.parent))
    Credentials(registry, answer.agent, answer.secret).save(config.registry.credentials_path)
    with contextlib.closing(open_ledger(config, create=True)) as ledger:
        ledger.enrol(answer.agent, answer.issuer, answer.epoch, registry)
