"""Patches that stand below each other travel as one graphic: a second costs 60 bytes of commands, check and header."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from edge_agent.model.bitmap import Bitmap, Patch


class Stack(NamedTuple):
    """One graphic; `bands` are the rows at which its second patch begins, its third and so on."""

    patch: Patch
    bands: tuple[int, ...] = ()


def stacked(patches: Sequence[Patch]) -> list[Stack]:
    """The patches in as few graphics, with all their ink and no other; without the blank rows above and below it."""
    found: list[list[Patch]] = []
    for patch in patches:
        if found and _stands_below(found[-1], patch):
            found[-1].append(patch)
        else:
            found.append([patch])
    return [_trimmed(_stack(several)) for several in found]


def _stands_below(above: Sequence[Patch], patch: Patch) -> bool:
    """Below all of it, and beside none: paper between two that are far apart is cheap, since blank rows repeat."""
    first, last = above[0], above[-1]
    overlaps = patch.x_dots < first.x_dots + first.bitmap.width_dots and first.x_dots < _right(patch)
    return overlaps and patch.y_dots >= last.y_dots + last.bitmap.height_dots and _left((*above, patch)) >= 0


def _stack(patches: Sequence[Patch]) -> Stack:
    if len(patches) == 1:
        return Stack(patches[0])
    left, top, bottom = _left(patches), patches[0].y_dots, patches[-1].y_dots + patches[-1].bitmap.height_dots
    width = max(map(_right, patches)) - left
    stride = (width + 7) // 8
    rows = bytearray(stride * (bottom - top))
    for patch in patches:
        _put(rows, stride, patch, patch.x_dots - left, patch.y_dots - top)
    bands = tuple(patch.y_dots - top for patch in patches[1:])
    return Stack(Patch(left, top, Bitmap(width, bottom - top, bytes(rows))), bands)


def _put(rows: bytearray, stride: int, patch: Patch, x_dots: int, y_dots: int) -> None:
    """Rows of paper take the patch's; its padding may hang over the edge, and holds no ink."""
    narrow = patch.bitmap.stride
    for y in range(patch.bitmap.height_dots):
        row = int.from_bytes(patch.bitmap.rows[y * narrow : (y + 1) * narrow], "big")
        shift = 8 * (stride - narrow) - x_dots
        at = (y_dots + y) * stride
        rows[at : at + stride] = (row << shift if shift >= 0 else row >> -shift).to_bytes(stride, "big")


def _trimmed(stack: Stack) -> Stack:
    """At least one row stays, whatever is in it."""
    x_dots, y_dots, bitmap = stack.patch.x_dots, stack.patch.y_dots, stack.patch.bitmap
    stride = bitmap.stride
    above = (len(bitmap.rows) - len(bitmap.rows.lstrip(b"\0"))) // stride
    if above == bitmap.height_dots:
        return Stack(Patch(x_dots, y_dots, Bitmap(bitmap.width_dots, 1, bytes(stride))))
    below = (len(bitmap.rows) - len(bitmap.rows.rstrip(b"\0"))) // stride
    height = bitmap.height_dots - above - below
    rows = bitmap.rows[above * stride : (above + height) * stride]
    bands = tuple(row - above for row in stack.bands if 0 < row - above < height)
    return Stack(Patch(x_dots, y_dots + above, Bitmap(bitmap.width_dots, height, rows)), bands)


def _left(patches: Sequence[Patch]) -> int:
    """Whole bytes left of the first patch, a QR code: its modules lie in their bytes as they did, and pack well."""
    first = patches[0].x_dots
    return first - -(-(first - min(patch.x_dots for patch in patches)) // 8) * 8


def _right(patch: Patch) -> int:
    return patch.x_dots + patch.bitmap.width_dots
