"""What somebody meets who does it for the first time: wrong addresses, mistyped lots, examples that must work."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer.main

from central_registry import cli as registry_cli
from edge_agent.cli import app as agent_app
from edge_agent.cli import jobs
from edge_agent.cli.common import Api
from edge_agent.config import load_config
from edge_agent.messages import error as error_words
from edge_agent.messages import job as job_words
from edge_agent.web import problems
from label_protocol.states import SerialState
from tests.kits import cli_kit
from tests.kits.registry_kit import SAMPLES, fresh_dsn
from tests.kits.web_double import JOB

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def registry(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr of `central-registry`, as its entry point ends."""
    with pytest.MonkeyPatch.context() as monkey:
        monkey.setattr(sys, "argv", ["central-registry", *words])
        try:
            registry_cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


# --- a port that somebody else has -------------------------------------------------------------------------


def test_a_taken_port_is_a_sentence_for_the_agent(tmp_path: Path, taken_port: int) -> None:
    config = cli_kit.a_site(tmp_path)
    config.write_text(config.read_text("utf-8") + f"[web]\nport = {taken_port}\n", encoding="utf-8")
    assert f"127.0.0.1:{taken_port}" in cli_kit.run("run", "--config", config).refusal


def test_a_taken_port_is_a_sentence_for_the_virtual_printer(taken_port: int) -> None:
    said = cli_kit.run("virtual-printer", "--listen", f"127.0.0.1:{taken_port}")
    assert f"127.0.0.1:{taken_port}" in said.refusal


def test_a_taken_port_is_a_sentence_for_the_registry(capsys: pytest.CaptureFixture[str], taken_port: int) -> None:
    dsn = asyncio.run(fresh_dsn())
    code, _, err = registry(capsys, "serve", "--dsn", dsn, "--listen", f"127.0.0.1:{taken_port}")
    assert code == 1
    assert "a port in use" in err.splitlines()[-1]
    assert "Traceback" not in err


# --- files that cannot be written ----------------------------------------------------------------------------


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "a file"
    blocked.write_bytes(b"")
    said = cli_kit.run("virtual-printer", "--listen", "127.0.0.1:0", "--tape", blocked / "tape")
    assert str(blocked) in said.refusal
    dsn = asyncio.run(fresh_dsn())
    code, _, err = registry(capsys, "reconcile", "--csv", str(blocked / "books.csv"), "--dsn", dsn)
    assert (code, len(err.splitlines())) == (1, 1)
    assert str(blocked) in err


# --- the clerk -----------------------------------------------------------------------------------------------


def test_a_mistyped_lot_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    dsn = ("--dsn", asyncio.run(fresh_dsn()))
    registry(capsys, "lots", "import", str(SAMPLES / "down_graded.json"), *dsn)
    for order in ("suspend", "recall"):
        assert registry(capsys, order, "--lot", "L20261118A", "--reason", "复核", *dsn)[2] == ""
        code, out, err = registry(capsys, order, "--lot", "L20261118a", "--reason", "复核", *dsn)
        assert (code, out, len(err.splitlines())) == (1, "", 1)
        assert "lot:L20261118a" in err and "没有此批次" in err


def test_a_suspension_has_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    dsn = ("--dsn", asyncio.run(fresh_dsn()))
    for order in ("suspend", "recall"):
        code, _, err = registry(capsys, order, "--lot", "L1", "--reason", " ", *dsn)
        assert code == 1
        assert "reason: expected" in err


def test_a_refusal_names_the_number_that_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    dsn = ("--dsn", asyncio.run(fresh_dsn()))
    registry(capsys, "agents", "add", "line-1", *dsn)
    order = ("allot", "--lot", "L1", "--agent", "line-1", "--quantity", "5", "--spoilage-permille", "-4")
    assert "got 5 and -4" in registry(capsys, *order, *dsn)[2]


def test_a_file_of_lots_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "lots.json"
    empty.write_bytes(b"")
    assert str(empty) in registry(capsys, "lots", "import", str(empty), "--dsn", "postgresql://x")[2]


# --- the operator ---------------------------------------------------------------


def test_every_refusal_begins_in_the_operators_language() -> None:
    for kind in problems.KINDS.values():
        job_words = next(error_words.WORDS[one] for one in kind.__mro__ if one in error_words.WORDS)
        assert re.search(r"[\u4e00-\u9fff]", job_words), kind


def test_a_command_refuses_in_the_operators_language_first(tmp_path: Path) -> None:
    """What begins in Chinese already is not said twice."""
    config = cli_kit.a_site(tmp_path)
    gone = cli_kit.run("check", tmp_path / "gone.json", "--config", config).refusal
    assert gone.startswith("edge-agent: 资料不对，没有改动 · ")
    assert cli_kit.run("template", "lint", "gone.toml").refusal.startswith("edge-agent: 模板不对，请改正 · ")
    config.write_text(config.read_text("utf-8") + "[web]\nport = 1\n", "utf-8")  # an agent may run on this machine
    away = cli_kit.run("job", "list", "--config", config).refusal
    assert away.startswith("edge-agent: 代理没有运行，请启动") and "本机没有这条记录" not in away


def test_every_state_has_words() -> None:
    assert set(job_words.LABEL_STATES) == set(SerialState)


