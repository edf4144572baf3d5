"""Copies: made while the ledger works, checked before they are trusted, never put over what is there."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import pytest

from edge_agent.ledger import Ledger, LedgerThread
from label_protocol.chain import GENESIS, canonical, link
from label_protocol.errors import ConflictError, LedgerDamagedError
from tests.kits.ledger_kit import PROOF, Place, a_job, an_order, enrolled, printed, require_sound


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def test_backups_while_labels_are_issued_are_whole(place: Place, tmp_path: Path) -> None:
    thread = await LedgerThread.open(lambda: enrolled(place.open()))
    job = await thread.do(Ledger.open_job, an_order(400))
    drawn: list[str] = []

    async def worker() -> None:
        while len(drawn) < 400:
            window = await thread.do(Ledger.begin_window, job.job_id)
            drawn.extend(window.serials)
            await thread.do(Ledger.prove_window, window.window_id, PROOF)

    async def keeper() -> list[int]:
        known = []
        for number in range(5):
            at_least = len(drawn)
            copy = await thread.do(Ledger.backup, tmp_path / f"b{number}")
            report = await asyncio.to_thread(Ledger.verify_file, copy, tmp_path / "none")
            assert [finding for finding in report.findings if not finding.startswith("witness")] == []
            assert report.labels >= at_least
            known.append(report.labels)
        return known

    _, known = await asyncio.gather(worker(), keeper())
    assert known == sorted(known)
    await thread.do(require_sound)
    await thread.close()


def test_a_restored_backup_holds_until_the_registry_was_asked(place: Place, tmp_path: Path) -> None:
    ledger = enrolled(place.open())
    job = a_job(ledger)
    printed(ledger, job)
    ledger.backup(tmp_path / "copy.db")
    printed(ledger, job)
    with pytest.raises(ConflictError, match="choose another"):
        ledger.backup(tmp_path / "copy.db")
    ledger.close()
    with pytest.raises(ConflictError, match="move it to"):
        Ledger.restore(tmp_path / "copy.db", place.path)
    aside = tmp_path / "aside" / "old.db"
    report = Ledger.restore(tmp_path / "copy.db", place.path, move_aside=aside)
    assert report.ok and report.labels == 8
    with pytest.raises(ConflictError, match="taken"):
        Ledger.restore(tmp_path / "copy.db", place.path, move_aside=aside)
    ledger = place.open()
    assert [hold["kind"] for hold in ledger.holds()] == ["witness_ahead"] and len(ledger.labels()) == 8
    ledger.close()
    assert Ledger.verify_file(aside, place.witness).labels == 16


def test_a_damaged_backup_is_named_and_nothing_is_changed(place: Place, tmp_path: Path) -> None:
    ledger = enrolled(place.open())
    printed(ledger, a_job(ledger))
    ledger.backup(tmp_path / "copy.db")
    ledger.close()
    bad, before = tmp_path / "bad.db", place.path.read_bytes()
    bad.write_bytes((tmp_path / "copy.db").read_bytes()[:5000])
    with pytest.raises(LedgerDamagedError, match=r"backup .*bad\.db: expected one that verifies.*take another"):
        Ledger.restore(bad, place.path, move_aside=tmp_path / "old.db")
    assert place.path.read_bytes() == before and not (tmp_path / "old.db").exists()


def test_a_newest_backup_is_restored_to_an_empty_place_without_a_hold(place: Place, tmp_path: Path) -> None:
    ledger = enrolled(place.open())
    printed(ledger, a_job(ledger))
    ledger.backup(tmp_path / "copy.db")
    ledger.close()
    place.path.unlink()
    place.path.with_name("ledger.db-wal").write_bytes(b"a stranger's")
    Ledger.restore(tmp_path / "copy.db", place.path)
    assert place.path.with_name("ledger.db.stray-wal").exists()
    ledger = place.open()
    assert ledger.holds() == ()
    require_sound(ledger)
    ledger.close()


@pytest.mark.parametrize("spoil", [b"", b"SQLite format 3\x00" + bytes(5000)])
def test_a_backup_that_does_not_verify_is_never_put_in_place(place: Place, tmp_path: Path, spoil: bytes) -> None:
    enrolled(place.open()).close()
    before = place.path.read_bytes()
    (tmp_path / "bad").write_bytes(spoil)
    with pytest.raises(LedgerDamagedError):
        Ledger.restore(tmp_path / "bad", place.path, move_aside=tmp_path / "aside")
    assert place.path.read_bytes() == before and not (tmp_path / "aside").exists()
    damaged = bytearray(before)
    at = before.index(b'"type":"enrolled"')
    damaged[at + 8] ^= 1
    (tmp_path / "edited").write_bytes(bytes(damaged))
    with pytest.raises(LedgerDamagedError, match="event 2: its bytes"):
        Ledger.restore(tmp_path / "edited", place.path, move_aside=tmp_path / "aside")
    place.open().close()


def test_a_leftover_of_an_interrupted_backup_is_replaced(place: Place, tmp_path: Path) -> None:
    ledger = enrolled(place.open())
    (tmp_path / ".copy.db.unfinished").write_bytes(b"half a copy")
    assert ledger.backup(tmp_path / "copy.db").is_file()
    assert not (tmp_path / ".copy.db.unfinished").exists()
    ledger.close()


def test_export_is_the_history_line_by_line(place: Place) -> None:
    ledger = enrolled(place.open())
    printed(ledger, a_job(ledger))
    ledger.recover([])
    out = io.StringIO()
    assert ledger.export(out) == len(out.getvalue().splitlines())
    previous, life = GENESIS, ""
    for line in out.getvalue().splitlines():
        row = json.loads(line)
        previous = GENESIS if row["incarnation"] != life else previous
        life, previous = row["incarnation"], link(previous, canonical(row["event"]))
        assert row["hash"] == previous.hex() and row["event"]["seq"] == row["seq"]
    ledger.close()
