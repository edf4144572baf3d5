"""Tables: a label and its words on each row, in two aligned columns; rows whose facts are absent close up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge_agent.errors import RenderError
from edge_agent.render.facts import fill, plain_number, value
from edge_agent.render.fonts import Face, check_glyphs, face
from edge_agent.render.page import Page, box_of, style_of
from edge_agent.render.raster import dots, millimetres
from edge_agent.render.slots import CompositionSlot, FieldsSlot
from edge_agent.render.text import Box, Style, block_dots, hopeless, pitch_dots, tokens, wrap_evenly

_MAX_PITCH = 1.75
"""Rows spread over their slot up to this multiple of the character height; beyond it they fall apart."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A label and the words of its value."""

    label: str
    words: tuple[str, ...]


def paint_fields(slot: FieldsSlot, page: Page) -> None:
    """Label and value rows; absent ones close up."""
    texts = [(row.label, fill(row.text, page.facts, slot.name)) for row in slot.rows]
    _paint_table([TableRow(label, tokens(text)) for label, text in texts if text is not None], slot, page)


def paint_composition(slot: CompositionSlot, page: Page) -> None:
    """One row for each part of the garment; a fibre and its percent stay on one line."""
    parts = value("product.composition", page.facts) or ()
    _paint_table([TableRow(part["part"], part_words(part)) for part in parts], slot, page)


def part_words(part: Mapping[str, Any]) -> tuple[str, ...]:
    """The content of one part of the garment, cut where a line may end."""
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
    pitch = _spread_pitch(count, box, face_) if page.spread else pitch_dots(face_)
    spare = box.height_dots - face_.height_dots - (count - 1) * pitch
    baseline = box.top_dots + face_.ascent_dots + {"top": 0, "middle": spare // 2, "bottom": spare}[slot.valign]
    label_width = max(face_.width_dots(row.label) for row in rows)
    for row, row_lines in zip(rows, lines, strict=True):
        page.spread_run(slot.name, face_, row.label, box.left_dots, baseline, label_width)
        for line in row_lines:
            page.run(slot.name, face_, line, left, baseline)
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
