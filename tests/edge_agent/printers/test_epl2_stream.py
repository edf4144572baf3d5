"""What EPL2 sends, byte by byte against the forms of the EPL Programming Guide 14245L-001, and what it refuses."""

from __future__ import annotations

import random
import re

import pytest

from edge_agent.errors import RefusedError
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Handling, Media, Sensor, Setup
from edge_agent.printers.languages.contract import Quirks
from edge_agent.printers.languages.epl2 import BAND_BYTES, EPL2
from edge_agent.virtual_printer.epl2 import pcx
from edge_agent.virtual_printer.epl2.lexer import Command, Scanner
from tests.edge_agent.printers.test_zpl_stream import ALPHABET, qr_patch, serial_patch

EPL = EPL2()
LF = EPL2(Quirks(line_end=b"\n"))
STOCK = Media(203, 480, 320)
DIRECT, RIBBON = Setup(ribbon=False), Setup(ribbon=True)
BLANK = Bitmap(480, 320, bytes(19_200))
SMALL = Bitmap(11, 3, b"\xff\xe0\x00\x00\x80\x20")


def commands(stream: bytes) -> list[Command]:
    return list(Scanner().take(stream))


def lines(stream: bytes) -> list[bytes]:
    """Commands without their dots."""
    return [command.name + command.params for command in commands(stream)]


# --- set-up ------------------------------------------------------------------------------------------------------


def test_the_preamble_is_an_empty_line_the_reprint_switch_and_the_stock() -> None:
    assert EPL.preamble(STOCK, DIRECT) == (b"\r\nUA\r\nUN\r\nOD\r\nI8,0,001\r\nJF\r\nq480\r\nQ320,24\r\nZT\r\nN\r\n")
    assert LF.preamble(STOCK, RIBBON) == b"\nUA\nUN\nO\nI8,0,001\nJF\nq480\nQ320,24\nZT\nN\n"


def test_a_model_that_confirms_is_asked_to_in_every_window() -> None:
    asked = lines(EPL.with_quirks(Quirks(confirms=True)).preamble(STOCK, DIRECT))
    assert asked[:2] == [b"UA", b"US1"] and b"UN" not in asked


@pytest.mark.parametrize(
    ("handling", "ribbon", "options"),
    [
        (Handling.TEAR, True, b"O"),
        (Handling.TEAR, False, b"OD"),
        (Handling.PEEL, True, b"OP"),
        (Handling.PEEL, False, b"OD,P"),
        (Handling.CUT, True, b"OC"),
        (Handling.CUT, False, b"OC,D"),
    ],
)
def test_options_say_all_anew_and_never_reprint_by_key(handling: Handling, ribbon: bool, options: bytes) -> None:
    asked = lines(EPL.preamble(STOCK, Setup(handling=handling, ribbon=ribbon)))
    assert [line for line in asked if line.startswith(b"O")] == [options]
    assert b"F" not in options


@pytest.mark.parametrize(
    ("media", "sensor", "form"),
    [
        (STOCK, Sensor.GAP, b"Q320,24"),
        (STOCK, Sensor.MARK, b"Q320,B24+0"),
        (STOCK, Sensor.CONTINUOUS, b"Q320,0"),
        (Media(203, 480, 320, 0.0), Sensor.GAP, b"Q320,0"),
        (Media(203, 480, 320, 2.0), Sensor.GAP, b"Q320,16"),
        (Media(300, 709, 472, 3.0), Sensor.GAP, b"Q472,35"),
    ],
)
def test_the_form_tells_the_length_and_what_stands_between(media: Media, sensor: Sensor, form: bytes) -> None:
    assert form in lines(EPL.preamble(media, Setup(sensor=sensor, ribbon=False)))


def test_the_width_is_whole_bytes() -> None:
    assert b"q712" in lines(EPL.preamble(Media(300, 709, 472), DIRECT))


def test_darkness_is_on_the_printers_own_scale() -> None:
    assert b"D0" in lines(EPL.preamble(STOCK, Setup(ribbon=False, darkness=0)))
    assert b"D15" in lines(EPL.preamble(STOCK, Setup(ribbon=False, darkness=15)))
    assert not any(line.startswith((b"D", b"S", b"R")) for line in lines(EPL.preamble(STOCK, DIRECT)))