def test_why_no_label_may_be_drawn_is_said_once_in_each_language() -> None:
    said = job_words.cannot_issue("配额已用完 · lot:L1: expected a free allotment, got 5 used of 5")
    assert str(said).count("配额已用完") == str(said).count("lot:L1") == 1
    assert "cannot issue: disk full" in job_words.cannot_issue("disk full").en


def test_a_job_that_ends_with_fewer_good_labels_says_so() -> None:
    assert job_words.finished(JOB) is not job_words.FINISHED
    whole = replace(JOB, in_doubt=0, invalid=0, scrapped=0)
    assert job_words.finished(whole) is job_words.FINISHED
    short = job_words.finished(replace(whole, invalid=6, scrapped=2))
    assert "8 张" in short.zh
    assert "补打" in short.zh


def test_while_labels_are_in_doubt_nobody_is_told_to_print_others() -> None:
    whole = replace(JOB, in_doubt=0, invalid=0, scrapped=0)
    assert job_words.what_is_left(whole) is job_words.FINISHED
    short, doubted = (job_words.what_is_left(replace(whole, invalid=6, in_doubt=count)).zh for count in (0, 4))
    assert "6 张" in short and "补打" in short and "存疑" not in short
    assert "存疑 4 张，请先处理" in doubted and "补打" not in doubted


def test_who_stops_watching_is_told_that_the_job_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Api, "call", lambda *_: {"job_id": "j7"})
    monkeypatch.setattr(jobs, "_watch", interrupted)
    order = ("job", "submit", "--template", "t", "--data", SAMPLES / "down_graded.json", "--printer", "p1")
    said = cli_kit.run(*order, "--quantity", 5, "--wait", "--config", cli_kit.a_site(tmp_path))
    assert said.code == 130
    assert "edge-agent job show j7" in said.err


# --- IT ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["registry.example.cn", "ftp://registry.example.cn", "https://", "notaurl"])
def test_enrolment_wants_an_address(tmp_path: Path, url: str) -> None:
    config = cli_kit.a_site(tmp_path)
    assert "expected an address" in cli_kit.run("enrol", "--registry", url, "--token", "t", "--config", config).refusal
    assert not (tmp_path / "ledger").exists(), "refused before anything was made"


def test_the_doctor_sends_a_fresh_machine_to_enrolment(tmp_path: Path) -> None:
    rows = json.loads(cli_kit.run("doctor", "--json", "--config", cli_kit.a_site(tmp_path)).out)
    found = {row["what"].split()[-1]: row for row in rows}
    assert "enrolment makes it" in found["ledger"]["found"]
    assert found["disk"]["ok"]
    assert found["fsync"]["ok"]
    assert list(tmp_path.iterdir()) == [tmp_path / "agent.toml"], "looked, and left nothing"


def test_every_command_says_in_both_languages_what_it_does_and_how() -> None:
    for names, command in _commands(typer.main.get_command(agent_app), []):
        zh, _, en = (command.help or "").split("\n")[0].partition(" · ")
        assert re.search(r"[\u4e00-\u9fff]", zh), names
        assert re.search(r"[A-Za-z]{3}", en), names
        assert f"Example: edge-agent {' '.join(names)}" in command.help, names


def test_every_word_of_a_command_says_in_both_languages_what_it_is() -> None:
    for names, command in _commands(typer.main.get_command(agent_app), []):
        for asked in command.params:
            if asked.name != "help":
                assert re.search(r"[\u4e00-\u9fff]", getattr(asked, "help", None) or ""), (names, asked.name)


def test_an_order_in_the_docs_names_an_operator() -> None:
    """The configuration's default wants one."""
    assert load_config(ROOT / "config" / "agent.toml").site.operator_required
    texts = [line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if "edge-agent job submit" in line]
    texts += [command.help for names, command in _commands(typer.main.get_command(agent_app), []) if names[0] == "job"]
    assert len(texts) > 3
    asking = [text for text in texts if not re.search(r"edge-agent job (list|show)", text)]
    assert all("--operator" in text for text in asking)


def _commands(group: Any, names: list[str]) -> Iterator[tuple[list[str], Any]]:
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from _commands(command, [*names, name])
        else:
            yield [*names, name], command


def test_sync_without_enrolment_says_what_to_do() -> None:
    from edge_agent.cli.admin import _standing

    assert "edge-agent enrol" in _standing({"configured": False})
    view = {"configured": True, "words_zh": "连不上", "words_en": "away", "pending": 3, "acked_seq": 1}
    assert "3" in _standing(view | {"last_ack_at": None, "error": ""}).splitlines()[1]


def test_events_come_out_of_a_copy_as_out_of_the_ledger(tmp_path: Path) -> None:
    """While the agent has the ledger, `ledger export` reads a backup made now."""
    import io

    from edge_agent.ledger import Ledger
    from edge_agent.wiring import open_ledger

    ledger = open_ledger(load_config(cli_kit.a_site(tmp_path)), create=True)
    try:
        ledger.note_paper_fed("line-1", 1, 2)
        live, copied = io.StringIO(), io.StringIO()
        ledger.export(live)
        Ledger.export_copy(ledger.backup(tmp_path / "copy.db"), copied)
    finally:
        ledger.close()
    assert copied.getvalue() == live.getvalue()
    assert [json.loads(line)["event"]["type"] for line in live.getvalue().splitlines()][-1] == "feed_noted"
