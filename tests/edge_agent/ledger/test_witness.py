"""The witness: torn slots, older, missing, foreign, unwritable."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edge_agent.errors import HeldError
from edge_agent.ledger import Ledger
from edge_agent.ledger.values import Head
from edge_agent.ledger.witness import SLOT_BYTES, Witness
from tests.kits.ledger_kit import Place, a_job, enrolled, printed


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def _mark(seq: int, incarnation: str = "a" * 32) -> Head:
    return Head(incarnation, seq, bytes([seq]) * 32)


def test_two_slots_take_turns_and_a_torn_one_leaves_the_other(place: Place) -> None:
    witness = Witness(place.witness)
    assert (witness.found, witness.mark) == (False, None)
    for seq in (1, 2, 3):
        witness.write(_mark(seq))
    witness.close()
    assert Witness(place.witness).mark == _mark(3)
    whole = place.witness.read_bytes()
    slots = {seq: whole.index(f" {seq} ".encode()) // SLOT_BYTES for seq in (2, 3)}
    assert slots[2] != slots[3]
    for cut in range(0, 140, 3):
        torn = bytearray(whole)
        start = slots[3] * SLOT_BYTES
        torn[start + cut : start + 200] = b"\x00" * (200 - cut)
        place.witness.write_bytes(bytes(torn))
        assert Witness(place.witness).mark in ((_mark(2), _mark(3)) if cut > 118 else (_mark(2),))
    place.witness.write_bytes(bytes(2 * SLOT_BYTES))
    assert Witness(place.witness).mark is None


def test_a_witness_one_commit_behind_is_no_alarm(place: Place) -> None:
    ledger = enrolled(place.open())
    older = place.witness.read_bytes()
    printed(ledger, a_job(ledger))
    ledger.close()
    place.witness.write_bytes(older)
    ledger = place.open()
    assert ledger.holds() == () and ledger.verify().ok
    ledger.close()


@pytest.mark.parametrize("spoil", ["missing", "garbage"])
def test_a_lost_witness_holds_a_ledger_that_has_a_history(place: Place, spoil: str) -> None:
    ledger = enrolled(place.open())
    job = a_job(ledger)
    ledger.close()
    place.witness.unlink()
    if spoil == "garbage":
        place.witness.write_bytes(b"\xff" * 9000)
    assert "witness" in Ledger.verify_file(place.path, place.witness).findings[0]
    ledger = place.open()
    with pytest.raises(HeldError, match="见证文件缺失"):
        ledger.begin_window(job.job_id)
    ledger.release_hold("witness_missing", by="registry", reason="heads agree")
    printed(ledger, job)
    ledger.close()


def test_a_ledger_with_one_event_may_lack_a_witness(place: Place) -> None:
    place.open().close()
    place.witness.unlink()
    ledger = place.open()
    assert ledger.holds() == ()
    ledger.close()


def test_a_witness_of_another_ledger_holds(place: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "other")
    enrolled(other.open()).close()
    enrolled(place.open()).close()
    shutil.copy(other.witness, place.witness)
    ledger = place.open()
    assert [hold["kind"] for hold in ledger.holds()] == ["witness_other"]
    ledger.close()


def test_a_ledger_that_parted_from_its_witness_holds(place: Place) -> None:
    ledger = enrolled(place.open())
    ledger.close()
    copy = place.path.read_bytes()
    for operator in ("甲", "乙"):
        place.path.write_bytes(copy)
        ledger = place.open()
        if not ledger.holds():
            ledger.raise_alarm("possible_duplicate", "p1", {"operator": operator})
        ledger.close()
        if operator == "甲":
            mark = place.witness.read_bytes()
    place.path.write_bytes(copy)
    place.witness.unlink()
    ledger = place.open()  # writes a hold where the witness remembers an alarm
    ledger.close()
    place.witness.write_bytes(mark)
    ledger = place.open()
    assert [hold["kind"] for hold in ledger.holds()] == ["witness_missing", "forked"]
    ledger.close()


def test_a_witness_that_cannot_be_written_stops_issuing_and_says_so(place: Place) -> None:
    ledger = enrolled(place.open())
    job = a_job(ledger)

    class Broken:
        def seek(self, _at: int) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None: ...

    whole, ledger._witness._file = ledger._witness._file, Broken()  # type: ignore[assignment]
    ledger.raise_alarm("possible_duplicate", "p1", {})
    with pytest.raises(HeldError, match="witness file cannot be written"):
        ledger.begin_window(job.job_id)
    ledger._witness._file = whole
    ledger.note_paper_fed("p1", 1, 2)
    printed(ledger, job)
    ledger.close()
