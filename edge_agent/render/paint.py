"""Painters: one for each kind of slot that is equal on all labels of a run. Without its facts a slot stays empty."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageDraw

from edge_agent.errors import RenderError
from edge_agent.render.facts import Facts, fill, plain_number, value
from edge_agent.render.fonts import Face, check_glyphs, face
from edge_agent.render.raster import INK, PAPER, dots, dots_at_least, millimetres
from edge_agent.render.slots import (
    BoxSlot,
    CompositionSlot,
    FieldsSlot,
    IndicatorsSlot,
    TextSlot,
)
from edge_agent.render.text import (
    Box,
    Style,
    block_dots,
    draw_lines,
    draw_run,
    draw_spread,
    fit,
    hopeless,
    pitch_dots,
    tokens,
    wrap_evenly,
)

MARKS = 5
"""Levels run from A to AAAAA, also written 1A to 5A; one mark for each A."""

_LEVEL = re.compile(r"(?P<letters>A{1,5})|(?P<number>[1-5])A", re.ASCII)
_MARK_GAP_MM = 0.4
_MAX_PITCH = 1.75
"""Rows spread over their slot up to this multiple of the character height; beyond it they fall apart."""


@dataclass(slots=True)
class Page:
    """A label while it is being painted. `sizes` gathers the character height each text slot came out with, in dots."""

    image: Image.Image
    dpi: int
    facts: Facts
    sizes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A label and the words of its value."""

    label: str
    words: tuple[str, ...]


def box_of(at_mm: tuple[float, float], size_mm: tuple[float, float], dpi: int) -> Box:
    """The dots of a rectangle. Edges are rounded, not lengths, so that slots that meet in millimetres meet in dots."""
    (left, top), (width, height) = at_mm, size_mm
    return Box(dots(left, dpi), dots(top, dpi), dots(left + width, dpi), dots(top + height, dpi))


def style_of(slot: Any, dpi: int) -> Style:
    """The text style a slot asks for, in dots; minimum sizes are rounded up."""
    return Style(
        max(dots(slot.char_mm, dpi), dots_at_least(slot.min_char_mm, dpi)),
        dots_at_least(slot.min_char_mm, dpi),
        slot.weight,
        getattr(slot, "align", "left"),
        getattr(slot, "valign", "top"),
        getattr(slot, "max_lines", 99),
    )


def paint_text(slot: TextSlot, page: Page) -> None:
    """One text, black on white or white on a filled box."""
    text = fill(slot.text, page.facts, slot.name)
    if text is None:
        return
    outer = box_of(slot.at_mm, slot.size_mm, page.dpi)
    pad = dots(slot.pad_mm, page.dpi)
    inner = Box(outer.left_dots + pad, outer.top_dots + pad, outer.right_dots - pad, outer.bottom_dots - pad)
    style = style_of(slot, page.dpi)
    face_, lines = fit(tokens(text), inner, style, slot.name, page.dpi)
    if slot.inverse:
        _fill(page.image, outer, INK)
    draw_lines(page.image, face_, lines, inner, style, PAPER if slot.inverse else INK)
    page.sizes[slot.name] = face_.height_dots


def paint_fields(slot: FieldsSlot, page: Page) -> None:
    """Label and value rows; absent ones close up."""
    texts = [(row.label, fill(row.text, page.facts, slot.name)) for row in slot.rows]
    _paint_table([TableRow(label, tokens(text)) for label, text in texts if text is not None], slot, page)


def paint_composition(slot: CompositionSlot, page: Page) -> None:
    """One row for each part of the garment; a fibre and its percent stay on one line."""
    parts = value("product.composition", page.facts) or ()
    _paint_table([TableRow(part["part"], _part_words(part)) for part in parts], slot, page)


