"""`docs/templates.md`, followed to the letter: every command run, every change made, every answer and picture compared.

After a wanted change run with `UPDATE_DOCS=1`, which writes the pictures anew, and look at them.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image
from pydantic import BaseModel

from edge_agent.render.templates.slots import PER_LABEL, Slot
from edge_agent.render.templates.stacked import Item, Way
from edge_agent.render.templates.template import _Body, _Stacked
from tests.kits.cli_kit import run

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = DOCS / "templates.md"
PICTURES = DOCS / "images" / "templates"
_FENCE = re.compile(r"^```(console|diff|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STAYS = "Ctrl-C ends"
_TAPE = {"printed.png": "play/tape"}
"""Pictures that a step leaves as the last of a folder."""


class Newcomer:
    """Somebody in an empty folder, with the page in one hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.first_window: subprocess.Popen[str] | None = None

    def command(self, line: str, expected: list[str]) -> None:
        program, *words = shlex.split(line)
        assert program == "edge-agent", line
        if words[0] == "demo":
            self._first_window(words)
            return
        with contextlib.chdir(self.folder):
            said = run(*words)
        heard = said.out + said.err
        for one in expected:
            assert one in heard, f"{line}\nexpected {one}\ngot {heard}"
        assert said.code == int(any(": expected " in one or " · expected " in one for one in expected)), heard

    def change(self, block: str) -> None:
        head, *lines = block.splitlines()
        path = self.folder / head.removeprefix("--- ")
        old = "".join(line[1:] + "\n" for line in lines if line[0] != "+")
        new = "".join(line[1:] + "\n" for line in lines if line[0] != "-")
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def write(self, block: str) -> None:
        """A file, named by its first line."""
        name = block.removeprefix("# ").partition("，")[0]
        self.folder.joinpath(name).write_text(block, encoding="utf-8")

    def leave(self) -> None:
        if self.first_window:
            self.first_window.terminate()
            self.first_window.wait(30)
            assert self.first_window.stdout
            self.first_window.stdout.close()

    def _first_window(self, words: list[str]) -> None:
        self.first_window = subprocess.Popen(
            [sys.executable, "-m", "edge_agent", *words],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        watch = threading.Timer(90, self.first_window.kill)
        watch.start()
        assert self.first_window.stdout
        heard = []
        for line in self.first_window.stdout:
            heard.append(line)
            if _STAYS in line:
                break
        watch.cancel()
        assert any("全部一致" in line for line in heard), heard


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    found = Newcomer(tmp_path)
    try:
        yield found
    finally:
        found.leave()


def steps() -> list[tuple[str, str]]:
    return _FENCE.findall(PAGE.read_text("utf-8"))


def commands(block: str) -> list[tuple[str, list[str]]]:
    """Each `$ command` with the lines said to follow."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def test_the_page_followed_to_the_letter(newcomer: Newcomer) -> None:
    for kind, block in steps():
        if kind != "console":
            {"diff": newcomer.change, "toml": newcomer.write}[kind](block)
            continue
        for line, expected in commands(block):
            newcomer.command(line, expected)
    shown = set(re.findall(r"\]\(images/templates/([a-z_]+\.png)\)", PAGE.read_text("utf-8")))
    assert shown == {path.name for path in PICTURES.glob("*.png")} | set(_TAPE) | {"before.png", "after.png"}
    for name in shown:
        made = max((newcomer.folder / _TAPE[name]).glob("*.png")) if name in _TAPE else newcomer.folder / name
        compare(made, PICTURES / name)


def compare(made: Path, shown: Path) -> None:
    """Serials are drawn at random, so the printed label is compared without its code."""
    if os.environ.get("UPDATE_DOCS"):
        shutil.copyfile(made, shown)
    with Image.open(made) as one, Image.open(shown) as other:
        assert one.size == other.size
        left = (0, 0, one.width * 38 // 60, one.height)
        assert one.convert("1").crop(left).tobytes() == other.convert("1").crop(left).tobytes(), shown.name


def test_every_slot_kind_and_key_is_described() -> None:
    text = PAGE.read_text("utf-8")
    for model in [*get_args(get_args(Slot)[0]), *get_args(get_args(Item)[0])]:
        kind = model.model_fields["kind"].annotation.__args__[0]
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{kind}` |")]
        missing = [key for key in model.model_fields if key not in _COMMON and f"`{key}`" not in row]
        assert not missing, (kind, missing)
        assert ("每张不同" in row) == (kind in PER_LABEL)
    for key in [*_COMMON, *_Body.model_fields, *_Stacked.model_fields]:
        assert f"`{key}`" in text, key


def test_every_key_of_a_way_has_its_row() -> None:
    _, table = PAGE.read_text("utf-8").split("A way, and each stack in it:\n")
    rows = re.findall(r"^\| `([a-z_]+)` \|", table.partition("\n\n| kind |")[0], re.MULTILINE)
    assert sorted(rows) == sorted(Way.model_fields)


def test_what_stands_in_the_column_of_format_1_is_of_format_1() -> None:
    """And what is of format 2 alone does not: a key on the wrong side would be refused by lint."""
    rows = dict(re.findall(r"^\| `([a-z_]+)` \|[^|]*\|[^|]*\|([^|]*)\|$", PAGE.read_text("utf-8"), re.MULTILINE))
    placed, stacked = (_keys(models) for models in (get_args(get_args(Slot)[0]), get_args(get_args(Item)[0])))
    nowhere_else = {kind: set[str]() for kind in stacked.keys() - placed.keys()}
    assert {kind: set(re.findall(r"`([a-z_]+)`", last)) for kind, last in rows.items()} == nowhere_else | {
        kind: keys - stacked.get(kind, set()) - _COMMON for kind, keys in placed.items()
    }


def _keys(models: Sequence[type[BaseModel]]) -> dict[str, set[str]]:
    return {get_args(model.model_fields["kind"].annotation)[0]: set(model.model_fields) for model in models}


_COMMON = {"name", "pages", "kind", "at_mm", "size_mm", "char_mm", "min_char_mm", "weight", "share"}
