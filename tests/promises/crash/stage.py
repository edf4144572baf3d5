"""The stage of the crash test: registry here; virtual printers, a CUPS and the agent as processes of their own."""

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
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from central_registry import db
from central_registry.agents.enrolment import add_agent
from central_registry.app import build_app
from central_registry.embedded import EmbeddedPostgres
from central_registry.goods.lot_import import import_lots
from central_registry.goods.lot_limit import Override
from central_registry.issuing.allotments import allot
from edge_agent.config import load_config
from edge_agent.demo.play import samples
from edge_agent.identity.credentials import Credentials, fingerprint
from edge_agent.sync.http_client import enrol
from edge_agent.wiring import open_ledger
from tests.kits.cli_kit import a_site, run
from tests.kits.cups_kit import PrivateCups, private_cups
from tests.kits.told_kit import told
from tests.promises.crash.checker import Facts
from tests.promises.crash.lines import DPI, ROOT, Pair, Printer, printers

ALLOTTED = 100_000
SAMPLE = "down_graded"
TEMPLATE = "down_grade_60x40"
SPOOL_EMPTY_S = 15.0
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
"""
Chain = list[tuple[str, int, str]]


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on right now, each another."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@dataclass
class Stage:
    """Everything around the agent that dies."""

    home: Path
    pool: Any
    web_port: int
    rng: random.Random
    record: dict[str, Any]
    printers: list[Printer]
    cups: PrivateCups | None
    agent: asyncio.subprocess.Process | None = None
    jobs: int = 0

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
        command = [
            sys.executable,
            "-m",
            "tests.promises.crash.agent",
            str(self.config),
            *([point, str(nth)] if point else []),
        ]
        env = {**os.environ, **({"CUPS_SERVER": self.cups.address} if self.cups else {})}
        with (self.home / "agent.log").open("a") as log:
            self.agent = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE, stderr=log
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

    async def order(self, printer: Printer, quantity: int) -> None:
        """A job, ordered at the agent's page."""
        self.jobs += 1
        body = {"template": TEMPLATE, "printer": printer.pair.name, "record": self.record}
        await self.api("POST", "/jobs", {**body, "quantity": quantity, "operator": "12"}, key=f"job-{self.jobs}")

    def spooled(self) -> set[str]:
        """Print data that CUPS keeps, sent or not: what is there can be printed."""
        return {path.name for path in (self.cups.folder / "spool").glob("d*")} if self.cups else set()

    async def queued(self) -> int:
        """Jobs that CUPS has still to print, or is printing."""
        queues = [printer.pair.name for printer in self.printers if printer.cups] if self.cups else []
        return sum([len(await asyncio.to_thread(self.cups.jobs, queue)) for queue in queues if self.cups])

    async def swept(self, old: set[str]) -> bool:
        """Waits until the agent has cancelled what an earlier life left in its queues; False if it does not."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SPOOL_EMPTY_S):
                while old & self.spooled():
                    await asyncio.sleep(0.01)
                return True
        return False

    def left_over(self, old: set[str]) -> str:
        """What CUPS says of the print data that it still keeps."""
        assert self.cups is not None
        jobs = [self.cups.admin("lpstat", "-W", which, "-o", "-l") for which in ("not-completed", "completed")]
        return f"{sorted(old & self.spooled())} may still be printed: {jobs}\n{self.cups.log()[-4000:]}"

    async def registry_chain(self) -> Chain:
        """What the registry holds of the agent's history."""
        return [(event["incarnation"], event["seq"], event["hash"].hex()) for event in await told(self.pool)]

    def chain(self) -> Chain:
        """What the dead agent's ledger holds."""
        with self._copy() as copy:
            rows = copy.execute("SELECT incarnation, seq, hash FROM event").fetchall()
        return [(incarnation, seq, digest.hex()) for incarnation, seq, digest in rows]

    def open_window(self) -> dict[str, Any] | None:
        """The window without a verdict."""
        with self._copy() as copy:
            bodies = copy.execute("SELECT body FROM event ORDER BY rowid DESC LIMIT 40").fetchall()
        events = [json.loads(body) for (body,) in bodies]
        ended = {event["window"] for event in events if event["type"].startswith("window_") and "serials" not in event}
        sent = [event for event in events if event["type"] == "window_sending" and event["window"] not in ended]
        return sent[0] if sent else None

    @contextlib.contextmanager
    def _copy(self) -> Iterator[sqlite3.Connection]:
        """Of the ledger's files as they lie there: the original is not touched."""
        with tempfile.TemporaryDirectory() as folder:
            for suffix in ("", "-wal"):
                source = Path(f"{self.ledger}{suffix}")
                if source.exists():
                    shutil.copy(source, Path(folder) / f"copy.db{suffix}")
            with contextlib.closing(sqlite3.connect(Path(folder) / "copy.db")) as copy:
                yield copy


@contextlib.asynccontextmanager
async def stage(home: Path, seed: int, wanted: Sequence[Pair]) -> AsyncIterator[Stage]:
    """Registry, printers, configuration, enrolment; the agent is not started."""
    async with contextlib.AsyncExitStack() as stack:
        pool, registry, token = await stack.enter_async_context(_registry())
        cups = stack.enter_context(private_cups()) if any(pair.one_way for pair in wanted) else None
        web_port, *ports = free_ports(1 + 2 * len(wanted))
        running = await stack.enter_async_context(printers(home, wanted, ports, await _facts(home), cups))
        text = _CONFIG.format(home=home.as_posix(), web=web_port, registry=registry)
        (home / "agent.toml").write_text(text + "".join(printer.row for printer in running), encoding="utf-8")
        await _enrol(home, registry, token)
        record = samples()[SAMPLE].model_dump(mode="json", exclude_none=True)
        found = Stage(home, pool, web_port, random.Random(seed), record, running, cups)
        try:
            yield found
        finally:
            if found.agent is not None:
                await found.kill()


async def _facts(home: Path) -> Facts:
    """From a preview of this record, made by the command of that name."""
    sample = ROOT / "edge_agent" / "demo" / "samples" / f"{SAMPLE}.json"
    picture = home / "preview.png"
    words = ["preview", "--template", TEMPLATE, "--data", sample, "--dpi", DPI, "--out", picture]
    said = await asyncio.to_thread(run, *words, "--config", a_site(home))
    assert said.code == 0, said
    return Facts(picture, DPI)


@contextlib.asynccontextmanager
async def _registry() -> AsyncIterator[tuple[Any, str, str]]:
    async with EmbeddedPostgres() as dsn:
        pool = await db.connect(dsn)
        runner = web.AppRunner(build_app(pool), access_log=None, shutdown_timeout=1.0)
        try:
            token = await add_agent(pool, "crash", db.now())
            record = samples()[SAMPLE]
            await import_lots(pool, [record.model_dump(mode="json", exclude_none=True)])
            more = Override("crash", "more labels than the sample's lot has", db.now())
            await allot(pool, "crash", record.quota_key, ALLOTTED, override=more)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield pool, f"http://127.0.0.1:{runner.addresses[0][1]}", token
        finally:
            await runner.cleanup()
            await pool.close()


async def _enrol(home: Path, registry: str, token: str) -> None:
    config = load_config(home / "agent.toml")
    answer = await enrol(registry, token, "crash", fingerprint(config.data.ledger_path.parent))
    Credentials(registry, answer.agent, answer.secret).save(config.registry.credentials_path)
    with contextlib.closing(open_ledger(config, create=True)) as ledger:
        ledger.enrol(answer.agent, answer.issuer, answer.epoch, registry)
