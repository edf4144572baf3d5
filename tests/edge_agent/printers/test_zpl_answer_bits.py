"""ZPL answers bit by bit. The tables here are typed from the manuals, not taken from the code."""

from __future__ import annotations

import pytest

from edge_agent.errors import ReplyError
from edge_agent.model.printer import Fault, Health, PrinterStatus
from edge_agent.printers.languages.zpl import replies
from edge_agent.virtual_printer.zpl import answers

# docs.zebra.com, ~HQ (r-zpl-wq.html), errors: third group
ERRORS = {
    0x1: Fault.MEDIA_OUT,
    0x2: Fault.RIBBON_OUT,
    0x4: Fault.HEAD_OPEN,
    0x8: Fault.CUTTER,
    0x10: Fault.HEAD_HOT,
    0x20: Fault.MOTOR_HOT,
    0x40: Fault.HEAD_ELEMENT,
    0x80: Fault.HEAD_ELEMENT,
    0x100: Fault.OTHER,
    0x200: Fault.OTHER,
    0x1000: Fault.PAPER_JAM,
    0x2000: Fault.OTHER,
    0x4000: Fault.PAPER_JAM,
    0x8000: Fault.PAPER_JAM,
    0x10000: Fault.PAUSED,
    0x20000: Fault.OTHER,
    0x40000: Fault.MEDIA_NOT_FOUND,
    0x80000: Fault.MEDIA_NOT_FOUND,
}
KNOWN_WARNINGS = {0x1, 0x2, 0x4, 0x8, *(0x10 << n for n in range(8))}

# ZPL II Programming Guide 45541L-004, ~HS: (frame, place, value) set alone
HOST_STATUS = {
    "b paper out": (0, 1, "1", Fault.MEDIA_OUT),
    "c pause": (0, 2, "1", Fault.PAUSED),
    "f buffer full": (0, 5, "1", Fault.BUFFER_FULL),
    "g diagnostics": (0, 6, "1", Fault.OTHER),
    "i not 000": (0, 8, "001", Fault.OTHER),
    "j corrupt RAM": (0, 9, "1", Fault.RAM_CORRUPT),
    "k under temperature": (0, 10, "1", Fault.HEAD_COLD),
    "l over temperature": (0, 11, "1", Fault.HEAD_HOT),
    "a beyond its bits": (0, 0, "512", Fault.OTHER),
    "m diagnostics": (1, 0, "032", Fault.OTHER),
    "m bit 1": (1, 0, "002", Fault.OTHER),
    "m bit 4": (1, 0, "016", Fault.OTHER),
    "m beyond its bits": (1, 0, "256", Fault.OTHER),
    "n unused": (1, 1, "1", Fault.OTHER),
    "o head up": (1, 2, "1", Fault.HEAD_OPEN),
    "v not 1": (1, 9, "0", Fault.OTHER),
}
BUSY = {
    "e one format": (0, 4, "001"),
    "e many formats": (0, 4, "999"),
    "h partial format": (0, 7, "1"),
    "u last label": (1, 8, "00000001"),
    "u many labels": (1, 8, "12345678"),
}
HARMLESS = {
    "a 9600 baud": (0, 0, "030"),
    "d length": (0, 3, "1218"),
    "m transfer": (1, 0, "001"),
    "m continuous": (1, 0, "128"),
    "m sensor": (1, 0, "064"),
    "p ribbon out, nowhere to put one": (1, 3, "1"),
    "q transfer": (1, 4, "1"),
    "r applicator": (1, 5, "4"),
    "s width mode": (1, 6, "6"),
    "w images": (1, 10, "017"),
    "x password": (2, 0, "1234"),
    "y static RAM": (2, 1, "1"),
}
AT_REST = ("158,0,0,0203,000,0,0,0,000,0,0,0", "000,0,0,0,0,2,6,0,00000000,1,000", "0000,0")


def host_status(frame: int | None = None, place: int = 0, value: str = "") -> PrinterStatus:
    """The reading of an answer at rest in which one field is another."""
    frames = [text.split(",") for text in AT_REST]
    if frame is not None:
        frames[frame][place] = value
    parsed = replies.host_status(b"".join(b"\x02%b\x03\r\n" % ",".join(fields).encode() for fields in frames))
    assert parsed is not None
    return parsed[0]


