"""Cartons in the ledger: a garment is in one at most, only what may leave goes in, a number is given once, rebuilt."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import IdempotencyError, LotStoppedError, NotFoundError
from edge_agent.ledger import Ledger
from edge_agent.ledger.store import connect
from edge_agent.model.cartons import Carton, CartonState
from edge_agent.model.copies import CopiesOrder
from label_protocol.codes.sscc import SsccBlock, validate
from label_protocol.errors import ConflictError, InputError, StateError
from label_protocol.states import Step
from label_protocol.wire import snapshots_needed
from tests.kits.ledger_kit import Place, a_job, doubted, enrolled, history, link_of, printed, require_sound

OP = "A01"
BLOCK = SsccBlock("6901234")
LABEL = CopiesOrder("label-1", "h1", "carton", "p1", 1, {"snapshot": 1, "carton": {"sscc": "?"}}, OP, nth=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = enrolled(Place(tmp_path).open())
    yield found
    found.close()


def worn(ledger: Ledger, number: int = 3) -> list[str]:
    """Serials on their garments."""
    serials = list(printed(ledger, a_job(ledger, number), number).serials)
    for serial in serials:
        ledger.scan(serial, link_of(serial), OP, on_garment=True)
    return serials


def pack(ledger: Ledger, carton: Carton, *serials: str, from_print: bool = False) -> Carton:
    for serial in serials:
        ledger.pack(carton.carton, serial, link_of(serial), OP, from_print=from_print)
    return ledger.carton(carton.carton)


def close(ledger: Ledger, carton: Carton, block: SsccBlock | None = BLOCK) -> Carton:
    return ledger.close_carton(carton.carton, carton.packed, OP, block, from_print=False)


def full(ledger: Ledger, key: str = "k1", number: int = 2, block: SsccBlock | None = BLOCK) -> Carton:
    """A closed carton."""
    return close(ledger, pack(ledger, ledger.open_carton(key, OP), *worn(ledger, number)), block)


def inside(ledger: Ledger, carton: Carton) -> list[str]:
    return [one.serial for one in ledger.packed_in(carton.carton)]


def events(ledger: Ledger, *types: str) -> list[dict[str, Any]]:
    told = [json.loads(body) for _, _, body in history(ledger)]
    return [event for event in told if event["type"] in types]


def stop(ledger: Ledger, kind: str = "recall") -> None:
    more = {"suspended": True} if kind == "suspension" else {}
    item = {"kind": kind, "quota_key": "lot:L1", "reason": "示例"} | more
    ledger.receive_distribution("stop", "epoch-1", [item])


# --- in and out -------------------------------------------------------------------------------------------------------


def test_a_carton_is_filled_closed_and_numbered_and_the_events_say_by_whom(ledger: Ledger) -> None:
    serials = worn(ledger)
    carton = pack(ledger, ledger.open_carton("k1", OP), *serials)
    assert (carton.state, carton.packed, carton.sscc) == (CartonState.OPEN, 3, None)
    carton = close(ledger, carton)
    assert carton.state is CartonState.CLOSED and validate(carton.sscc or "")[1:8] == "6901234"
    assert inside(ledger, carton) == serials, "in the order in which they went in"
    assert ledger.carton(carton.sscc or "") == carton == ledger.carton_of(serials[0])
    told = events(ledger, "carton_opened", "packed", "carton_closed")
    assert [one["type"] for one in told] == ["carton_opened", "packed", "packed", "packed", "carton_closed"]
    assert {one["operator"] for one in told} == {OP}
    assert told[1]["put_in"] == [serials[0]] and told[1]["text"] == link_of(serials[0])
    assert (told[-1]["count"], told[-1]["sscc"]) == (3, carton.sscc)
    require_sound(ledger)


def test_packing_moves_no_label_and_no_quota(ledger: Ledger) -> None:
    serials = worn(ledger)
    before = ledger.balance(), [ledger.label(one) for one in serials]
    close(ledger, pack(ledger, ledger.open_carton("k1", OP), *serials))
    assert (ledger.balance(), [ledger.label(one) for one in serials]) == before


def test_the_same_key_is_the_same_carton(ledger: Ledger) -> None:
    one = ledger.open_carton("k1", OP)
    assert ledger.open_carton("k1", OP) == one != ledger.open_carton("k2", OP)
    assert len(ledger.cartons(10)) == 2
    with pytest.raises(InputError, match="idempotency key"):
        ledger.open_carton("", OP)


def test_a_second_scan_of_the_same_garment_is_not_counted_and_not_recorded(ledger: Ledger) -> None:
    serials, carton = worn(ledger), ledger.open_carton("k1", OP)
    pack(ledger, carton, serials[0])
    again = ledger.pack(carton.carton, serials[0], link_of(serials[0]), OP, from_print=False)
    assert (again.repeated, again.carton.packed) == (True, 1)
    assert len(events(ledger, "packed")) == 1


def test_a_garment_is_in_one_carton(ledger: Ledger) -> None:
    serials, one, other = worn(ledger), ledger.open_carton("k1", OP), ledger.open_carton("k2", OP)
    pack(ledger, one, serials[0])
    with pytest.raises(ConflictError, match=f"在箱 {one.carton} 里.*take it out of that one first"):
        pack(ledger, other, serials[0])
    ledger.take_out(one.carton, serials[0], "", OP)
    assert pack(ledger, other, serials[0]).packed == 1 and ledger.carton(one.carton).packed == 0
    assert ledger.carton_of(serials[0]) == ledger.carton(other.carton)
    require_sound(ledger)


def test_the_file_itself_lets_no_garment_into_two_cartons(tmp_path: Path) -> None:
    place = Place(tmp_path)
    enrolled(place.open()).close()
    row = "INSERT INTO packed (serial, carton, operator, packed_at) VALUES ('S', ?, '', '')"
    with closing(connect(place.path)) as db:
        db.execute(row, ("one",))
        with pytest.raises(sqlite3.IntegrityError, match=r"packed\.serial"):
            db.execute(row, ("two",))


@pytest.mark.parametrize("put", [lambda ledger, job: printed(ledger, job), lambda ledger, job: doubted(ledger, job)])
def test_a_label_that_is_not_on_its_garment_is_not_packed(ledger: Ledger, put: Callable[..., Any]) -> None:
    serial, carton = put(ledger, a_job(ledger, 1)).serials[0], ledger.open_carton("k1", OP)
    with pytest.raises(StateError, match=r"^这张标签.*expected one that is on its garment"):
        pack(ledger, carton, serial)
    assert ledger.carton(carton.carton).packed == 0 and events(ledger, "packed") == []


def test_where_print_counts_as_on_the_garment_a_printed_label_is_packed_and_a_doubtful_one_is_not(
    ledger: Ledger,
) -> None:
    good, odd = printed(ledger, a_job(ledger, 1)).serials[0], doubted(ledger, a_job(ledger, 1)).serials[0]
    carton = pack(ledger, ledger.open_carton("k1", OP), good, from_print=True)
    assert carton.packed == 1
    with pytest.raises(StateError, match="存疑"):
        pack(ledger, carton, odd, from_print=True)


def test_a_void_label_that_turns_up_at_packing_is_an_alarm(ledger: Ledger) -> None:
    serial, carton = doubted(ledger, a_job(ledger, 1)).serials[0], ledger.open_carton("k1", OP)
    ledger.decide(serial, Step.INVALIDATE, OP, "找不到")
    with pytest.raises(StateError, match="作废标签出现"):
        pack(ledger, carton, serial)
    assert [alarm["kind"] for alarm in ledger.alarms()] == ["invalid_scanned"]


@pytest.mark.parametrize("kind", ["recall", "suspension"])
def test_a_garment_of_a_stopped_lot_goes_into_no_carton(ledger: Ledger, kind: str) -> None:
    serials, carton = worn(ledger), ledger.open_carton("k1", OP)
    stop(ledger, kind)
    with pytest.raises(LotStoppedError, match="不能装箱，请把衣服留下，问平台"):
        pack(ledger, carton, serials[0])
    assert events(ledger, "packed") == []


def test_taking_out_needs_an_open_carton_and_a_garment_in_it(ledger: Ledger) -> None:
    serials, carton = worn(ledger), ledger.open_carton("k1", OP)
    with pytest.raises(ConflictError, match="这件不在箱"):
        ledger.take_out(carton.carton, serials[0], "", OP)
    carton = close(ledger, pack(ledger, carton, serials[0]))
    with pytest.raises(StateError, match="已关，没有改动"):
        ledger.take_out(carton.carton, serials[0], "", OP)
    with pytest.raises(StateError, match="已关，没有改动"):
        pack(ledger, carton, serials[1])
    for unknown in ("C0", "069012340000000122"):
        with pytest.raises(NotFoundError, match="请核对箱号"):
            ledger.take_out(unknown, serials[0], "", OP)
    with pytest.raises(NotFoundError):
        pack(ledger, ledger.open_carton("k2", OP), "ABC00000000000000")


# --- closing ----------------------------------------------------------------------------------------------------------


def test_who_closes_a_carton_has_seen_how_many_are_in_it(ledger: Ledger) -> None:
    carton = pack(ledger, ledger.open_carton("k1", OP), *worn(ledger, 2))
    with pytest.raises(ConflictError, match="里是 2 件，不是 3 件，没有关箱"):
        ledger.close_carton(carton.carton, 3, OP, BLOCK, from_print=False)
    with pytest.raises(StateError, match="是空的"):
        close(ledger, ledger.open_carton("k2", OP))
    assert events(ledger, "carton_closed") == []


def test_a_second_tap_closes_nothing_twice(ledger: Ledger) -> None:
    carton = full(ledger)
    assert close(ledger, carton) == carton
    assert len(events(ledger, "carton_closed")) == 1


def test_a_recall_that_comes_while_it_is_filled_keeps_it_open_until_they_are_out(ledger: Ledger) -> None:
    serials = worn(ledger, 2)
    carton = pack(ledger, ledger.open_carton("k1", OP), *serials)
    stop(ledger)
    with pytest.raises(LotStoppedError, match=rf"有 2 件不能出厂，请先拿出：{serials[0]}, {serials[1]}"):
        close(ledger, carton)
    for serial in serials:
        ledger.take_out(carton.carton, serial, "", OP)
    assert ledger.carton(carton.carton).packed == 0, "what is stopped can be taken out"


def test_a_label_that_is_scrapped_in_its_carton_keeps_it_open(ledger: Ledger) -> None:
    serial = printed(ledger, a_job(ledger, 1)).serials[0]
    carton = pack(ledger, ledger.open_carton("k1", OP), serial, from_print=True)
    ledger.decide(serial, Step.SCRAP, OP, "撕坏")
    with pytest.raises(StateError, match=f"请先拿出：{serial}"):
        ledger.close_carton(carton.carton, 1, OP, BLOCK, from_print=True)


def test_a_closed_carton_is_opened_again_by_a_person_with_a_reason_and_keeps_its_number(ledger: Ledger) -> None:
    carton = full(ledger)
    for operator, reason in (("", "少一件"), (OP, ""), (OP, "  ")):
        with pytest.raises(InputError):
            ledger.open_again(carton.carton, operator, reason)
    again = ledger.open_again(carton.sscc or "", OP, "少一件")
    assert (again.state, again.packed) == (CartonState.OPEN, 2)
    with pytest.raises(StateError, match="还开着"):
        ledger.open_again(carton.carton, OP, "少一件")
    closed = close(ledger, pack(ledger, again, *worn(ledger, 1)))
    assert (closed.sscc, closed.packed) == (carton.sscc, 3)
    assert events(ledger, "carton_opened")[-1]["reason"] == "少一件"
    require_sound(ledger)


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_without_a_prefix_a_carton_has_its_number_here_and_one_for_the_world_later(ledger: Ledger) -> None:
    carton = full(ledger, block=None)
    assert carton.sscc is None and len(carton.carton) == 9
    ledger.open_again(carton.carton, OP, "补 SSCC")
    assert close(ledger, carton).sscc


def test_numbers_of_one_start_follow_each_other_and_none_is_given_twice(ledger: Ledger) -> None:
    """The smallest block there is, so that chance meets what was given: every number is another, until none is left."""
    small = SsccBlock("690123456789", "00")
    numbers = [full(ledger, f"k{n}", 1, small).sscc or "" for n in range(20)]
    assert len(set(numbers)) == 20
    steps = {(int(after[:-1]) - int(before[:-1])) % 1000 for before, after in pairwise(numbers)}
    assert steps == {1}


def test_a_used_up_block_is_told_and_the_carton_stays_open(ledger: Ledger) -> None:
    small = SsccBlock("690123456789", "00")
    columns = "(carton, key, state, sscc, operator, opened_at, changed_at)"
    row = f"INSERT INTO carton {columns} VALUES (?, '', 'closed', ?, '', '', '')"
    ledger._db.execute("BEGIN")
    ledger._db.executemany(row, [(f"X{n}", small.sscc(n)) for n in range(small.count)])
    ledger._db.execute("COMMIT")
    with pytest.raises(ConflictError, match="箱号用完了"):
        full(ledger, block=small)
    assert ledger.cartons(1)[0].state is CartonState.OPEN


def test_a_restored_backup_gives_other_numbers_than_those_it_forgot(tmp_path: Path) -> None:
    """What a counter in the file would do: give the forgotten ones again, each of them."""
    place = Place(tmp_path)
    ledger = enrolled(place.open())
    full(ledger, "before")
    ledger.close()
    shutil.copy(place.path, tmp_path / "backup")
    forgotten = _numbers(place, [f"a{n}" for n in range(10)])
    shutil.copy(tmp_path / "backup", place.path)
    assert not forgotten & _numbers(place, [f"b{n}" for n in range(10)])


def _numbers(place: Place, keys: list[str]) -> set[str]:
    ledger = place.open()
    ledger.release_hold("witness_ahead", by="command", operator=OP, reason="示例") if ledger.holds() else None
    found = {full(ledger, key, 1).sscc or "" for key in keys}
    ledger.close()
    assert len(found) == len(keys)
    return found


# --- the label --------------------------------------------------------------------------------------------------------


def test_each_printing_of_the_label_is_recorded_with_its_number(ledger: Ledger) -> None:
    carton = full(ledger)
    first = ledger.open_carton_label(replace(LABEL, carton=carton.carton), from_print=False)
    assert ledger.open_carton_label(replace(LABEL, carton=carton.carton), from_print=False) == first
    with pytest.raises(IdempotencyError):
        ledger.open_carton_label(replace(LABEL, carton=carton.carton, request_hash="h2"), from_print=False)
    second = replace(LABEL, carton=carton.carton, key="label-2")
    with pytest.raises(ConflictError, match="刚才有改动"):
        ledger.open_carton_label(second, from_print=False)
    ledger.open_carton_label(replace(second, nth=2), from_print=False)
    assert ledger.carton(carton.carton).printings == 2
    told = events(ledger, "copies_opened")
    assert [(one["carton"], one["nth"]) for one in told] == [(carton.carton, 1), (carton.carton, 2)]
    assert snapshots_needed(told[0]) == {first.snapshot_hash}, "the registry is given what the label said"
    require_sound(ledger)


def test_the_label_of_an_open_or_stopped_carton_is_not_ordered(ledger: Ledger) -> None:
    carton = full(ledger)
    ledger.open_again(carton.carton, OP, "示例")
    with pytest.raises(ConflictError, match="刚才有改动"):
        ledger.open_carton_label(replace(LABEL, carton=carton.carton), from_print=False)
    close(ledger, carton)
    stop(ledger)
    with pytest.raises(LotStoppedError, match="不能出厂"):
        ledger.open_carton_label(replace(LABEL, carton=carton.carton), from_print=False)
    assert events(ledger, "copies_opened") == []


# --- two histories ----------------------------------------------------------------------------------------------------


def test_what_a_fork_packed_is_told_again_and_the_registry_s_history_wins(tmp_path: Path) -> None:
    place = Place(tmp_path)
    ledger = enrolled(place.open())
    serials, carton = worn(ledger), ledger.open_carton("k1", OP)
    ledger.close()
    shutil.copy(place.path, tmp_path / "backup")
    ledger = place.open()
    pack(ledger, carton, *serials[:2])
    registry, head = history(ledger), ledger.head()
    ledger.close()
    shutil.copy(tmp_path / "backup", place.path)
    ledger = place.open()
    other = pack(ledger, ledger.open_carton("k2", OP), serials[1], serials[2])
    found = ledger.recover(registry, head_hash=head.hash)
    assert (len(found.refused), found.forked) == (1, 4), found
    assert inside(ledger, carton) == serials[:2] and inside(ledger, other) == serials[2:]
    assert (ledger.carton(carton.carton).packed, ledger.carton(other.carton).packed) == (2, 1)
    require_sound(ledger)
    ledger.close()


# --- any day ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_packed_in_whatever_order_the_ledger_says_what_a_list_of_boxes_says(
    tmp_path: Path, seed: int
) -> None:
    """A day by chance, most of it refused: what is in which carton is what a plain dictionary holds, and every table
    follows from the events."""
    chance, place = random.Random(seed), Place(tmp_path)
    ledger = enrolled(place.open())
    serials, cartons = worn(ledger, 12), [ledger.open_carton(f"k{n}", OP).carton for n in range(4)]
    boxes: dict[str, list[str]] = {name: [] for name in cartons}
    closed: set[str] = set()
    for _ in range(150):
        name, serial = chance.choice(cartons), chance.choice(serials)
        act = chance.choice(("pack", "pack", "pack", "take", "close", "open"))
        fits = _by_hand(boxes, closed, act, name, serial)
        try:
            _by_ledger(ledger, act, name, serial, len(boxes[name]))
        except (ConflictError, StateError):
            assert not fits, (act, name, serial, boxes, closed)
        else:
            assert fits, (act, name, serial, boxes, closed)
    held = {name: [one.serial for one in ledger.packed_in(name)] for name in cartons}
    assert held == boxes
    assert {name for name in cartons if ledger.carton(name).state is CartonState.CLOSED} == closed
    require_sound(ledger)
    ledger.close()


def _by_hand(boxes: dict[str, list[str]], closed: set[str], act: str, name: str, serial: str) -> bool:
    """Does it with boxes and a pencil; whether it could be done."""
    inside = next((box for box, held in boxes.items() if serial in held), None)
    if act == "open":
        fits = name in closed
        closed.discard(name)
    elif act == "close":
        fits = bool(boxes[name])
        closed |= {name} if fits else set()
    elif act == "take":
        fits = name not in closed and inside == name
        boxes[name] = [one for one in boxes[name] if one != serial or not fits]
    else:
        fits = name not in closed and inside in (None, name)
        boxes[name] += [serial] if fits and inside is None else []
    return fits


def _by_ledger(ledger: Ledger, act: str, name: str, serial: str, count: int) -> None:
    if act == "open":
        ledger.open_again(name, OP, "示例")
    elif act == "close":
        ledger.close_carton(name, count, OP, BLOCK, from_print=False)
    elif act == "take":
        ledger.take_out(name, serial, "", OP)
    else:
        ledger.pack(name, serial, link_of(serial), OP, from_print=False)
