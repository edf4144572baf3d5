"""What TSPL sends, byte by byte, in the forms of the TSC Programming Manual (TSPL/TSPL2) and of lprint's driver."""

from __future__ import annotations

import re

import pytest

from edge_agent.errors import RefusedError
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Handling, Media, Sensor, Setup
from edge_agent.printers.languages.binary import bmp
from edge_agent.printers.languages.contract import Quirks
from edge_agent.printers.languages.tspl import STRIP_BYTES, TSPL

TSPL_2 = TSPL()
BLANK = Bitmap(480, 320, bytes(19_200))
ART = Bitmap(9, 2, b"\x80\x80\x55\x00")
STEM = TSPL_2.object_name(ART).removesuffix(".BMP").encode()


def test_the_preamble_begins_with_the_reprint_switch_and_tells_the_stock() -> None:
    assert TSPL_2.preamble(Media(203, 480, 320)) == (
        b"SET REPRINT OFF\r\nSET PRINTKEY OFF\r\nSET RESPONSE OFF\r\nSET HEAD ON\r\nCODEPAGE 437\r\n"
        b"SIZE 60.06 mm,40.04 mm\r\nGAP 3 mm,0 mm\r\nDIRECTION 0,0\r\nREFERENCE 0,0\r\nSHIFT 0\r\nOFFSET 0 mm\r\n"
        b"SET PEEL OFF\r\nSET CUTTER OFF\r\nSET PARTIAL_CUTTER OFF\r\nSET TEAR ON\r\n"
    )


@pytest.mark.parametrize(
    ("gap_mm", "sensor", "line"),
    [
        (2.5, Sensor.GAP, b"GAP 2.5 mm,0 mm"),
        (3.0, Sensor.MARK, b"BLINE 3 mm,0 mm"),
        (3.0, Sensor.CONTINUOUS, b"GAP 0,0"),
        (0.0, Sensor.GAP, b"GAP 0,0"),
        (0.0, Sensor.MARK, b"GAP 0,0"),
    ],
)
def test_what_tells_where_a_label_begins(gap_mm: float, sensor: Sensor, line: bytes) -> None:
    lines = TSPL_2.preamble(Media(300, 709, 472, gap_mm), Setup(sensor=sensor)).split(b"\r\n")
    assert line in lines
    assert sum(one.startswith((b"GAP", b"BLINE")) for one in lines) == 1
    assert b"SIZE 60.03 mm,39.97 mm" in lines


@pytest.mark.parametrize(
    ("handling", "lines"),
    [
        (Handling.TEAR, {b"SET TEAR ON", b"SET PEEL OFF", b"SET CUTTER OFF"}),
        (Handling.PEEL, {b"SET TEAR OFF", b"SET PEEL ON", b"SET CUTTER OFF"}),
        (Handling.CUT, {b"SET TEAR OFF", b"SET PEEL OFF", b"SET CUTTER 1"}),
    ],
)
def test_each_handling_switches_the_two_others_off_first(handling: Handling, lines: set[bytes]) -> None:
    sent = TSPL_2.preamble(Media(203, 480, 320), Setup(handling=handling)).split(b"\r\n")
    said = [line for line in sent if line in lines]
    assert set(said) == lines and said[-1] in {b"SET TEAR ON", b"SET PEEL ON", b"SET CUTTER 1"}


def test_the_origin_is_said_in_dots() -> None:
    said = TSPL_2.preamble(Media(203, 480, 320), Setup(origin_right_mm=1.0, origin_down_mm=-2.0))
    assert b"\r\nREFERENCE 8,0\r\nSHIFT -16\r\n" in said


@pytest.mark.parametrize("setup", [Setup(origin_right_mm=-1.0), Setup(origin_down_mm=25.6)])
def test_an_origin_that_the_printer_cannot_have_is_refused(setup: Setup) -> None:
    with pytest.raises(RefusedError, match="origin_right_mm of 0 or more"):
        TSPL_2.preamble(Media(203, 480, 320), setup)


def test_what_is_not_set_up_is_left_alone() -> None:
    plain = TSPL_2.preamble(Media(203, 480, 320))
    assert not re.search(rb"RIBBON|DENSITY|SPEED", plain)
    said = TSPL_2.preamble(Media(203, 480, 320), Setup(ribbon=False, darkness=20, speed_ips=1.5))
    assert said == plain + b"SET RIBBON OFF\r\nDENSITY 15\r\nSPEED 1.5\r\n"
    said = TSPL_2.preamble(Media(203, 480, 320), Setup(ribbon=True, darkness=-3, speed_ips=4))
    assert said == plain + b"SET RIBBON ON\r\nDENSITY 0\r\nSPEED 4\r\n"


def test_a_full_label_is_cls_one_picture_of_inverted_dots_and_one_print() -> None:
    assert TSPL_2.full_label(ART) == b"CLS\r\nBITMAP 0,0,2,2,0,\x7f\x7f\xaa\xff\r\nPRINT 1,1\r\n"


def test_polarity_and_line_end_are_quirks() -> None:
    other = TSPL_2.with_quirks(Quirks(inverted=True, line_end=b"\n"))
    assert other.full_label(ART) == b"CLS\nBITMAP 0,0,2,2,0,\x80\x80\x55\x00\nPRINT 1,1\n"
    assert other.store(ART) == TSPL_2.store(ART).replace(b"\r\n", b"\n"), "a BMP tells its own black"


