"""Sampled scans in the ledger: what is due when, by which scan it ends, and that nobody goes past it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.ledger import Ledger
from edge_agent.messages import job as job_words
from edge_agent.model.job import Job, JobState, Window
from label_protocol.errors import StateError
from label_protocol.states import Step
from tests.kits.ledger_kit import PROOF, Place, a_job, doubted, enrolled, link_of, printed, require_sound

OP = "操作员甲"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = enrolled(Place(tmp_path).open())
    yield found
    require_sound(found)
    found.close()


def scan(ledger: Ledger, window: Window, n: int = 0) -> None:
    ledger.scan(window.serials[n], link_of(window.serials[n]), OP)


def refused(ledger: Ledger, job: Job) -> bool:
    """Whether no further window can be begun."""
    head = ledger.head()
    try:
        ledger.never_sent(ledger.begin_window(job.job_id, limit=1).window_id, "only asked")
    except StateError as cause:
        assert "先抽检" in str(cause) and "p1" in str(cause)
        assert ledger.head() == head, "something was drawn"
        return True
    return False


def test_after_every_so_many_windows_nothing_is_drawn_until_a_label_of_the_last_was_scanned(ledger: Ledger) -> None:
    job = a_job(ledger, scan_every=2)
    first = printed(ledger, job)
    assert not refused(ledger, job) and ledger.awaits_sample(job.job_id) is None
    second = printed(ledger, job)
    assert refused(ledger, job) and ledger.awaits_sample(job.job_id) == second
    with pytest.raises(StateError, match="不是刚打好的那一批"):
        scan(ledger, first)
    ledger.scan(first.serials[1], link_of(first.serials[1]), OP, on_garment=True)
    assert refused(ledger, job), "a label of an earlier window says nothing of what the printer does now"
    scan(ledger, second, 5)
    assert not refused(ledger, job)
    assert {ledger.label(one).level for one in second.serials} == {"counter", "scan"}, "only what was scanned"
    printed(ledger, job)
    assert not refused(ledger, job)
    printed(ledger, job)
    assert refused(ledger, job)


def test_a_scan_on_its_garment_is_one_too_and_one_of_another_job_is_none(ledger: Ledger) -> None:
    job, other = a_job(ledger, scan_every=1), a_job(ledger)
    window, elsewhere = printed(ledger, job), printed(ledger, other)
    with pytest.raises(StateError, match="已打印"):
        scan(ledger, elsewhere)
    assert refused(ledger, job)
    ledger.scan(window.serials[3], link_of(window.serials[3]), OP, on_garment=True)
    assert not refused(ledger, job)


def test_a_decision_is_no_scan(ledger: Ledger) -> None:
    job = a_job(ledger, scan_every=1)
    window = printed(ledger, job)
    ledger.decide(window.serials[0], Step.COMMISSION, OP, "看过")
    ledger.decide(window.serials[1], Step.SCRAP, OP, "皱")
    assert refused(ledger, job)


def test_where_the_whole_window_is_void_the_next_one_is_asked_for(ledger: Ledger) -> None:
    """Nothing is left to scan; and the printer that spoiled it is not trusted for another round."""
    job = a_job(ledger, scan_every=3)
    for _ in range(3):
        window = printed(ledger, job)
    for serial in window.serials:
        assert refused(ledger, job)
        ledger.decide(serial, Step.SCRAP, OP, "扫不出来")
    assert not refused(ledger, job)
    following = printed(ledger, job)
    assert refused(ledger, job) and ledger.awaits_sample(job.job_id) == following
    scan(ledger, following)
    assert not refused(ledger, job)


def test_a_window_in_doubt_is_settled_and_not_sampled(ledger: Ledger) -> None:
    job = a_job(ledger, scan_every=2)
    printed(ledger, job)
    strip = doubted(ledger, job)
    assert ledger.awaits_sample(job.job_id) is None
    last = printed(ledger, job)
    assert ledger.awaits_sample(job.job_id) == last
    ledger.settle_window(strip.window_id, strip.serials[7], link_of(strip.serials[7]), OP)
    assert refused(ledger, job), "settled by a scan, and not of the window printed last"


def test_nobody_resumes_or_ends_a_job_past_its_sample(ledger: Ledger) -> None:
    job = a_job(ledger, 8, scan_every=1)
    window = printed(ledger, job)
    with pytest.raises(StateError, match="先抽检"):
        ledger.move_job(job.job_id, JobState.DONE, "done")
    ledger.move_job(job.job_id, JobState.PAUSED, str(job_words.scan_sample("p1")))
    with pytest.raises(StateError, match="先抽检"):
        ledger.move_job(job.job_id, JobState.RUNNING, "started", OP)
    ledger.move_job(job.job_id, JobState.PAUSED, "still")
    scan(ledger, window)
    ledger.move_job(job.job_id, JobState.RUNNING, "started", OP)
    assert ledger.move_job(job.job_id, JobState.DONE, "done").state is JobState.DONE


def test_a_job_may_be_cancelled_though_its_sample_is_due(ledger: Ledger) -> None:
    job = a_job(ledger, scan_every=1)
    printed(ledger, job)
    assert ledger.move_job(job.job_id, JobState.CANCELLED, "no", OP).state is JobState.CANCELLED


def test_killed_before_it_was_told_the_sample_is_due_all_the_same(tmp_path: Path) -> None:
    place = Place(tmp_path)
    ledger = enrolled(place.open())
    job = a_job(ledger, scan_every=1)
    window = printed(ledger, job)
    ledger.close()
    ledger = place.open()
    ledger.boot()
    assert ledger.job(job.job_id).state is JobState.PAUSED and ledger.awaits_sample(job.job_id) == window
    with pytest.raises(StateError, match="先抽检"):
        ledger.move_job(job.job_id, JobState.RUNNING, "started", OP)
    require_sound(ledger)
    ledger.close()


def test_a_replacement_is_sampled_as_its_job_was(ledger: Ledger) -> None:
    job = a_job(ledger, scan_every=1)
    window = printed(ledger, job)
    other = ledger.scrap_and_replace(window.serials[0], OP, "皱", "r1")
    assert other.scan_every == 1


def test_where_nobody_asks_for_it_the_event_says_nothing_and_no_statement_is_added(ledger: Ledger) -> None:
    """A job's way to the printer is counted in statements: none more than sampling needs where it is asked for."""
    said: dict[int, list[str]] = {}
    for scan_every in (0, 5):
        job, statements = a_job(ledger, scan_every=scan_every), list[str]()
        ledger._db.set_trace_callback(statements.append)
        window = ledger.begin_window(job.job_id, limit=8)
        drawn = len(statements)
        ledger.prove_window(window.window_id, PROOF)
        ledger._db.set_trace_callback(None)
        said[scan_every] = [f"{drawn}", *(one for one in statements if "unscanned" in one and "UPDATE" in one)]
    assert said[0][0] == said[5][0] and len(said[0]) == 1 and len(said[5]) == 2
    (life,) = ledger.incarnations()
    opened = [json.loads(event.body) for event in ledger.events(life.incarnation, 0, 100)]
    asked = [event.get("scan_every") for event in opened if event["type"] == "job_opened"]
    assert asked == [None, 5]
