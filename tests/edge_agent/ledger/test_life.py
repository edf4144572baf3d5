"""The life of a serial, read from the event log: every kind of thing that can happen, in order, and whose it was."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.errors import NotFoundError
from edge_agent.ledger import Ledger
from edge_agent.ledger.life import rows_of
from edge_agent.messages.life import OF_STEP, STEPS, LifeStep
from label_protocol.errors import StateError
from label_protocol.states import Step
from tests.kits.ledger_kit import Place, a_job, doubted, enrolled, link_of, printed


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = enrolled(Place(tmp_path).open())
    yield ledger
    ledger.close()


def told(ledger: Ledger, serial: str) -> list[tuple[str, str, str]]:
    return [(row.what.value, row.operator, row.level) for row in ledger.life(serial)]


def test_a_label_that_went_well(ledger: Ledger) -> None:
    job = a_job(ledger, 8, operator="A01")
    serial = printed(ledger, job).serials[2]
    ledger.scan(serial, link_of(serial), "B02", on_garment=True)
    assert told(ledger, serial) == [
        ("ordered", "A01", ""),
        ("sent", "", ""),
        ("proven", "", "counter"),
        ("on_garment", "B02", "scan"),
    ]
    ordered, sent, *_ = ledger.life(serial)
    assert (ordered.job_id, sent.printer, sent.at > ordered.at) == (job.job_id, "p1", True)


def test_a_strip_in_doubt_is_told_of_each_of_its_labels_apart(ledger: Ledger) -> None:
    window = doubted(ledger, a_job(ledger))
    last = window.serials[3]
    ledger.settle_window(window.window_id, last, link_of(last), "A01", rest="scrapped")
    ends = [ledger.life(serial)[2:] for serial in window.serials]
    assert [row.what.value for row, *_ in ends] == ["doubted"] * 8
    assert [row.reason for row, *_ in ends] == ["silence"] * 8
    assert [row.what.value for _, row in ends] == ["settled_good"] * 3 + ["scanned"] + ["scrapped"] * 4
    assert [row.level for _, row in ends] == ["", "", "", "scan", "", "", "", ""]


def test_a_carton_stands_last_as_long_as_it_is_in_it(ledger: Ledger) -> None:
    serial = printed(ledger, a_job(ledger, 2)).serials[0]
    ledger.scan(serial, link_of(serial), "B02", on_garment=True)
    carton = ledger.open_carton("key-1", "C03").carton
    ledger.pack(carton, serial, link_of(serial), "C03", from_print=False)
    *_, last = ledger.life(serial)
    assert (last.what, last.operator, last.other) == (LifeStep.PACKED, "C03", carton)
    ledger.take_out(carton, serial, "", "C03")
    assert told(ledger, serial)[-1] == ("on_garment", "B02", "scan")


def test_who_replaces_whom_stands_in_both_lives(ledger: Ledger) -> None:
    old = printed(ledger, a_job(ledger, 4)).serials[0]
    job = ledger.scrap_and_replace(old, "A01", "碳带皱", "k")
    new = printed(ledger, job).serials[0]
    assert [(row.what.value, row.other, row.reason) for row in ledger.life(old)][3:] == [
        ("scrapped", "", "碳带皱"),
        ("replaced", new, ""),
    ]
    assert [(row.what.value, row.other) for row in ledger.life(new)] == [("ordered", ""), ("sent", old), ("proven", "")]


def test_a_label_that_was_never_sent_and_one_that_turns_up_void(ledger: Ledger) -> None:
    window = ledger.begin_window(a_job(ledger).job_id)
    ledger.never_sent(window.window_id, "no font")
    serial = window.serials[0]
    with contextlib.suppress(StateError):
        ledger.scan(serial, link_of(serial), "C03")
    assert told(ledger, serial)[2:] == [("never_sent", "", ""), ("alarmed", "C03", "")]
    assert [row.what for row in ledger.life(window.serials[1])][-1] is LifeStep.NEVER_SENT


def test_a_decision_whose_reason_looks_like_an_event_is_found_at_its_own_label(ledger: Ledger) -> None:
    first, other, *_ = doubted(ledger, a_job(ledger)).serials
    ledger.decide(first, Step.INVALIDATE, "A01", f'"serial":"{other}","window":"0000000000000000"')
    assert told(ledger, first)[-1] == ("invalidated", "A01", "")
    assert told(ledger, other)[-1] == ("doubted", "", "")


def test_an_event_of_a_fork_is_told_as_what_it_was() -> None:
    inner = {"type": "label_decided", "at": "2026-11-20T09:15:03.000Z", "serial": "S", "step": "scrap"}
    event = {"type": "adopted", "event": {"type": "adopted", "event": inner | {"operator": "A01", "reason": "皱"}}}
    (row,) = rows_of(event, "S", "w")
    assert (row.what, row.at, row.operator, row.reason) == (LifeStep.SCRAPPED, inner["at"], "A01", "皱")
    assert list(rows_of({"type": "of_a_later_release"}, "S", "w")) == []


def test_every_step_of_a_serial_has_words() -> None:
    assert OF_STEP.keys() == set(Step)
    assert STEPS.keys() == set(LifeStep)


def test_nobodys_life_is_not_found(ledger: Ledger) -> None:
    with pytest.raises(NotFoundError):
        ledger.life("ABC00000000000000")
