"""What the log tells of a printer: each change once, and nothing while nothing changes."""

from __future__ import annotations

from structlog.testing import capture_logs

from edge_agent.model.printer import Fault
from edge_agent.printing.printer_log import PrinterLog

WELL = frozenset[Fault]()


def test_a_printer_that_cannot_be_reached_is_told_once_and_found_once() -> None:
    with capture_logs() as lines:
        log = PrinterLog(10.0)
        for _ in range(3):
            log.lost("refused")
        for _ in range(3):
            log.heard(WELL)
        log.lost("reset")
    assert [line["event"] for line in lines] == ["printer_lost", "printer_found", "printer_lost"]
    assert [line.get("why") for line in lines] == ["refused", None, "reset"]


def test_an_answer_that_stays_out_is_no_news_until_the_limit() -> None:
    with capture_logs() as lines:
        log = PrinterLog(10.0)
        log.heard(WELL)
        log.silent(100.0)
        log.silent(109.9)
        log.heard(WELL)
        log.silent(110.0)
        log.silent(119.9)
        assert [line["event"] for line in lines] == ["printer_found"]
        log.silent(120.0)
        log.silent(125.0)
        log.silent(140.0)
        log.heard(WELL)
    assert [line["event"] for line in lines] == ["printer_found", "printer_lost", "printer_found"]
    assert lines[1]["why"] == "has not answered for 10 s"


def test_a_fault_is_told_when_it_changes_and_when_it_is_over() -> None:
    out, opened = frozenset({Fault.RIBBON_OUT}), frozenset({Fault.RIBBON_OUT, Fault.HEAD_OPEN})
    with capture_logs() as lines:
        log = PrinterLog(10.0)
        for faults in (WELL, out, out, opened, opened, WELL, WELL):
            log.heard(faults)
    assert [(line["event"], line.get("faults")) for line in lines] == [
        ("printer_found", None),
        ("printer_fault", ["ribbon_out"]),
        ("printer_fault", ["head_open", "ribbon_out"]),
        ("printer_ready", None),
    ]