@pytest.mark.parametrize(
    ("media", "setup", "message"),
    [
        (STOCK, Setup(), "write ribbon = true"),
        (STOCK, Setup(ribbon=False, speed_ips=4.0), "speed_ips = 4; leave it out"),
        (STOCK, Setup(ribbon=False, origin_down_mm=1.0), "use shift_right_mm and shift_down_mm"),
        (STOCK, Setup(ribbon=False, darkness=16), "darkness of 0 to 15, got 16"),
        (STOCK, Setup(ribbon=False, darkness=-1), "darkness of 0 to 15, got -1"),
        (Media(203, 480, 320, 1.9), DIRECT, "16 to 240 dots, got 1.9 mm = 15"),
        (Media(203, 480, 320, 31.0), DIRECT, "16 to 240 dots"),
        (Media(300, 480, 320, 1.4), DIRECT, "18 to 240 dots, got 1.4 mm = 17"),
        (Media(203, 480, 65_536), DIRECT, "1 to 65535 dots, got 65536"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_remedy(media: Media, setup: Setup, message: str) -> None:
    with pytest.raises(RefusedError, match=re.escape(message)):
        EPL.preamble(media, setup)


def test_calibration_is_autosense_which_finds_gaps_only() -> None:
    assert EPL.calibrate(DIRECT) == b"\r\nxa\r\n"
    assert EPL.calibrate(Setup(sensor=Sensor.MARK)) == EPL.calibrate(Setup(sensor=Sensor.CONTINUOUS)) == b""


def test_cancel_fills_the_largest_band_before_it_resets() -> None:
    assert EPL.cancel() == b"\n" * (BAND_BYTES + 1) + b"^@\r\n"
    widest = Bitmap(12_800, 40, b"\xff" * 64_000)
    for art in (Bitmap(480, 320, b"\xff" * 19_200), Bitmap(709, 472, b"\xff" * 42_008), widest):
        bands = [command for command in commands(EPL.full_label(art)) if command.name == b"GW"]
        assert all(len(band.data) <= BAND_BYTES for band in bands)
        assert sum(len(band.data) for band in bands) == len(art.rows)


# --- labels ------------------------------------------------------------------------------------------------------


def test_a_full_label_byte_by_byte() -> None:
    """Black is 0, pad bits are white, the header ends with a comma, and rows without ink that are worth it stay out."""
    assert LF.full_label(SMALL) == b"\nN\nGW0,0,2,3,\x00\x1f\xff\xff\x7f\xdf\nP1\n"
    apart = Bitmap(80, 5, b"\x80" + bytes(48) + b"\x01")
    head, tail = b"\x7f" + b"\xff" * 9, b"\xff" * 9 + b"\xfe"
    assert LF.full_label(apart) == b"\nN\nGW0,0,10,1,%b\nGW0,4,10,1,%b\nP1\n" % (head, tail)
    assert LF.full_label(BLANK) == b"\nN\nP1\n"


def test_a_clone_with_black_and_white_swapped_gets_them_swapped() -> None:
    swapped = EPL2(Quirks(inverted=True, line_end=b"\n"))
    assert swapped.full_label(SMALL) == b"\nN\nGW0,0,2,3,%b\nP1\n" % SMALL.rows
    straight = [command.data for command in commands(EPL.store(SMALL)) if command.name == b"GM"]
    turned = [command.data for command in commands(swapped.store(SMALL)) if command.name == b"GM"]
    assert pcx.ink(turned[0]).tobytes() == bytes(byte ^ 0xFF for byte in pcx.ink(straight[0]).tobytes())


def test_a_run_label_recalls_then_patches_then_prints_one() -> None:
    name = EPL.object_name(BLANK).encode()
    stream = EPL.run_label(BLANK, [Patch(13, 40, Bitmap(8, 2, b"\x80\x01"))])
    assert stream == b'\r\nN\r\nGG0,0,"%b"\r\nGW13,40,1,2,\x7f\xfe\nP1\r\n' % name


def test_a_label_of_a_run_is_a_fifth_of_its_raster() -> None:
    dice = random.Random(4)
    for _ in range(40):
        serial = "".join(dice.choice(ALPHABET) for _ in range(17))
        assert len(EPL.run_label(BLANK, [qr_patch(serial), serial_patch(serial)])) <= 19_200 / 5


# --- stored backgrounds --------------------------------------------------------------------------------------------


def test_a_background_is_deleted_stored_and_sealed() -> None:
    name = EPL.object_name(SMALL)
    assert re.fullmatch("B[0-9A-F]{7}", name)
    seal = "S" + name[1:]
    gone = [f'GK"{each}"'.encode() for each in (seal, seal, name, name)]
    stored = commands(EPL.store(SMALL))
    assert [command.name + command.params for command in stored[:4]] == gone
    assert [(command.name, command.params) for command in stored[4:6]] == [
        (b"GM", f'"{name}"'.encode()),
        (b"GM", f'"{seal}"'.encode()),
    ]
    assert stored[6].name == b"N" and len(stored) == 7
    assert re.search(rb'GM"B[0-9A-F]{7}"%d\n\x0a' % len(stored[4].data), EPL.store(SMALL)), "no CR before the bytes"


def test_the_file_is_whole_bytes_wide_and_black_where_the_picture_is() -> None:
    file = commands(EPL.store(SMALL))[4].data
    assert file[:4] == b"\x0a\x05\x01\x01" or file[:4] == b"\x0a\x02\x01\x01"
    picture = pcx.ink(file)
    assert picture.size == (16, 3)
    assert picture.tobytes() == SMALL.rows


def test_the_first_byte_of_a_pcx_row_of_ink_is_zero() -> None:
    """Typed from the PCX format, not from either of our codecs: 0xC2 0x00 = two bytes of black."""
    file = commands(EPL.store(Bitmap(16, 1, b"\xff\xff")))[4].data
    assert file[128:] == b"\xc2\x00"


def test_who_forgets_deletes_the_seal_too() -> None:
    assert EPL.forget(["B0123ABC", "BACKDROP", "S0123ABC", "b0123abc"]) == (
        b'GK"S0123ABC"\r\nGK"S0123ABC"\r\nGK"B0123ABC"\r\nGK"B0123ABC"\r\n'
    )


# --- questions -----------------------------------------------------------------------------------------------------


def test_questions_are_the_manuals() -> None:
    asked = [*EPL.status_queries, EPL.objects_query(), EPL.settings_query, EPL.identity_query]
    assert [query.request for query in asked if query] == [b"^ee\r\n", b"UG\r\n", b"UQ\r\n", b"UQ\r\n"]
    assert EPL.counter_query is None
