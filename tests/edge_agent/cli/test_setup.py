"""The guided first start, as somebody types it: questions answered, steps shown, nothing asked of a script."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edge_agent.cli import app, serve, setup
from edge_agent.config import load_config
from edge_agent.errors import RefusedError
from edge_agent.printers import discovery
from edge_agent.printers.discovery import Found

FOUND = [
    Found("serial", "serial:///dev/ttyUSB0", "USB-Serial"),
    Found("network", "tcp://192.168.1.50:9100", "192.168.1.50:9100", "zpl", "ZD421", "zpl-203"),
]


@dataclass
class Ended:
    returncode: int


class Commands:
    """What would have been run; those with a word of `failing` fail."""

    def __init__(self) -> None:
        self.typed: list[str] = []
        self.failing = "(none of them)"

    def run(self, command: Sequence[str], **_: Any) -> Ended:
        self.typed.append(" ".join(command[3:]))
        return Ended(int(self.failing in self.typed[-1]))


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    made = Commands()
    monkeypatch.setattr(subprocess, "run", made.run)
    monkeypatch.setattr(setup, "_can_serve", lambda: False)
    monkeypatch.setattr(discovery, "here", lambda: FOUND)
    return made


def typed(*words: object, lines: Sequence[str] = ()) -> tuple[int, str, BaseException | None]:
    ended = CliRunner().invoke(app, ["setup", *map(str, words)], input="\n".join([*lines, ""]))
    return ended.exit_code, ended.output, ended.exception


def test_a_first_start_by_answers(tmp_path: Path, commands: Commands) -> None:
    path = tmp_path / "agent.toml"
    lines = [
        "示例一厂",
        str(tmp_path / "data"),
        "",
        "",
        "1,3",
        "1，2,1",
        "epl2-unknown",
        "一号机",
        "",
        "",
        "n",
        "示例甲",
    ]
    code, said, _ = typed("--config", path, lines=lines)
    assert code == 0, said
    assert "没有编号 3" in said, "and nothing of what was written is dropped without a word"
    config = load_config(path)
    assert config.site.name == "示例一厂" and config.registry.url is None
    assert [(one.name, one.profile) for one in config.printers] == [("一号机", "epl2-unknown"), ("ZD421", "zpl-203")]
    assert "2. tcp://192.168.1.50:9100" in said
    assert "not enrolled" in said
    assert f"edge-agent run --config {path}; http://127.0.0.1:8631/" in said, "nothing runs yet"
    assert commands.typed == [f"people add 示例甲 --role lead --config {path}"]


def test_a_script_is_asked_nothing(tmp_path: Path, commands: Commands) -> None:
    path, token = tmp_path / "agent.toml", tmp_path / "token.txt"
    words = ("--yes", "--site", "示例二厂", "--registry", "https://r.example.cn", "--token-file", token)
    code, said, _ = typed("--config", path, "--data", tmp_path / "d", "--printer", "zpl-203@tcp://h:9100", *words)
    assert code == 0, said
    assert commands.typed == [f"enrol --token-file {token} --config {path}"]
    assert "not enrolled" not in said
    assert load_config(path).registry.url == "https://r.example.cn"


def test_a_lead_without_a_pin_is_told_before_anything_is_written(tmp_path: Path, commands: Commands) -> None:
    path = tmp_path / "agent.toml"
    code, _, cause = typed("--yes", "--config", path, "--data", tmp_path, "--lead", "示例甲")
    assert code == 1 and "give --pin-file F" in str(cause)
    assert not path.exists() and commands.typed == []


def test_what_fails_is_named_to_be_done_again(tmp_path: Path, commands: Commands) -> None:
    commands.failing = "enrol"
    code, _, cause = typed("--yes", "--config", tmp_path / "a.toml", "--data", tmp_path, "--token-file", "t")
    assert code == 1 and isinstance(cause, RefusedError)
    assert f"run them again: edge-agent enrol --token-file t --config {tmp_path / 'a.toml'}" in str(cause)
    assert (tmp_path / "a.toml").exists()


def test_one_that_is_there_is_asked_about(tmp_path: Path, commands: Commands) -> None:
    path = tmp_path / "agent.toml"
    path.write_text("[web]\nport = 9\n", encoding="utf-8")
    code, _, _ = typed("--config", path, lines=["n", ""])
    assert code == 1 and path.read_text("utf-8") == "[web]\nport = 9\n"


def test_a_packaged_one_is_changed_by_the_same_questions(tmp_path: Path, commands: Commands) -> None:
    """What is there is the answer that Enter gives; its folders are not asked about."""
    path = tmp_path / "agent.toml"
    path.write_text(f'[site]\nname = "旧名"\n[data]\nledger_path = "{tmp_path}/l/ledger.db"\n', encoding="utf-8")
    code, said, _ = typed("--config", path, lines=["y", "", "https://r.example.cn", "", "2", "三号机", "", "", "n", ""])
    assert code == 0, said
    config = load_config(path)
    assert (config.site.name, config.registry.url) == ("旧名", "https://r.example.cn")
    assert [one.name for one in config.printers] == ["三号机"]
    assert config.data.ledger_path == tmp_path / "l" / "ledger.db"


def test_the_service_is_prepared_before_anything_writes_its_data(
    tmp_path: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(setup.systemd, "prepare", lambda *_: done.append(f"{len(commands.typed)} commands before"))
    words = ("--config", tmp_path / "a.toml", "--data", tmp_path / "d", "--token-file", "t", "--service")
    assert typed("--yes", *words)[0] == 0
    assert done == ["0 commands before"]
    assert [line.split(" --")[0] for line in commands.typed] == ["enrol", "service install"]


def test_a_firm_without_a_registry_is_offered_one_here(
    tmp_path: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked where a service can be; enrolled with it before the agent starts, its dump in the agent's backups."""
    monkeypatch.setattr(setup, "_can_serve", lambda: True)
    monkeypatch.setattr(setup.systemd, "prepare", lambda *_: None)
    path, data = tmp_path / "agent.toml", tmp_path / "data"
    code, said, _ = typed("--config", path, lines=["示例一厂", str(data), "", "y", "", "", "", "y", ""])
    assert code == 0, said
    assert commands.typed == [
        "registry-here install",
        f"registry-here enrol --config {path}",
        f"service install --config {path}",
    ]
    config = load_config(path)
    assert config.registry.url == "http://127.0.0.1:8700"
    assert config.registry_here.dump_path == Path("/var/lib/central-registry/dump/registry.dump")
    assert "central-registry lots import" in said and "not enrolled" not in said


