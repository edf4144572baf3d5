"""`edge-agent config check` and `--version`: what IT asks before anything is started."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from typer.testing import CliRunner

import central_registry
from central_registry.cli import app as registry_app
from edge_agent import __version__
from tests.kits.cli_kit import a_site, run

ROOT = Path(__file__).resolve().parents[3]
PRINTER = '[[printers]]\nid = "p1"\nname = "线"\nurl = "tcp://127.0.0.1:1"\nprofile = "{profile}"\n'


def test_a_good_file_is_told_so(tmp_path: Path) -> None:
    said = run("config", "check", a_site(tmp_path))
    assert said.code == 0 and said.out.startswith("✓ ")


def test_every_flaw_is_told_at_once_and_the_exit_code_is_1(tmp_path: Path) -> None:
    path = a_site(tmp_path)
    path.write_text(path.read_text("utf-8") + "[web]\nport = 70000\nhots = 1\n[prining]\n", "utf-8")
    said = run("config", "check", path)
    assert said.out.count("✗ table") == 3
    assert "有 3 处不对" in said.refusal and "got 3 flaws" in said.refusal


def test_a_file_whose_keys_are_right_may_still_stop_a_start(tmp_path: Path) -> None:
    """A model nobody knows, a rules file that is not there, a registry in clear: all of them, each with its key."""
    path = a_site(tmp_path)
    text = path.read_text("utf-8").replace("[registry]\n", '[registry]\nurl = "http://registry.example.cn"\n')
    path.write_text(
        text + '[rules]\noverride_path = "none.toml"\n' + PRINTER.format(profile="zpl-999"), encoding="utf-8"
    )
    said = run("config", "check", path, "--json")
    found = json.loads(said.out)
    assert said.code == 1 and not found["ok"] and found["file"] == str(path)
    assert [one.partition(": ")[0] for one in found["flaws"]] == [
        "[rules] override_path",
        "[registry] url",
        "[[printers]] p1",
    ]


def test_a_file_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    assert "or have it written: edge-agent setup" in run("config", "check", tmp_path / "none.toml").refusal


def test_both_programs_tell_the_version_of_their_wheel() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert (__version__, central_registry.__version__) == (wheel, wheel)
    assert run("--version").out == f"edge-agent {wheel}\n"
    assert CliRunner().invoke(registry_app, ["--version"]).output == f"central-registry {wheel}\n"