def error_words(errors: int = 0, warnings: int = 0, flags: tuple[int, int] | None = None) -> PrinterStatus:
    """The reading of two 64-bit words."""
    e, w = flags if flags is not None else (errors > 0, warnings > 0)
    lines = [
        f"   {name}:   {flag:d} {word >> 32:08X} {word & 0xFFFF_FFFF:08X}"
        for name, flag, word in (("ERRORS", e, errors), ("WARNINGS", w, warnings))
    ]
    text = "\x02\r\n  PRINTER STATUS\r\n" + "\r\n".join(lines) + "\r\n\x03"
    parsed = replies.error_words(text.encode())
    assert parsed is not None
    return parsed[0]


def test_at_rest_is_ok_and_idle() -> None:
    assert host_status() == PrinterStatus(Health.OK, idle=True, label_length_dots=203)
    assert error_words() == PrinterStatus(Health.OK)


@pytest.mark.parametrize("name", HOST_STATUS)
def test_each_flag_of_host_status_alone(name: str) -> None:
    *where, fault = HOST_STATUS[name]
    status = host_status(*where)
    assert (status.health, status.faults) == (Health.FAULT, {fault})
    assert status.idle is (fault is not Fault.PAUSED)


@pytest.mark.parametrize("name", BUSY)
def test_each_sign_of_work_alone(name: str) -> None:
    status = host_status(*BUSY[name])
    assert (status.health, status.idle) == (Health.OK, False)


@pytest.mark.parametrize("name", HARMLESS)
def test_settings_are_not_faults(name: str) -> None:
    status = host_status(*HARMLESS[name])
    assert (status.health, status.idle) == (Health.OK, True)


@pytest.mark.parametrize(("m", "q"), [("001", "0"), ("000", "1"), ("001", "1")])
def test_out_of_ribbon_counts_where_either_field_says_transfer_and_never_without_a_ribbon(m: str, q: str) -> None:
    frames = b"".join(
        b"\x02%b\x03\r\n" % text.encode() for text in (AT_REST[0], f"{m},0,0,1,{q},2,6,0,00000000,1,000", AT_REST[2])
    )
    for ribbon, faults in ((None, {Fault.RIBBON_OUT}), (True, {Fault.RIBBON_OUT}), (False, set())):
        parsed = replies.host_status(frames, ribbon=ribbon)
        assert parsed is not None and parsed[0].faults == faults
        assert parsed[0].health is (Health.FAULT if faults else Health.OK)


def test_a_label_to_be_taken_is_told() -> None:
    assert host_status(1, 7, "1").label_waiting


@pytest.mark.parametrize("bit", range(64))
def test_each_error_bit_alone(bit: int) -> None:
    status = error_words(errors=1 << bit)
    assert (status.health, status.faults) == (Health.FAULT, {ERRORS.get(1 << bit, Fault.OTHER)})
    assert status.idle is None


@pytest.mark.parametrize("bit", range(64))
def test_each_warning_bit_alone(bit: int) -> None:
    status = error_words(warnings=1 << bit)
    assert (status.health, status.faults, len(status.warnings)) == (Health.OK, frozenset(), 1)
    assert (status.warnings[0].startswith("warning")) is (1 << bit not in KNOWN_WARNINGS)


def test_a_flag_that_its_word_does_not_explain_is_not_health() -> None:
    assert error_words(flags=(1, 0)).faults == {Fault.OTHER}


def test_a_warning_that_its_word_does_not_explain_is_told() -> None:
    told = PrinterStatus(Health.OK, warnings=("warning 00000000 00000000",))
    assert error_words(flags=(0, 1)) == told


def test_known_and_unknown_warnings_stand_beside_each_other_and_beside_an_error() -> None:
    found = error_words(errors=1, warnings=1 << 40 | 0x2006)
    assert found.faults == {Fault.MEDIA_OUT}
    assert found.warnings == ("clean print head", "replace print head", "warning 00000100 00002000")


def test_all_errors_at_once() -> None:
    assert error_words(errors=sum(ERRORS)).faults == frozenset(ERRORS.values())


def test_frames_of_a_host_status_follow_each_other() -> None:
    """What stands between them belongs to another answer, and half of two answers is none."""
    frames = answers.host_status(answers.Moment(frozenset(), 320, 0, False, False, 0, 0, "tear", False, False)).split(
        b"\r\n"
    )
    with pytest.raises(ReplyError, match="three frames in a row"):
        replies.host_status(b'\r\n"1043"\r\n'.join(frames))


def test_an_answer_that_lost_its_end_does_not_spoil_the_next() -> None:
    whole = answers.error_words(())
    assert replies.error_words(whole[:20] + whole) == (replies.error_words(whole)[0], 20 + len(whole))  # type: ignore[index]
