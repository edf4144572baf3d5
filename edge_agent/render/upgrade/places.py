"""This file reads from a template of format 1 where the ink of its slots may lie, and so its margins, rows and columns.

A code counts without its quiet zone, which margins and gaps hold in format 2. A frame around other slots, or a field
below them, is no part of any row: it is left out, and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from edge_agent.errors import TemplateError
from edge_agent.render.facts import fields
from edge_agent.render.templates.slots import BoxSlot, QrSlot, SerialSlot, Slot, TextSlot
from edge_agent.render.templates.template import Template
from edge_agent.render.upgrade.cuts import EntangledError, Found, Rect, cut

QUIET = 4 / 41
"""Share of a code's side that is quiet zone on each side: four modules beside 33, which a link with a lot takes."""
_LOOSE_MM = 0.6
"""Code and serial stand in the middle of rooms that are a little larger than they are: by so much they may reach over
the line on which all else ends."""
_FILLS = 0.8
"""A code of this share of the label's height leaves room for nothing else: its quiet zone is the margin."""


@dataclass(frozen=True, slots=True)
class Places:
    """What was found: where each slot stands, in which rows and columns (`found`, and `dense` without grids), and boxes
    that are left out."""

    rects: dict[str, Rect]
    found: Found
    dense: Found
    left_out: tuple[str, ...]


def places_of(old: Template) -> Places:
    """Where its slots stand.

    Raises:
        TemplateError: slots that no line of paper parts; names them.
    """
    rects = [_ink(slot) for slot in old.placed]
    left_out = _around(rects, {slot.name for slot in old.placed if isinstance(slot, BoxSlot)})
    kept = {rect.name: rect for rect in rects if rect.name not in left_out}
    try:
        found, dense = (cut(list(kept.values()), grids=grids) for grids in (True, False))
    except EntangledError as cause:
        names = ", ".join(cause.names)
        raise TemplateError(
            f"模板 {old.name} 的部位 {names} 互相错开，分不出行和列，请把它们对齐或移开，再升级 · "
            f"template {old.name}: expected paper that runs through between slots {names}, so that they are rows or "
            "columns, got none; align or move them, then upgrade"
        ) from cause
    return Places(kept, found, dense, left_out)


def margins_mm(old: Template, places: Places) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the label that stay paper: beside its sides, as far as all but code and serial
    reach, unless these reach much further; a code as high as the label keeps the room it had."""
    rects = places.rects.values()
    loose = {slot.name for slot in old.placed if isinstance(slot, QrSlot | SerialSlot)}
    firm = [rect for rect in rects if rect.name not in loose] or list(rects)
    left, right = min(rect.left for rect in firm), max(rect.right for rect in firm)
    outer_left, outer_right = min(rect.left for rect in rects), max(rect.right for rect in rects)
    top, bottom = min(rect.top for rect in rects), max(rect.bottom for rect in rects)
    if old.coded and (code := old.placed[old.slot.index(old.qr)]).size_mm[1] > _FILLS * old.size_mm[1]:
        _, top, _, bottom = code.edges_mm
    return (
        left if left - outer_left < _LOOSE_MM else outer_left,
        top,
        old.size_mm[0] - (right if outer_right - right < _LOOSE_MM else outer_right),
        old.size_mm[1] - bottom,
    )


def _ink(slot: Slot) -> Rect:
    left, top, right, bottom = slot.edges_mm
    quiet = QUIET * min(slot.size_mm) if isinstance(slot, QrSlot) else 0.0
    caption = isinstance(slot, TextSlot) and not fields(slot.text)
    return Rect(slot.name, left + quiet, top + quiet, right - quiet, bottom - quiet, caption)


def _around(rects: Sequence[Rect], boxes: set[str]) -> tuple[str, ...]:
    """Boxes that share room with another slot; of two boxes, the larger."""
    out: list[str] = []
    for one, other in combinations(sorted(rects, key=_area, reverse=True), 2):
        large, small = (one, other) if one.name in boxes else (other, one)
        if large.name in boxes and not {large.name, small.name} & set(out) and _meet(one, other):
            out.append(large.name)
    return tuple(out)


def _area(rect: Rect) -> float:
    return (rect.right - rect.left) * (rect.bottom - rect.top)


def _meet(one: Rect, other: Rect) -> bool:
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    return min(wide, high) > 1e-6
