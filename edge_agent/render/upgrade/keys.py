"""This table says what a slot's place becomes, by its kind: keys that go, and those that come instead."""

from __future__ import annotations

from collections.abc import Iterator

from edge_agent.render.templates.slots import (
    BoxSlot,
    CompositionSlot,
    FieldsSlot,
    MarkSlot,
    QrSlot,
    Slot,
    TextSlot,
)

_PLACE = frozenset({"at_mm", "size_mm", "pages"})
_RULE_MM = 0.25
_MODULE_MM = 0.5
"""What format 2 takes for a rule and a module where nothing is said (`stacked.py`)."""
_ALIKE_MM = 0.02
"""Modules of 0.51 mm are those of 0.5 mm, in whole dots."""
_MODULES = 33 + 2 * 4
"""Of a code and its quiet zone: version 4, which a link with a lot takes."""
_LINE = 1.3
"""Height of a line of text, in characters: descenders and the paper below them."""


def keys_that_go(slot: Slot) -> frozenset[str]:
    """Keys that format 2 does not have, of a slot of this kind."""
    return _PLACE | {"label_mm"} if isinstance(slot, FieldsSlot | CompositionSlot) else _PLACE


def keys_that_come(slot: Slot) -> Iterator[str]:
    """Statements that say of its size what format 2 does not find out itself."""
    width_mm, height_mm = slot.size_mm
    match slot:
        case BoxSlot():
            yield from [f"thick_mm = {thick_mm:g}"] if (thick_mm := min(slot.size_mm)) != _RULE_MM else []
            yield from ["share = 0"] if width_mm < height_mm else []  # upright, between columns: it does not widen
        case TextSlot() if slot.inverse:
            least_mm = min(height_mm, round(slot.min_char_mm * _LINE + 2 * slot.pad_mm, 2))
            yield f"height_mm = [{least_mm:g}, {height_mm:g}, {height_mm:g}]"
        case MarkSlot():
            yield from (f"width_mm = {width_mm:g}", f"height_mm = {height_mm:g}")
        case QrSlot():
            x_mm = max(slot.min_x_mm, min(2.0, round(min(slot.size_mm) / _MODULES - 0.005, 2)))
            yield from [f"x_mm = {x_mm:g}"] if abs(x_mm - _MODULE_MM) > _ALIKE_MM else []
        case _:
            return