def test_a_page_for_other_computers_is_locked_and_its_authority_made_once(tmp_path: Path, commands: Commands) -> None:
    path, data = tmp_path / "agent.toml", tmp_path / "data"
    words = ("--yes", "--config", path, "--other-computers")
    code, said, _ = typed(*words, "--data", data)
    assert code == 0 and "https://127.0.0.1:8631/" in said, said
    config = load_config(path)
    assert (config.web.host, config.web.tls) == ("0.0.0.0", "site")
    assert commands.typed == [f"tls init --config {path}"]
    (config.tls_folder).mkdir(parents=True)
    (config.tls_folder / "authority.pem").write_text("that devices trust")
    assert typed(*words, "--change")[0] == 0
    assert commands.typed == [f"tls init --config {path}"], "devices would have to be visited"


def test_one_here_that_cannot_be_is_told_before_anything_is_written(
    tmp_path: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_agent.ops.registry_here.install.find_spec", lambda _: None)
    path = tmp_path / "agent.toml"
    code, _, cause = typed("--yes", "--config", path, "--data", tmp_path, "--registry-here")
    assert code == 1 and "expected its PostgreSQL" in str(cause)
    assert not path.exists() and commands.typed == []


def test_running_without_a_configuration_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def runs(_: object) -> None: ...

    monkeypatch.setattr(serve, "_run", runs)
    monkeypatch.setattr(serve, "configure_logs", lambda **_: None)
    monkeypatch.setattr("edge_agent.config.places.machine_path", lambda: tmp_path / "none.toml")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    serve.run()
    said = capsys.readouterr().err
    assert "edge-agent setup" in said and str(tmp_path / "edge-agent" / "agent.toml") in said
    (tmp_path / "none.toml").write_text("", encoding="utf-8")
    serve.run()
    assert capsys.readouterr().err == ""
