"""This table says, for each kind of slot, how it measures itself: at a width and a character height it is so high. What
is measured here is what the painters paint. A slot without its facts is no leaf, and takes no room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from edge_agent.render.facts import Facts, fill, value
from edge_agent.render.layout.share import UNBOUNDED, NoRoomError
from edge_agent.render.layout.tree import Leaf
from edge_agent.render.page import style_of
from edge_agent.render.painters.bars import height_dots, module_sizes, width_dots
from edge_agent.render.painters.captioned import Captioned, Setting, set_rows
from edge_agent.render.painters.care import care_height, care_width, in_order
from edge_agent.render.painters.contents import fitting, listings
from edge_agent.render.painters.indicators import figures_dots, marks_dots, stated_levels
from edge_agent.render.painters.stacked import Table, table_rows
from edge_agent.render.raster import dots, dots_at_least
from edge_agent.render.templates.slots import LEAST_SYMBOL_MM
from edge_agent.render.templates.stacked import (
    Bounds,
    BoxItem,
    CareItem,
    CompositionItem,
    ContentsItem,
    FieldsItem,
    IndicatorsItem,
    Item,
    MarkItem,
    SsccItem,
    TextItem,
)
from edge_agent.render.type.fonts import Face, check_glyphs, face
from edge_agent.render.type.lines import joints, tokens, wrap, wrap_evenly
from edge_agent.render.type.text import Style, block_dots

_WORD = 5
"""Heights of a character: a longer word is cut rather than that a column is as wide as it."""

_LEVEL_PITCH = 1.3
"""Row to row, as a multiple of the character height."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What measuring needs beside the slot. `sides_dots`: the whole label's, or (0, 0) where nobody asks for room."""

    facts: Facts
    dpi: int
    run_in: bool = False
    sides_dots: tuple[int, int] = (0, 0)


def leaf_of(item: Item, ground: Ground) -> Leaf | None:
    """The leaf of a slot that is equal on all labels; None if its facts are absent.

    Raises:
        RenderError: a character the font lacks, a care code without a symbol.
        NoRoomError: the text alone would cover more than the label.
    """
    return _LEAVES[type(item)](item, ground)


def _text(slot: TextItem, ground: Ground) -> Leaf | None:
    text = fill(slot.text, ground.facts, slot.name)
    if text is None or (slot.when is not None and value(slot.when, ground.facts) is None):
        return None
    check_glyphs(text, slot.name)
    words, style, pad = tokens(text), style_of(slot, ground.dpi), dots(slot.pad_mm, ground.dpi)

    least, wished = (face(char, slot.weight) for char in (style.least_dots, style.height_dots))
    _require_area(slot.name, text, least, ground.sides_dots)
    whole = least.width_dots(text) if slot.shrink_first else None

    @cache
    def measure(width: int, char: int) -> int | None:
        face_ = face(char, slot.weight)
        lines = wrap_evenly(words, face_, width - 2 * pad, lonely_dots=2 * char)
        most = 1 if whole is not None and whole <= width - 2 * pad else slot.max_lines
        if len(lines) > most or max(map(face_.width_dots, lines), default=0) > width - 2 * pad:
            return None
        return block_dots(lines, face_) + 2 * pad

    pieces = [piece for word in words for piece in joints(word)] if slot.max_lines > 1 else [text]
    narrow = _longest(pieces, least) if slot.max_lines == 1 else min(_longest(pieces, least), _WORD * style.least_dots)
    widths = (narrow + 2 * pad, max(narrow, wished.width_dots(text)) + 2 * pad)
    floor, ceiling = bounds_dots(slot.height_mm, ground.dpi)
    return Leaf(slot.name, measure, _chars(style), widths, floor, ceiling, weight=slot.share)


