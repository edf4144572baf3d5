"""Orders of copies in the ledger: once per key, within bounds, judged window by window, and found again by an audit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import IdempotencyError, NotFoundError
from edge_agent.ledger import Ledger
from edge_agent.ledger.copies import MAX_COPIES
from edge_agent.ledger.sql import migrations
from edge_agent.ledger.store import connect
from edge_agent.model.copies import Copies, CopiesOrder, CopiesState
from edge_agent.model.printer import ProofLevel, Verdict
from label_protocol.errors import InputError, StateError
from label_protocol.wire import snapshots_needed
from tests.kits.ledger_kit import Place, enrolled

PROVEN = Verdict(True, ProofLevel.COUNTER, "proven", {"counter_before": 7, "counter_after": 15})
DOUBT = Verdict(False, ProofLevel.SENT, "silence", {"faults": ["media_out"]})
ORDER = CopiesOrder("k1", "h1", "wash", "p1", 20, {"snapshot": 1, "product": {"name": "示例"}}, "A01")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = enrolled(Place(tmp_path).open())
    yield found
    found.close()


def begun(ledger: Ledger, labels: int = 8, **more: Any) -> Copies:
    order = ledger.open_copies(replace(ORDER, **more))
    return ledger.begin_copies(order.copies_id, labels, rows=labels, counter=7)


def events(ledger: Ledger, type_: str) -> list[dict[str, Any]]:
    told = [json.loads(one.body) for one in ledger.events(ledger.head().incarnation)]
    return [event for event in told if event["type"] == type_]


def test_an_order_says_who_printed_what_and_its_data_is_found_again(ledger: Ledger) -> None:
    order = begun(ledger)
    ledger.judge_copies(order.copies_id, PROVEN)
    (event,) = events(ledger, "copies_opened")
    assert (event["operator"], event["printer"], event["quantity"]) == ("A01", "p1", 20)
    assert json.loads(ledger.snapshot(event["snapshot"])) == ORDER.snapshot
    assert snapshots_needed(event) == {order.snapshot_hash}, "the registry is given the data with the event"
    assert ledger.verify().ok


def test_the_same_key_is_the_same_order(ledger: Ledger) -> None:
    order = ledger.open_copies(ORDER)
    assert ledger.open_copies(ORDER) == order
    with pytest.raises(IdempotencyError, match="use a new key"):
        ledger.open_copies(replace(ORDER, request_hash="h2"))
    assert len(ledger.recent_copies(10)) == 1


def test_orders_are_read_a_page_at_a_time_the_newest_first(ledger: Ledger) -> None:
    made = [ledger.open_copies(replace(ORDER, key=f"k{n}")).copies_id for n in range(5)]
    pages = [[one.copies_id for one in ledger.recent_copies(2, skip)] for skip in (0, 2, 4, 6)]
    assert pages == [made[:2:-1], made[2:0:-1], made[:1], []]


@pytest.mark.parametrize("quantity", [0, -1, MAX_COPIES + 1])
def test_a_number_out_of_bounds_is_a_slip(ledger: Ledger, quantity: int) -> None:
    with pytest.raises(InputError, match=f"expected 1 to {MAX_COPIES}, got {quantity}"):
        ledger.open_copies(replace(ORDER, quantity=quantity))
    assert events(ledger, "copies_opened") == []


def test_the_numbers_of_an_order_always_add_up(ledger: Ledger) -> None:
    order = begun(ledger)
    assert (order.sending, order.left) == (8, 12)
    order = ledger.judge_copies(order.copies_id, PROVEN)
    assert (order.printed, order.sending, order.left, order.level) == (8, 0, 12, "counter")
    ledger.begin_copies(order.copies_id, 4, rows=4, counter=15)
    order = ledger.judge_copies(order.copies_id, DOUBT)
    assert (order.printed, order.unproven, order.left, order.level) == (8, 4, 8, "counter")
    ledger.begin_copies(order.copies_id, 8, rows=8, counter=19)
    order = ledger.judge_copies(order.copies_id, replace(PROVEN, level=ProofLevel.IDLE))
    assert (order.printed, order.left, order.level) == (16, 0, "idle"), "the weakest proof is what all have"


def test_what_cannot_be_is_refused(ledger: Ledger) -> None:
    order = begun(ledger)
    with pytest.raises(StateError, match="nothing being printed"):
        ledger.begin_copies(order.copies_id, 1, rows=1, counter=None)
    order = ledger.judge_copies(order.copies_id, PROVEN)
    with pytest.raises(StateError, match="expected a window to judge"):
        ledger.judge_copies(order.copies_id, PROVEN)
    with pytest.raises(StateError, match="expected a window of 1 to 12, got 13"):
        ledger.begin_copies(order.copies_id, 13, rows=13, counter=None)
    ledger.end_copies(order.copies_id, CopiesState.CANCELLED, "x", "A01")
    for again in (
        lambda: ledger.end_copies(order.copies_id, CopiesState.ENDED, "x"),
        lambda: ledger.begin_copies(order.copies_id, 1, rows=1, counter=None),
    ):
        with pytest.raises(StateError, match="cancelled"):
            again()
    with pytest.raises(NotFoundError):
        ledger.copies("nobody")
    assert ledger.verify().ok


def test_a_window_in_hand_is_judged_behind_a_cancel(ledger: Ledger) -> None:
    order = begun(ledger)
    ledger.end_copies(order.copies_id, CopiesState.CANCELLED, "x", "A01")
    assert ledger.next_copies("p1") is not None
    assert ledger.judge_copies(order.copies_id, PROVEN).printed == 8
    assert ledger.next_copies("p1") is None and ledger.unfinished_copies() == ()


def test_counts_of_copies_are_explained_until_the_counter_is_known(ledger: Ledger) -> None:
    order = begun(ledger)
    assert (ledger.printer_counter("p1"), ledger.printer_doubt("p1")) == (7, 8)
    ledger.judge_copies(order.copies_id, PROVEN)
    assert (ledger.printer_counter("p1"), ledger.printer_doubt("p1")) == (15, 0)
    ledger.begin_copies(order.copies_id, 4, rows=2, counter=15)
    ledger.judge_copies(order.copies_id, DOUBT)
    assert ledger.printer_doubt("p1") == 2, "rows, not labels, are what a printer counts"
    ledger.note_paper_fed("p1", 15, 17)
    assert ledger.printer_doubt("p1") == 0


FOUND_BY = ("DROP INDEX event_about", "DROP INDEX window_job", "ALTER TABLE event DROP COLUMN about")
REPORTED = ("DROP INDEX window_hour", "DROP INDEX label_hour")
LEASED = ("allotted_to", "lease", "certificate", "newest", "heard", "fed_body")
SAMPLED = ("ALTER TABLE job DROP COLUMN unscanned", "ALTER TABLE job DROP COLUMN scan_every")


def test_a_ledger_of_before_there_were_copies_is_brought_up_to_date(tmp_path: Path) -> None:
    place = Place(tmp_path)
    enrolled(place.open()).close()
    with connect(place.path) as db:
        copies = ("DROP TABLE copies", "ALTER TABLE printer DROP COLUMN copied")
        later = ("receipt", "printer_identity", "printer_question", "carton", "packed", "review", *LEASED)
        drops = [*(f"DROP TABLE {one}" for one in later), *FOUND_BY, *REPORTED, *SAMPLED]
        for drop in (*drops, *copies, "PRAGMA user_version = 1"):
            db.execute(drop)
    db.close()
    ledger = place.open()
    assert begun(ledger).sending == 8 and ledger.verify().ok
    assert len(migrations()) == 11
    ledger.close()
