"""This check finds slots that could hold nothing at all, whatever the record says, when a template is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edge_agent.render.templates.flaws import Complaint
from edge_agent.render.templates.slots import LEAST_SYMBOL_MM, BoxSlot, CareSlot, MarkSlot, QrSlot, Slot

_LEAST_SYMBOL_MODULES = 21 + 2 * 4
"""The smallest QR code there is, version 1, with its quiet zone."""


def least_size_complaints(slots: Sequence[Slot]) -> Iterator[Complaint]:
    """Slots lower or narrower than the least that they show."""
    for number, slot in enumerate(slots):
        least_mm, what_zh, what_en = _least(slot)
        if min(slot.size_mm) < least_mm - 1e-6:
            got = f"{slot.size_mm[0]:g} × {slot.size_mm[1]:g} mm"
            yield Complaint(
                number,
                f"部位只有 {got}，放不下{what_zh}（{least_mm:g} mm），请放大部位",
                f"expected room for {what_en} of {least_mm:g} mm, got {got}; enlarge the slot",
            )


def _least(slot: Slot) -> tuple[float, str, str]:
    """The least width and height in mm, and of what, in Chinese and English."""
    match slot:
        case BoxSlot() | MarkSlot():
            return 0.0, "", ""
        case QrSlot():
            return round(_LEAST_SYMBOL_MODULES * slot.min_x_mm, 2), "最小的二维码", "the smallest QR code"
        case CareSlot():
            return LEAST_SYMBOL_MM, "一个维护符号", "one care symbol"
        case _:
            return slot.min_char_mm, "一个字", "one character"
