"""A label on a continuous roll is as long as its content, and nothing but spare rows is lost."""

from __future__ import annotations

from typing import Any

import pytest

from edge_agent.errors import RenderError
from edge_agent.render.plan import Layout, lay_out
from edge_agent.render.raster import dots, to_image
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.templates.template import parse_template
from tests.kits.copies_kit import WASH

RULE = '[[slot]]\nname = "rule"\nkind = "box"\nat_mm = [2, 40]\nsize_mm = [26, 0.5]\n'
FOOT = '[[slot]]\nname = "foot"\n'
TEMPLATE = WASH.replace(FOOT, RULE + FOOT)


def closed(text: str = TEMPLATE, **product: str) -> Layout:
    template = parse_template(text.encode(), "t")
    facts: dict[str, Any] = {"product": {"gtin": "06901234567892", "brand": "甲", "name": "乙"} | product}
    return lay_out(template, make_snapshot(facts, template, rules={}, host="id.example.cn"), 203)


def ink_rows(layout: Layout, slot: str) -> int:
    box = layout.boxes[slot]
    part = to_image(layout.bare).crop((box.left_dots, box.top_dots, box.right_dots, box.bottom_dots))
    found = part.getbbox()
    return found[3] - found[1] if found else 0


def test_more_text_makes_a_longer_label_and_order_stays() -> None:
    short, long = closed(colour="红"), closed(colour="红" * 40)
    assert short.media.height_dots < long.media.height_dots < 60 * 8
    for layout in (short, long):
        tops = [layout.boxes[name].top_dots for name in ("head", "body", "rule", "foot")]
        assert tops == sorted(tops)
        assert all(ink_rows(layout, name) for name in ("head", "body", "rule", "foot"))
        assert all(layout.boxes[piece.slot].bottom_dots >= piece.box.bottom_dots for piece in layout.painted)


def test_an_empty_slot_leaves_one_gap_not_two() -> None:
    without, with_it = closed(), closed(colour="红")
    gap = without.boxes["rule"].top_dots - without.boxes["head"].bottom_dots
    assert gap == with_it.boxes["body"].top_dots - with_it.boxes["head"].bottom_dots
    assert "body" not in {piece.slot for piece in without.painted}


def test_pieces_move_with_their_dots() -> None:
    layout = closed(colour="红" * 20)
    image = to_image(layout.bare)
    for piece in layout.painted:
        box = piece.box
        assert image.crop((box.left_dots, box.top_dots, box.right_dots, box.bottom_dots)).getbbox() is not None


def test_an_empty_slot_takes_the_narrower_gap_with_it_and_never_a_margin() -> None:
    wide = TEMPLATE.replace("at_mm = [2, 8]", "at_mm = [2, 6.5]").replace("size_mm = [26, 30]", "size_mm = [26, 31.5]")
    without = closed(wide)
    gap = without.boxes["rule"].top_dots - without.boxes["head"].bottom_dots
    assert gap == dots(2, 203), "half a millimetre above the empty slot, two below"
    nothing_below = closed(TEMPLATE.replace("{product.brand}", "{product.style_no}"))
    assert nothing_below.media.height_dots - nothing_below.boxes["rule"].bottom_dots == dots(2, 203)
    nothing_above = closed(TEMPLATE.replace("{product.name}", "{product.style_no}"), colour="红")
    assert nothing_above.boxes["body"].top_dots == dots(2, 203)


def test_of_several_empty_slots_in_a_row_the_widest_gap_stays() -> None:
    both = closed(TEMPLATE.replace("{product.name}", "{product.style_no}").replace("at_mm = [2, 8]", "at_mm = [2, 7]"))
    assert both.boxes["rule"].top_dots == dots(3, 203)


def test_a_label_with_nothing_on_it_is_refused() -> None:
    """Without facts a label of no length at all came out of it, or a blank one as long as the widest gap."""
    bare = TEMPLATE[: TEMPLATE.index('[[slot]]\nname = "rule"')]
    nothing = bare.replace("{product.name}", "{product.style_no}")
    for text in (nothing, nothing.replace("at_mm = [2, 2]", "at_mm = [2, 0]"), bare.replace("{product.name}", " ")):
        with pytest.raises(RenderError, match="something to print"):
            closed(text)
    assert closed(bare).media.height_dots > 0


def test_a_frame_keeps_its_strokes_and_shrinks_with_what_it_encloses() -> None:
    frame = """
[[slot]]
name = "frame"
kind = "box"
at_mm = [1, 1]
size_mm = [28, 58.5]
stroke_mm = 0.25
"""
    layout = closed(TEMPLATE + frame, colour="红")
    box, image = layout.boxes["frame"], to_image(layout.bare)
    assert box.height_dots < 30 * 8
    for row in (box.top_dots, box.top_dots + 1, box.bottom_dots - 2, box.bottom_dots - 1):
        assert all(image.getpixel((x, row)) for x in range(box.left_dots, box.right_dots))
