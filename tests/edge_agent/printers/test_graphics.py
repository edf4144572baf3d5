"""Graphics in and out of text forms: what goes out comes back, and damage is refused by name, never by a crash."""

from __future__ import annotations

import base64
import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.errors import RefusedError
from edge_agent.model.bitmap import Bitmap
from edge_agent.printers.languages import graphics

FORMS = (graphics.z64, graphics.b64, graphics.acs, graphics.hexadecimal)


@st.composite
def bitmaps(draw: st.DrawFn) -> Bitmap:
    """Rows that repeat, runs, blanks, and pure noise."""
    width = draw(st.integers(1, 3_400))
    stride = (width + 7) // 8
    row = st.one_of(
        st.just(bytes(stride)),
        st.just(b"\xff" * stride),
        st.binary(min_size=stride, max_size=stride),
        st.builds(
            lambda n, b: (bytes([b]) * n).ljust(stride, b"\0")[:stride], st.integers(0, stride), st.integers(0, 255)
        ),
    )
    rows = [one for one in draw(st.lists(row, min_size=1, max_size=6)) for _ in range(draw(st.integers(1, 3)))]
    return Bitmap(width, len(rows), b"".join(rows))


@pytest.mark.costly
@settings(max_examples=150, deadline=None)
@given(bitmaps())
def test_what_goes_out_comes_back(bitmap: Bitmap) -> None:
    for form in FORMS:
        text = form(bitmap)
        assert graphics.decode(text, len(bitmap.rows), bitmap.stride) == bitmap.rows
        assert not set(text) & set(b"^~\r\n"), "no command, no line break inside"


@pytest.mark.costly
@settings(max_examples=150, deadline=None)
@given(bitmaps(), st.lists(st.integers(1, 17), max_size=3, unique=True))
def test_bands_come_back_too(bitmap: Bitmap, bands: list[int]) -> None:
    """Streams joined bit by bit, of parts that may be a byte or noise: one zlib stream, to the last row."""
    packed = graphics.z64(bitmap, sorted(row for row in bands if row < bitmap.height_dots))
    inside = base64.b64decode(packed.split(b":")[2])
    assert zlib.decompress(inside) == bitmap.rows == graphics.decode(packed, len(bitmap.rows), bitmap.stride)


@pytest.mark.costly
@settings(max_examples=200, deadline=None)
@given(bitmaps(), st.sampled_from(FORMS), st.randoms(use_true_random=False))
def test_damage_is_refused_or_harmless(bitmap: Bitmap, form: object, dice: random.Random) -> None:
    text = form(bitmap)  # type: ignore[operator]
    at = dice.randrange(len(text))
    damaged = text[:at] + bytes([dice.randrange(256)]) * dice.randrange(3) + text[at + dice.randrange(3) :]
    try:
        rows = graphics.decode(damaged, len(bitmap.rows), bitmap.stride)
    except RefusedError:
        return
    assert len(rows) == len(bitmap.rows)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b":Z64:",
        b":Z64::0000",
        b":Z64:eNr7/x8GGhj+/2cAYUZsLCjNAFKJjQUDAOLDM1I=:8f38",
        b":Z64:eNr7/x8GGhj+/2cAYUZsLCjNAFKJjQUDAOLDM1I=:08f39",  # five digits print nothing on a ZD230, PDFtoZPL #40
        b":B64:////:DBA2:",
        b"0G",
        b":",
        b"F:",
        b"^XZ",
        b"0" * 159,
        b"0" * 158,
        b"!" * 7,
    ],
)
def test_what_a_printer_drops_is_refused(text: bytes) -> None:
    with pytest.raises(RefusedError, match="graphic data: expected"):
        graphics.decode(text, 80, 10)


def test_a_wrong_crc_is_refused_and_a_right_one_in_either_case_is_taken() -> None:
    text = graphics.z64(Bitmap(8, 4, b"\x01\x02\x03\x04"))
    assert graphics.decode(text[:-4] + text[-4:].lower(), 4, 1) == b"\x01\x02\x03\x04"
    with pytest.raises(RefusedError, match="CRC"):
        graphics.decode(text[:-4] + b"0000", 4, 1)


def test_a_small_stream_does_not_become_a_large_memory() -> None:
    text = base64.b64encode(zlib.compress(bytes(50_000_000), 9))
    bomb = b":Z64:%b:%b" % (text, graphics.crc(text))
    with pytest.raises(RefusedError, match="expected 80 bytes, got 81"):
        graphics.decode(bomb, 80, 10)


def test_runs_of_peers_may_cross_rows_and_fill_with_ones() -> None:
    assert graphics.decode(b"jF", 40, 4) == b"\xff" * 40  # 80 digits in one run over ten rows
    assert graphics.decode(b"0!,\r\n:", 12, 4) == b"\x0f\xff\xff\xff" + bytes(8)


def test_the_crc_is_xmodem() -> None:
    assert graphics.crc(b"123456789") == b"31C3"  # check value of CRC-16/XMODEM, reveng catalogue
