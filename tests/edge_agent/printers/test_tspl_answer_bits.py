"""TSPL answers bit by bit. The tables here are typed from the manuals, not taken from the code."""

from __future__ import annotations

import pytest

from edge_agent.errors import ReplyError
from edge_agent.model.printer import Fault, Health, PrinterStatus
from edge_agent.printers.languages.tspl import replies

# Gprinter GP-2120T manual p.34, <ESC>!?; bits 6 and 7 "option"
BYTE = {
    0x01: Fault.HEAD_OPEN,
    0x02: Fault.PAPER_JAM,
    0x04: Fault.MEDIA_OUT,
    0x08: Fault.RIBBON_OUT,
    0x10: Fault.PAUSED,
    0x40: Fault.HEAD_OPEN,
    0x80: Fault.OTHER,
}

# TSC TTP-244 Plus manual p.97, <ESC>!S: (place, letter) set alone
FRAME = {
    (0, "`"): Fault.PAUSED,
    (0, "E"): Fault.OTHER,
    (0, "K"): Fault.PAUSED,
    (0, "A"): Fault.OTHER,
    (0, "x"): Fault.OTHER,
    (1, "H"): Fault.BUFFER_FULL,
    (2, "A"): Fault.HEAD_HOT,
    (2, "B"): Fault.MOTOR_HOT,
    (2, "D"): Fault.HEAD_ELEMENT,
    (2, "H"): Fault.CUTTER,
    (2, "P"): Fault.OTHER,
    (2, "`"): Fault.OTHER,
    (3, "A"): Fault.MEDIA_OUT,
    (3, "B"): Fault.PAPER_JAM,
    (3, "D"): Fault.RIBBON_OUT,
    (3, "H"): Fault.OTHER,
    (3, "P"): Fault.OTHER,
    (3, "`"): Fault.HEAD_OPEN,
}
BUSY = "BCFPWL"


def byte(value: int) -> PrinterStatus:
    """The reading of one byte, answered three times."""
    parsed = replies.status_byte(bytes([value]) * 3)
    assert parsed is not None and parsed[1] == 3
    return parsed[0]


def frame(letters: str) -> PrinterStatus:
    """The reading of four letters in their frame."""
    parsed = replies.framed_status(b"\x02" + letters.encode("latin-1") + b"\x03\r\n")
    assert parsed is not None and parsed[1] == 8
    return parsed[0]


def test_at_rest_is_ok_and_idle() -> None:
    assert byte(0x00) == frame("@@@@") == PrinterStatus(Health.OK, idle=True)


@pytest.mark.parametrize("bit", BYTE)
def test_each_bit_of_the_byte_alone(bit: int) -> None:
    for value in (bit, bit | 0x20):
        status = byte(value)
        assert (status.health, status.faults, status.idle) == (Health.FAULT, {BYTE[bit]}, False)


def test_printing_is_neither_a_fault_nor_idle() -> None:
    assert byte(0x20) == PrinterStatus(Health.OK, idle=False)


def test_two_bits_are_two_faults_and_only_two_bytes_are_health() -> None:
    assert byte(0x05).faults == {Fault.HEAD_OPEN, Fault.MEDIA_OUT}
    assert [value for value in range(256) if byte(value).health is Health.OK] == [0x00, 0x20]
    assert [value for value in range(256) if byte(value).idle] == [0x00]


@pytest.mark.parametrize(
    "buffer",
    [
        b"\0\0\0\0",
        b"\0\0 ",
        b"\0 ",
        b" \0\0",
        b"\0\0\0\0\0\0",
        b"\r\n\r\n",
        b"\r\0\0\0",
        b"\0\0\0\x02@@@@",
        b"\n\n\n\n",
    ],
)
def test_a_byte_that_did_not_come_three_times_alone_is_refused(buffer: bytes) -> None:
    with pytest.raises(ReplyError, match=r"3 times the same"):
        replies.status_byte(buffer)


@pytest.mark.parametrize("buffer", [b"", b"\0", b"\0\0", b"\r", b"\r\n", b"\n\0", b"\r\n\0\0"])
def test_a_stray_byte_or_two_are_no_answer(buffer: bytes) -> None:
    assert replies.status_byte(buffer) is None


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_a_line_end_that_an_answer_before_left_behind_is_passed_over(line_end: bytes) -> None:
    assert replies.status_byte(line_end + b"\0\0\0") == (PrinterStatus(Health.OK, idle=True), len(line_end) + 3)
    assert replies.status_byte(b"\n\n\n") == (PrinterStatus(Health.FAULT, byte(10).faults, idle=False), 3)


