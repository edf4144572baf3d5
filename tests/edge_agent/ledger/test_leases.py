"""Until when serials may be drawn, by the latest time that is known; what the feed tells beside a number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import HeldError, QuotaError
from edge_agent.ledger import Ledger
from edge_agent.ledger.values import AllottedTo
from edge_agent.model.job import Job
from label_protocol.chain import address, parse
from label_protocol.errors import ConflictError, RecordError
from label_protocol.kinds import HoldKind
from label_protocol.states import Step
from tests.kits.ledger_kit import PROOF, Place, a_job, doubted, enrolled, fed, printed, require_sound

LEAD = {"by": "operator", "operator": "班长甲", "reason": "对过手机时间"}
UNTIL = "2027-01-14T00:00:00Z"
FACTS = {"lot": {"lot_no": "L1", "grade": {"scheme": "pinghu-down", "overall": "AAAA"}}}
CERTIFICATE: dict[str, Any] = {
    "kind": "certificate",
    "quota_key": "lot:L1",
    "firm": "91330482MA2CXXXXX1",
    "lot_no": "L1",
    "version": 1,
    "scheme": "pinghu-down",
    "valid_from": "2026-11-01",
    "valid_to": None,
    "facts": FACTS,
    "sha256": address(FACTS),
    "withdrawn": False,
    "reason": None,
}


def lease(until: str | None = UNTIL, key: str = "lot:L1", **more: Any) -> dict[str, Any]:
    return {"kind": "lease", "quota_key": key, "until": until, "warn_days": 7, **more}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    found = enrolled(place.open(), 100)
    fed(found, lease())
    yield found
    found.close()


def closings(ledger: Ledger) -> list[dict[str, Any]]:
    life = ledger.incarnations()[-1]
    told = (parse(event.body) for event in ledger.events(life.incarnation, 0, 10_000))
    return [one for one in told if one["type"] == "lease_closed"]


def draws(ledger: Ledger, job: Job) -> bool:
    try:
        printed(ledger, job)
    except QuotaError:
        return False
    return True


# --- items of the feed ------------------------------------------------------------------------------------------------


def test_what_is_fed_beside_a_number_is_kept_and_rebuilt(ledger: Ledger) -> None:
    goods = {"firm": "F1", "firm_name": "示例服饰", "lot_no": "L2", "style_no": "S1", "gtins": ["06901234567892"]}
    items = [
        {"kind": "allotment", "quota_key": "lot:AB:L2", "quantity": 50, "spoilage_permille": 0, **goods},
        {"kind": "lot", "lot_no": "L2", "firm": "F1", "quota_key": "lot:AB:L2", "record": {"a": 1}},
        {"kind": "lot", "lot_no": "L2", "firm": "F2", "record": {"a": 2}},
        CERTIFICATE,
    ]
    fed(ledger, *items)
    told = AllottedTo("lot:AB:L2", "F1", "示例服饰", "L2", "S1", ("06901234567892",))
    assert ledger.allotted_to("lot:AB:L2") == told and ledger.allotments_of("L2", "S1") == (told,)
    assert ledger.allotted_to("lot:L1") is None and ledger.firms() == {"F1": "示例服饰"}
    kept = ledger.certificate("lot:L1")
    assert kept is not None and (kept.version, kept.facts, kept.withdrawn) == (1, FACTS, False)
    assert ledger.lease("lot:L1") is not None and ledger.lease("lot:AB:L2") is None
    fed(ledger, CERTIFICATE | {"version": 2, "withdrawn": True, "reason": "报告作废"})
    kept = ledger.certificate("lot:L1")
    assert kept is not None and (kept.version, kept.withdrawn, kept.reason) == (2, True, "报告作废")
    life = ledger.incarnations()[-1]
    assert items == parse(ledger.events(life.incarnation, 4, 1)[0].body)["items"], "whole, as it was sealed"
    require_sound(ledger)


@pytest.mark.parametrize(
    "item",
    [
        lease("2027-01-14"),
        lease("the fourteenth"),
        lease(7),  # type: ignore[arg-type]
        lease(warn_days=-1),
        CERTIFICATE | {"sha256": "0" * 64},
        CERTIFICATE | {"facts": "AAAA"},
        CERTIFICATE | {"withdrawn": None},
        CERTIFICATE | {"valid_to": "31.12.2026"},
        {"kind": "allotment", "quota_key": "k", "quantity": 1, "gtins": ["6901234567892"]},
        {"kind": "allotment", "quota_key": "k", "quantity": 1, "firm": 7},
        {"kind": "lot", "lot_no": "L1", "firm": 7, "record": {}},
    ],
)
def test_an_item_that_is_not_one_is_refused_whole(ledger: Ledger, item: dict[str, Any]) -> None:
    head = ledger.head()
    with pytest.raises(RecordError, match="feed item"):
        fed(ledger, {"kind": "lot", "lot_no": "L9", "record": {}}, item)
    assert ledger.head() == head


# --- the end of a lease -----------------------------------------------------------------------------------------------


def test_past_its_end_nothing_is_drawn_and_what_was_drawn_is_finished(place: Place, ledger: Ledger) -> None:
    job = a_job(ledger)
    good, odd = printed(ledger, job), doubted(ledger, job)
    sent = ledger.begin_window(job.job_id)
    place.clock.second = "2027-01-14T00:00:00"
    ledger.prove_window(sent.window_id, PROOF)
    with pytest.raises(QuotaError, match=r"领用期限 2027-01-14 已过.*lease ended at 2027-01-14T00:00:00.000Z"):
        ledger.begin_window(job.job_id)
    ledger.decide(good.serials[0], Step.COMMISSION, "操作员甲", "on its garment")
    ledger.decide(odd.serials[0], Step.SCRAP, "操作员甲", "torn")
    assert not closings(ledger), "the clock gives nothing back"
    assert ledger.quota("lot:L1").free == 0 and ledger.balance()[0].free == 0
    fed(ledger, lease("2027-02-28T00:00:00Z"))
    assert draws(ledger, job), "a lease that was renewed goes on"
    require_sound(ledger)


def test_the_end_of_a_lease_is_told_ahead_while_codes_are_left(place: Place, ledger: Ledger) -> None:
    place.clock.second = "2027-01-06T23:59:59"
    assert ledger.ending_leases() == (), "seven days ahead, and no sooner"
    place.clock.second = "2027-01-07T00:00:00"
    (told,) = ledger.ending_leases()
    assert (told.called, told.days_left, told.unused) == ("L1", 6, 100)
    assert told.words.zh == "L1 的领用期限到 2027-01-14 为止，还有 6 天，还剩 100 个码没用"
    place.clock.second = "2027-01-14T00:00:01"
    (told,) = ledger.ending_leases()
    assert told.days_left == -1 and "已过" in told.words.zh
    ledger.hear("2027-01-14T00:00:02.000Z")
    assert ledger.ending_leases() == (), "what went back is nobody's worry"


def test_a_key_without_a_lease_or_without_an_end_is_drawn_on_as_ever(place: Place, ledger: Ledger) -> None:
    ledger.receive_distribution("c-old", "epoch-1", [{"kind": "allotment", "quota_key": "lot:L0", "quantity": 20}])
    fed(ledger, lease(None))
    old, endless = a_job(ledger, lot_no="L0", quota_key="lot:L0"), a_job(ledger)
    place.clock.second = "2099-01-01T00:00:00"
    assert draws(ledger, old) and draws(ledger, endless)
    place.clock.second = "1970-01-01T00:00:00"
    assert draws(ledger, old) and draws(ledger, endless), "where no lease runs the clock stops nothing"
    ledger.hear("2098-01-01T00:00:00.000Z")
    assert not closings(ledger)
    require_sound(ledger)


def test_a_lease_is_closed_once_by_the_registrys_time(place: Place, ledger: Ledger) -> None:
    job = a_job(ledger)
    printed(ledger, job)
    sent = ledger.begin_window(job.job_id)
    ledger.never_sent(sent.window_id, "no paper")
    place.clock.second = "2027-01-15T00:00:00"
    assert ledger.hear("2027-01-13T23:59:59.000Z") == ()
    assert ledger.hear("2027-01-14T00:00:00.000Z") == ("lot:L1",)
    assert ledger.hear("2027-01-15T00:00:00.000Z") == ()
    (told,) = closings(ledger)
    assert (told["quota_key"], told["until"]) == ("lot:L1", UNTIL), "as it was leased"
    assert (told["drawn"], told["unused"]) == (16, 92), "what was never sent is unused"
    assert not draws(ledger, job) and ledger.quota("lot:L1").free == 0
    fed(ledger, lease(), {"kind": "allotment", "quota_key": "lot:L1", "quantity": 200, "spoilage_permille": 30})
    assert not draws(ledger, job), "the lease that was closed, told again, is closed"
    assert ledger.hear("2027-01-15T00:00:30.000Z") == (), "and is not given back twice"
    fed(ledger, lease("2027-02-28T00:00:00Z"))
    assert draws(ledger, job)
    require_sound(ledger)


def test_a_lease_is_not_closed_under_a_window_that_is_on_its_way(ledger: Ledger) -> None:
    window = ledger.begin_window(a_job(ledger).job_id)
    assert ledger.hear("2027-02-01T00:00:00.000Z") == ()
    ledger.prove_window(window.window_id, PROOF)
    assert ledger.hear("2027-02-01T00:00:30.000Z") == ("lot:L1",)
    assert closings(ledger)[0]["drawn"] == 8


# --- the clock --------------------------------------------------------------------------------------------------------


def test_a_clock_set_to_1970_lets_nobody_draw_longer(place: Place, ledger: Ledger) -> None:
    job = a_job(ledger)
    place.clock.second = "2027-01-14T00:00:01"
    ledger.place_hold(HoldKind.COUNTER_AHEAD, {"printer": "p1", "before": 1, "after": 2})
    ledger.release_hold(HoldKind.COUNTER_AHEAD, **LEAD)
    place.clock.second = "1970-01-01T00:00:00"
    assert ledger.agent_time() > "2027-01-14" and not ledger.quota("lot:L1").free
    (hold,) = ledger.holds()
    assert (hold["kind"], hold["release"]) == ("clock_behind", "page") and "1970-01-01" in hold["words"]
    with pytest.raises(HeldError, match="1970-01-01"):
        ledger.begin_window(job.job_id)
    require_sound(ledger)


def test_a_computer_that_was_never_right_is_held_to_the_registrys_time(place: Place, ledger: Ledger) -> None:
    ledger.hear("2027-01-13T00:00:10.000Z")
    assert [hold["kind"] for hold in ledger.holds()] == ["clock_behind"]
    with pytest.raises(ConflictError, match="2027-01-13T00:00:10"):
        ledger.release_hold(HoldKind.CLOCK_BEHIND, **LEAD)
    place.clock.second = "2027-01-13T00:00:20"
    assert not ledger.holds(), "a clock that was set is asked about no more"


def test_a_clock_set_to_2099_stops_drawing_until_a_lead_says_it_is_right_again(place: Place, ledger: Ledger) -> None:
    job = a_job(ledger)
    place.clock.second = "2099-01-01T00:00:00"
    assert not draws(ledger, job)
    assert ledger.hear("2026-11-20T09:59:00.000Z") == (), "the registry knows better what has ended"
    ledger.move_job(job.job_id, ledger.job(job.job_id).state.PAUSED, "2099")
    place.clock.second = "2026-11-20T10:00:00"
    assert not ledger.quota("lot:L1").free, "the ledger's newest event is of 2099"
    with pytest.raises(HeldError):
        ledger.begin_window(job.job_id)
    ledger.release_hold(HoldKind.CLOCK_BEHIND, **LEAD)
    ledger.move_job(job.job_id, ledger.job(job.job_id).state.RUNNING, "on")
    assert not ledger.holds() and draws(ledger, job) and not closings(ledger), "no code was lost for a clock"
    require_sound(ledger)


def test_the_registry_tells_the_same_time_and_ends_the_question(place: Place, ledger: Ledger) -> None:
    place.clock.second = "2099-01-01T00:00:00"
    job = a_job(ledger)
    place.clock.second = "2026-11-20T10:00:00"
    assert ledger.holds()
    ledger.hear("2026-11-20T10:30:00.000Z")
    assert not ledger.holds() and draws(ledger, job)
    ledger.hear("2026-11-20T10:31:00.000Z")
    assert ledger.heard_time() == "2026-11-20T10:30:00.000Z", "written down every ten minutes"
    require_sound(ledger)


def test_a_restart_remembers_what_time_it_was(place: Place) -> None:
    first = enrolled(place.open(), 100)
    fed(first, lease())
    job = a_job(first)
    first.hear("2027-01-14T00:00:00.000Z")
    fed(first, lease("2027-01-20T00:00:00Z"))
    first.close()
    place.clock.second = "2027-01-13T23:30:00"
    again = place.open()
    assert again.agent_time() == "2027-01-14T00:00:00.000Z" and not again.holds() and draws(again, job)
    again.close()
