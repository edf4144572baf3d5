"""`docs/printers.md` says what `config/printers.toml` says. After a change of the rows run with `UPDATE_DOCS=1`."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

from edge_agent.config import config_from
from edge_agent.model.printer import ProofLevel
from edge_agent.printers.profiles import Profile, shipped_profiles

PAGE = Path(__file__).resolve().parents[3] / "docs" / "printers.md"
TABLE = re.compile(r"(<!-- profiles: [^\n]*-->\n)(.*?)(<!-- /profiles -->)", re.DOTALL)
PROOF = {
    ProofLevel.SENT: "已送出 `sent`",
    ProofLevel.IDLE: "就绪 `idle`",
    ProofLevel.RESPONSE: "逐张回报 `response`",
    ProofLevel.COUNTER: "计数 `counter`",
}
REAL = [row for name, row in shipped_profiles().items() if not name.startswith("virtual-")]


def page() -> str:
    """The page as it is."""
    return PAGE.read_text(encoding="utf-8")


def table() -> str:
    """All rows of real printers."""
    heads = [
        "`profile`",
        "语言 language",
        "dpi",
        "打印头 head",
        "证明 proof",
        "方式 mode",
        "速度 in/s",
        "不问 never asked",
    ]
    return "\n".join([_cells(heads), "|" + "---|" * len(heads), *map(_line, REAL)]) + "\n"


def _cells(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def _line(row: Profile) -> str:
    dots_per_mm = round(row.dpi / 25.4)
    head = "" if row.width_dots is None else f"{row.width_dots} dots, {row.width_dots / dots_per_mm:.0f} mm"
    speeds = ", ".join(f"{speed:g}" for speed in row.speeds_ips)
    unasked = ", ".join(f"`{name}`" for name in sorted(row.unanswered))
    return _cells(
        [f"`{row.name}`", row.language, str(row.dpi), head, PROOF[row.proof], row.mode.value, speeds, unasked]
    )


def test_the_table_in_the_page_is_the_one_in_the_file() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(TABLE.sub(lambda found: found[1] + table() + found[3], page()), encoding="utf-8")
    found = TABLE.search(page())
    assert found is not None
    assert found[2] == table(), "the rows changed: run this test with UPDATE_DOCS=1 and look at the page"


@pytest.mark.parametrize("row", REAL, ids=lambda row: row.name)
def test_every_profile_is_named_where_a_reader_chooses_one(row: Profile) -> None:
    guide = page().partition("## 2.")[2].partition("### 各能证明什么")[0]
    assert re.search(rf"`{re.escape(row.name)}`", guide)


def test_the_page_names_no_profile_that_does_not_exist() -> None:
    guide = page().partition("## 2.")[2].partition("### 各能证明什么")[0]
    named = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`|`(lp2844|tlp2844)`", guide))
    assert {one or other for one, other in named} <= set(shipped_profiles())


def test_every_proof_level_is_told_in_plain_words() -> None:
    for level in ProofLevel:
        assert re.search(rf"^\| \S+ `{level.word}` \|", page(), re.MULTILINE), level


def test_the_section_to_copy_is_a_configuration(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", page(), re.DOTALL)
    printers, groups = blocks
    second = printers.replace("line-1", "line-2").replace("1.50", "1.51")
    config = config_from(tomllib.loads(printers + second + groups), tmp_path / "agent.toml")
    assert [row.profile for row in config.printers] == ["zebra-zt-203"] * 2
