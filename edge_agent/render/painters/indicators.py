"""This painter puts levels in rows: label, five marks of which as many are filled as the level is worth, the level."""

from __future__ import annotations

import re

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
_OPEN_DOTS = 4
"""Paper inside an empty mark, at least: an edge that grows by a dot on each side still leaves two."""


def level_number(level: str) -> int | None:
    """How many marks a level is worth; None for a notation that is neither AAAA nor 4A."""
    match = _LEVEL.fullmatch(level)
    if match is None:
        return None
    return len(match["letters"]) if match["letters"] else int(match["number"])


def paint_indicators(slot: AnyIndicators, page: Page, box: Box) -> None:
    """Label, five marks of which the level's number is filled, and the level as it was stated.

    Raises:
        RenderError: the slot has no room for a row's words or marks.
    """
    rows = stated_levels(slot, page.facts)
    if not rows:
        return
    style = page.style_of(slot)
    face_ = _face_for_rows(rows, slot, box, style, page.dpi)
    page.sizes[slot.name] = face_.height_dots
    for number, (label, level) in enumerate(rows):
        top = box.top_dots + number * box.height_dots // len(rows)
        bottom = box.top_dots + (number + 1) * box.height_dots // len(rows)
        _paint_indicator(label, level, Box(box.left_dots, top, box.right_dots, bottom), face_, slot, page)


def stated_levels(slot: AnyIndicators, facts: Facts) -> list[tuple[str, str]]:
    """Label and level of each row of which the level is stated."""
    found = [(row.label, value(row.path, facts)) for row in slot.rows]
    return [(label, str(level)) for label, level in found if level is not None]


def _face_for_rows(rows: list[tuple[str, str]], slot: AnyIndicators, box: Box, style: Style, dpi: int) -> Face:
    height = box.height_dots // len(rows)
    one_line = Style(style.height_dots, style.least_dots, style.weight, max_lines=1)
    labels, levels = dots(slot.label_mm, dpi) - dots(_MARK_GAP_MM, dpi), dots(slot.level_mm, dpi)
    faces = [fit((label,), Box(0, 0, labels, height), one_line, slot.name, dpi)[0] for label, _ in rows]
    cells = ["A" * MARKS if set(level) == {"A"} else level for _, level in rows]
    faces += [fit((level,), Box(0, 0, levels, height), one_line, slot.name, dpi)[0] for level in cells]
    return min(faces, key=lambda face_: face_.height_dots)


def _paint_indicator(label: str, level: str, row: Box, face_: Face, slot: AnyIndicators, page: Page) -> None:
    middle = (row.top_dots + row.bottom_dots) // 2
    baseline = _baseline(label + level, row, face_)
    page.run(slot.name, face_, label, row.left_dots, baseline)
    levels = Box(row.right_dots - dots(slot.level_mm, page.dpi), row.top_dots, row.right_dots, row.bottom_dots)
    _paint_level(level, levels, face_, baseline, slot.name, page)
    number = level_number(level)
    if number is None:
        return
    left, right = row.left_dots + dots(slot.label_mm, page.dpi), levels.left_dots - face_.height_dots
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
    gap, stroke = dots(_MARK_GAP_MM, page.dpi), max(1, dots(_FRAME_MM, page.dpi))
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
