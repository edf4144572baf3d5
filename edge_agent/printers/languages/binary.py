"""Pictures for languages that take raw bytes: patches of whole bytes, and BMP files.

Such a language draws a patch over the background that it has recalled, and whether its printer overwrites or adds ink
is not known of every clone. So a patch is widened here until both come to the same: it carries the background's own
dots beside it, and may not want white what is stored black.

The arithmetic is on whole patches as one number each: a row of dots is never touched alone, and what depends on the
background and the area only is kept.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import lru_cache

from PIL import Image

from edge_agent.errors import RefusedError
from edge_agent.model.bitmap import Bitmap, Patch

BMP_HEAD_BYTES = 62
"""File header 14, BITMAPINFOHEADER 40, two palette entries of 4 (Windows BMP, version 3)."""


def widened(background: Bitmap, patch: Patch) -> Patch:
    """The patch grown to whole bytes, with the background's own dots in the columns that it gains.

    At the label's right edge it grows to the left, so that nothing lies outside. On a label narrower than that it
    begins at 0, and the columns that are not on the label are white.

    Raises:
        RefusedError: the patch leaves the label, or wants white what is stored black.
    """
    x_dots, stored = _grown(background, patch.x_dots, patch.y_dots, patch.bitmap.width_dots, patch.bitmap.height_dots)
    wanted = _wanted(patch, x_dots)
    if _unwanted(stored, patch, x_dots) & ~wanted:
        raise RefusedError(f"{_where(patch)}: expected its white dots white in the background, got ink; move the slot")
    bitmap = patch.bitmap
    rows = (wanted | stored).to_bytes(len(bitmap.rows))
    return Patch(x_dots, patch.y_dots, Bitmap(bitmap.stride * 8, bitmap.height_dots, rows))


def adding_ink(background: Bitmap, patches: Iterable[Patch]) -> list[Patch]:
    """`widened` patches, cut down to the whole bytes and rows in which they add ink to what is stored; one that adds
    none is left out. On a 60×40 label that saves a quarter of the bytes: blank margins and the parts of a QR code that
    are equal in a whole run and live in the background.

    Raises:
        RefusedError: as `widened`.
    """
    cropped = (_cropped(background, widened(background, patch)) for patch in patches)
    return [patch for patch in cropped if patch is not None]


def _cropped(background: Bitmap, wide: Patch) -> Patch | None:
    bitmap, stride = wide.bitmap, wide.bitmap.stride
    added = (_number(wide) ^ _stored(background, wide)).to_bytes(len(bitmap.rows))
    columns = 0
    inked = []
    for y in range(bitmap.height_dots):
        if row := int.from_bytes(added[y * stride : (y + 1) * stride]):
            columns |= row
            inked.append(y)
    if not inked:
        return None
    left = stride - (columns.bit_length() + 7) // 8
    right = stride - ((columns & -columns).bit_length() - 1) // 8
    lines = range(inked[0], inked[-1] + 1)
    rows = b"".join(bitmap.rows[y * stride + left : y * stride + right] for y in lines)
    return Patch(wide.x_dots + left * 8, wide.y_dots + lines.start, Bitmap((right - left) * 8, len(lines), rows))


def bmp(bitmap: Bitmap) -> bytes:
    """A Windows BMP of one bit a dot: bottom row first, rows of whole 4 bytes, palette 0 black and 1 white."""
    ink = Image.frombytes("1", (bitmap.width_dots, bitmap.height_dots), bitmap.rows, "raw", "1;I")
    file = io.BytesIO()
    ink.save(file, "BMP")
    return file.getvalue()


def bmp_size(bitmap: Bitmap) -> int:
    """Bytes of `bmp(bitmap)`, without making it."""
    return BMP_HEAD_BYTES + (bitmap.width_dots + 31) // 32 * 4 * bitmap.height_dots


def _wanted(patch: Patch, x_dots: int) -> int:
    """The patch's ink, moved right by as much as its area was moved left: pad bits are 0, so no row spills over."""
    return _number(patch) >> patch.x_dots - x_dots


def _number(patch: Patch) -> int:
    return int.from_bytes(patch.bitmap.rows)


def _unwanted(stored: int, patch: Patch, x_dots: int) -> int:
    """Stored ink in the columns that are the patch's own."""
    bitmap = patch.bitmap
    return stored & _columns(bitmap.width_dots, bitmap.height_dots, patch.x_dots - x_dots)


def _stored(background: Bitmap, patch: Patch) -> int:
    bitmap = patch.bitmap
    return _ink(background, patch.x_dots, patch.y_dots, bitmap.stride, bitmap.height_dots)


def _grown(background: Bitmap, x_dots: int, y_dots: int, width_dots: int, height_dots: int) -> tuple[int, int]:
    """Where the widened area begins, and the background's ink in it.

    Raises:
        RefusedError: the area leaves the label.
    """
    right, bottom = x_dots + width_dots, y_dots + height_dots
    if x_dots < 0 or y_dots < 0 or right > background.width_dots or bottom > background.height_dots:
        size, area = f"{background.width_dots}×{background.height_dots}", f"{width_dots}×{height_dots}"
        raise RefusedError(
            f"patch {area} at {x_dots},{y_dots}: expected inside the label of {size} dots, got outside; move the slot"
        )
    stride = (width_dots + 7) // 8
    left = max(0, min(x_dots, background.width_dots - stride * 8))
    return left, _ink(background, left, y_dots, stride, height_dots)


@lru_cache(maxsize=256)
def _ink(background: Bitmap, x_dots: int, y_dots: int, stride: int, height_dots: int) -> int:
    """The background's dots in an area of whole bytes, as one number; white where the label has ended."""
    padded, mask = background.stride, (1 << stride * 8) - 1
    area = bytearray()
    for y in range(y_dots, y_dots + height_dots):
        row = int.from_bytes(background.rows[y * padded : (y + 1) * padded]) << stride * 8
        area += (row >> padded * 8 - x_dots & mask).to_bytes(stride)
    return int.from_bytes(area)


@lru_cache(maxsize=256)
def _columns(width_dots: int, height_dots: int, from_left: int) -> int:
    """All ones in `width_dots` columns of an area of whole bytes, `from_left` columns in."""
    stride = (width_dots + 7) // 8
    row = ((1 << width_dots) - 1) << stride * 8 - width_dots - from_left
    return int.from_bytes(row.to_bytes(stride) * height_dots)


def _where(patch: Patch) -> str:
    return f"patch {patch.bitmap.width_dots}×{patch.bitmap.height_dots} at {patch.x_dots},{patch.y_dots}"
