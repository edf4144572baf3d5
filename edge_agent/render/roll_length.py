"""This file cuts a label to the length of its content: it comes from a roll, so rows that no content took are left out.

The label is painted at its full length first, then rows of dots that nobody needs are cut out and what is below moves
up. A row is kept if a piece, a fixed slot or the stroke of a frame lies on it, or if it is the gap between two slots. A
slot that came out empty goes with all gaps around it but the widest, so that a margin or a gap before a rule is never
lost to it. Frames do not hold what they enclose: they shrink with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from PIL import Image

from edge_agent.errors import RenderError
from edge_agent.render.page import Page
from edge_agent.render.raster import blank, dots
from edge_agent.render.templates.slots import PER_LABEL, AnyBox, AnyText, Slot
from edge_agent.render.type.text import Box

_SHRINKING = frozenset({"text", "fields", "composition", "care", "mark"})
"""Slots that give back what their content did not need; all others keep their size."""


def cut_to_content(page: Page, boxes: Mapping[str, Box], slots: Sequence[Slot]) -> dict[str, Box]:
    """Cut the page's spare rows; gives the boxes of the slots where they came to lie, and moves what was painted.

    Raises:
        RenderError: there is nothing on it: no printer is asked for a label of no length, nor for a blank one.
    """
    if page.image.getbbox() is None and not any(slot.kind in PER_LABEL for slot in slots):
        raise RenderError(
            "这条记录在这个模板上没有任何内容可印，请核对资料或换模板 · label: expected something to print, got facts "
            "for none of its slots; complete the record or choose another template"
        )
    kept = _kept_rows(page, boxes, slots)
    shift = [0, *accumulate(kept)]  # old row → new row; a cut row falls on the next one that is kept
    page.image = _without(page.image, kept)
    page.painted = [replace(piece, box=_moved(piece.box, shift)) for piece in page.painted]
    return {name: _moved(box, shift) for name, box in boxes.items()}


def _kept_rows(page: Page, boxes: Mapping[str, Box], slots: Sequence[Slot]) -> list[bool]:
    height = page.image.height
    needed, owned = [False] * height, [False] * height
    for slot in slots:
        box = boxes[slot.name]
        if isinstance(slot, AnyBox) and slot.stroke_mm:
            stroke = max(1, dots(slot.stroke_mm, page.dpi))
            _set(needed, box.top_dots, box.top_dots + stroke)
            _set(needed, box.bottom_dots - stroke, box.bottom_dots)
        else:
            _set(owned, box.top_dots, box.bottom_dots)
            _set(needed, box.top_dots, _end_of(slot, box, page))
    kept = [here or not somebodys for here, somebodys in zip(needed, owned, strict=True)]
    for start, end in _runs([not here for here in needed]):
        gaps = [(start + first, start + last) for first, last in _runs(kept[start:end])]
        for first, last in sorted(gaps, key=_length)[:-1]:
            kept[first:last] = [False] * (last - first)
    return kept


def _length(run: tuple[int, int]) -> int:
    return run[1] - run[0]


def _end_of(slot: Slot, box: Box, page: Page) -> int:
    """The first row that the slot does not need."""
    if slot.kind not in _SHRINKING:
        return box.bottom_dots
    ends = [piece.box.bottom_dots for piece in page.painted if piece.slot == slot.name]
    if ends and isinstance(slot, AnyText) and slot.inverse:
        return box.bottom_dots
    return max(ends, default=box.top_dots)


def _set(rows: list[bool], start: int, end: int) -> None:
    rows[start:end] = [True] * (end - start)


def _without(image: Image.Image, kept: Sequence[bool]) -> Image.Image:
    shortened = blank(image.width, sum(kept))
    new = 0
    for start, end in _runs(kept):
        shortened.paste(image.crop((0, start, image.width, end)), (0, new))
        new += end - start
    return shortened


def _runs(kept: Sequence[bool]) -> list[tuple[int, int]]:
    edges = [row for row in range(len(kept) + 1) if _at(kept, row) != _at(kept, row - 1)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _at(kept: Sequence[bool], row: int) -> bool:
    return 0 <= row < len(kept) and kept[row]


def _moved(box: Box, shift: Sequence[int]) -> Box:
    return Box(box.left_dots, shift[box.top_dots], box.right_dots, shift[box.bottom_dots])
