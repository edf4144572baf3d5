"""A strip of labels in doubt, settled by one scan; and what a start settles by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.errors import NotFoundError
from edge_agent.ledger import Ledger
from edge_agent.ledger.startup import DOUBTED, RESTART
from edge_agent.model.job import JobState
from label_protocol.errors import ConflictError, InputError, StateError
from label_protocol.states import Step
from tests.kits.ledger_kit import PROOF, Place, a_job, doubted, enrolled, link_of, printed, require_sound, states

OP = "操作员甲"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    found = enrolled(place.open())
    yield found
    found.close()


@pytest.mark.parametrize("rest,after", [("invalid", "invalid"), ("scrapped", "scrapped"), ("keep", "in_doubt")])
def test_the_last_good_label_settles_its_strip_in_print_order(ledger: Ledger, rest: str, after: str) -> None:
    window = doubted(ledger, a_job(ledger), 5)
    last = window.serials[2]
    labels = ledger.settle_window(window.window_id, last, link_of(last), OP, rest=rest)
    assert [label.serial for label in labels] == list(window.serials)
    assert states(ledger, window) == ["printed"] * 3 + [after] * 2
    assert [label.level for label in labels[:3]] == ["sent", "sent", "scan"]
    assert {label.operator for label in labels[:3]} == {OP}
    require_sound(ledger)


def test_a_strip_is_not_settled_by_saying_nothing(ledger: Ledger) -> None:
    window = doubted(ledger, a_job(ledger), 3)
    with pytest.raises(InputError, match="what became of the strip"):
        ledger.settle_window(window.window_id, None, "", OP, rest="keep")


def test_a_strip_without_one_good_label(ledger: Ledger) -> None:
    window = doubted(ledger, a_job(ledger), 3)
    ledger.settle_window(window.window_id, None, "", OP)
    assert states(ledger, window) == ["invalid"] * 3
    with pytest.raises(ConflictError, match="settled already"):
        ledger.settle_window(window.window_id, None, "", OP)


def test_labels_settled_before_stay_as_they_are(ledger: Ledger) -> None:
    window = doubted(ledger, a_job(ledger), 4)
    ledger.decide(window.serials[0], Step.SCRAP, OP, "污损")
    ledger.scan(window.serials[3], link_of(window.serials[3]), OP)
    ledger.settle_window(window.window_id, window.serials[1], link_of(window.serials[1]), OP)
    assert states(ledger, window) == ["scrapped", "printed", "invalid", "printed"]
    require_sound(ledger)


@pytest.mark.parametrize("on_garment,state", [(False, "printed"), (True, "commissioned")])
@pytest.mark.parametrize("rest,after", [("invalid", "invalid"), ("scrapped", "scrapped"), ("keep", "in_doubt")])
def test_a_label_scanned_by_itself_settles_its_strip(
    place: Place, ledger: Ledger, on_garment: bool, state: str, rest: str, after: str
) -> None:
    window = doubted(ledger, a_job(ledger), 4)
    last = window.serials[2]
    before = ledger.scan(last, link_of(last), "操作员乙", on_garment=on_garment)
    ledger.settle_window(window.window_id, last, link_of(last), OP, rest=rest)
    assert states(ledger, window) == ["printed", "printed", state, after]
    assert ledger.label(last) == before
    assert [ledger.label(serial).level for serial in window.serials[:2]] == ["sent", "sent"]
    told = [json.loads(event.body) for event in ledger.events(ledger.head().incarnation)][-1]
    assert (told["type"], told["last"]) == ("window_settled", last)
    assert told["printed"] == list(window.serials[:2])
    require_sound(ledger)


def test_a_strip_settled_by_its_scanned_labels_is_settled_once(ledger: Ledger) -> None:
    window = doubted(ledger, a_job(ledger), 2)
    for serial in window.serials:
        ledger.scan(serial, link_of(serial), OP)
    head = ledger.head()
    with pytest.raises(ConflictError, match="settled already"):
        ledger.settle_window(window.window_id, window.serials[1], link_of(window.serials[1]), OP)
    assert ledger.head() == head


def test_a_label_that_only_a_decision_made_good_is_no_last_good_label(ledger: Ledger) -> None:
    window = doubted(ledger, a_job(ledger), 3)
    ledger.decide(window.serials[1], Step.SETTLE_PRINTED, OP, "看过")
    with pytest.raises(StateError, match="proven by a scan"):
        ledger.settle_window(window.window_id, window.serials[1], link_of(window.serials[1]), OP)
    assert states(ledger, window) == ["in_doubt", "printed", "in_doubt"]


def test_a_scan_that_is_not_one_settles_nothing(ledger: Ledger) -> None:
    job = a_job(ledger)
    window, other = doubted(ledger, job, 3), doubted(ledger, job, 3)
    first, head = window.serials[0], ledger.head()
    for wrong in (
        lambda: ledger.settle_window(window.window_id, other.serials[0], link_of(other.serials[0]), OP),
        lambda: ledger.settle_window(window.window_id, first, first, OP),
        lambda: ledger.settle_window(window.window_id, first, link_of(window.serials[1]), OP),
        lambda: ledger.settle_window(window.window_id, first, link_of(first), " "),
        lambda: ledger.settle_window(window.window_id, first, link_of(first), OP, rest="guess"),
    ):
        with pytest.raises(InputError):
            wrong()
    with pytest.raises(InputError, match=r"^扫到的标签不在这一批里.*请扫.* · window "):
        wrong_strip = other.serials[0]
        ledger.settle_window(window.window_id, wrong_strip, link_of(wrong_strip), OP)
    with pytest.raises(NotFoundError):
        ledger.settle_window("nobody", None, "", OP)
    assert (ledger.head(), states(ledger, window)) == (head, ["in_doubt"] * 3)


def test_a_void_last_label_is_an_alarm_and_settles_nothing(ledger: Ledger) -> None:
    window = doubted(ledger, a_job(ledger), 3)
    ledger.decide(window.serials[1], Step.INVALIDATE, OP, "找不到")
    with pytest.raises(StateError, match="void"):
        ledger.settle_window(window.window_id, window.serials[1], link_of(window.serials[1]), OP)
    assert [alarm["kind"] for alarm in ledger.alarms()] == ["invalid_scanned"]
    assert states(ledger, window) == ["in_doubt", "invalid", "in_doubt"]
    good = printed(ledger, a_job(ledger), 1)
    with pytest.raises(StateError, match="not settled"):
        ledger.settle_window(good.window_id, good.serials[0], link_of(good.serials[0]), OP)


# --- start ------------------------------------------------------------------------------------------------------------


def test_a_start_believes_nothing_that_was_open(place: Place) -> None:
    ledger = enrolled(place.open())
    busy, idle, ended = a_job(ledger), a_job(ledger, printer="p2"), a_job(ledger, 1, printer="p3")
    printed(ledger, ended, 1)
    ledger.move_job(ended.job_id, JobState.DONE, "end")
    ledger.move_job(idle.job_id, JobState.WAITING, "paper")
    window = ledger.begin_window(busy.job_id)
    ledger.close()
    ledger = place.open()
    found = ledger.boot()
    assert found.windows_in_doubt == (window.window_id,)
    assert set(states(ledger, window)) == {"in_doubt"}
    assert (ledger.job(busy.job_id).state, ledger.job(busy.job_id).reason) == (JobState.PAUSED, DOUBTED)
    assert (ledger.job(idle.job_id).state, ledger.job(idle.job_id).reason) == (JobState.PAUSED, RESTART)
    assert ledger.job(ended.job_id).state is JobState.DONE
    head = ledger.head()
    assert ledger.boot().windows_in_doubt == () and ledger.head() == head
    with pytest.raises(StateError):
        ledger.prove_window(window.window_id, PROOF)
    require_sound(ledger)
    ledger.close()


def test_a_clock_that_went_back_is_shown_and_decides_nothing(place: Place) -> None:
    ledger = enrolled(place.open())
    window = ledger.begin_window(a_job(ledger).job_id)
    place.clock.second = "2026-11-19T00:00:00"
    assert ledger.boot().clock_jumped
    (alarm,) = ledger.alarms()
    assert alarm["kind"] == "clock_jumped" and alarm["detail"]["now"] < alarm["detail"]["last_event_at"]
    assert set(states(ledger, window)) == {"in_doubt"}
    ledger.close_alarm(alarm["alarm"], OP, "battery")
    place.clock.second = "2026-12-30T00:00:00"
    assert not ledger.boot().clock_jumped
    assert len(ledger.alarms(closed=True)) == 1
    require_sound(ledger)
    ledger.close()
