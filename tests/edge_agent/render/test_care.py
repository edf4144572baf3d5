"""A care slot: even rows, words below, smaller before refused, and readable back from the layout."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from edge_agent.errors import RenderError, TemplateError
from edge_agent.render.page import Painted, Piece
from edge_agent.render.painters.care import WORDS
from edge_agent.render.painters.care_symbols import SYMBOLS, symbol
from edge_agent.render.plan import Layout, lay_out
from edge_agent.render.raster import dots, dots_at_least, to_image
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.templates.template import parse_template

SIX = ("wash_30_mild", "bleach_no", "dry_flat_shade", "tumble_no", "iron_110", "dryclean_p_mild")
TEMPLATE = """
kind = "tag"
title_zh = "试"
title_en = "Test"
size_mm = [70, 60]
[[slot]]
name = "washing"
kind = "care"
at_mm = [1, 1]
size_mm = [{width}, {height}]
symbol_mm = {symbol}
words = {words}
char_mm = 1.8
"""


def laid(
    care: Sequence[str], width: float, height: float, *, words: bool = False, symbol_mm: float = 5.0, dpi: int = 203
) -> Layout:
    said = str(words).lower()
    text = TEMPLATE.format(width=float(width), height=float(height), words=said, symbol=symbol_mm)
    template = parse_template(text.encode(), "t")
    facts = {"product": {"gtin": "06901234567892", "care": list(care)}}
    return lay_out(template, make_snapshot(facts, template, rules={}, host="id.example.cn"), dpi)


def symbols(layout: Layout) -> list[Painted]:
    return [piece for piece in layout.painted if piece.piece is Piece.SYMBOL]


def rows_of(layout: Layout) -> list[int]:
    """How many symbols stand on each row: a row ends where the next symbol is further left."""
    lefts = [piece.box.left_dots for piece in symbols(layout)]
    starts = [at for at, left in enumerate(lefts) if at == 0 or left < lefts[at - 1]]
    return [end - start for start, end in zip(starts, [*starts[1:], len(lefts)], strict=True)]


@pytest.mark.parametrize("words", [False, True])
def test_the_records_order_does_not_matter(words: bool) -> None:
    one, other = laid(SIX, 60, 30, words=words), laid(SIX[::-1], 60, 30, words=words)
    assert one.bare == other.bare
    assert [piece.text for piece in symbols(one)] == list(SIX)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("words", [False, True])
@pytest.mark.parametrize("codes", [tuple(SYMBOLS)[at : at + 12] for at in range(0, len(SYMBOLS), 12)])
def test_each_symbol_lies_where_it_says_and_nothing_on_another(codes: Sequence[str], words: bool, dpi: int) -> None:
    layout = laid(codes, 68, 58, words=words, dpi=dpi)
    image, slot = to_image(layout.bare), layout.boxes["washing"]
    for piece in layout.painted:
        box = piece.box
        assert slot.left_dots <= box.left_dots < box.right_dots <= slot.right_dots
        assert slot.top_dots <= box.top_dots < box.bottom_dots <= slot.bottom_dots
        assert not any(box.overlaps(other.box) for other in layout.painted if other is not piece)
    for piece in symbols(layout):
        box = piece.box
        printed = image.crop((box.left_dots, box.top_dots, box.right_dots, box.bottom_dots))
        assert printed.tobytes() == to_image(symbol(piece.text, dots(5.0, dpi)).bitmap).tobytes()
    assert tuple(piece.text for piece in symbols(layout)) == codes


def test_words_stand_below_their_symbol_and_say_all() -> None:
    layout = laid(SIX, 28, 40, words=True)
    assert rows_of(layout) == [3, 3]
    for piece in symbols(layout):
        column = range(piece.box.left_dots - 12, piece.box.right_dots + 12)
        below = [
            one.text
            for one in layout.painted
            if one.piece is Piece.TEXT
            and (one.box.left_dots + one.box.right_dots) // 2 in column
            and 0 <= one.box.top_dots - piece.box.bottom_dots < 60
        ]
        assert "".join(below) == "".join(WORDS[piece.text])
    assert layout.sizes == {"washing": dots_at_least(1.8, 203)}


def test_a_wide_slot_takes_one_row_and_a_narrow_one_even_rows() -> None:
    assert rows_of(laid(SIX, 60, 20)) == [6]
    assert rows_of(laid(SIX, 28, 20)) == [3, 3]
    assert rows_of(laid(SIX[:5], 28, 20)) == [3, 2]
    assert rows_of(laid(SIX, 68, 20, words=True)) == [6]


@pytest.mark.costly
def test_what_does_not_fit_is_drawn_smaller_then_refused_by_name() -> None:
    tall, low = laid(SIX, 60, 8, symbol_mm=6.0), laid(SIX, 60, 5, symbol_mm=6.0)
    assert symbols(low)[0].height_dots < symbols(tall)[0].height_dots
    with pytest.raises(
        RenderError, match=r"slot washing: expected care symbols that fit .* at 4 mm each, got 6 \(wash"
    ):
        laid(SIX, 60, 4, symbol_mm=6.0)
    with pytest.raises(RenderError, match=r"slot washing: .*with words of 1\.8 mm .*; make the slot larger or leave"):
        laid(SIX, 28, 14, words=True)
    with pytest.raises(RenderError, match="slot washing"):
        laid(SIX, 4, 58)
    with pytest.raises(RenderError, match=r"slot washing: .*got 47 .* …"):
        laid(tuple(SYMBOLS), 68, 20)


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_the_least_symbol_is_drawn_at_any_dpi(dpi: int) -> None:
    assert symbols(laid(SIX, 60, 20, symbol_mm=4.0, dpi=dpi))


def test_a_symbol_below_the_least_is_refused_with_the_template() -> None:
    with pytest.raises(TemplateError, match=r"slot washing, symbol_mm: expected .*4"):
        laid(SIX, 60, 20, symbol_mm=3.9)


def test_a_code_without_a_symbol_is_named() -> None:
    with pytest.raises(RenderError, match="slot washing: expected care codes such as wash_30_mild, got 'wash_20'"):
        laid(("wash_20",), 60, 20)


def test_no_codes_leave_the_slot_empty() -> None:
    layout = laid((), 60, 20, words=True)
    assert not layout.painted
    assert to_image(layout.bare).getbbox() is None
