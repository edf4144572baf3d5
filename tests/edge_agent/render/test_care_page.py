"""`docs/care-symbols.md` shows every symbol as it is drawn. After a change run with `UPDATE_DOCS=1`, and look."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from edge_agent.render.painters.care import WORDS
from edge_agent.render.painters.care_symbols import BEYOND_THE_STANDARD, SYMBOLS, symbol
from edge_agent.render.preview import write_preview
from edge_agent.render.raster import dots, to_image

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE, PICTURES = DOCS / "care-symbols.md", DOCS / "images" / "care"
UPDATE = bool(os.environ.get("UPDATE_DOCS"))
DPI, HEIGHT_MM = 300, 5.0
MARK, END = (
    "<!-- care symbols: from edge_agent/render/painters/care_symbols.py and care.py -->\n",
    "<!-- /care symbols -->\n",
)
COUNTED = {"wash": 14, "bleach": 3, "dry": 8, "tumble": 3, "iron": 4, "professional": 8}
"""How many symbols of each group GB/T 8685-2008 lists (C2, S53)."""


def group(code: str) -> str:
    family = code.partition("_")[0]
    return "professional" if family in ("dryclean", "wetclean") else family


def page(old: str) -> str:
    before, rest = old.split(MARK)
    rows = ["| 符号 | 代码 code | 意思 meaning | 标记 |", "|---|---|---|---|"]
    for code in SYMBOLS:
        mark = "U" if code in BEYOND_THE_STANDARD or code.endswith("_shade") else "C2"
        rows.append(f"| ![{code}](images/care/{code}.png) | `{code}` | {' '.join(WORDS[code])} | {mark} |")
    return before + MARK + "\n".join(rows) + "\n" + END + rest.split(END)[1]


def test_the_page_is_what_the_tables_say() -> None:
    old = PAGE.read_text("utf-8")
    if UPDATE:
        PAGE.write_text(page(old), encoding="utf-8")
    assert PAGE.read_text("utf-8") == page(old), "run this test with UPDATE_DOCS=1 and look at the page"


@pytest.mark.parametrize("code", SYMBOLS)
def test_the_picture_is_the_symbol_as_it_is_drawn(code: str) -> None:
    drawn = symbol(code, dots(HEIGHT_MM, DPI)).bitmap
    path = PICTURES / f"{code}.png"
    if UPDATE:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_preview(drawn, DPI, path)
    with Image.open(path) as image:
        shown = image.convert("1")
    assert shown.size == (drawn.width_dots, drawn.height_dots)
    assert ImageChops.invert(shown).tobytes() == to_image(drawn).tobytes(), "run with UPDATE_DOCS=1 and look at it"


def test_no_picture_is_left_over() -> None:
    assert {path.stem for path in PICTURES.iterdir()} == set(SYMBOLS)


def test_without_what_is_beyond_it_each_group_is_as_large_as_the_standard_counts() -> None:
    assert Counter(group(code) for code in SYMBOLS if code not in BEYOND_THE_STANDARD) == COUNTED
