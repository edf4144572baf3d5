"""Any record that passes `check` renders on every template that claims its kind, with nothing lost: read back.

Bounds are rows: `ROOM` says how long the texts are that a template promises to take, and why where that is less than
what factories write (`records_kit.Room`). Beyond it a label is drawn whole or refused by the name of a slot.
`EDGE_AGENT_EXAMPLES=500` tries more records than a commit can wait for, and makes the one that fails small.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps

from edge_agent.errors import RenderError
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare, render_prepared
from edge_agent.render.page import Painted
from edge_agent.render.plan import LabelPlan, Layout
from edge_agent.render.raster import to_bitmap, to_image
from edge_agent.render.templates.template import built_in_templates, load_template
from edge_agent.render.type.text import Box
from garment.record import record_from
from label_protocol.codes.serial import check_character
from tests.kits.mark_kit import certified, mark_png, sha256_of
from tests.kits.reading_kit import assert_read_back
from tests.kits.records_kit import Room, records

pytestmark = pytest.mark.costly
TODAY = "2026-11-20"
LINK = LinkStyle("id.example.cn")
SERIAL = "7K3M9QX2W4T8VBN5" + check_character("7K3M9QX2W4T8VBN5")
MARK = mark_png()
SAMPLE = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples" / "knit_cashmere.json"
EXAMPLES = int(os.environ.get("EDGE_AGENT_EXAMPLES", "0"))
ELSEWHERE = {
    "order_sheet": "drawn from an order, page by page: tests/edge_agent/labels/test_order_sheet.py",
    "carton_sscc": "drawn from a carton: test_carton_label.py",
}
TEMPLATES = [name for name in built_in_templates() if load_template(name).kind not in ELSEWHERE]
PER_LABEL = {"qr", "serial", "check_code"}

BOTH_SCHEMES = ("pinghu-down", "ctes-1080")

ROOM: Mapping[str, Room | tuple[Room, ...]] = {
    # 35 mm beside the code hold fifteen lines: two of brand, two of name, four of composition, six of the facts
    "child_tag_60x40": Room(brand=16, name=30, style=10, maker=12, address=40, parts=2, part=3, fibres=2, fibre=3),
    # fourteen lines of 1.8 mm characters, of which the code takes a third of nine: long texts and long tables at once
    # would be sixteen, so they are alternatives; a longer style takes its colour to the next line
    "composition_card_60x40": (
        Room(brand=16, name=30, style=10, colour=5, maker=20, address=40, parts=3, fibres=2, in_all=5, fibre=4),
        Room(brand=16, name=16, style=10, colour=5, maker=12, address=22, parts=3, fibres=4, in_all=8, fibre=4),
    ),
    # all at once
    "down_grade_60x40": Room(brand=16, name=30, style=14, schemes=BOTH_SCHEMES),
    # one line of 34 mm for the brand; two lines for the maker, six for the name
    "down_grade_40x90": Room(brand=16, name=40, maker=30, schemes=BOTH_SCHEMES),
    # nine lines of composition, beside two large lines of the down and three of figures
    "down_hangtag_50x90": Room(brand=16, name=30, parts=3, fibres=2, schemes=BOTH_SCHEMES),
    # 84 mm hold ten lines of fibres below all else; where all are long the code has its least module
    "composition_card_50x90": Room(brand=16, name=40, address=80, parts=5, fibres=11, in_all=16),
    # the hole takes 9 mm of them, and the words of GB 31701 four
    "child_tag_50x90": Room(brand=16, name=40, address=80, parts=5, fibres=11, in_all=11, fibre=6),
}
"""Templates that promise something else than `Room()`, and why; of several rows a record within any one is taken."""


def rooms_of(template: str) -> tuple[Room, ...]:
    found = ROOM.get(template, Room())
    return found if isinstance(found, tuple) else (found,)


MARKED: Mapping[str, Room] = {
    # the mark is as high as four lines, beside brand and name: long ones of both take three lines more then
    "child_tag_60x40": replace(rooms_of("child_tag_60x40")[0], address=28),
    "child_tag_50x90": replace(rooms_of("child_tag_50x90")[0], address=60),
}
"""What a template takes beside a carbon footprint mark, where that is less."""

LACKING = re.compile(
    r"got (?!0\.0 mm)[0-9.]+ mm too little (height|width)|[0-9]+ lines in [0-9.]+ mm of width|fits beside the texts"
)

WIDE = Room(brand=24, name=40, style=30, colour=20, maker=40, address=200, parts=6, fibres=11, in_all=30, sizes=3)
"""Beyond any label: 40-character names, six parts, eleven fibres, addresses of ten lines."""

COTTON = [{"name": "棉", "percent": "100"}]

CASES = [(name, dpi) for name in TEMPLATES for dpi in (203, 300)]
every_case = pytest.mark.parametrize(("template", "dpi"), CASES)


def tried(count: int) -> settings:
    return settings(
        max_examples=EXAMPLES or count,
        derandomize=not EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=tuple(Phase) if EXAMPLES else (Phase.generate,),  # to make an example small takes minutes
    )


def garments(template: str, room: Room, marked: Room | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """Records for a template, without a lot where the code has no room for one; those with a carbon mark in the room
    `marked`, if that is another."""
    kind = load_template(template).kind

    def dressed(record: dict[str, Any], mark: bool) -> dict[str, Any]:
        if mark:
            record["product"]["carbon_mark"] = certified(MARK)
        if kind == "code_sticker":  # a link with a lot is finer than its 0.5 mm
            del record["lot"]
            for part in record["product"]["composition"]:
                part["fibres"] = [one for one in part["fibres"] if one["name"] != "山羊绒"] or COTTON
                part["fibres"][0]["percent"] = 100 - sum(Decimal(one["percent"]) for one in part["fibres"][1:])
        return record

    bare = st.builds(dressed, records(kind, room), st.just(False))
    return bare | st.builds(dressed, records(kind, marked or room), st.just(True))


def promised(template: str, row: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    return garments(template, rooms_of(template)[row], MARKED.get(template))


def drawn_of(record: dict[str, Any], template: str, dpi: int) -> Layout:
    artwork = {sha256_of(MARK): MARK}.get
    prepared = prepare(record_from(record), template, LabelTerms(TODAY, LINK, (), artwork))
    assert not prepared.blocked, [one.zh for one in prepared.blocked]
    return render_prepared(prepared, dpi)


# --- the properties ---------------------------------------------------------------------------------------------------


PROMISED = [(name, row, dpi) for name, dpi in CASES for row in range(len(rooms_of(name)))]


@pytest.mark.parametrize(("template", "row", "dpi"), PROMISED)
def test_any_record_renders_whole(template: str, row: int, dpi: int) -> None:
    @tried(10)
    @given(promised(template, row))
    def holds(record: dict[str, Any]) -> None:
        layout = drawn_of(record, template, dpi)
        assert_read_back(layout, load_template(template), record_from(record).facts(), dpi)

    holds()


@every_case
def test_what_is_too_much_is_refused_by_the_name_of_a_slot_or_still_whole(template: str, dpi: int) -> None:
    names, stacked = {slot.name for slot in load_template(template).slot}, bool(load_template(template).way)

    @tried(7)
    @given(garments(template, WIDE))
    def holds(record: dict[str, Any]) -> None:
        try:
            layout = drawn_of(record, template, dpi)
        except RenderError as refusal:
            found = re.search(r"(?:^| · )slot (\w+): expected ", str(refusal))
            assert found is not None and found[1] in names, refusal
            assert not stacked or LACKING.search(str(refusal)), f"{refusal} does not say what is missing"
        else:
            assert_read_back(layout, load_template(template), record_from(record).facts(), dpi)

    holds()


@pytest.mark.parametrize(("template", "dpi"), [case for case in CASES if load_template(case[0]).coded])
def test_two_decoders_of_somebody_else_read_the_link(
    template: str, dpi: int, read_by_two: Callable[[Image.Image], str]
) -> None:
    @tried(2)
    @given(promised(template))
    def holds(record: dict[str, Any]) -> None:
        plan = drawn_of(record, template, dpi)
        assert isinstance(plan, LabelPlan)
        picture = ImageOps.expand(ImageChops.invert(to_image(plan.alone(SERIAL))).convert("L"), 20, 255)
        product, lot = record["product"], record.get("lot")
        lot_step = f"/10/{lot['lot_no']}" if lot else ""
        assert read_by_two(picture) == f"https://ID.EXAMPLE.CN/01/{product['gtin']}{lot_step}/21/{SERIAL}"

    holds()


def elsewhere(piece: Painted) -> Painted:
    return replace(piece, box=Box(0, 0, 4, 4))


DAMAGE: dict[str, tuple[Callable[[Layout], None], str]] = {
    "a piece outside its slot": (lambda one: altered(one, 0, elsewhere), "leaves its slot"),
    "two pieces in one place": (lambda one: twice(one), "lies on"),
    "a word less": (lambda one: altered(one, 0, lambda piece: replace(piece, text=piece.text[:-1])), "another thing"),
    "a line less": (lambda one: setattr(one, "painted", one.painted[1:]), "another thing"),
    "smaller than legal": (lambda one: altered(one, 0, lambda piece: replace(piece, height_dots=9)), "below"),
    "a value at its caption": (lambda one: closer(one), "touches"),
    "stray ink": (lambda one: setattr(one, "bare", to_bitmap(inked(to_image(one.bare)))), "ink outside every slot"),
}


def altered(layout: Layout, number: int, change: Callable[[Painted], Painted]) -> None:
    pieces = list(layout.painted)
    pieces[number] = change(pieces[number])
    layout.painted = tuple(pieces)


def closer(layout: Layout) -> None:
    """The first value of a table moves to the end of its caption."""
    caption, value = (one for one in layout.painted if one.text in ("执行标准", "FZ/T 73009-2021"))
    left = caption.box.right_dots + 1
    box = replace(value.box, left_dots=left, right_dots=left + value.box.width_dots)
    layout.painted = tuple(replace(one, box=box) if one is value else one for one in layout.painted)


def twice(layout: Layout) -> None:
    layout.painted = (*layout.painted, layout.painted[0])


def inked(image: Image.Image) -> Image.Image:
    image.putpixel((0, 0), 255)
    return image


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_reading_notices(damage: str) -> None:
    template, record = "composition_card_60x40", json.loads(SAMPLE.read_text("utf-8"))
    layout, facts = drawn_of(record, template, 203), record_from(record).facts()
    assert_read_back(layout, load_template(template), facts, 203)
    change, word = DAMAGE[damage]
    change(layout)
    with pytest.raises(AssertionError, match=word):
        assert_read_back(layout, load_template(template), facts, 203)


def test_every_template_has_a_kind_that_is_tried_or_a_reason() -> None:
    kinds = {load_template(name).kind for name in built_in_templates()}
    assert kinds - set(ELSEWHERE) == {load_template(name).kind for name in TEMPLATES}
    assert set(ROOM) <= set(TEMPLATES)