def paint_indicators(slot: IndicatorsSlot, page: Page) -> None:
    """Label, five marks of which the level's number is filled, and the level as it was stated."""
    found = [(row.label, value(row.path, page.facts)) for row in slot.rows]
    rows = [(label, str(level)) for label, level in found if level is not None]
    if not rows:
        return
    box = box_of(slot.at_mm, slot.size_mm, page.dpi)
    style = style_of(slot, page.dpi)
    face_ = _face_for_rows(rows, slot, box, style, page.dpi)
    page.sizes[slot.name] = face_.height_dots
    for number, (label, level) in enumerate(rows):
        top = box.top_dots + number * box.height_dots // len(rows)
        bottom = box.top_dots + (number + 1) * box.height_dots // len(rows)
        _paint_indicator(label, level, Box(box.left_dots, top, box.right_dots, bottom), face_, slot, page)


def paint_box(slot: BoxSlot, page: Page) -> None:
    """A frame, or a filled box; never thinner than one dot."""
    box = box_of(slot.at_mm, slot.size_mm, page.dpi)
    box = Box(
        box.left_dots,
        box.top_dots,
        max(box.right_dots, box.left_dots + 1),
        max(box.bottom_dots, box.top_dots + 1),
    )
    _fill(page.image, box, INK)
    stroke = max(1, dots(slot.stroke_mm, page.dpi))
    inner = Box(box.left_dots + stroke, box.top_dots + stroke, box.right_dots - stroke, box.bottom_dots - stroke)
    if slot.stroke_mm and inner.width_dots > 0 and inner.height_dots > 0:
        _fill(page.image, inner, PAPER)


PAINTERS: dict[str, Callable[[Any, Page], None]] = {
    "text": paint_text,
    "fields": paint_fields,
    "composition": paint_composition,
    "indicators": paint_indicators,
    "box": paint_box,
}


def level_number(level: str) -> int | None:
    """How many marks a level is worth; None for a notation that is neither AAAA nor 4A."""
    match = _LEVEL.fullmatch(level)
    if match is None:
        return None
    return len(match["letters"]) if match["letters"] else int(match["number"])


def _part_words(part: Mapping[str, Any]) -> tuple[str, ...]:
    if down := part.get("down"):
        return (f"{down['species']} ", f"绒子含量 {plain_number(str(down['cluster_percent']))}%")
    fibres = [f"{fibre['name']} {plain_number(str(fibre['percent']))}%" for fibre in part.get("fibres") or ()]
    return tuple(word + "  " for word in fibres[:-1]) + tuple(fibres[-1:])


