"""An order sheet's template is linted like any other: file, line, slot, and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edge_agent.errors import TemplateError
from edge_agent.render.templates.flaws import Flaw
from edge_agent.render.templates.template import Template, examine, load_template, parse_template

ROOT = Path(__file__).parents[3]
SHEET = (ROOT / "label_templates" / "order_sheet_a5.toml").read_text("utf-8")
CARD = (ROOT / "label_templates" / "former" / "composition_card_60x40-55be25768ddf540e.toml").read_text("utf-8")
LINES = "[[slot]]\n" + next(part for part in SHEET.split("[[slot]]\n") if 'kind = "order_lines"' in part)
QR = '\n[[slot]]\nname = "qr"\nkind = "qr"\nat_mm = [8, 7]\nsize_mm = [9, 9]\nmin_x_mm = 0.3\n'
CARE = '\n[[slot]]\nname = "care"\nkind = "care"\nat_mm = [8, 7]\nsize_mm = [9, 9]\nchar_mm = 2\nsymbol_mm = 5\n'

SHEET_WRONG: dict[str, tuple[str, str, str]] = {
    "no lines": (LINES, "", "expected exactly one order_lines slot in an order sheet, got 0; add one"),
    "lines twice": (LINES, LINES + LINES.replace('"lines"', '"more"', 1), "exactly one order_lines slot"),
    "lines of another kind": (
        'kind = "order_sheet"',
        'kind = "wash_care"',
        'kind = "order_sheet" only, got order_lines',
    ),
    "a line's fact at the head": ("{order.order_no}", "{product.brand}", "slot number: expected order, totals or page"),
    "a line's number in the totals": (
        "　{totals.lines} 行",
        "　{line.number} 行",
        "slot lines: expected order, totals or",
    ),
    "an unknown root": ("{order.order_no}", "{orders.order_no}", "slot number, rows, 0, text: expected a path that"),
    "a roll": ("size_mm = [210, 148]", "size_mm = [210, 148]\ncontinuous = true", "got continuous = true; remove it"),
    "lines on the last page": (
        'kind = "order_lines"',
        'kind = "order_lines"\npages = "last"',
        "slot lines: expected lines on every page",
    ),
    "pages that are none": (
        '0.15\npages = "last"',
        '0.15\npages = "first"',
        "slot remarks_frame, pages: expected 'every' or 'last'",
    ),
    "columns too wide": ("width_mm = 36", "width_mm = 37", "slot lines: expected columns as wide as the slot (194 mm)"),
    "two compositions": (
        'texts = ["{product.name}"]',
        "composition = true",
        "slot lines: expected one column with composition = true, got 2",
    ),
    "no composition": ("composition = true", 'texts = ["{product.brand}"]', "composition = true, got 0"),
    "an empty column": (
        ', texts = ["{lot.lot_no}"]',
        "",
        "slot lines, columns, 7: expected either texts or composition",
    ),
    "a full column": (
        "composition = true",
        'composition = true, texts = ["x"]',
        "columns, 5: expected either texts or",
    ),
    "a total under the numbers": (
        '["{line.number}"],',
        '["{line.number}"], total = "x",',
        "slot lines: expected no total in the first column",
    ),
    "a last page longer than the others": (
        "last_height_mm = 72",
        "last_height_mm = 104",
        "expected last_height_mm ≤ 103",
    ),
    "a table in the signatures": ("last_height_mm = 72", "last_height_mm = 80", "overlap with slot lines"),
    "remarks on every page": (
        'max_lines = 4\npages = "last"',
        "max_lines = 4",
        "slot remarks: expected room of its own, got an overlap with slot lines",
    ),
    "a brace that is open": (
        '"{product.name}"',
        '"{product.name"',
        "slot lines, columns, 2, texts, 0: expected braces",
    ),
    "characters too small": (
        "char_mm = 2.2\nmin_char_mm = 1.8",
        "char_mm = 2.2\nmin_char_mm = 0.4",
        "slot lines, min_char",
    ),
    "an unknown key of a column": (
        'label = "款号",',
        'label = "款号", widht_mm = 3,',
        "slot lines, columns, 1, widht_mm",
    ),
    "a heading of nothing": ('label = "款号"', 'label = ""', "slot lines, columns, 1, label"),
}


@pytest.mark.parametrize("what", SHEET_WRONG)
def test_what_is_wrong_with_a_sheet_is_named(what: str) -> None:
    old, new, said = SHEET_WRONG[what]
    assert old in SHEET and isinstance(examine(SHEET.encode(), "mine"), Template)
    data = SHEET.replace(old, new, 1).encode()
    with pytest.raises(TemplateError, match=r"^template mine"):
        parse_template(data, "mine")
    flaws = examine(data, "mine")
    assert isinstance(flaws, tuple)
    told = [flaw.told("mine") for flaw in flaws]
    assert any(said in one for one in told), told
    assert all(re.search(r"; (correct|remove|add|move|name)\b", one) for one in told)


@pytest.mark.parametrize(("slot", "kind"), [(QR, "qr"), (CARE, "care")], ids=["a code", "care symbols"])
def test_what_shows_one_garment_has_no_place_around_the_lines(slot: str, kind: str) -> None:
    flaws = examine((SHEET + slot).encode(), "mine")
    assert isinstance(flaws, tuple)
    said = [flaw for flaw in flaws if flaw.slot == kind]
    assert said and f"expected text, fields, box around the lines of an order sheet, got {kind}" in said[0].en
    assert said[0].line == (SHEET + slot).split("\n").index(f'name = "{kind}"')  # the [[slot]] above its name


CARD_WRONG: dict[str, tuple[str, str, str]] = {
    "an order's fact": (
        "款号 {product.style_no}",
        "单号 {order.order_no}",
        "slot style: expected product, lot, filling on",
    ),
    "an order's fact in a row": (
        "{product.safety}",
        "{totals.pieces}",
        "slot facts: expected product, lot, filling on a",
    ),
    "a page": ("颜色 {product.colour}", "{page.number}", "slot colour: expected product, lot, filling on a label"),
    "a required order": (
        '"product.brand",',
        '"order.date",',
        "expected product, lot, filling on a label, got order.date",
    ),
    "a last page": (
        'name = "style"',
        'name = "style"\npages = "last"',
        'slot style: expected it in templates of kind = "',
    ),
    "lines": (
        CARD[CARD.index('[[slot]]\nname = "rule_top"') : CARD.index('[[slot]]\nname = "rule_middle"')],
        LINES.replace("at_mm = [8, 33]", "at_mm = [0, 0]"),
        'slot lines: expected it in templates of kind = "order_sheet" only, got order_lines; remove it',
    ),
}


@pytest.mark.parametrize("what", CARD_WRONG)
def test_what_only_an_order_sheet_has_is_refused_on_a_label(what: str) -> None:
    old, new, said = CARD_WRONG[what]
    assert old in CARD
    flaws = examine(CARD.replace(old, new, 1).encode(), "mine")
    assert isinstance(flaws, tuple)
    assert said in " | ".join(flaw.told("mine").removeprefix("template mine, ") for flaw in flaws), flaws
    assert all(isinstance(flaw, Flaw) and flaw.zh for flaw in flaws)


def test_the_built_in_sheet_is_one() -> None:
    template = load_template("order_sheet_a5")
    assert template.of_order and not template.coded and template.size_mm == (210, 148)
    assert template.lines.name == "lines"
    assert not load_template("composition_card_60x40").of_order
