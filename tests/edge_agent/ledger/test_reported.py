"""What the ledger counts for a report: each label once, in the time that drew it; and that counting stays cheap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from edge_agent.ledger import Ledger
from edge_agent.ledger.sql import Q
from edge_agent.model.job import JobState
from edge_agent.reports.report import Counts, moved, printed
from label_protocol.states import SerialState, Step
from tests.edge_agent.ledger.test_books import Factory
from tests.kits.ledger_kit import Place, a_job, doubted, enrolled, link_of
from tests.kits.ledger_kit import printed as proven

DAYS = [f"2026-11-{day:02d}T00:00:00.000Z" for day in range(19, 30)]


def whole(ledger: Ledger) -> tuple[dict[str, Counts], Counter[tuple[str, str]]]:
    """Lot → the sums of the reports of all days, and (lot, state) → the labels that came there one by one."""
    counts: dict[str, Counts] = {}
    one_by_one: Counter[tuple[str, str]] = Counter()
    for since, until in pairwise(DAYS):
        drawn, rows = ledger.labels_drawn(since, until), ledger.labels_moved(since, until)
        facts = ledger.facts_of_jobs({row.job_id for row in (*drawn, *rows)})
        for row in printed(drawn, facts, lambda quarter: quarter[:13]):
            counts[row.lot_no] = counts.get(row.lot_no, Counts()) + row.counts
        for one in moved(rows, facts):
            one_by_one[one.lot_no, one.state] += one.count
    return counts, one_by_one


class Shifts(Factory):
    """The same histories over some days: whatever happened, the reports of all days add up to the books."""

    @rule(day=st.integers(20, 27), hour=st.integers(0, 23))
    def later(self, day: int, hour: int) -> None:
        """Or earlier: a clock may be put back."""
        self.place.clock.second = f"2026-11-{day}T{hour:02d}:59:59"

    def teardown(self) -> None:
        counts, one_by_one = whole(self.ledger)
        for line in self.ledger.balance()[:-1]:
            lot = line.quota_key.removeprefix("lot:")
            of = counts.get(lot, Counts())
            assert [getattr(of, state) for state in SerialState] == [getattr(line, state) for state in SerialState]
            assert of.drawn == line.drawn
            for state in (SerialState.SCRAPPED, SerialState.INVALID, SerialState.COMMISSIONED):
                assert one_by_one[lot, state] == getattr(line, state), "each got there at one time, for one reason"
        super().teardown()


TestShifts = Shifts.TestCase
TestShifts.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


def of(style_no: str) -> dict[str, Any]:
    return {"product": {"style_no": style_no, "size": "170/88A", "name": "羽绒服"}}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    ledger = enrolled(place.open())
    yield ledger
    ledger.close()


DAY = ("2026-11-20T00:00:00.000Z", "2026-11-21T00:00:00.000Z")


def test_a_label_counts_when_it_was_drawn_and_stands_as_it_does_now(ledger: Ledger, place: Place) -> None:
    job = a_job(ledger, 30, snapshot=of("YR-1"), operator="A01")
    place.clock.second = "2026-11-20T23:59:59"
    window = proven(ledger, job)
    place.clock.second = "2026-11-21T00:00:00"
    proven(ledger, job)
    strip = doubted(ledger, job)
    ledger.decide(window.serials[0], Step.SCRAP, "B02", "碳带皱")
    ledger.scan(window.serials[1], link_of(window.serials[1]), "B03", on_garment=True)
    drawn = ledger.labels_drawn(*DAY)
    assert {(row.quarter, row.state, row.count) for row in drawn} == {
        ("2026-11-20T23:45", "printed", 6),
        ("2026-11-20T23:45", "scrapped", 1),
        ("2026-11-20T23:45", "commissioned", 1),
    }
    assert ledger.labels_moved(*DAY) == ()
    next_day = ("2026-11-21T00:00:00.000Z", "2026-11-22T00:00:00.000Z")
    told = {(row.operator, row.state, row.reason, row.count) for row in ledger.labels_moved(*next_day)}
    assert told == {("B02", "scrapped", "碳带皱", 1), ("B03", "commissioned", "", 1)}
    assert ledger.labels_in_doubt() == len(strip.serials)
    facts = ledger.facts_of_jobs([job.job_id])[job.job_id]
    assert (facts.operator, facts.lot_no, str(facts.goods)) == ("A01", "L1", "YR-1 · 170/88A")


def test_a_label_at_the_very_moment_is_in_one_report(ledger: Ledger, place: Place) -> None:
    """Shifts touch: what is drawn as one ends and the next begins is of the next alone."""
    window = proven(ledger, a_job(ledger, 1))
    at = ledger.label(window.serials[0]).sent_at
    drawn = [sum(row.count for row in ledger.labels_drawn(*of)) for of in ((DAY[0], at), (at, DAY[1]))]
    assert drawn == [0, 1]


def test_what_replaces_another_is_counted_as_that_too(ledger: Ledger) -> None:
    window = proven(ledger, a_job(ledger, 8))
    new = ledger.scrap_and_replace(window.serials[0], "A01", "污损", "k")
    proven(ledger, new)
    assert sum(row.replacing for row in ledger.labels_drawn(*DAY)) == 1


def test_labels_never_sent_are_void_for_their_windows_reason(ledger: Ledger) -> None:
    window = ledger.begin_window(a_job(ledger, 3).job_id)
    ledger.never_sent(window.window_id, "font lacks a glyph")
    (row,) = ledger.labels_moved(*DAY)
    assert (row.state, row.operator, row.reason, row.count) == ("invalid", "", "font lacks a glyph", 3)


def test_moves_are_those_of_jobs_that_were_not_over(ledger: Ledger, place: Place) -> None:
    early, late = a_job(ledger, 8), a_job(ledger, 8, key='"job_moved"')
    ledger.move_job(early.job_id, JobState.WAITING, "缺纸")
    ledger.move_job(early.job_id, JobState.CANCELLED, "", "A01")
    place.clock.second = "2026-11-21T09:00:00"
    ledger.move_job(late.job_id, JobState.PAUSED, "操作员已暂停", "A01")
    moves = ledger.job_moves(ledger.jobs_not_over("2026-11-01", "2026-11-21T00:00:00.000Z", "2026-11-22T00:00:00.000Z"))
    assert [(one.job_id, one.state, one.by_person) for one in moves] == [(late.job_id, "paused", True)]
    moves = ledger.job_moves(ledger.jobs_not_over("2026-11-01", *DAY))
    assert [(one.job_id, one.state) for one in moves] == [
        (early.job_id, "waiting"),
        (early.job_id, "cancelled"),
        (late.job_id, "paused"),
    ]
    assert ledger.jobs_not_over("2026-11-21", *DAY) == ()
    ledger.move_job(late.job_id, JobState.RUNNING, "", "A01")
    ledger.move_job(late.job_id, JobState.WAITING, "缺纸")
    week = ("2026-11-27T00:00:00.000Z", "2026-11-28T00:00:00.000Z")
    assert ledger.jobs_not_over("2026-11-01", *week) == (late.job_id,), "it stands still"


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("labels_drawn", "w USING INDEX window_hour"),
        ("labels_moved", "l USING INDEX label_hour"),
        ("labels_moved", "window USING INDEX window_hour"),
        ("garments_packed", "packed USING INDEX packed_hour"),
        ("labels_in_doubt", "label USING COVERING INDEX label_odd (state=?)"),
    ],
)
def test_no_count_walks_a_table_of_labels(ledger: Ledger, query: str, index: str) -> None:
    by = {"since": DAY[0], "until": DAY[1]} if ":since" in Q[query] else {}
    plan = [row[3] for row in ledger._db.execute("EXPLAIN QUERY PLAN " + Q[query], by)]
    assert any(index in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
