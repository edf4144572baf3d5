"""Patches that stand below each other travel as one graphic: a second costs 60 bytes of commands, check and header.

Of a graphic only the rectangle that holds ink is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image

from edge_agent.model.bitmap import Bitmap, Patch

_WIDEST_BYTES = 51
"""The rows of a QR code come in equals, six of them with the usual module at 300 dpi. Five repeats of a row of 51 bytes
are still one match: deflate's longest is 258 bytes (RFC 1951, 3.2.5)."""

_MOST_BYTES = 16_384
"""Beyond, looking for the cheapest parse takes milliseconds a label."""

_PHASE_DOTS = 4
"""A graphic begins so many dots left of its first patch, or a multiple: modules of a QR code then fill whole bytes or
halves. Any other phase costs a fifth more."""


class Stack(NamedTuple):
    """One graphic. `bands` is the row at which begins what stands below its first patch, if anything does: below a QR
    code that is writing, all of one kind."""

    patch: Patch
    bands: tuple[int, ...] = ()


def stacked(patches: Sequence[Patch]) -> list[Stack]:
    """The patches in as few graphics as pays, with all their ink and no other."""
    found: list[list[Patch]] = []
    for patch in patches:
        if found and _stands_below(found[-1], patch):
            found[-1].append(patch)
        else:
            found.append([patch])
    return [_stack(several) for several in found]


def _stands_below(above: Sequence[Patch], patch: Patch) -> bool:
    """Below all of it, and in a graphic not too wide: paper is cheap, since blank rows repeat."""
    left, top, right, bottom = _around([*above, patch])
    stride = (right - left + 7) // 8
    fits = stride <= _WIDEST_BYTES and stride * (bottom - top) <= _MOST_BYTES
    return fits and patch.y_dots >= above[-1].y_dots + above[-1].bitmap.height_dots


def _around(patches: Sequence[Patch]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of all of them."""
    return (
        min(patch.x_dots for patch in patches),
        min(patch.y_dots for patch in patches),
        max(patch.x_dots + patch.bitmap.width_dots for patch in patches),
        max(patch.y_dots + patch.bitmap.height_dots for patch in patches),
    )


def _stack(patches: Sequence[Patch]) -> Stack:
    """One dot of paper where there is no ink at all."""
    left, top, right, bottom = _around(patches)
    image = Image.new("1", (right - left, bottom - top))
    for patch in patches:
        size = patch.bitmap.width_dots, patch.bitmap.height_dots
        image.paste(Image.frombytes("1", size, patch.bitmap.rows), (patch.x_dots - left, patch.y_dots - top))
    ink = image.getbbox()
    if ink is None:
        return Stack(Patch(left, top, Bitmap(1, 1, b"\0")))
    begin = max(-left, ink[0] - (left + ink[0] - patches[0].x_dots) % _PHASE_DOTS)
    cut = image.crop((begin, *ink[1:]))
    below = [patch.y_dots - top - ink[1] for patch in patches[1:2]]
    bands = tuple(row for row in below if 0 < row < cut.height)
    return Stack(Patch(left + begin, top + ink[1], Bitmap(cut.width, cut.height, cut.tobytes())), bands)
