"""`docs/printer-modes.md` says what the languages' tables say. After a change of a row: run with `UPDATE_DOCS=1`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.model.media import Media, Setup
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import PLAIN_MODEL, Mode, Stays

PAGE = Path(__file__).resolve().parents[3] / "docs" / "printer-modes.md"
TABLE = re.compile(r"(<!-- modes (\w+): [^\n]*-->\n)(.*?)(<!-- /modes -->)", re.DOTALL)
STAYS = {
    Stays.POWER: "关机就没了 until it is switched off",
    Stays.SAVED: "`^JUS` 存了就留着 kept once saved by `^JUS`",
    Stays.STORED: "关机也留着 kept over power-up",
}
MEDIA, SETUP = Media(203, 480, 320), Setup(ribbon=False, darkness=10)
"""What the page shows as an example: 60×40 mm, direct thermal, darkness 10."""


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def table(name: str) -> str:
    heads = ("命令 command", "管什么 what it changes", "多久 how long", "每批说 each window says", "出处 source")
    return "\n".join([_cells(*heads), "|" + "---|" * len(heads), *_lines(name)]) + "\n"


def _lines(name: str) -> Iterator[str]:
    for mode in LANGUAGES[name].modes:
        yield _cells(f"`{mode.command}`", f"{mode.zh} · {mode.en}", STAYS[mode.stays], _says(mode), mode.source)


def _says(mode: Mode) -> str:
    """What it says in the example; a dash: nothing can be said, or only what the site wrote."""
    said = b"" if mode.says is None else mode.says(MEDIA, SETUP, PLAIN_MODEL)
    return "–" if not said else "<br>".join(f"`{line}`" for line in said.decode("ascii").split("\r\n"))


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def test_the_tables_in_the_page_are_those_in_the_code() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(TABLE.sub(lambda found: found[1] + table(found[2]) + found[4], page()), encoding="utf-8")
    found = {name: text for _, name, text, _ in TABLE.findall(page())}
    assert set(found) == set(LANGUAGES)
    for name, text in found.items():
        assert text == table(name), "a row changed: run this test with UPDATE_DOCS=1 and look at the page"


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_preamble_says_nothing_that_is_not_in_its_table(name: str) -> None:
    """Byte for byte, but for what frames a line or a format."""
    said = LANGUAGES[name].preamble(MEDIA, SETUP)
    for mode in LANGUAGES[name].modes:
        one = b"" if mode.says is None else mode.says(MEDIA, SETUP, PLAIN_MODEL)
        assert one in said
        said = said.replace(one, b"", 1) if one else said
    assert not re.sub(rb"\^XA|\^XZ|\s", b"", said)
