"""A certified mark: the uploaded artwork and nothing else, refused rather than shown otherwise than it was issued."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageChops

from edge_agent.errors import RenderError
from edge_agent.render.page import Page, Piece, box_of
from edge_agent.render.painters.mark import MAX_BYTES, MAX_SIDE_PIXELS, paint_mark, read_artwork
from edge_agent.render.raster import blank, dots
from edge_agent.render.templates.slots import MarkSlot
from tests.kits.mark_kit import certified, file_of, mark_png, sha256_of

MARK = mark_png()
SLOT = MarkSlot(name="mark", kind="mark", at_mm=(5.0, 5.0), size_mm=(16.0, 10.0))


def painted(data: bytes, *, slot: MarkSlot = SLOT, dpi: int = 203, **mark: Any) -> Page:
    kept = {sha256_of(data): data}
    facts = {"product": {"carbon_mark": certified(data, **mark)}}
    page = Page(blank(dots(30, dpi), dots(20, dpi)), dpi, facts, artwork=kept.get)
    paint_mark(slot, page, box_of(slot.at_mm, slot.size_mm, page.dpi))
    return page


@pytest.mark.parametrize("dpi", [203, 300])
def test_the_artwork_stands_in_the_middle_as_large_as_fits_and_is_noted_by_its_hash(dpi: int) -> None:
    page = painted(MARK, dpi=dpi)
    (piece,) = page.painted
    assert (piece.slot, piece.piece, piece.text) == ("mark", Piece.PICTURE, sha256_of(MARK))
    box = piece.box
    assert box.height_dots == box.width_dots == dots(15, dpi) - dots(5, dpi), "square, and the slot's whole height"
    assert abs((box.left_dots + box.right_dots) - (dots(5, dpi) + dots(21, dpi))) <= 1
    ink = page.image.getbbox()
    assert ink is not None
    assert ink[0] >= box.left_dots and ink[1] >= box.top_dots and ink[2] <= box.right_dots and ink[3] <= box.bottom_dots


def test_what_is_shown_is_the_artwork_dot_for_dot_where_a_whole_factor_fits() -> None:
    small = mark_png(40)
    page = painted(small)
    box = page.painted[0].box
    found = page.image.crop((box.left_dots, box.top_dots, box.right_dots, box.bottom_dots))
    assert found.size == (80, 80)
    twice = read_artwork(small, "x").resize((80, 80), Image.Resampling.NEAREST)
    assert ImageChops.logical_xor(found, twice).getbbox() is None


def test_large_artwork_shrinks_without_losing_its_shape() -> None:
    shown = painted(mark_png(1600)).image.crop((80, 40, 128, 120))
    again = painted(mark_png(400)).image.crop((80, 40, 128, 120))
    assert shown.getbbox() is not None
    differ = ImageChops.logical_xor(shown, again).histogram()[-1]
    assert differ < 0.03 * 48 * 80, "the same mark at another resolution is the same mark on paper"


def test_nothing_is_drawn_without_a_mark() -> None:
    page = Page(blank(100, 100), 203, {"product": {}}, artwork={sha256_of(MARK): MARK}.get)
    paint_mark(SLOT, page, box_of(SLOT.at_mm, SLOT.size_mm, page.dpi))
    assert page.painted == [] and page.image.getbbox() is None


def test_a_mark_is_never_left_out_and_never_replaced() -> None:
    other = mark_png(300)
    facts = {"product": {"carbon_mark": certified(MARK)}}
    for kept in ({}, {sha256_of(MARK): other}, {sha256_of(other): MARK}, {sha256_of(MARK): MARK + b"\0"}):
        page = Page(blank(300, 300), 203, facts, artwork=kept.get)
        with pytest.raises(RenderError, match=f"slot mark: expected the artwork {sha256_of(MARK)[:12]} as uploaded"):
            paint_mark(SLOT, page, box_of(SLOT.at_mm, SLOT.size_mm, page.dpi))
        assert page.image.getbbox() is None
    with pytest.raises(RenderError, match=r"slot mark: expected the artwork \(none\)"):
        painted(MARK, artwork_sha256=None)


def test_artwork_finer_than_the_slot_can_show_is_refused_and_taken_where_it_fits() -> None:
    fine = mark_png(400, lines=80)
    with pytest.raises(RenderError, match=r"slot mark: expected artwork that 16\.0 × 10\.0 mm can show at 203 dpi"):
        painted(fine)
    large = MarkSlot(name="mark", kind="mark", at_mm=(0.0, 0.0), size_mm=(60.0, 60.0))
    assert painted(fine, slot=large).painted[0].box.width_dots == 400


def test_transparent_is_paper() -> None:
    through, white = read_artwork(mark_png(paper=None), "x"), read_artwork(MARK, "x")
    assert ImageChops.logical_xor(through, white).getbbox() is None


def claiming(width: int, height: int) -> bytes:
    """A PNG that claims a size; its 30 bytes of picture unpack to far less, or with patience to far more."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk + MARK[33:]


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "expected a PNG file"),
    "text": (b"<svg onload='x'/>" * 9, "expected a PNG file"),
    "jpeg": (file_of(Image.new("L", (100, 100), 255), "JPEG"), "expected a PNG file"),
    "a gif named png": (file_of(Image.new("L", (100, 100)), "GIF"), "expected a PNG file"),
    "a bomb": (claiming(60_000, 60_000), "sides of 40 to 2000 pixels, got 60000 × 60000"),
    "a bomb behind a small header": (MARK[:33] + claiming(60_000, 60_000)[8:], "expected a whole PNG file"),
    "a large one behind it": (MARK[:33] + claiming(9_000, 9_000)[8:], "expected one size in the file"),
    "no width": (claiming(0, 100), "sides of 40 to 2000 pixels, got 0 × 100"),
    "too wide": (claiming(MAX_SIDE_PIXELS + 1, 40), "got 2001 × 40"),
    "too coarse": (mark_png(39), "got 39 × 39"),
    "too many bytes": (MARK + b"\0" * MAX_BYTES, f"expected at most {MAX_BYTES} bytes"),
    "cut off": (MARK[: len(MARK) // 2], "expected a whole PNG file"),
    "16 bits": (file_of(Image.new("I;16", (100, 100), 9)), "one still picture of 8 bits, got one of mode I;16"),
    "moving": (
        file_of(Image.new("L", (50, 50), 0), save_all=True, append_images=[Image.new("L", (50, 50), 255)]),
        "one still picture",
    ),
    "two colours": (mark_png(colour="#808080"), "the one-colour version"),
    "white": (file_of(Image.new("L", (50, 50), 255)), "got one that is all of one colour"),
    "black": (file_of(Image.new("L", (50, 50), 0)), "got one that is all of one colour"),
    "all transparent": (file_of(Image.new("RGBA", (50, 50), (0, 0, 0, 0))), "all of one colour"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_artwork_is_refused_in_one_sentence(case: str) -> None:
    data, part = REFUSED[case]
    with pytest.raises(RenderError) as caught:
        read_artwork(data, "mark.png")
    assert part in str(caught.value) and str(caught.value).startswith("mark.png: expected ")


def test_a_dark_green_mark_is_ink_and_its_soft_edges_are_no_second_colour() -> None:
    soft = Image.open(io.BytesIO(mark_png(1600, colour="#006030"))).resize((400, 400))
    ink = read_artwork(file_of(soft), "x")
    assert ImageChops.logical_xor(ink, read_artwork(MARK, "x")).histogram()[-1] < 0.02 * 400 * 400


def test_damaged_files_are_refused_or_are_still_a_picture() -> None:
    rng, refused = random.Random(4), 0
    for _ in range(300):
        data = bytearray(MARK)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        try:
            assert read_artwork(bytes(data[: rng.choice([len(data), rng.randrange(len(data))])]), "x").mode == "1"
        except RenderError:
            refused += 1
    assert refused > 200, "a file that was damaged hardly ever passes its own checksums"