def test_a_run_label_recalls_and_draws_whole_bytes_with_their_surroundings() -> None:
    background = Bitmap(40, 2, b"\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00")
    patch = Patch(11, 0, Bitmap(5, 2, b"\xa8\x50"))
    name = TSPL_2.object_name(background).encode()
    assert TSPL_2.run_label(background, [patch, Patch(0, 0, Bitmap(8, 2, bytes(2)))]) == (
        b'CLS\r\nPUTBMP 0,0,"' + name + b'"\r\nBITMAP 11,0,1,2,0,\x55\xaf\r\nPRINT 1,1\r\n'
    )


def test_the_background_beside_a_patch_is_drawn_again() -> None:
    background = Bitmap(40, 1, b"\x00\x00\x80\x00\x00")
    assert b"BITMAP 12,0,1,1,0,\x77\r\n" in TSPL_2.run_label(background, [Patch(12, 0, Bitmap(4, 1, b"\x80"))])
    with pytest.raises(RefusedError, match="background"):
        TSPL_2.run_label(background, [Patch(12, 0, Bitmap(5, 1, b"\x80"))])


def test_a_picture_goes_in_strips_that_a_cancel_can_fill_up() -> None:
    heads = re.findall(rb"BITMAP (\d+),(\d+),(\d+),(\d+),0,", TSPL_2.full_label(BLANK))
    assert [tuple(map(int, head)) for head in heads] == [(0, y, 60, min(68, 320 - y)) for y in range(0, 320, 68)]
    assert all(int(stride) * int(rows) <= STRIP_BYTES for _, _, stride, rows in heads)
    cancel = TSPL_2.cancel()
    assert cancel.startswith(b"\x1b!.\r\n\r\n") and cancel.endswith(b"\r\n\x1b!.\r\nCLS\r\n")
    assert cancel[3:].index(b"\x1b!.") >= STRIP_BYTES
    for end in (b"\n", b"\r\n"):
        assert not re.search(rb"PRINT|FEED", TSPL_2.with_quirks(Quirks(line_end=end)).cancel())


def test_a_picture_is_stored_between_its_old_and_its_new_seal() -> None:
    picture = bmp(ART)
    assert TSPL_2.object_size(ART) == len(picture) == 70
    assert TSPL_2.store(ART) == (
        b'KILL "%b.OK"\r\nDOWNLOAD "%b.BMP",70,%b\r\nDOWNLOAD "%b.OK",2,OK\r\n' % (STEM, STEM, picture, STEM)
    )
    assert TSPL_2.forget([STEM.decode() + ".BMP"]) == b'KILL "%b.OK"\r\nKILL "%b.BMP"\r\n' % (STEM, STEM)


def test_files_are_asked_for_by_name_and_only_ours() -> None:
    query = TSPL_2.objects_query([STEM.decode() + ".BMP", 'X";KILL "*', "LOGO.BMP"])
    assert query is not None
    lines = b"".join(
        b'A=LOF("%b")\r\nOUT "%b="\r\nOUT A\r\nOUT ";"\r\n' % (name, name) for name in (STEM + b".BMP", STEM + b".OK")
    )
    assert query.request == b'OUT "LOF{"\r\n' + lines + b'OUT "}"\r\n'


def test_questions_as_they_are_asked() -> None:
    framed, byte = TSPL_2.status_queries
    assert (framed.name, framed.request) == ("ESC!S", b"\x1b!S")
    assert (byte.name, byte.request) == ("ESC!?", b"\x1b!?\x1b!?\x1b!?")
    assert TSPL_2.counter_query is not None and TSPL_2.identity_query is not None
    assert TSPL_2.counter_query.request == b'OUT "@LABEL{"\r\nOUT @LABEL\r\nOUT "}"\r\n'
    assert TSPL_2.identity_query.request == b"~!T\r\n"


@pytest.mark.parametrize(
    ("sensor", "stream"),
    [(Sensor.GAP, b"GAPDETECT\r\n"), (Sensor.MARK, b"BLINEDETECT\r\n"), (Sensor.CONTINUOUS, b"")],
)
def test_calibration_by_the_sensor(sensor: Sensor, stream: bytes) -> None:
    assert TSPL_2.calibrate(Setup(sensor=sensor)) == stream


def test_nothing_goes_into_flash_and_only_our_own_files_are_deleted() -> None:
    streams = (TSPL_2.preamble(Media(300, 709, 472)), TSPL_2.store(ART), TSPL_2.full_label(ART), TSPL_2.cancel())
    for stream in streams:
        assert not re.search(rb'F,|E,|MOVE|\*|SELFTEST|INITIALPRINTER|KILL "(?!%b)' % STEM, stream)


def test_a_run_label_is_at_most_a_fifth_of_the_raster() -> None:
    qr = Patch(311, 17, Bitmap(151, 152, b"\xaa" * 18 * 152 + b"\x00" * 152))
    text = Patch(290, 203, Bitmap(170, 20, b"\xaa" * 440))
    assert len(TSPL_2.run_label(BLANK, [qr, text])) <= 19_200 / 5
