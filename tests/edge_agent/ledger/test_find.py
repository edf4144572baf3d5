"""Labels found by what people know of them; pages that skip nothing; what is missing, and its one order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import IdempotencyError, NotFoundError
from edge_agent.ledger import Ledger
from edge_agent.ledger.sql import Q
from edge_agent.model.search import LabelSearch
from label_protocol.errors import ConflictError, InputError
from label_protocol.states import Step
from tests.kits.ledger_kit import Place, a_job, allot, doubted, enrolled, printed, require_sound


def of(style_no: str, size: str) -> dict[str, Any]:
    return {"product": {"style_no": style_no, "size": size, "name": "羽绒服"}}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    ledger = enrolled(place.open())
    allot(ledger, 100, "L2")
    yield ledger
    require_sound(ledger)
    ledger.close()


@pytest.fixture
def filled(ledger: Ledger, place: Place) -> dict[str, list[str]]:
    """Serials by what they are: two styles, two lots, three days, two printers, two people; one strip in doubt."""
    a = a_job(ledger, 16, snapshot=of("YR-1024", "170/88A"), operator="A01")
    found = {"a1": list(printed(ledger, a).serials)}
    place.clock.second = "2026-11-21T09:15:03"
    found["a2"] = list(printed(ledger, a).serials)
    more = {"lot_no": "L2", "quota_key": "lot:L2", "printer": "p2", "operator": '李"四'}
    b = a_job(ledger, 8, snapshot=of("yr-2048", "175/92A"), **more)
    place.clock.second = "2026-11-22T09:15:03"
    found["b"] = list(doubted(ledger, b).serials)
    return found


def serials(ledger: Ledger, limit: int = 100, after: str = "", **wanted: str) -> list[str]:
    found = ledger.find_labels(LabelSearch(**wanted), limit, after)
    return [one.label.serial for one in found]


@pytest.mark.parametrize(
    ("wanted", "of_which"),
    [
        ({}, "b a2 a1"),
        ({"style_no": "YR-10"}, "a2 a1"),
        ({"style_no": "r-"}, "b a2 a1"),
        ({"style_no": "YR", "size": "175/92A"}, "b"),
        ({"size": "170/88"}, ""),
        ({"lot_no": "l2"}, "b"),
        ({"since": "2026-11-21T00:00:00.000Z"}, "b a2"),
        ({"until": "2026-11-21T00:00:00.000Z"}, "a1"),
        ({"since": "2026-11-21T00:00:00.000Z", "until": "2026-11-22T00:00:00.000Z"}, "a2"),
        ({"operator": "A01"}, "a2 a1"),
        ({"operator": "A0"}, ""),
        ({"operator": '李"四'}, "b"),
        ({"printer": "p2"}, "b"),
        ({"printer": "p"}, ""),
        ({"state": "in_doubt"}, "b"),
        ({"state": "printed", "lot_no": "L1"}, "a2 a1"),
        ({"state": "printed", "lot_no": "L2"}, ""),
        ({"style_no": "%"}, ""),
    ],
    ids=str,
)
def test_labels_are_found_by_what_is_known_the_newest_first(
    ledger: Ledger, filled: dict[str, list[str]], wanted: dict[str, str], of_which: str
) -> None:
    expected = [serial for name in of_which.split() for serial in reversed(filled[name])]
    assert serials(ledger, **wanted) == expected


def test_labels_of_one_job_are_found(ledger: Ledger, filled: dict[str, list[str]]) -> None:
    job = ledger.label(filled["a1"][0]).job_id
    assert serials(ledger, job_id=job) == [*reversed(filled["a2"]), *reversed(filled["a1"])]
    assert serials(ledger, job_id=job, state="scrapped") == serials(ledger, job_id="nobody") == []


def test_what_is_found_says_what_it_is_of_and_who_ordered_it(ledger: Ledger, filled: dict[str, list[str]]) -> None:
    (one,) = ledger.find_labels(LabelSearch(printer="p2"), 1)
    assert (one.goods.style_no, one.goods.size, one.goods.name) == ("yr-2048", "175/92A", "羽绒服")
    assert (one.ordered_by, one.label.serial) == ('李"四', filled["b"][-1])


def test_pages_hold_each_label_once_though_labels_are_printed_meanwhile(
    ledger: Ledger, filled: dict[str, list[str]]
) -> None:
    expected = serials(ledger)
    job, seen, after = a_job(ledger, 50), [], ""
    while page := serials(ledger, 3, after):
        seen += page
        after = page[-1]
        printed(ledger, job, 2)
    assert seen == expected


def test_a_page_after_a_serial_nobody_knows_is_refused(ledger: Ledger) -> None:
    with pytest.raises(NotFoundError):
        serials(ledger, after="ABC00000000000000")


def test_jobs_are_paged_and_none_vanishes(ledger: Ledger) -> None:
    opened = [a_job(ledger, 1).job_id for _ in range(7)]
    seen, after = [], ""
    while page := ledger.recent_jobs(3, after):
        seen += [job.job_id for job in page]
        after = seen[-1]
        a_job(ledger, 1)
    assert seen == opened[::-1]
    with pytest.raises(NotFoundError):
        ledger.recent_jobs(3, "nobody")


def test_no_search_reads_more_than_it_must(ledger: Ledger) -> None:
    """Windows by their number from the newest on and labels by theirs: no table of labels is walked, nothing sorted."""
    by = dict.fromkeys(LabelSearch.__slots__, "") | {"operator": b"", "after": "", "limit": 9}
    plan = [row[3] for row in ledger._db.execute("EXPLAIN QUERY PLAN " + Q["find_labels"], by)]
    assert "SEARCH l USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in plan
    assert "SEARCH w USING INTEGER PRIMARY KEY (rowid<?)" in plan
    assert not any("TEMP B-TREE" in step or "SCAN l" in step for step in plan), plan
    plan = [row[3] for row in ledger._db.execute("EXPLAIN QUERY PLAN " + Q["events_about"], ("a", "b", "c", "d"))]
    assert "SEARCH event USING INDEX event_about (about=?)" in plan


# --- what is missing --------------------------------------------------------------------------------------------------


def spoil(ledger: Ledger, *serials: str) -> None:
    for serial in serials:
        ledger.decide(serial, Step.SCRAP, "A01", "碳带皱")


def test_what_is_void_and_not_replaced_is_missing_and_one_order_replaces_it(
    ledger: Ledger, filled: dict[str, list[str]]
) -> None:
    job = ledger.label(filled["a1"][0]).job_id
    spoil(ledger, *filled["a1"][:2])
    spoil(ledger, filled["a2"][3], filled["b"][0])
    ledger.open_replacement(filled["a1"][1], "one", "A01")
    (missing,) = ledger.missing(job_id=job)
    assert missing.serials == (filled["a1"][0], filled["a2"][3]), "the one that an open job replaces is not missing"
    (opened,) = ledger.replace_missing("k", "班长", 2, job_id=job)
    assert (opened.quantity, opened.replaces, opened.printer) == (2, missing.serials, "p1")
    assert ledger.missing(job_id=job) == ()
    new = printed(ledger, opened).serials
    assert [ledger.label(serial).replaces for serial in new] == list(missing.serials)
    assert [ledger.label(serial).replaced_by for serial in missing.serials] == list(new)


def test_a_lot_is_replaced_by_one_job_beside_each_that_lacks_some(ledger: Ledger, filled: dict[str, list[str]]) -> None:
    other = printed(ledger, a_job(ledger, 4, snapshot=of("YR-7", "S"))).serials
    spoil(ledger, filled["a1"][0], filled["b"][0], other[1])
    opened = ledger.replace_missing("k", "A01", 2, lot_no="L1")
    assert [job.replaces for job in opened] == [(filled["a1"][0],), (other[1],)]
    assert len({job.snapshot_hash for job in opened}) == 2
    assert ledger.replace_missing("k", "A01", 2, lot_no="L1") == opened, "the same order again is the same jobs"
    with pytest.raises(IdempotencyError):
        ledger.replace_missing("k", "A01", 1, lot_no="L2")


def test_another_number_than_was_confirmed_orders_nothing(ledger: Ledger, filled: dict[str, list[str]]) -> None:
    spoil(ledger, *filled["a1"][:2])
    before = ledger.head()
    for expected, scope in ((1, {"lot_no": "L1"}), (3, {"lot_no": "L1"}), (0, {"lot_no": "L2"})):
        with pytest.raises(ConflictError, match="一张也没有补打"):
            ledger.replace_missing(f"k{expected}", "A01", expected, **scope)
    assert ledger.head() == before


def test_what_is_missing_is_asked_of_one_job_or_one_lot(ledger: Ledger) -> None:
    with pytest.raises(InputError):
        ledger.missing()
    with pytest.raises(InputError):
        ledger.missing(job_id="a", lot_no="b")
    with pytest.raises(NotFoundError):
        ledger.missing(job_id="a")
