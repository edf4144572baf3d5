"""A working day by commands alone: the platform allots, IT enrols and starts, the operator prints and settles, the
auditor checks. Registry, printer and agent are processes; the commands run here, through their real entry points."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import aiohttp
import pytest
from typer.testing import CliRunner

from central_registry.cli import app as registry_app
from edge_agent.cli import app as agent_app
from edge_agent.cli.common import not_running
from edge_agent.demo.play import samples
from label_protocol.errors import AgentError
from tests.kits.registry_kit import fresh_dsn

ROOT = Path(__file__).resolve().parents[3]
CONFIG = """
[site]
name = "factory-1"
[data]
ledger_path = "ledger/ledger.db"
witness_path = "witness/witness"
catalog_path = "catalogue/catalogue.json"
[web]
port = {web}
[registry]
url = "{registry}"
interval_s = 1.0
credentials_path = "credentials.json"
[link]
host = "id.example.cn"
[[printers]]
id = "line-1"
name = "一号线"
url = "tcp://127.0.0.1:{printer}"
profile = "virtual-zpl"
"""


@dataclass
class Factory:
    """What the commands need to know."""

    home: Path
    dsn: str
    registry: str
    control: int

    @property
    def config(self) -> str:
        return str(self.home / "agent.toml")

    def edge(self, *arguments: str, code: int = 0) -> str:
        """Run `edge-agent`; stdout. A refusal is what `main` turns into exit 1."""
        return _run(agent_app, [*arguments, "--config", self.config], code)

    def edge_json(self, *arguments: str) -> Any:
        return json.loads(self.edge(*arguments, "--json"))

    def platform(self, *arguments: str) -> str:
        return _run(registry_app, [*arguments, "--dsn", self.dsn], 0)


def _run(app: Any, arguments: list[str], code: int) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=True)
    got = 1 if isinstance(result.exception, AgentError) else result.exit_code
    assert got == code, (arguments, result.stdout, result.stderr, result.exception)
    return result.stdout if code == 0 else str(result.exception)


@contextlib.contextmanager
def _process(*command: str, ready: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process of ours, once it has said `ready` on stderr."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert process.stdout is not None
    try:
        yield process, _line_with(process.stdout, ready)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=40)


def _line_with(stream: IO[str], word: str) -> str:
    lines = []
    for line in stream:
        lines.append(line)
        if word in line:
            return line
    raise AssertionError("".join(lines))


def _free_ports(count: int) -> list[int]:
    """Ports that nobody has; all held until all are known, so that none comes twice."""
    with contextlib.ExitStack() as held:
        return [held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(count)]


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Factory]:
    home, embedded_dsn = tmp_path_factory.mktemp("factory"), asyncio.run(fresh_dsn())
    registry_port, printer_port, control_port, web_port = _free_ports(4)
    registry = f"http://127.0.0.1:{registry_port}"
    text = CONFIG.format(web=web_port, registry=registry, printer=printer_port)
    (home / "agent.toml").write_text(text, encoding="utf-8")
    serve = ("-m", "central_registry", "serve", "--dsn", embedded_dsn, "--listen", f"127.0.0.1:{registry_port}")
    printer = ("-m", "edge_agent", "virtual-printer", "--listen", f"127.0.0.1:{printer_port}", "--speed-ips", "60")
    more = ("--control", f"127.0.0.1:{control_port}", "--tape", str(home / "tape"))
    with _process(*serve, ready="http://"), _process(*printer, *more, ready="tcp://"):
        yield Factory(home, embedded_dsn, registry, control_port)


def _until(ask: Any, timeout_s: float = 20.0) -> Any:
    """Ask until the answer is good."""
    end_s = time.monotonic() + timeout_s
    while time.monotonic() < end_s:
        found = ask()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def test_a_working_day(factory: Factory) -> None:
    token = factory.platform("agents", "add", "factory-1").split()[-1]
    record = samples()["down_graded"]
    data = factory.home / "jacket.json"
    data.write_text(record.model_dump_json(exclude_none=True), encoding="utf-8")
    factory.platform("lots", "import", str(data))
    factory.platform("allot", "--lot", "L20261118A", "--agent", "factory-1", "--quantity", "60")
    assert "factory-1" in factory.edge("enrol", "--token", token)
    assert "token" in factory.edge("enrol", "--token", token, code=1)
    with _process("-m", "edge_agent", "run", "--config", factory.config, ready="running"):
        _day(factory, data)
    _evening(factory)


def _day(factory: Factory, data: Path) -> None:
    job = ("job", "submit", "--template", "down_grade_60x40", "--data", str(data), "--printer", "line-1")
    _until(lambda: factory.edge_json("sync", "status")["state"] == "online")
    assert "operator" in factory.edge(*job, "--quantity", "2", code=1)
    done = factory.edge_json(*job, "--quantity", "20", "--operator", "12", "--wait")
    assert (done["state"], done["printed"]) == ("done", 20)
    printed = factory.edge_json("label", "list", "--state", "printed")
    _settle_one(factory, printed[0])
    assert "check" in factory.edge("label", "show", "PH10000000000000A", code=1)
    assert factory.edge_json("printers", "status")["printers"][0]["words"]["zh"]
    assert "计数器相符" in factory.edge("printers", "test", "line-1")
    assert "校准" in factory.edge("printers", "calibrate", "line-1")
    assert [row["quota_key"] for row in factory.edge_json("ledger", "balance")][-1] == "total"
    assert factory.edge_json("ledger", "verify")["ok"]
    factory.edge("ledger", "backup", "--out", str(factory.home / "backup.db"))
    assert factory.edge_json("hold", "list") == []
    assert all(row["ok"] for row in factory.edge_json("doctor"))
    _until(lambda: factory.edge_json("sync", "status")["pending"] == 0)
    books = json.loads(factory.platform("reconcile", "--json"))
    assert books


def _settle_one(factory: Factory, label: dict[str, Any]) -> None:
    text = f"HTTPS://ID.EXAMPLE.CN/01/{label['gtin']}/10/{label['lot_no']}/21/{label['serial']}"
    seen = factory.edge_json("label", "scan", label["serial"], "--text", text, "--operator", "12", "--on-garment")
    assert seen["state"] == "commissioned"
    spoiled = factory.edge_json("label", "list", "--state", "printed")[0]["serial"]
    job = factory.edge_json("label", "scrap", spoiled, "--operator", "12", "--reason", "碳带皱", "--replace")
    _until(lambda: factory.edge_json("job", "show", job["job_id"])["state"] == "done")
    replaced = factory.edge_json("label", "show", spoiled)
    assert replaced["state"] == "scrapped"
    assert factory.edge_json("label", "show", replaced["replaced_by"])["replaces"] == spoiled
    assert "cannot" in factory.edge("label", "invalidate", spoiled, "--operator", "12", "--reason", "x", code=1)


def _evening(factory: Factory) -> None:
    """The agent is stopped: the file is there for whoever asks."""
    assert factory.edge_json("ledger", "verify")["ok"]
    total = factory.edge_json("ledger", "balance")[-1]
    assert (total["drawn"], total["scrapped"], total["commissioned"]) == (21, 1, 1)
    out = factory.home / "events.jsonl"
    factory.edge("ledger", "export", "--out", str(out))
    kinds = [json.loads(line)["event"]["type"] for line in out.read_text(encoding="utf-8").splitlines()]
    assert kinds[0] == "incarnation_began"
    assert "window_printed" in kinds
    assert "exists" in factory.edge("ledger", "backup", "--out", str(factory.home / "backup.db"), code=1)
    aside = str(factory.home / "aside" / "ledger.db")
    factory.edge("ledger", "restore", "--from", str(factory.home / "backup.db"), "--move-aside", aside)
    assert "expected it to run" in factory.edge("sync", "status", code=1)


def test_wrong_usage_exits_with_two(factory: Factory) -> None:
    factory.edge("job", "submit", code=2)
    factory.edge("no-such-command", code=2)


def test_another_program_at_the_agents_port_is_told_apart() -> None:
    base = "http://127.0.0.1:8631/api/v1"
    told = str(not_running(base, json.JSONDecodeError("Expecting value", "<html>", 0)))
    assert "由别的程序占着" in told and "got an answer of another program" in told
    assert "expected it to run" in str(not_running(base, aiohttp.ClientError("refused")))
