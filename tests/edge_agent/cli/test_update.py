"""`edge-agent update …` as IT types it."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

import pytest

from edge_agent import __version__
from edge_agent.config import load_config
from edge_agent.ledger.peek import peek
from edge_agent.ops.update import apply, roots
from edge_agent.ops.update import standing as standings
from edge_agent.ops.update.standing import Standing
from edge_agent.wiring import open_ledger
from label_protocol.kinds import AlarmKind
from tests.kits import cli_kit
from tests.kits.ledger_kit import enrolled
from tests.kits.update_kit import Maker, a_wheel


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return cli_kit.a_site(tmp_path)


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Maker:
    made = Maker(tmp_path / "updates")
    made.release(a_wheel(tmp_path / "built", "0.2.0"))
    monkeypatch.setattr(roots, "shipped", lambda: made.root)
    return made


def test_a_build_of_this_repository_updates_from_nobody(config: Path, tmp_path: Path) -> None:
    maker = Maker(tmp_path / "updates")
    for command in ("check", "get"):
        said = cli_kit.run("update", command, "--from", maker.folder, "--config", config)
        assert "这是测试版" in said.refusal


def test_nobody_said_where_to_look(config: Path) -> None:
    assert "--from" in cli_kit.run("update", "check", "--config", config).refusal


def test_check_and_get(config: Path, maker: Maker, tmp_path: Path) -> None:
    where = ("--from", maker.folder, "--config", config)
    said = cli_kit.run("update", "check", "--json", *where)
    assert (said.code, json.loads(said.out)["newer"]) == (0, True)
    said = cli_kit.run("update", "get", *where)
    assert said.code == 0 and "0.2.0" in said.out, said
    (wheel,) = (tmp_path / "ledger" / "updates" / "mirror" / "targets").glob("*.whl")
    assert wheel.read_bytes() == (tmp_path / "built" / "edge_agent-0.2.0-py3-none-any.whl").read_bytes()


def test_what_is_older_is_not_fetched(
    config: Path, maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_agent.cli.update.__version__", "0.2.0")
    said = cli_kit.run("update", "get", "--from", maker.folder, "--config", config)
    assert said.code == 0 and "nothing newer" in said.out
    assert not (tmp_path / "ledger" / "updates" / "mirror").exists()


def test_who_starts_it_himself_is_told_the_whole_line(
    config: Path, maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the configuration the new version would start on another ledger."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "installed"))  # its versions and lists lie beside that
    monkeypatch.setattr(apply, "apply", lambda *_: None)
    said = cli_kit.run("update", "apply", "--from", maker.folder, "--config", config)
    assert said.code == 0 and f"-m edge_agent run --config {config}" in said.err, said


def test_standing_tells_whether_the_version_before_may_come_back(config: Path, tmp_path: Path) -> None:
    asked = ("update", "standing", "--json", "--config", config)
    assert "none on record" in cli_kit.run(*asked).refusal
    settings = load_config(config)
    enrolled(open_ledger(settings, create=True)).close()
    left = peek(settings.data.ledger_path)
    standings.keep(tmp_path / "ledger" / "updates", standings.started(Standing("0.0.9", True), __version__, left))
    assert json.loads(cli_kit.run(*asked).out) == {"may_return": "0.0.9"}
    with contextlib.closing(open_ledger(settings)) as ledger:
        ledger.raise_alarm(AlarmKind.COUNTER_AHEAD, None, {})
    said = cli_kit.run(*asked).refusal
    assert "已经记过账" in said and "1 events" in said
