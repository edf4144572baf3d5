"""Who the agent is, what the registry fed it, what printers counted; and the lists people read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.errors import NotFoundError
from edge_agent.ledger import Ledger
from label_protocol.errors import InputError, RecordError
from label_protocol.states import Step
from tests.kits.ledger_kit import PROOF, Place, a_job, doubted, enrolled, printed, require_sound

OP = "操作员甲"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = enrolled(Place(tmp_path).open())
    yield found
    found.close()


# --- enrolment, feed, counters ----------------------------------------------------------------------------------------


def test_another_identity_begins_another_incarnation(ledger: Ledger) -> None:
    before = ledger.head()
    ledger.enrol("agent-1", "ABC", "epoch-1", "http://registry.example")
    ledger.enrol("agent-1", "ABC", "epoch-2", "http://registry.example")
    assert ledger.head().incarnation == before.incarnation
    parent = ledger.head()
    ledger.enrol("agent-2", "DEF", "epoch-2", "http://registry.example")
    assert ledger.incarnations()[-1].parent == parent
    assert printed(ledger, a_job(ledger)).serials[0].startswith("DEF")
    with pytest.raises(RecordError):
        ledger.enrol("agent-3", "TOOLONG", "e", "r")
    require_sound(ledger)


def test_the_feed_is_kept_as_it_came(ledger: Ledger) -> None:
    items = [
        {"kind": "lot", "lot_no": "L1", "record": {"grade": "AAAA"}},
        {"kind": "style", "style_no": "S1", "record": {"name": "羽绒服"}},
        {"kind": "weather", "wind": "north"},
    ]
    ledger.receive_distribution("c9", "epoch-2", items)
    cursor = ledger.distribution_cursor()
    assert cursor is not None and (cursor.cursor, cursor.epoch) == ("c9", "epoch-2")
    assert ledger.lots() == {"L1": {"grade": "AAAA"}} and ledger.styles() == {"S1": {"name": "羽绒服"}}
    head = ledger.head()
    ledger.receive_distribution("c9", "epoch-2", [])
    assert ledger.head() == head
    require_sound(ledger)


@pytest.mark.parametrize(
    "item",
    [
        {"quota_key": "lot:L1"},
        {"kind": "allotment", "quota_key": "lot:L1", "quantity": -1},
        {"kind": "allotment", "quota_key": "lot:L1", "quantity": True},
        {"kind": "allotment", "quota_key": 7, "quantity": 1},
        {"kind": "allotment", "quota_key": "lot:L1", "quantity": 1, "spoilage_permille": 1001},
        {"kind": "suspension", "quota_key": "lot:L1", "suspended": 1, "reason": ""},
        {"kind": "lot", "lot_no": "L1", "record": {"percent": 1.5}},
    ],
)
def test_a_feed_item_that_is_not_one_is_refused_whole(ledger: Ledger, item: dict[str, object]) -> None:
    head = ledger.head()
    with pytest.raises(RecordError):
        ledger.receive_distribution("c9", "epoch-1", [{"kind": "lot", "lot_no": "L5", "record": {}}, item])
    assert (ledger.head(), ledger.lots()) == (head, {})


def test_the_last_known_counter_follows_windows_and_feeds(ledger: Ledger) -> None:
    job = a_job(ledger)
    assert ledger.printer_counter("p1") is None
    window = ledger.begin_window(job.job_id, counter=100)
    assert ledger.printer_counter("p1") == 100
    ledger.prove_window(window.window_id, PROOF, counts_as="commissioned")
    assert ledger.printer_counter("p1") == 8
    ledger.note_paper_fed("p1", 8, 10)
    assert ledger.printer_counter("p1") == 10
    with pytest.raises(InputError):
        ledger.prove_window(ledger.begin_window(job.job_id).window_id, PROOF, counts_as="sold")
    require_sound(ledger)


def test_labels_are_listed_by_state_page_by_page(ledger: Ledger) -> None:
    job = a_job(ledger)
    good, bad = printed(ledger, job), doubted(ledger, job)
    ledger.decide(good.serials[0], Step.COMMISSION, OP, "on garment")
    for state, count in (("printed", 7), ("in_doubt", 8), ("commissioned", 1), ("scrapped", 0), (None, 16)):
        first = ledger.labels(state, 5)
        rest = ledger.labels(state, 100, first[-1].serial) if first else ()
        found = [label.serial for label in (*first, *rest)]
        assert found == sorted(found) and len(set(found)) == count
    ((window, labels),) = ledger.doubts()
    assert (window.window_id, tuple(label.serial for label in labels)) == (bad.window_id, bad.serials)
    assert ledger.label(bad.serials[0]).reason == "silence"
    with pytest.raises(NotFoundError):
        ledger.label("ABC0")
    with pytest.raises(NotFoundError):
        ledger.window("nobody")
    with pytest.raises(NotFoundError):
        ledger.snapshot("00")