def _require_area(name: str, text: str, least: Face, sides_dots: tuple[int, int]) -> None:
    """Ten thousand characters would be set at each width and in each way of the template, a quarter of a second, to
    learn what their area tells."""
    width, height = sides_dots
    needed = -(-least.width_dots(text) * least.height_dots // width) if width else 0
    if needed > height:
        raise NoRoomError(needed - height, name)


def lines_at_least(slot: TextItem, facts: Facts, width_dots: int, dpi: int) -> int:
    """How many lines a text takes at its least size in so much width; 0 without its facts."""
    words, style = tokens(fill(slot.text, facts, slot.name) or ""), style_of(slot, dpi)
    return len(wrap(words, face(style.least_dots, slot.weight), width_dots - 2 * dots(slot.pad_mm, dpi)))


def _longest(words: Sequence[str], face_: Face) -> int:
    return max((face_.width_dots(word.strip()) for word in words), default=0)


def bounds_dots(bounds: Bounds | None, dpi: int) -> tuple[int, int]:
    """The wished and the most of a height that a template bounds; (0, 0) where it bounds none."""
    if bounds is None:
        return 0, 0
    least, _, most = bounds if isinstance(bounds, tuple) else (bounds, bounds, bounds)
    return dots(least, dpi), dots(most, dpi)


def _chars(style: Style) -> tuple[int, int]:
    return style.least_dots, style.height_dots


def _table(slot: FieldsItem | CompositionItem, ground: Ground) -> Leaf | None:
    rows = table_rows(slot, ground.facts)
    if not rows:
        return None
    for row in rows:
        check_glyphs(row.label + "".join(row.words), slot.name)
    least = style_of(slot, ground.dpi).least_dots
    text = "".join(row.label + "".join(row.words) for row in rows)
    _require_area(slot.name, text, face(least, slot.weight), ground.sides_dots)
    setting = _settings(slot, rows, run_in=ground.run_in)

    def measure(width: int, char: int) -> int | None:
        found = setting(width, char)
        return None if found is None else found.height_dots()

    def stretched(width: int, char: int) -> int | None:
        found = setting(width, char)
        return None if found is None else found.stretched_dots()

    words = [word for row in rows for word in (*row.words, row.label)]
    unbroken = min(_longest(words, face(least, slot.weight)) + 4 * least, _WORD * least)
    widths = range(unbroken, 4 * _WORD * least, least)
    narrowest = next((width for width in widths if setting(width, least) is not None), widths.stop)
    chars = _chars(style_of(slot, ground.dpi))
    return Leaf(slot.name, measure, chars, (narrowest, 0), stretched=stretched, weight=slot.share)


def _settings(slot: Table, rows: Sequence[Captioned], *, run_in: bool) -> Callable[[int, int], Setting | None]:
    return cache(lambda width, char: set_rows(rows, face(char, slot.weight), width, run_in=run_in))


def _levels(slot: IndicatorsItem, ground: Ground) -> Leaf | None:
    rows = stated_levels(slot, ground.facts)
    if not rows:
        return None
    words = "".join(row.words for row in rows)
    check_glyphs(words, slot.name)
    style = style_of(slot, ground.dpi)
    labels = dots(slot.label_mm, ground.dpi) - dots(slot.level_mm, ground.dpi) // 10
    fixed = dots(slot.label_mm + slot.level_mm, ground.dpi) + marks_dots(ground.dpi)

    def needed(face_: Face) -> int:
        """Label, figures, marks, one character of paper, level."""
        return fixed + figures_dots(rows, face_) + face_.height_dots

    def measure(width: int, char: int) -> int | None:
        face_ = face(char, slot.weight)
        if max(face_.width_dots(row.label) for row in rows) > labels or needed(face_) > width:
            return None
        return len(rows) * max(block_dots([words], face_), round(char * _LEVEL_PITCH))

    width = needed(face(style.least_dots, slot.weight))
    ceiling = round(len(rows) * style.height_dots * 2)
    return Leaf(slot.name, measure, _chars(style), (width, width), ceiling=ceiling, weight=slot.share)


def _care(slot: CareItem, ground: Ground) -> Leaf | None:
    codes = in_order(value("product.care", ground.facts) or (), slot.name)
    if not codes:
        return None
    least = dots_at_least(LEAST_SYMBOL_MM, ground.dpi)
    bodies = (least, max(least, dots(slot.symbol_mm, ground.dpi)))

    @cache
    def measure(width: int, body: int) -> int | None:
        return care_height(codes, slot, width, body, ground.dpi)

    wished = care_width(codes, bodies[1])
    return Leaf(slot.name, measure, bodies, (bodies[0], wished), weight=slot.share)


def _mark(slot: MarkItem, ground: Ground) -> Leaf | None:
    if value(f"product.{slot.mark}_mark", ground.facts) is None:
        return None
    width, height = dots(slot.width_mm, ground.dpi), dots(slot.height_mm, ground.dpi)
    return Leaf(slot.name, lambda _width, _char: height, widths=(width, width), weight=0)


def _rule(slot: BoxItem, ground: Ground) -> Leaf | None:
    thick = max(1, dots(slot.thick_mm, ground.dpi))
    return Leaf(slot.name, lambda _width, _char: thick, widths=(thick, thick), weight=slot.share, divides=True)


def _bars(slot: SsccItem, ground: Ground) -> Leaf | None:
    if value("carton.sscc", ground.facts) is None:
        return None
    least, wish = (width_dots(module) for module in module_sizes(slot, ground.dpi))

    def measure(width: int, char: int) -> int | None:
        return height_dots(slot, char, ground.dpi) if width >= least else None

    return Leaf(slot.name, measure, _chars(style_of(slot, ground.dpi)), (least, wish), weight=0)


def _contents(slot: ContentsItem, ground: Ground) -> Leaf | None:
    """At its least it is one line, and it takes all that the label has left: so each list can be tried in it."""
    found = listings(ground.facts)
    if not found:
        return None

    def measure(width: int, char: int) -> int | None:
        return fitting(found[-1], slot, char, width)

    chars = _chars(style_of(slot, ground.dpi))
    return Leaf(slot.name, measure, chars, (8 * chars[0], 0), ceiling=UNBOUNDED, weight=slot.share)


_LEAVES: Mapping[type, Callable[[Any, Ground], Leaf | None]] = {
    TextItem: _text,
    FieldsItem: _table,
    CompositionItem: _table,
    IndicatorsItem: _levels,
    CareItem: _care,
    MarkItem: _mark,
    BoxItem: _rule,
    SsccItem: _bars,
    ContentsItem: _contents,
}
