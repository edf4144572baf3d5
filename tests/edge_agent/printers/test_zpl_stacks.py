"""Patches in one graphic: all their ink where it was, no other, and fewer bytes than apart."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.printers.languages.zpl import ZPL
from edge_agent.printers.languages.zpl.stacks import Stack, stacked
from edge_agent.render.raster import INK, overlay, to_bitmap
from tests.edge_agent.printers.test_zpl_stream import BLANK, qr_patch
from tests.kits.printer_bench import PrinterBench, rows_of


@st.composite
def patches(draw: st.DrawFn) -> list[Patch]:
    """Up to four anywhere on 160×160 dots, none over another."""
    found: list[Patch] = []
    for _ in range(draw(st.integers(1, 4))):
        width, height = draw(st.integers(1, 70)), draw(st.integers(1, 40))
        x, y = draw(st.integers(0, 160 - width)), draw(st.integers(0, 160 - height))
        row = draw(st.integers(0, (1 << width) - 1)) << -width % 8
        rows = row.to_bytes((width + 7) // 8, "big") * height
        if not any(_meet(one, x, y, width, height) for one in found):
            found.append(Patch(x, y, Bitmap(width, height, rows)))
    return found


def _meet(one: Patch, x: int, y: int, width: int, height: int) -> bool:
    beside = x + width <= one.x_dots or one.x_dots + one.bitmap.width_dots <= x
    return not beside and not (y + height <= one.y_dots or one.y_dots + one.bitmap.height_dots <= y)


@settings(max_examples=200, deadline=None)
@given(patches())
def test_the_ink_is_that_of_the_patches(several: list[Patch]) -> None:
    paper = Bitmap(160, 160, bytes(20 * 160))
    found = 0
    for stack in stacked(several):
        assert all(0 < row < stack.patch.bitmap.height_dots for row in stack.bands)
        found |= int.from_bytes(overlay(paper, [stack.patch]).rows, "big")
    assert found == int.from_bytes(overlay(paper, several).rows, "big")


def test_a_code_and_its_serial_travel_together_and_labels_across_apart() -> None:
    serial = Patch(290, 200, Bitmap(160, 40, random.Random(1).randbytes(800)))
    right = [Patch(patch.x_dots - 200, patch.y_dots, patch.bitmap) for patch in (qr_patch("A" * 17), serial)]
    assert [len(one.bands) for one in stacked([qr_patch("A" * 17), serial, *right])] == [1, 1]
    assert len(stacked([right[0], qr_patch("A" * 17)])) == 2


def test_all_writing_below_a_code_is_one_band() -> None:
    (stack,) = stacked([ink(300, 20, 100, 100), ink(300, 130, 90, 14), ink(200, 150, 90, 14)])
    assert stack.bands == (110,)


def test_what_would_make_a_graphic_too_wide_or_too_large_travels_apart() -> None:
    code = ink(0, 0, 100, 100)
    assert len(stacked([code, ink(318, 100, 90, 14)])) == 1, "51 bytes a row"
    assert len(stacked([code, ink(319, 100, 90, 14)])) == 2
    assert len(stacked([code, ink(300, 321, 90, 14)])) == 2, "more than 16 kB, though most of it is paper"


@pytest.mark.parametrize(("x_dots", "begins"), [(33, 33), (36, 33), (37, 37), (30, 29), (3, 1), (0, 0)])
def test_only_the_rectangle_with_ink_is_sent_modules_in_whole_halves_of_bytes(x_dots: int, begins: int) -> None:
    paper = Patch(33, 10, Bitmap(80, 20, bytes(200)))
    (stack,) = stacked([paper, ink(x_dots, 40, 9, 5)])
    assert (stack.patch.x_dots, stack.patch.y_dots) == (begins, 40)
    assert (stack.patch.bitmap.width_dots, stack.patch.bitmap.height_dots) == (x_dots + 9 - begins, 5)


def test_without_ink_one_dot_of_paper_is_sent() -> None:
    (stack,) = stacked([Patch(33, 10, Bitmap(80, 20, bytes(200)))])
    assert stack == Stack(Patch(33, 10, Bitmap(1, 1, b"\0")))


def ink(x_dots: int, y_dots: int, width_dots: int, height_dots: int) -> Patch:
    """A black rectangle."""
    return Patch(x_dots, y_dots, to_bitmap(Image.new("1", (width_dots, height_dots), INK)))


def test_every_flipped_bit_of_a_graphic_is_noticed() -> None:
    """By the CRC over its text (ZPL II Programming Guide, ZB64 encoding): the printer drops the graphic."""
    label = ZPL().run_label(BLANK, [qr_patch("7K3M9QX2W4T8VBN5C")])
    sent = re.search(rb"\^GFA,\d+,\d+,\d+,([^^]+)\^FS", label)
    assert sent is not None
    bench, store, dice = PrinterBench(), ZPL().store(BLANK), random.Random(5)
    whole = rows_of(bench.feed(store + label)[0])
    for _ in range(60):
        torn = bytearray(label)
        torn[dice.randrange(*sent.span(1))] ^= 1 << dice.randrange(7)
        assert all(rows_of(sheet) == bytes(len(whole)) for sheet in bench.feed(bytes(torn)))
