"""These painters set a label and its words on each row, in two columns; rows without their facts are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from edge_agent.errors import RenderError
from edge_agent.render.facts import Facts, fill, plain_number, value
from edge_agent.render.page import Page
from edge_agent.render.painters.captioned import Captioned
from edge_agent.render.raster import dots, millimetres
from edge_agent.render.templates.slots import AnyFields, CompositionSlot, FieldsSlot
from edge_agent.render.type.fonts import Face, check_glyphs, face
from edge_agent.render.type.lines import tokens, wrap_evenly
from edge_agent.render.type.text import Box, Style, overfull, pitch_dots

_MAX_PITCH = 1.75
"""Rows spread over their slot up to this multiple of the character height; beyond it they fall apart."""
_LABEL_LINES = 4
"""A part of a garment may have a long name; what is beside it must still be found at a glance."""


def paint_fields(slot: FieldsSlot, page: Page, box: Box) -> None:
    """Label and value rows; absent ones are left out. Raises RenderError: they do not fit at the least size."""
    _paint_table(field_rows(slot, page.facts), slot, page, box)


def paint_composition(slot: CompositionSlot, page: Page, box: Box) -> None:
    """One row for each part of the garment; a fibre and its percent stay on one line. Raises as `paint_fields`."""
    _paint_table(part_rows(page.facts), slot, page, box)


def field_rows(slot: AnyFields, facts: Facts) -> list[Captioned]:
    """The rows of which all facts are there."""
    texts = [(row.label, fill(row.text, facts, slot.name)) for row in slot.rows]
    return [Captioned(label, tokens(text)) for label, text in texts if text is not None]


def part_rows(facts: Facts) -> list[Captioned]:
    """The parts of the garment."""
    parts = value("product.composition", facts) or ()
    return [Captioned(part["part"], part_words(part), cells=not part.get("down")) for part in parts]


def part_words(part: Mapping[str, Any]) -> tuple[str, ...]:
    """The content of one part of the garment, cut where a line may end."""
    if down := part.get("down"):
        return (f"{down['species']} ", f"绒子含量 {plain_number(str(down['cluster_percent']))}%")
    fibres = [f"{fibre['name']} {plain_number(str(fibre['percent']))}%" for fibre in part.get("fibres") or ()]
    return tuple(word + "  " for word in fibres[:-1]) + tuple(fibres[-1:])


@dataclass(frozen=True, slots=True)
class _Row:
    """A row broken into lines; the first lines of label and value stand beside each other."""

    label: list[str]
    value: list[str]

    def __len__(self) -> int:
        return max(len(self.label), len(self.value))

    def beside(self, number: int) -> str:
        """All that stands on one of its lines."""
        return "".join(line for lines in (self.label, self.value) for line in lines[number : number + 1])


def _paint_table(rows: Sequence[Captioned], slot: FieldsSlot | CompositionSlot, page: Page, box: Box) -> None:
    if not rows:
        return
    left = dots(slot.at_mm[0] + slot.label_mm, page.dpi)
    values = Box(left, box.top_dots, box.right_dots, box.bottom_dots)
    face_, broken = _fit_table(rows, values, box, page.style_of(slot), slot.name, page.dpi)
    page.sizes[slot.name] = face_.height_dots
    rise, drop = _rise_dots(broken, face_), _drop_dots(broken, face_)
    gaps = sum(map(len, broken)) - 1
    below = max(drop, round(face_.height_dots * 0.3))
    pitch = _spread_pitch(gaps, box.height_dots - rise - below, face_) if page.spread else pitch_dots(face_)
    spare = max(0, box.height_dots - rise - gaps * pitch - max(drop, face_.descent_dots("国")))
    baseline = box.top_dots + rise + {"top": 0, "middle": spare // 2, "bottom": spare}[slot.valign]
    label_width = max(face_.width_dots(line) for row in broken for line in row.label)
    for row in broken:
        if len(row.label) == 1:
            page.spread_run(slot.name, face_, row.label[0], box.left_dots, baseline, label_width)
        else:
            _paint_lines(row.label, box.left_dots, baseline, pitch, face_, slot.name, page)
        _paint_lines(row.value, left, baseline, pitch, face_, slot.name, page)
        baseline += len(row) * pitch


def _paint_lines(
    lines: Sequence[str], left: int, baseline: int, pitch: int, face_: Face, slot: str, page: Page
) -> None:
    for number, line in enumerate(lines):
        page.run(slot, face_, line, left, baseline + number * pitch)


def _fit_table(
    rows: Sequence[Captioned], values: Box, box: Box, style: Style, slot: str, dpi: int
) -> tuple[Face, list[_Row]]:
    texts = [row.label + "".join(row.words) for row in rows]
    for text in texts:
        check_glyphs(text, slot)
    labels = replace(box, right_dots=values.left_dots)
    # A label goes on one line more only where even the least size cannot hold it on fewer.
    for label_lines in range(1, _LABEL_LINES + 1):
        for height in range(style.height_dots, style.least_dots - 1, -1):
            face_ = face(height, style.weight)
            if any(overfull(row.label, face_, labels, label_lines) for row in rows):
                continue
            if overfull("".join("".join(row.words) for row in rows), face_, values, style.max_lines):
                continue
            broken = [_broken(row, values.left_dots - box.left_dots, values.width_dots, face_) for row in rows]
            if max(len(row.label) for row in broken) <= label_lines and _holds(broken, face_, values, box):
                return face_, broken
    have = f"{millimetres(box.width_dots, dpi):.1f} × {millimetres(box.height_dots, dpi):.1f} mm"
    raise RenderError(
        f"部位 {slot} 只有 {have}，缩到最小字高也放不下这 {len(rows)} 行，请缩短或换大一点的模板 · "
        f"slot {slot}: expected {len(rows)} row(s) that fit {have} at {millimetres(style.least_dots, dpi):.2f} mm "
        f"characters, got {max(texts, key=len)[:20]!r} among {sum(map(len, texts))} characters; "
        "shorten it or use a larger template"
    )


def _broken(row: Captioned, label_dots: int, value_dots: int, face_: Face) -> _Row:
    label = [row.label]
    if face_.width_dots(row.label) >= label_dots:
        label = wrap_evenly(tokens(row.label), face_, label_dots - face_.height_dots // 3)
    return _Row(label, wrap_evenly(row.words, face_, value_dots))


def _holds(rows: Sequence[_Row], face_: Face, values: Box, box: Box) -> bool:
    label = max(face_.width_dots(line) for row in rows for line in row.label)
    widest = max(face_.width_dots(line) for row in rows for line in row.value)
    needed = (sum(map(len, rows)) - 1) * pitch_dots(face_) + _rise_dots(rows, face_) + _drop_dots(rows, face_)
    columns = label < values.left_dots - box.left_dots and widest <= values.width_dots
    return columns and needed <= values.height_dots


def _rise_dots(rows: Sequence[_Row], face_: Face) -> int:
    return face_.rise_dots(rows[0].beside(0))


def _drop_dots(rows: Sequence[_Row], face_: Face) -> int:
    return face_.descent_dots(rows[-1].beside(len(rows[-1]) - 1))


def _spread_pitch(gaps: int, room_dots: int, face_: Face) -> int:
    if not gaps:
        return pitch_dots(face_)
    return max(pitch_dots(face_), min(room_dots // gaps, round(face_.height_dots * _MAX_PITCH)))
