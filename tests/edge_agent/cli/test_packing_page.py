"""docs/packing.md names commands that there are, with options that they take, and keys of the configuration."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from edge_agent.config import SiteTable
from tests.kits.cli_kit import run

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "packing.md").read_text("utf-8")
COMMANDS = re.findall(r"^\$ (edge-agent .*)$", PAGE, re.MULTILINE)


def test_the_page_shows_every_command_of_cartons() -> None:
    listed = set(re.findall(r"^│ ([a-z][a-z-]*) ", run("carton", "--help").out, re.MULTILINE))
    assert {shlex.split(line)[2] for line in COMMANDS} == listed


@pytest.mark.parametrize("line", COMMANDS, ids=lambda line: line.split()[2])
def test_a_command_takes_what_the_page_gives_it(line: str, tmp_path: Path) -> None:
    """To an agent that does not run: it is the agent that is missed, and no option."""
    (tmp_path / "agent.toml").write_text("[web]\nport = 1\n", "utf-8")
    said = run(*shlex.split(line)[1:], "--config", tmp_path / "agent.toml")
    assert "代理没有运行" in said.refusal


def test_the_keys_of_the_page_are_keys_of_the_site() -> None:
    keys = set(re.findall(r"^(\w+) = ", PAGE.partition("[site]")[2].partition("```")[0], re.MULTILINE))
    assert keys == {"gs1_company_prefix", "sscc_block"} <= set(SiteTable.model_fields)
