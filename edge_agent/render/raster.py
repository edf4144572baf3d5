"""This file turns millimetres into dots, and bitmaps into 1-bit pictures and back. No other place does.

Pictures are Pillow images of mode "1" in which a set pixel is ink; their bytes are a `Bitmap`'s rows as they stand.
Nothing is ever dithered: ink is set, never approximated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from PIL import Image

from edge_agent.errors import RenderError
from edge_agent.model.bitmap import Bitmap, Patch

INK = 255
PAPER = 0
MM_PER_INCH = 25.4
MIN_DPI, MAX_DPI = 100, 1200
"""Label printers have 203, 300 or 600 dpi; beyond these bounds a number is a slip of the hand."""


def dots(mm: float, dpi: int) -> int:
    """Millimetres as the nearest whole number of dots (60 mm at 203 dpi = 480, at 300 dpi = 709)."""
    return round(mm * dpi / MM_PER_INCH)


def dots_at_least(mm: float, dpi: int) -> int:
    """The smallest whole number of dots that is not shorter than `mm`; for legal minimum sizes."""
    return math.ceil(mm * dpi / MM_PER_INCH - 1e-9)


def millimetres(count: int, dpi: int) -> float:
    """Length of so many dots in millimetres."""
    return count * MM_PER_INCH / dpi


def checked_dpi(dpi: int) -> int:
    """`dpi` itself.

    Raises:
        RenderError: outside 100 to 1200.
    """
    if not MIN_DPI <= dpi <= MAX_DPI:
        raise RenderError(
            f"resolution: expected {MIN_DPI} to {MAX_DPI} dpi, got {dpi}; take it from the printer's profile"
        )
    return dpi


def blank(width_dots: int, height_dots: int) -> Image.Image:
    """An empty picture: no ink."""
    return Image.new("1", (width_dots, height_dots), PAPER)


def to_bitmap(image: Image.Image) -> Bitmap:
    """The rows of a picture: 1 = ink, MSB leftmost, pad bits 0."""
    return Bitmap(image.width, image.height, image.tobytes())


def to_image(bitmap: Bitmap) -> Image.Image:
    """The picture of a bitmap; inverse of `to_bitmap`."""
    return Image.frombytes("1", (bitmap.width_dots, bitmap.height_dots), bitmap.rows)


def from_number(number: int, width_dots: int, height_dots: int) -> Bitmap:
    """A bitmap from its rows as one big-endian number: XOR and OR of such numbers act on all dots at once."""
    stride = (width_dots + 7) // 8
    return Bitmap(width_dots, height_dots, number.to_bytes(stride * height_dots, "big"))


def to_number(bitmap: Bitmap) -> int:
    """The rows of a bitmap as one big-endian number; inverse of `from_number`."""
    return int.from_bytes(bitmap.rows, "big")


def overlay(background: Bitmap, patches: Iterable[Patch]) -> Bitmap:
    """`background` with each patch laid over it, ink and paper alike; what hangs over its edges is lost."""
    rows = bytearray(background.rows)
    for patch in patches:
        _lay_over(rows, background, patch)
    return Bitmap(background.width_dots, background.height_dots, bytes(rows))


def _lay_over(rows: bytearray, background: Bitmap, patch: Patch) -> None:
    """Row by row, and only the bytes that the patch touches: the whole label as a picture costs ten times as long."""
    narrow, wide, above = patch.bitmap.stride, background.stride, max(0, -patch.y_dots)
    first, last = max(0, patch.x_dots), min(background.width_dots, patch.x_dots + patch.bitmap.width_dots)
    begin, end = first // 8, (last + 7) // 8
    if first >= last:
        return
    area = (1 << last - first) - 1 << 8 * end - last
    shift = 8 * (end - narrow) - patch.x_dots
    for y in range(above, min(patch.bitmap.height_dots, background.height_dots - patch.y_dots)):
        dots_here = int.from_bytes(patch.bitmap.rows[y * narrow : (y + 1) * narrow], "big")
        dots_here = dots_here << shift if shift >= 0 else dots_here >> -shift
        place = slice((patch.y_dots + y) * wide + begin, (patch.y_dots + y) * wide + end)
        kept = int.from_bytes(rows[place], "big") & ~area
        rows[place] = (kept | dots_here & area).to_bytes(end - begin, "big")
