"""`edge-agent printers …`: what the configuration says, what the running agent says, and what is refused by name."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from edge_agent.ledger import Ledger
from edge_agent.messages.printer import FAULTS, SILENT, TAKE, UNREAD
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printing.directory import PrinterDirectory
from edge_agent.virtual_printer.firmware import FIRMWARE
from edge_agent.web.api import build_web
from label_protocol.kinds import LineQuestion
from tests.kits.cli_kit import Said, a_site, run
from tests.kits.service_kit import a_service
from tests.kits.web_double import VIEW, ServiceDouble

FLOOR = """
[web]
port = {port}
[[printers]]
id = "p1"
name = "一号线"
url = "tcp://127.0.0.1:9100"
profile = "tsc-203"
handling = "peel"
[[printers]]
id = "p2"
name = "二号线"
url = "queue://Zebra-1"
profile = "zpl-one-way"
dpi = 300
across = 2
[[groups]]
id = "line-a"
name = "甲线"
printers = ["p1", "p2"]
"""


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[ServiceDouble]:
    """A running agent: the real API over a double, in a thread, since the commands bring their own loop."""
    loop, service = asyncio.new_event_loop(), ServiceDouble(tmp_path)
    with serving(service, loop, tmp_path):
        yield service


@contextlib.contextmanager
def serving(service: Any, loop: asyncio.AbstractEventLoop, folder: Path) -> Iterator[None]:
    """Serves on the port that `folder`'s configuration names. The loop is at rest before and closed behind."""
    server = TestServer(build_web(service), loop=loop)
    loop.run_until_complete(server.start_server())
    assert server.port is not None
    site(folder, server.port)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.run_until_complete(server.close())
        loop.close()


def site(folder: Path, port: int) -> Path:
    path = a_site(folder)
    path.write_text(path.read_text("utf-8") + FLOOR.format(port=port), encoding="utf-8")
    return path


def printers(folder: Path, *words: str) -> Said:
    return run("printers", *words, "--config", folder / "agent.toml")


def test_the_list_tells_each_printer_in_plain_words_and_the_groups(tmp_path: Path) -> None:
    site(tmp_path, 1)
    said = printers(tmp_path, "list")
    one, two, group = said.out.splitlines()
    assert said.code == 0
    assert re.match(r"p1 .*tsc-203  tspl 203 dpi .*忙完转就绪 · busy, then ready .*剥离 peel .*across 1$", one)
    assert re.match(r"p2 .*queue://Zebra-1 .*zpl 300 dpi .*只知已送出 · sent, nothing heard .*撕下 .*across 2$", two)
    assert group == "line-a  甲线  组 group: p1, p2"


def test_the_list_for_machines(tmp_path: Path) -> None:
    site(tmp_path, 1)
    found = json.loads(printers(tmp_path, "list", "--json").out)
    assert [(row["id"], row["proof"], row["handling"], row["across"]) for row in found["printers"]] == [
        ("p1", "idle", "peel", 1),
        ("p2", "sent", "tear", 2),
    ]
    assert found["groups"] == [{"group_id": "line-a", "name": "甲线", "printers": ["p1", "p2"]}]


def test_a_site_without_printers_says_so(tmp_path: Path) -> None:
    a_site(tmp_path)
    assert printers(tmp_path, "list").out.strip() == "没有打印机 · none"


def test_the_status_is_the_running_agents(tmp_path: Path, agent: ServiceDouble) -> None:
    one, two, why, group = printers(tmp_path, "status").out.splitlines()
    assert one == "p1  一号线  ✓ 可打印 ready  就绪 · ready  计数 odometer 412"
    assert "✗ 不可打印 not ready" in two and two.endswith("odometer —")
    assert why.strip() == "queue Zebra-1: expected the policy abort-job, got retry-job; run: lpadmin"
    assert group.startswith("line-a")
    found = json.loads(printers(tmp_path, "status", "--json").out)
    assert found["printers"][0]["proof_words"]["zh"] == "计数器相符" and found["groups"][0]["group_id"] == "line-a"


def test_the_status_names_who_answers_and_what_nobody_could_read(tmp_path: Path, agent: ServiceDouble) -> None:
    view = replace(VIEW, identity=PrinterIdentity("ZT230", "V72.20", "42J0123"), unread={"~HS": "\\x02what\\x03"})
    agent.parts.printers = PrinterDirectory(lambda: [view])
    _, who, what = printers(tmp_path, "status").out.splitlines()
    assert who.strip() == "型号 model ZT230 V72.20 S/N 42J0123"
    assert what.strip() == f"{UNREAD}: ~HS → \\x02what\\x03"
    (found,) = json.loads(printers(tmp_path, "status", "--json").out)["printers"]
    assert found["identity"]["serial_number"] == "42J0123" and found["unread"] == {"~HS": "\\x02what\\x03"}


