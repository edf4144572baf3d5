"""This painter puts levels in rows: label, the figure that was measured, five marks of which as many are filled as the
level is worth, the level."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from edge_agent.errors import RenderError
from edge_agent.render.facts import Facts, value
from edge_agent.render.page import Page, Piece
from edge_agent.render.raster import dots, millimetres
from edge_agent.render.templates.slots import AnyIndicators
from edge_agent.render.type.fonts import Face
from edge_agent.render.type.text import Box, Style, fit

MARKS = 5
"""Levels run from A to AAAAA, also written 1A to 5A; one mark for each A."""

_LEVEL = re.compile(r"(?P<letters>A{1,5})|(?P<number>[1-5])A", re.ASCII)
_MARK_GAP_MM = 0.4
_FRAME_MM = 0.2
"""Edge of an empty mark. Two dots at 203 dpi: a frame of one dot breaks up under a worn or cold head."""
_FIGURE_GAP = 0.6
"""Paper between a figure and the marks, as a share of the character height."""
_OPEN_DOTS = 4
"""Paper inside an empty mark, at least: an edge that grows by a dot on each side still leaves two."""


@dataclass(frozen=True, slots=True)
class StatedLevel:
    """What a row shows; no figure: an empty text."""

    label: str
    figure: str
    level: str

    @property
    def words(self) -> str:
        """Its texts, from left to right."""
        return self.label + self.figure + self.level


def level_number(level: str) -> int | None:
    """How many marks a level is worth; None for a notation that is neither AAAA nor 4A."""
    match = _LEVEL.fullmatch(level)
    if match is None:
        return None
    return len(match["letters"]) if match["letters"] else int(match["number"])


def paint_indicators(slot: AnyIndicators, page: Page, box: Box) -> None:
    """Label, figure, five marks of which the level's number is filled, and the level as it was stated.

    Raises:
        RenderError: the slot has no room for a row's words or marks.
    """
    rows = stated_levels(slot, page.facts)
    if not rows:
        return
    style = page.style_of(slot)
    face_ = _face_for_rows(rows, slot, box, style, page.dpi)
    page.sizes[slot.name] = face_.height_dots
    figures = figures_dots(rows, face_)
    for number, row in enumerate(rows):
        top = box.top_dots + number * box.height_dots // len(rows)
        bottom = box.top_dots + (number + 1) * box.height_dots // len(rows)
        _paint_indicator(row, Box(box.left_dots, top, box.right_dots, bottom), face_, slot, page, figures)


def stated_levels(slot: AnyIndicators, facts: Facts) -> list[StatedLevel]:
    """The rows of which the level is stated."""
    found = [(row, value(row.path, facts)) for row in slot.rows]
    return [
        StatedLevel(row.label, str(value(row.measured, facts) or "") if row.measured else "", str(level))
        for row, level in found
        if level is not None
    ]


def figures_dots(rows: Sequence[StatedLevel], face_: Face) -> int:
    """Width of the column of figures, with the paper behind it; 0 if no row has one."""
    widest = max(face_.width_dots(row.figure) for row in rows)
    return widest + round(face_.height_dots * _FIGURE_GAP) if widest else 0


def marks_dots(dpi: int) -> int:
    """The least width of five marks."""
    gap, stroke = _mark_sizes(dpi)
    return MARKS * (2 * stroke + _OPEN_DOTS) + (MARKS - 1) * gap


def _mark_sizes(dpi: int) -> tuple[int, int]:
    """Gap between two marks, and edge of one."""
    return dots(_MARK_GAP_MM, dpi), max(1, dots(_FRAME_MM, dpi))


def _face_for_rows(rows: Sequence[StatedLevel], slot: AnyIndicators, box: Box, style: Style, dpi: int) -> Face:
    height = box.height_dots // len(rows)
    one_line = Style(style.height_dots, style.least_dots, style.weight, max_lines=1)
    labels, levels = dots(slot.label_mm, dpi) - dots(_MARK_GAP_MM, dpi), dots(slot.level_mm, dpi)
    faces = [fit((row.label,), Box(0, 0, labels, height), one_line, slot.name, dpi)[0] for row in rows]
    cells = ["A" * MARKS if set(row.level) == {"A"} else row.level for row in rows]
    faces += [fit((level,), Box(0, 0, levels, height), one_line, slot.name, dpi)[0] for level in cells]
    return min(faces, key=lambda face_: face_.height_dots)


def _paint_indicator(stated: StatedLevel, row: Box, face_: Face, slot: AnyIndicators, page: Page, figures: int) -> None:
    middle = (row.top_dots + row.bottom_dots) // 2
    baseline, figures_left = _baseline(stated.words, row, face_), row.left_dots + dots(slot.label_mm, page.dpi)
    page.run(slot.name, face_, stated.label, row.left_dots, baseline)
    if stated.figure:
        page.run(slot.name, face_, stated.figure, figures_left, baseline)
    levels = Box(row.right_dots - dots(slot.level_mm, page.dpi), row.top_dots, row.right_dots, row.bottom_dots)
    _paint_level(stated.level, levels, face_, baseline, slot.name, page)
    number = level_number(stated.level)
    if number is None:
        return
    left, right = figures_left + figures, levels.left_dots - face_.height_dots
    height = face_.height_dots * 3 // 5
    top = middle - height // 2
    _paint_marks(number, Box(left, top, right, top + height), slot.name, page)


def _baseline(words: str, row: Box, face_: Face) -> int:
    """Where 国 has as much above it as below, but never so that ink leaves the row."""
    middle = (row.top_dots + row.bottom_dots) // 2
    centred = middle + (face_.ascent_dots - face_.descent_dots("国") + 1) // 2
    return max(row.top_dots + face_.rise_dots(words), min(centred, row.bottom_dots - face_.descent_dots(words)))


def _paint_level(level: str, room: Box, face_: Face, baseline: int, slot: str, page: Page) -> None:
    """The level as stated; letters in five equal cells, so that AAAA and AAAAA can be told apart at a glance."""
    if set(level) != {"A"}:
        page.run(slot, face_, level, room.left_dots, baseline)
        return
    cell = room.width_dots // MARKS
    for place, letter in enumerate(level):
        page.run(slot, face_, letter, room.left_dots + place * cell, baseline)


def _paint_marks(number: int, room: Box, slot: str, page: Page) -> None:
    gap, stroke = _mark_sizes(page.dpi)
    width = (room.width_dots - (MARKS - 1) * gap) // MARKS
    if min(width, room.height_dots) < 2 * stroke + _OPEN_DOTS:
        raise _too_narrow(slot, room, page.dpi)
    for mark in range(MARKS):
        left = room.left_dots + mark * (width + gap)
        box = Box(left, room.top_dots, left + width, room.bottom_dots)
        page.fill(box) if mark < number else page.frame(box, stroke)
    page.note(slot, Piece.BAR, str(number), room)


def _too_narrow(slot: str, room: Box, dpi: int) -> RenderError:
    got = f"{millimetres(room.width_dots, dpi):.1f} × {millimetres(room.height_dots, dpi):.1f} mm"
    return RenderError(
        f"slot {slot}: expected room for {MARKS} marks between label and level, got {got}; widen the slot, or make "
        "label_mm or level_mm smaller"
    )
