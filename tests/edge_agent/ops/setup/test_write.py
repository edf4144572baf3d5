"""The first start writes one configuration: whole, with its comments, and never over another without leave."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from edge_agent.config import load_config
from edge_agent.errors import NotFoundError
from edge_agent.ops.setup.answers import Answers, Printer, places, printer_of, reference_text
from edge_agent.ops.setup.steps import steps
from edge_agent.ops.setup.write import write_config
from label_protocol.errors import ConfigError, ConflictError

NOW = "2026-11-30T11:15:03.120Z"
ONE = Printer("tcp://192.168.1.50:9100", "zpl-203", "一号机")


def answers(tmp_path: Path, *printers: Printer) -> Answers:
    return Answers("示例一厂", tmp_path / "data", "https://registry.example.cn", printers)


def test_what_was_answered_is_what_the_agent_reads(tmp_path: Path) -> None:
    path = tmp_path / "etc" / "agent.toml"
    told = write_config(path, answers(tmp_path, ONE), change=False, now=NOW)
    assert told == load_config(path)
    assert (told.site.name, told.registry.url) == ("示例一厂", "https://registry.example.cn")
    assert told.data.ledger_path == tmp_path / "data" / "ledger" / "ledger.db"
    assert [(row.id, row.name, row.url, row.profile) for row in told.printers] == [
        ("printer-1", ONE.name, ONE.url, ONE.profile)
    ]
    comments = [line for line in reference_text().splitlines() if line.startswith("# ")]
    assert [line for line in path.read_text("utf-8").splitlines() if line.startswith("# ")] == comments
    assert path.stat().st_mode & 0o077 == 0, "it may hold secrets"


def test_one_that_is_there_is_not_touched_without_leave(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text("# ours\n[web]\nport = 9\n", encoding="utf-8")
    with pytest.raises(ConflictError, match="expected no configuration yet"):
        write_config(path, answers(tmp_path), change=False, now=NOW)
    assert path.read_text("utf-8") == "# ours\n[web]\nport = 9\n"
    assert list(tmp_path.iterdir()) == [path]


def test_with_leave_the_old_one_stays_beside(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    write_config(path, answers(tmp_path, ONE), change=False, now=NOW)
    before = path.read_bytes()
    path.chmod(0o640)
    other = Printer("tcp://192.168.1.51:9100", "tsc-203", "二号机")
    told = write_config(path, Answers(None, None, None, [other]), change=True, now=NOW)
    assert [row.id for row in told.printers] == ["printer-1", "printer-2"]
    assert told.site.name == "示例一厂", "what was not asked stays"
    assert (tmp_path / "agent.toml.2026-11-30T111503").read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_same_words_again_add_no_printer_twice(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    other = Printer("tcp://192.168.1.51:9100", "tsc-203", "二号机")
    write_config(path, answers(tmp_path, ONE), change=False, now=NOW)
    told = write_config(path, answers(tmp_path, replace(ONE, name="改名"), other), change=True, now=NOW)
    assert [(row.id, row.name) for row in told.printers] == [("printer-1", ONE.name), ("printer-2", other.name)]


@pytest.mark.parametrize(
    "text, printers, words",
    [
        ("[web\n", [], "got a flaw"),
        ("[wep]\nport = 1\n", [], "did you mean"),
        ("", [ONE, ONE], "every printers.url once"),
    ],
    ids=["no TOML", "a misspelt table", "one printer twice"],
)
def test_what_would_be_none_is_not_written(text: str, printers: list[Printer], words: str, tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        write_config(path, answers(tmp_path, *printers), change=True, now=NOW)
    assert [(one.name, one.read_text("utf-8")) for one in tmp_path.iterdir()] == [("agent.toml", text)]


def test_a_printer_on_the_command_line() -> None:
    assert printer_of("tsc-203@serial:///dev/ttyUSB0?baud=9600") == Printer(
        "serial:///dev/ttyUSB0?baud=9600", "tsc-203", "/dev/ttyUSB0?baud=9600"
    )
    for wrong in ("", "zpl-203", "@tcp://h:1", "zpl-203@h"):
        with pytest.raises(ConfigError, match="expected PROFILE@URL"):
            printer_of(wrong)
    with pytest.raises(NotFoundError, match="expected one of"):
        printer_of("zpl-999@tcp://h:9100")


def test_ledger_and_witness_never_share_a_folder() -> None:
    found = [str(PurePosixPath(one).parent) for one in places(PurePosixPath("/d"))["data"].values() if "." in one]
    assert len(set(found)) == 3


def test_who_needs_the_ledger_for_himself_comes_before_the_agent() -> None:
    told = steps(
        "/etc/agent.toml",
        token=PurePosixPath("t.txt"),
        lead="示例甲",
        pin=PurePosixPath("p"),
        service=True,
        tests=["p1", "p2"],
    )
    assert [step.words[:3] for step in told] == [
        ("enrol", "--token-file", "t.txt"),
        ("service", "install", "--config"),
        ("printers", "test", "p1"),
        ("printers", "test", "p2"),
        ("people", "add", "示例甲"),
    ], "from the first person on, people are asked"
    assert [step.needs_agent for step in told] == [False, False, True, True, False]
    assert told[-1].words[3:7] == ("--role", "lead", "--pin-file", "p")
    assert all(step.words[-2:] == ("--config", "/etc/agent.toml") for step in told)
    assert steps("/etc/agent.toml") == []


def test_the_reference_is_the_one_that_is_shipped() -> None:
    assert "printers" not in tomllib.loads(reference_text())
