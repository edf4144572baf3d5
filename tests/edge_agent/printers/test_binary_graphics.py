"""Patches of whole bytes and BMP files, against plain loops over dots and someone else's BMP reader."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from edge_agent.errors import RefusedError
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.printers.languages.binary import adding_ink, bmp, bmp_size, widened
from tests.kits.printer_bench import cut, overlaid


def packed(dots: list[list[int]]) -> Bitmap:
    """Rows of 0 and 1."""
    stride = (len(dots[0]) + 7) // 8
    rows = b"".join(int("".join(map(str, row)).ljust(stride * 8, "0"), 2).to_bytes(stride) for row in dots)
    return Bitmap(len(dots[0]), len(dots), rows)


@st.composite
def backgrounds(draw: st.DrawFn) -> Bitmap:
    """Any dots; widths around whole bytes."""
    width, height = draw(st.integers(1, 60)), draw(st.integers(1, 6))
    line = st.lists(st.integers(0, 1), min_size=width, max_size=width)
    return packed(draw(st.lists(line, min_size=height, max_size=height)))


@st.composite
def backgrounds_and_patches(draw: st.DrawFn) -> tuple[Bitmap, Patch]:
    """A patch anywhere inside, with all the ink that is stored there and some more."""
    background = draw(backgrounds())
    x, y = draw(st.integers(0, background.width_dots - 1)), draw(st.integers(0, background.height_dots - 1))
    width, height = draw(st.integers(1, background.width_dots - x)), draw(st.integers(1, background.height_dots - y))
    ink = cut(background, x, y, width, height)
    more = packed([[draw(st.integers(0, 1)) for _ in range(width)] for _ in range(height)])
    rows = bytes(a | b for a, b in zip(ink.rows, more.rows, strict=True))
    return background, Patch(x, y, Bitmap(width, height, rows))


@pytest.mark.costly
@settings(max_examples=300, deadline=None)
@given(backgrounds_and_patches())
def test_a_widened_patch_prints_the_same_whether_it_overwrites_or_adds(case: tuple[Bitmap, Patch]) -> None:
    background, patch = case
    wide = widened(background, patch)
    assert wide.bitmap.width_dots == patch.bitmap.stride * 8 and wide.y_dots == patch.y_dots
    inside = min(wide.bitmap.width_dots, background.width_dots - wide.x_dots)
    shown = cut(wide.bitmap, 0, 0, inside, wide.bitmap.height_dots)
    expected = overlaid(background, patch)
    assert overlaid(background, Patch(wide.x_dots, wide.y_dots, shown)) == expected
    under = cut(background, wide.x_dots, wide.y_dots, inside, shown.height_dots)
    added = bytes(a | b for a, b in zip(under.rows, shown.rows, strict=True))
    assert added == shown.rows, "adding ink gives what overwriting gives"


@pytest.mark.costly
@settings(max_examples=200, deadline=None)
@given(backgrounds_and_patches())
def test_nothing_lies_outside_the_label_if_there_is_room_inside(case: tuple[Bitmap, Patch]) -> None:
    background, patch = case
    wide = widened(background, patch)
    assert wide.x_dots >= 0
    if wide.bitmap.width_dots <= background.width_dots:
        assert wide.x_dots + wide.bitmap.width_dots <= background.width_dots
    else:
        beyond = cut(
            wide.bitmap,
            background.width_dots,
            0,
            wide.bitmap.width_dots - background.width_dots,
            wide.bitmap.height_dots,
        )
        assert wide.x_dots == 0 and not any(beyond.rows)


@pytest.mark.costly
@settings(max_examples=200, deadline=None)
@given(backgrounds_and_patches())
def test_only_bytes_and_rows_that_add_ink_are_sent(case: tuple[Bitmap, Patch]) -> None:
    background, patch = case
    same = Patch(patch.x_dots, patch.y_dots, cut(background, patch.x_dots, patch.y_dots, *_size(patch.bitmap)))
    assert adding_ink(background, [same]) == [], "a patch that adds nothing is left out"
    sent = adding_ink(background, [same, patch])
    assert overlaid(background, *(_on_the_label(background, one) for one in sent)) == overlaid(background, patch)
    for one in sent:
        ink = _on_the_label(background, one).bitmap
        stored = cut(background, one.x_dots, one.y_dots, *_size(ink))
        added = [a ^ b for a, b in zip(ink.rows, stored.rows, strict=True)]
        stride = one.bitmap.stride
        rows = [added[at : at + stride] for at in range(0, len(added), stride)]
        assert any(rows[0]) and any(rows[-1]), "no row above or below that adds nothing"
        assert any(row[0] for row in rows) and any(row[-1] for row in rows), "nor a byte beside"


def _on_the_label(background: Bitmap, patch: Patch) -> Patch:
    """Without the columns beyond the right edge of a label narrower than the patch."""
    inside = min(patch.bitmap.width_dots, background.width_dots - patch.x_dots)
    return Patch(patch.x_dots, patch.y_dots, cut(patch.bitmap, 0, 0, inside, patch.bitmap.height_dots))


def _size(bitmap: Bitmap) -> tuple[int, int]:
    return bitmap.width_dots, bitmap.height_dots


def test_one_stored_dot_that_a_patch_wants_white_is_refused() -> None:
    background = packed([[0] * 13, [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]])
    assert widened(background, Patch(6, 0, Bitmap(6, 2, b"\xfc\x00"))).bitmap.rows == b"\x7e\x81"
    for x, width in ((5, 3), (3, 3), (12, 1), (6, 7)):
        with pytest.raises(RefusedError, match=rf"patch {width}×2 at {x},0: expected its white dots white"):
            widened(background, Patch(x, 0, Bitmap(width, 2, b"\x00\x00")))


@pytest.mark.parametrize(("x", "y"), [(-1, 0), (0, -1), (6, 0), (0, 2)])
def test_a_patch_that_leaves_the_label_is_refused(x: int, y: int) -> None:
    with pytest.raises(RefusedError, match=r"patch 8×2 .*inside the label of 13×3 dots"):
        widened(Bitmap(13, 3, bytes(6)), Patch(x, y, Bitmap(8, 2, b"\xff\xff")))


@settings(max_examples=100, deadline=None)
@given(backgrounds())
def test_a_bmp_is_read_back_by_its_own_rules(bitmap: Bitmap) -> None:
    """Read by the format's description: offset, bottom row first, palette."""
    data = bmp(bitmap)
    assert len(data) == bmp_size(bitmap) == struct.unpack_from("<I", data, 2)[0]
    offset, head, width, height, planes, bits, packing = struct.unpack_from("<IIiiHHI", data, 10)
    assert (offset, head, planes, bits, packing) == (62, 40, 1, 1, 0)
    assert (width, height) == (bitmap.width_dots, bitmap.height_dots), "height above 0: bottom row first"
    assert data[54:62] == b"\x00\x00\x00\x00\xff\xff\xff\x00", "0 black, 1 white"
    line = (width + 31) // 32 * 4
    for y in range(height):
        row = data[offset + (height - 1 - y) * line :][:line]
        dots = [1 - (row[x // 8] >> 7 - x % 8 & 1) for x in range(width)]
        assert packed([dots]).rows == bitmap.rows[y * bitmap.stride : (y + 1) * bitmap.stride]


def test_a_picture_viewer_shows_ink_as_black() -> None:
    seen = Image.open(io.BytesIO(bmp(Bitmap(9, 1, b"\x80\x00")))).convert("L")
    assert seen.tobytes() == b"\x00" + b"\xff" * 8
