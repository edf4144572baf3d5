"""Tables and grade marks: rows stay in their slot, long labels break, marks stay apart when ink grows."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageFilter

from edge_agent.errors import RenderError
from edge_agent.render.box import Box
from edge_agent.render.page import Page, Piece, box_of
from edge_agent.render.painters.indicators import MARKS, paint_indicators
from edge_agent.render.painters.tables import paint_composition, paint_fields
from edge_agent.render.raster import blank
from edge_agent.render.templates.slots import CompositionSlot, FieldsSlot, IndicatorsSlot

LEVELS = {"lot": {"grade": {"overall": "AAA"}}}
DPI = [203, 300]


def page(facts: dict[str, Any], dpi: int = 203) -> Page:
    return Page(blank(600, 600), dpi, facts)


def texts(drawn: Page) -> list[str]:
    return [piece.text for piece in drawn.painted if piece.piece is Piece.TEXT]


def room_of(slot: Any, dpi: int = 203) -> Box:
    return box_of(slot.at_mm, slot.size_mm, dpi)


def in_its_slot(drawn: Page, slot: Any) -> None:
    room = room_of(slot, drawn.dpi)
    ink = drawn.image.getbbox()
    assert ink is not None
    assert room.left_dots <= ink[0] and room.top_dots <= ink[1], (room, ink)
    assert ink[2] <= room.right_dots and ink[3] <= room.bottom_dots, (room, ink)


def a_composition(part: str, height_mm: float = 12, **more: Any) -> tuple[CompositionSlot, Page]:
    slot = CompositionSlot(
        name="made_of", kind="composition", at_mm=(5, 5), size_mm=(35, height_mm), label_mm=9.4, char_mm=2.2, **more
    )
    fibres = ({"name": "棉", "percent": "100"},)
    return slot, page(
        {"product": {"composition": ({"part": part, "fibres": fibres}, {"part": "里料", "fibres": fibres})}}
    )


@pytest.mark.costly
@pytest.mark.parametrize("valign", ["top", "middle", "bottom"])
@pytest.mark.parametrize(("label", "text"), [("条码", "ABC"), ("Égypy", "ÉÅ g"), ("标准", "执行（gyp）"), ("A", "立")])
@pytest.mark.parametrize("dpi", DPI)
def test_rows_stay_in_a_slot_that_just_holds_them(label: str, text: str, valign: str, dpi: int) -> None:
    """Neither a tall first line nor a deep last one, be it the label's or the value's, leaves the slot."""
    refused = 0
    for tenths in range(18, 60):
        rows = [{"label": label, "text": text}, {"label": label, "text": text}]
        slot = FieldsSlot(
            name="facts",
            kind="fields",
            at_mm=(5, 5),
            size_mm=(35, tenths / 10),
            label_mm=12,
            char_mm=1.8,
            valign=valign,  # type: ignore[arg-type]
            rows=rows,  # type: ignore[arg-type]
        )
        drawn = page({}, dpi)
        try:
            paint_fields(slot, drawn, room_of(slot, drawn.dpi))
        except RenderError:
            refused += 1
            continue
        in_its_slot(drawn, slot)
    assert 0 < refused < 36


def test_a_long_label_breaks_only_where_no_size_holds_it_on_one_line() -> None:
    slot, drawn = a_composition("可脱卸帽")
    paint_composition(slot, drawn, room_of(slot, drawn.dpi))
    assert texts(drawn) == ["可脱卸帽", "棉 100%", "里料", "棉 100%"]
    assert drawn.sizes["made_of"] < 18  # smaller, to stay on one line
    slot, drawn = a_composition("可脱卸内胆面料")
    paint_composition(slot, drawn, room_of(slot, drawn.dpi))
    assert texts(drawn)[-3:] == ["棉 100%", "里料", "棉 100%"]
    assert "".join(texts(drawn)[:-3]) == "可脱卸内胆面料" and len(texts(drawn)) == 5
    in_its_slot(drawn, slot)
    assert len({(piece.box.left_dots, piece.box.bottom_dots) for piece in drawn.painted}) == 5


def test_a_label_is_refused_rather_than_squeezed() -> None:
    slot, drawn = a_composition("可脱卸内胆面料" * 4, height_mm=40)
    with pytest.raises(RenderError, match=r"slot made_of: expected 2 row\(s\) that fit"):
        paint_composition(slot, drawn, room_of(slot, drawn.dpi))


def test_a_label_column_narrower_than_a_character_is_refused() -> None:
    slot = FieldsSlot(
        name="facts",
        kind="fields",
        at_mm=(5, 5),
        size_mm=(35, 20),
        label_mm=1.5,
        char_mm=1.8,
        rows=[{"label": "条码", "text": "ABC"}],  # type: ignore[arg-type]
    )
    with pytest.raises(RenderError, match="slot facts"):
        paint_fields(slot, page({}), room_of(slot))


def indicators(**more: Any) -> IndicatorsSlot:
    fields: dict[str, Any] = {
        "name": "levels",
        "kind": "indicators",
        "at_mm": (5, 5),
        "size_mm": (35, 4),
        "label_mm": 10,
        "level_mm": 7,
        "char_mm": 1.8,
        "rows": [{"label": "蓬松度", "path": "lot.grade.overall"}],
    }
    return IndicatorsSlot(**fields | more)


@pytest.mark.parametrize("dpi", DPI)
def test_marks_survive_a_dot_of_ink_more_and_a_dot_less(dpi: int) -> None:
    """They can be counted, and empty ones told from filled ones, if each edge grows by a dot or a stroke loses one."""
    drawn = page(LEVELS, dpi)
    paint_indicators(indicators(), drawn, room_of(indicators(), drawn.dpi))
    (bar,) = (piece.box for piece in drawn.painted if piece.piece is Piece.BAR)
    marks = drawn.image.crop((bar.left_dots, bar.top_dots - 2, bar.right_dots, bar.bottom_dots + 2)).convert("L")
    grown, fainter = marks.filter(ImageFilter.MaxFilter(3)), ImageChops.darker(marks, ImageChops.offset(marks, 1, 1))
    assert runs(grown) == runs(marks) == runs(fainter) == MARKS + 2  # an empty mark is two edges


def runs(image: Image.Image) -> int:
    """Black stretches of the middle row."""
    y = image.height // 2
    return len("".join("#" if image.getpixel((x, y)) else " " for x in range(image.width)).split())


@pytest.mark.parametrize("level_mm", [18.5, 20, 30])
def test_marks_that_have_no_room_are_refused_by_slot(level_mm: float) -> None:
    with pytest.raises(RenderError, match="slot levels: expected room for 5 marks"):
        paint_indicators(indicators(level_mm=level_mm), page(LEVELS), room_of(indicators()))


def test_letters_of_a_level_never_touch() -> None:
    """Cells are a fifth of the column whatever the level, so the column must hold five letters."""
    for tenths in range(30, 80, 2):
        drawn = page(LEVELS)
        try:
            paint_indicators(indicators(level_mm=tenths / 10, min_char_mm=1.8), drawn, room_of(indicators(), drawn.dpi))
        except RenderError:
            continue
        letters = [piece.box for piece in drawn.painted if piece.text == "A"]
        assert len(letters) == 3
        assert all(one.right_dots <= two.left_dots for one, two in pairwise(letters))


@pytest.mark.parametrize("label", ["gyp", "羊", "Åg"])
def test_a_row_of_levels_keeps_its_ink(label: str) -> None:
    for tenths in range(18, 40):
        slot = indicators(size_mm=(35, tenths / 10), rows=[{"label": label, "path": "lot.grade.overall"}])
        drawn = page(LEVELS)
        try:
            paint_indicators(slot, drawn, room_of(slot, drawn.dpi))
        except RenderError:
            continue
        in_its_slot(drawn, slot)
