"""EPL2 answers code by code. The table is typed from the EPL Programming Guide 14245L-001, p. 173."""

from __future__ import annotations

import pytest

from edge_agent.errors import ReplyError
from edge_agent.model.printer import Fault, Health, PrinterStatus
from edge_agent.printers.languages.contract import LabelResponse, Quirks
from edge_agent.printers.languages.epl2 import EPL2, replies

CODES = {
    1: {Fault.OTHER},  # syntax error
    2: {Fault.OTHER},  # object exceeded label border
    3: {Fault.OTHER},  # bar code data length error
    4: {Fault.OTHER},  # insufficient memory
    5: {Fault.OTHER},  # memory configuration error
    6: {Fault.OTHER},  # RS-232 error
    7: {Fault.MEDIA_OUT, Fault.RIBBON_OUT},
    8: {Fault.OTHER},  # duplicate name
    9: {Fault.OTHER},  # name not found
    10: {Fault.OTHER},  # not in data entry mode
    11: {Fault.HEAD_OPEN},
    12: {Fault.PAUSED},
    80: {Fault.OTHER},
    81: {Fault.CUTTER},
    82: {Fault.MEDIA_NOT_FOUND},  # sensor failure
    83: {Fault.OTHER},  # illegal interrupt
    84: {Fault.MEDIA_NOT_FOUND},  # excessive media feeding
}


def status(data: bytes) -> PrinterStatus:
    parsed = replies.status(data)
    assert parsed is not None
    return parsed[0]


@pytest.mark.parametrize("code", range(100))
def test_every_code_alone(code: int) -> None:
    found = status(b"%02d\r\n" % code)
    faults = CODES.get(code, {Fault.OTHER}) if code not in (0, 50) else set()
    assert found.faults == faults
    assert found.health is (Health.FAULT if faults else Health.OK)
    assert found.idle is {0: True, 50: False}.get(code)
    assert found.label_waiting is (code == 12)


def test_no_error_beside_an_error_contradicts_itself() -> None:
    assert status(b"00,50\r\n").faults == {Fault.OTHER}
    assert status(b"07,50\r\n").idle is False


@pytest.mark.parametrize(
    "line",
    [
        b"06 10 14\r\n",  # sensor values of UQ
        b"13 18 00\r\n",
        b"q816 Q923,00\r\n",
        b"Cover: T=118, C=100\r\n",
        b"S/N: 42A000000000\r\n",
        b"000\r\n",  # UG, nothing stored
        b"\x1500\r\n",  # a report of the printer's own
        b"$00\r\n",  # eR$,2: recovery (14245L-003, p. 92)
        b"00\n",
        b"00\r",
        b"0 0\r\n",
        b"-00\r\n",
    ],
)
def test_what_looks_like_an_answer_and_is_none(line: bytes) -> None:
    assert replies.status(line) is None
    assert status(line + b"\r\n11\r\n").faults == {Fault.HEAD_OPEN}


def test_a_list_of_graphics_that_is_none_is_told_early() -> None:
    with pytest.raises(ReplyError, match="a name of up to 8 letters"):
        replies.objects(b"001\r\nTOO LONG A NAME\r\n")
    with pytest.raises(ReplyError, match="a name of up to 8 letters"):
        replies.objects(b"001\r\n" + b"x" * 41)
    assert replies.objects(b"002\r\nLOGO\r\n") is None


@pytest.mark.parametrize("begun", [b"\x15", b"\x15-", b"\x150", b"\x1507", b"\x1507P", b"\x1507R12", b"\x1507P123L543"])
def test_a_report_without_its_end_waits(begun: bytes) -> None:
    assert replies.responses(b"\x06" + begun) == ((LabelResponse(),), begun)


@pytest.mark.parametrize("code", range(100))
def test_every_code_in_a_report_is_a_fault(code: int) -> None:
    (response,), rest = replies.responses(b"\x15%02d\r\n" % code)
    known = CODES.get(code, {Fault.OTHER})
    assert response.fault in known
    assert rest == b""


@pytest.mark.parametrize(
    ("ribbon", "fault"), [(None, Fault.RIBBON_OUT), (True, Fault.RIBBON_OUT), (False, Fault.MEDIA_OUT)]
)
def test_a_label_that_ended_for_want_of_a_ribbon_ended_for_want_of_paper_where_there_is_none(
    ribbon: bool | None, fault: Fault
) -> None:
    """It ended all the same: a printer that says so has stopped."""
    reader = EPL2(Quirks(confirms=True, ribbon=ribbon)).response_reader
    assert reader is not None
    assert reader(b"\x1507R002\x13") == ((LabelResponse(fault),), b"")