@pytest.mark.parametrize(("place", "letter"), FRAME)
def test_each_letter_of_the_frame_alone(place: int, letter: str) -> None:
    status = frame("@" * place + letter + "@" * (3 - place))
    assert (status.health, status.faults) == (Health.FAULT, {FRAME[place, letter]})
    assert status.idle is (place > 0)


@pytest.mark.parametrize("message", BUSY)
def test_what_it_does_meanwhile_is_no_fault_and_not_idle(message: str) -> None:
    status = frame(message + "@@@")
    assert (status.health, status.idle, status.label_waiting) == (Health.OK, False, message == "L")


def test_an_error_is_told_by_its_letters_and_only_without_them_is_it_some_error() -> None:
    assert frame("E@@A").faults == {Fault.MEDIA_OUT}
    assert frame("E@AC").faults == {Fault.HEAD_HOT, Fault.MEDIA_OUT, Fault.PAPER_JAM}
    assert frame("EA@@").faults == {Fault.OTHER}, "paper low is no reason for an error"


def test_low_paper_and_ribbon_are_warnings() -> None:
    assert frame("@C@@") == PrinterStatus(Health.OK, idle=True, warnings=("paper low", "ribbon low"))


@pytest.mark.parametrize(("letter", "word"), [("D", "warning 04"), ("P", "warning 10"), ("`", "warning 20")])
def test_a_warning_without_a_name_is_told_and_stops_nothing(letter: str, word: str) -> None:
    assert frame(f"@{letter}@@") == PrinterStatus(Health.OK, idle=True, warnings=(word,))


def test_without_a_ribbon_none_can_end_unless_the_printer_says_that_it_stopped() -> None:
    rest, stopped = (replies.framed_status(b"\x02%b\x03\r\n" % text, ribbon=False) for text in (b"@@@D", b"E@@D"))
    assert rest is not None and rest[0] == PrinterStatus(Health.OK, idle=True)
    assert stopped is not None and stopped[0].faults == {Fault.RIBBON_OUT}
    assert replies.status_byte(b"\x28" * 3, ribbon=False) == (PrinterStatus(Health.OK, idle=False), 3)
    others = {bit: fault for bit, fault in BYTE.items() if bit != 0x08}
    assert {
        bit: parsed[0].faults for bit in others if (parsed := replies.status_byte(bytes([bit]) * 3, ribbon=False))
    } == {bit: {fault} for bit, fault in others.items()}


@pytest.mark.parametrize("text", ["", "@", "@@@", "@@@@@", "@@@\x00", "@ @@", "\x7f@@@", "0@@@", "@@@\xc0"])
def test_what_is_not_four_letters_is_refused(text: str) -> None:
    with pytest.raises(ReplyError, match="<ESC>!S"):
        replies.framed_status(b"\x02" + text.encode("latin-1") + b"\x03\r\n")


def test_a_frame_that_lost_its_end_is_given_up_for_the_next() -> None:
    assert replies.framed_status(b"\x03\x02@@\x02P@@@\x03\r\n") == (PrinterStatus(Health.OK, idle=False), 12)
    assert replies.framed_status(b"\x03@@@@\x03\r\n") is None


@pytest.mark.parametrize("tail", [b"", b"\r"])
def test_a_frame_is_whole_with_its_line_end(tail: bytes) -> None:
    assert replies.framed_status(b"\x02@@@@\x03" + tail) is None
    with pytest.raises(ReplyError, match="CR, LF"):
        replies.framed_status(b"\x02@@@@\x03" + tail + b"x\n")


@pytest.mark.parametrize("text", [b"12a", b"-1", b"1.5", b"12345678901", b"1 2"])
def test_a_counter_that_is_no_number_is_refused(text: bytes) -> None:
    with pytest.raises(ReplyError, match="@LABEL"):
        replies.counter(b"@LABEL{" + text + b"}")


@pytest.mark.parametrize("text", [b"X.BMP=1;", b"0123ABCD.BMP=;", b"0123ABCD.BMP=1", b"0123abcd.BMP=1;", b"1"])
def test_a_list_of_files_that_cannot_be_read_is_refused(text: bytes) -> None:
    with pytest.raises(ReplyError, match="LOF"):
        replies.files(b"LOF{" + text + b"}")


@pytest.mark.parametrize("seal", [b"", b"0123ABCD.OK=0;", b"0123ABCD.OK=-1;", b"89ABCDEF.OK=2;"])
def test_a_picture_without_its_seal_is_not_there(seal: bytes) -> None:
    unsealed, sealed = b"LOF{0123ABCD.BMP=99;" + seal + b"}", b"LOF{0123ABCD.BMP=99;0123ABCD.OK=2;}"
    assert replies.files(unsealed) == ({}, len(unsealed))
    assert replies.files(sealed) == ({"0123ABCD.BMP": 99}, len(sealed))