def test_what_a_printer_did_is_told_in_its_words(tmp_path: Path, agent: ServiceDouble) -> None:
    assert printers(tmp_path, "test", "p1").out.strip() == "p1: 测试签已打印 · test label printed"
    assert "会走几张纸" in printers(tmp_path, "calibrate", "p1").out
    assert json.loads(printers(tmp_path, "calibrate", "p1", "--json").out)["printer"] == "p1"
    assert (agent.tested, agent.calibrated) == (["p1"], ["p1", "p1"])


def test_a_lead_answers_whether_another_printer_stands_there(tmp_path: Path) -> None:
    """Over a real ledger: an answer is recorded with name and reason, and what is none is refused."""
    loop, real = asyncio.new_event_loop(), a_service(tmp_path / "kept")
    ours, stranger = PrinterIdentity("ZD421", "V93", "42J1"), PrinterIdentity("ZD421", "V93", "42J2")
    service = loop.run_until_complete(real.__aenter__())
    ledger = service.parts.ledger

    def done(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(5)

    def answer(printer: str, word: str, *more: str) -> Said:
        return printers(tmp_path, "answer", printer, word, "--operator", "A01", "--reason", "一号机送修", *more)

    with serving(service, loop, tmp_path):
        assert "没有要回答的问题" in answer("p1", "another").refusal
        done(ledger.do(Ledger.identify_printer, "p1", ours, first=True))
        done(ledger.do(Ledger.question_printer, "p1", LineQuestion.IDENTITY, stranger, 8, 3))
        assert "expected 'another' or 'put_back', got 'returned'" in answer("p1", "returned").refusal
        assert "reason" in printers(tmp_path, "answer", "p1", "another", "--operator", "A01").err
        assert "expected one of p1" in answer("p9", "another").refusal
        assert not done(ledger.do(Ledger.printer_question, "p1")).put_back
        assert "等接回原来" in answer("p1", "put_back").out
        assert done(ledger.do(Ledger.printer_question, "p1")).put_back
        assert json.loads(answer("p1", "another", "--json").out)["words"]["zh"].startswith("已确认换用")
        assert done(ledger.do(Ledger.printer_question, "p1")) is None
        assert done(ledger.do(Ledger.printer_identity, "p1")) == stranger
        done(real.__aexit__(None, None, None))


@pytest.mark.parametrize("chore", ["test", "calibrate"])
def test_a_group_and_a_stranger_are_refused_by_name(tmp_path: Path, agent: ServiceDouble, chore: str) -> None:
    assert "got a group; name one of p1, p2" in printers(tmp_path, chore, "line-a").refusal
    assert "expected one of p1, p2" in printers(tmp_path, chore, "p9").refusal
    assert "expected one of p1, p2" in printers(tmp_path, chore, "p1/../../jobs").refusal
    assert agent.tested == agent.calibrated == []


def test_a_printer_with_a_job_is_not_calibrated(tmp_path: Path, agent: ServiceDouble) -> None:
    assert "got j1; pause it first" in printers(tmp_path, "calibrate", "p2").refusal


@pytest.mark.parametrize("words", [("status",), ("test", "p1"), ("calibrate", "p1")])
def test_without_an_agent_there_is_one_clear_sentence(tmp_path: Path, words: tuple[str, ...]) -> None:
    site(tmp_path, 1)
    assert "start it with: edge-agent run" in printers(tmp_path, *words).refusal


@pytest.mark.parametrize("words", [("test",), ("calibrate",), ("test", "p1", "p2"), ("discover", "--ask"), ("dance",)])
def test_wrong_usage_is_two(tmp_path: Path, words: tuple[str, ...]) -> None:
    site(tmp_path, 1)
    assert run("printers", *words).code == 2


@pytest.mark.parametrize("command", ["list", "status", "test", "calibrate", "discover"])
def test_help_has_an_example(command: str) -> None:
    said = run("printers", command, "--help")
    assert said.code == 0 and f"edge-agent printers {command}" in " ".join(said.out.split())


def test_what_the_issue_calls_each_trouble_is_what_an_operator_reads() -> None:
    said = "".join(words.zh for words in (*FAULTS.values(), SILENT, TAKE))
    for word in ("缺纸", "碳带用尽", "打印头打开", "已暂停", "待取标签", "过热", "未应答"):
        assert word in said


def test_the_languages_in_the_help_are_those_of_the_tables() -> None:
    for command, table in (("render", LANGUAGES), ("virtual-printer", FIRMWARE)):
        assert ", ".join(table) in " ".join(run(command, "--help").out.replace("│", " ").split())