def _paint_table(rows: Sequence[TableRow], slot: FieldsSlot | CompositionSlot, page: Page) -> None:
    if not rows:
        return
    box = box_of(slot.at_mm, slot.size_mm, page.dpi)
    left = dots(slot.at_mm[0] + slot.label_mm, page.dpi)
    style = style_of(slot, page.dpi)
    face_, lines = _fit_table(
        rows, Box(left, box.top_dots, box.right_dots, box.bottom_dots), box, style, slot.name, page.dpi
    )
    page.sizes[slot.name] = face_.height_dots
    count = sum(map(len, lines))
    pitch = _spread_pitch(count, box, face_)
    spare = box.height_dots - face_.height_dots - (count - 1) * pitch
    baseline = box.top_dots + face_.ascent_dots + {"top": 0, "middle": spare // 2, "bottom": spare}[slot.valign]
    label_width = max(face_.width_dots(row.label) for row in rows)
    for row, row_lines in zip(rows, lines, strict=True):
        draw_spread(page.image, face_, row.label, box.left_dots, baseline, label_width)
        for line in row_lines:
            draw_run(page.image, face_, line, left, baseline)
            baseline += pitch


def _fit_table(
    rows: Sequence[TableRow], values: Box, box: Box, style: Style, slot: str, dpi: int
) -> tuple[Face, list[list[str]]]:
    texts = [row.label + "".join(row.words) for row in rows]
    for text in texts:
        check_glyphs(text, slot)
    heights = () if hopeless("".join(texts), box, style) else range(style.height_dots, style.least_dots - 1, -1)
    for height in heights:
        face_ = face(height, style.weight)
        lines = [wrap_evenly(row.words, face_, values.width_dots) for row in rows]
        labels = max(face_.width_dots(row.label) for row in rows)
        needed = block_dots([line for group in lines for line in group], face_)
        if needed <= box.height_dots and labels < values.left_dots - box.left_dots:
            return face_, lines
    have = f"{millimetres(box.width_dots, dpi):.1f} × {millimetres(box.height_dots, dpi):.1f} mm"
    raise RenderError(
        f"slot {slot}: expected {len(rows)} row(s) that fit {have} at {millimetres(style.least_dots, dpi):.2f} mm "
        f"characters, got {max(texts, key=len)[:20]!r} among {sum(map(len, texts))} characters; "
        "shorten it or use a larger template"
    )


def _spread_pitch(count: int, box: Box, face_: Face) -> int:
    if count < 2:
        return pitch_dots(face_)
    room = (box.height_dots - face_.ascent_dots - round(face_.height_dots * 0.3)) // (count - 1)
    return max(pitch_dots(face_), min(room, round(face_.height_dots * _MAX_PITCH)))


def _face_for_rows(rows: list[tuple[str, str]], slot: IndicatorsSlot, box: Box, style: Style, dpi: int) -> Face:
    height = box.height_dots // len(rows)
    one_line = Style(style.height_dots, style.least_dots, style.weight, max_lines=1)
    labels, levels = dots(slot.label_mm, dpi), dots(slot.level_mm, dpi)
    faces = [fit((label,), Box(0, 0, labels, height), one_line, slot.name, dpi)[0] for label, _ in rows]
    faces += [fit((level,), Box(0, 0, levels, height), one_line, slot.name, dpi)[0] for _, level in rows]
    return min(faces, key=lambda face_: face_.height_dots)


def _paint_indicator(label: str, level: str, row: Box, face_: Face, slot: IndicatorsSlot, page: Page) -> None:
    middle = (row.top_dots + row.bottom_dots) // 2
    baseline = middle + (face_.ascent_dots + 1) // 2
    draw_run(page.image, face_, label, row.left_dots, baseline)
    levels = Box(row.right_dots - dots(slot.level_mm, page.dpi), row.top_dots, row.right_dots, row.bottom_dots)
    _paint_level(level, levels, face_, baseline, page)
    number = level_number(level)
    if number is None:
        return
    left, right = row.left_dots + dots(slot.label_mm, page.dpi), levels.left_dots - face_.height_dots
    gap = dots(_MARK_GAP_MM, page.dpi)
    width = (right - left - (MARKS - 1) * gap) // MARKS
    height = face_.height_dots * 3 // 5
    for mark in range(MARKS):
        at = left + mark * (width + gap)
        _mark(page.image, Box(at, middle - height // 2, at + width, middle - height // 2 + height), mark < number)


def _paint_level(level: str, room: Box, face_: Face, baseline: int, page: Page) -> None:
    """The level as stated; letters in five equal cells, so that AAAA and AAAAA can be told apart at a glance."""
    if set(level) != {"A"}:
        draw_run(page.image, face_, level, room.left_dots, baseline)
        return
    cell = room.width_dots // MARKS
    for place, letter in enumerate(level):
        draw_run(page.image, face_, letter, room.left_dots + place * cell, baseline)


def _mark(image: Image.Image, box: Box, filled: bool) -> None:
    _fill(image, box, INK)
    if not filled:
        _fill(image, Box(box.left_dots + 1, box.top_dots + 1, box.right_dots - 1, box.bottom_dots - 1), PAPER)


def _fill(image: Image.Image, box: Box, ink: int) -> None:
    edges = (box.left_dots, box.top_dots, box.right_dots - 1, box.bottom_dots - 1)
    ImageDraw.Draw(image).rectangle(edges, fill=ink)
