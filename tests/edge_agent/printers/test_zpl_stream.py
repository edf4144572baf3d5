"""What ZPL sends: nothing but dots and numbers, in few bytes."""

from __future__ import annotations

import random
import re

import pytest
import segno

from edge_agent.errors import RefusedError
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Media, Setup
from edge_agent.printers.languages.zpl import ZPL

ZPL_II = ZPL()
BLANK = Bitmap(480, 320, bytes(19_200))
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def qr_patch(serial: str, x_dots: int = 300, y_dots: int = 20) -> Patch:
    """A version 5-M symbol at four dots a module, as a 60×40 label carries it."""
    link = f"HTTPS://ID.EXAMPLE.COM/01/06901234567892/10/L20261118A/21/{serial}"
    code = segno.make_qr(link, version=5, error="m", mask=2, boost_error=False)
    rows = b"".join(int("".join("1111" if m & 1 else "0000" for m in row), 2).to_bytes(19) * 4 for row in _even(code))
    return Patch(x_dots, y_dots, Bitmap(148, 148, rows))


def _even(code: segno.QRCode) -> list[bytes]:
    """37 modules are 18.5 bytes of four-dot modules: one white module fills the row."""
    return [bytes(row) + b"\x00" for row in code.matrix]


def serial_patch(serial: str) -> Patch:
    """A line of 17 glyphs of 11×14 dots: noise in strokes is harder to pack than letters are."""
    dice = random.Random(serial)
    rows = b"".join(dice.getrandbits(24 * 8).to_bytes(24) if y % 2 else b"" for y in range(14))
    return Patch(200, 200, Bitmap(192, 7, rows))


def test_a_label_of_a_run_is_under_a_thousand_bytes() -> None:
    dice = random.Random(4)
    sizes = []
    for _ in range(40):
        serial = "".join(dice.choice(ALPHABET) for _ in range(17))
        sizes.append(len(ZPL_II.run_label(BLANK, [qr_patch(serial), serial_patch(serial)])))
    assert max(sizes) <= 1000, sizes


def test_every_stream_is_commands_numbers_and_packed_dots() -> None:
    label = ZPL_II.run_label(BLANK, [qr_patch("A" * 17)])
    graphic = rb"\^FO\d+,\d+\^GFA,\d+,\d+,\d+,[A-Za-z0-9+/=:,]+\^FS"
    assert re.fullmatch(rb"\^XA\^FO0,0\^XGR:[0-9A-F]{8}\.GRF,1,1\^FS(%b)*\^PQ1\^XZ\r\n" % graphic, label)
    assert re.fullmatch(rb"\^XA%b\^PQ1\^XZ\r\n" % graphic, ZPL_II.full_label(BLANK))
    assert re.fullmatch(rb"~DGR:[0-9A-F]{8}\.GRF,19200,60,[A-Za-z0-9+/=:,]+\r\n", ZPL_II.store(BLANK))


def test_the_counts_in_a_graphic_are_those_of_its_rows() -> None:
    label = ZPL_II.full_label(Bitmap(17, 3, b"\xaa" * 9))
    assert b"^GFA,9,9,3," in label


def test_nothing_goes_into_flash_and_no_setting_is_saved() -> None:
    streams = (ZPL_II.preamble(Media(300, 709, 472)), ZPL_II.store(BLANK), ZPL_II.full_label(BLANK), ZPL_II.cancel())
    for stream in streams:
        assert not re.search(rb"E:|B:|A:|\^JUS|\^DF|~JR", stream)


@pytest.mark.parametrize(("gap_mm", "tracking"), [(3.0, b"^MNY"), (0.0, b"^MNN")])
def test_the_preamble_begins_with_the_reprint_switch_and_tells_the_stock(gap_mm: float, tracking: bytes) -> None:
    preamble = ZPL_II.preamble(Media(203, 480, 320, gap_mm))
    assert preamble.startswith(b"~CC^\r\n^XA^JZN")
    assert preamble.endswith(b"^PW480^LL320^XZ\r\n~JSN\r\n")
    assert tracking in preamble
    assert b"^FS" not in preamble and b"^FD" not in preamble


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        (Setup(), b"^LH0,0^LS0^LT0"),
        (Setup(origin_right_mm=1.5, origin_down_mm=-2.0), b"^LH0,0^LS-12^LT-16"),
        (Setup(origin_down_mm=15.0), b"^LT120"),
        (Setup(darkness=31), b"~SD30"),
        (Setup(darkness=7), b"~SD07"),
        (Setup(speed_ips=3.6), b"^PR4"),
        (Setup(ribbon=True), b"^MTT"),
    ],
)
def test_what_the_site_sets_is_said(setup: Setup, said: bytes) -> None:
    """^LS counts to the left and ^LT down: ZPL II Programming Guide, 216 and 217."""
    assert said in ZPL_II.preamble(Media(203, 480, 320), setup)


def test_what_is_not_set_up_is_left_alone() -> None:
    assert not re.search(rb"~SD|\^PR|\^MT", ZPL_II.preamble(Media(203, 480, 320)))


def test_an_origin_further_than_the_printer_can_move_is_refused() -> None:
    with pytest.raises(RefusedError, match="at most 120 dots"):
        ZPL_II.preamble(Media(203, 480, 320), Setup(origin_down_mm=15.2))


def test_cancel_takes_the_half_received_first() -> None:
    """And again behind the prefixes; no format stands in it, which would end one that is half received."""
    assert ZPL_II.cancel() == b"~JE~JX~JA\r\n~CC^\r\n^CT~\r\n~JE~JX~JA\r\n"
