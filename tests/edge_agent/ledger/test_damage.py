"""Torn, truncated, edited, empty, foreign: refused by name, never quietly repaired or made anew."""

from __future__ import annotations

import random
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from edge_agent.ledger import Ledger
from edge_agent.ledger import log as log_module
from edge_agent.ledger.project import PROJECTIONS
from edge_agent.ledger.sql import migrations, parse_queries, statements
from edge_agent.ledger.store import migrate
from label_protocol.errors import LedgerDamagedError, LedgerError
from label_protocol.states import Step
from tests.kits import ledger_verifier
from tests.kits.ledger_kit import Place, a_job, doubted, enrolled, link_of, printed, require_sound

UNLOCK = "DROP TRIGGER event_is_never_changed; DROP TRIGGER event_leaves_only_as_evidence;"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A closed ledger with two incarnations, some twenty events and every kind of label but one."""
    place = Place(tmp_path)
    ledger = enrolled(place.open())
    job = a_job(ledger)
    printed(ledger, job)
    strip = doubted(ledger, job)
    ledger.settle_window(strip.window_id, strip.serials[3], link_of(strip.serials[3]), "甲", rest="scrapped")
    ledger.recover([])
    ledger.decide(strip.serials[0], Step.SCRAP, "甲", "污损")
    doubted(ledger, a_job(ledger, printer="p2"))
    ledger.never_sent(ledger.begin_window(a_job(ledger, printer="p3").job_id).window_id, "font")
    require_sound(ledger)
    ledger.close()
    return place


def _edit(place: Place, script: str) -> None:
    with closing(sqlite3.connect(place.path)) as db:
        db.executescript(UNLOCK + script)


def _first_finding(place: Place) -> str:
    report = Ledger.verify_file(place.path, place.witness)
    assert not report.ok
    return next(finding for finding in report.findings if not finding.startswith("schema"))


def _loosely(table: str, script: str) -> str:
    """As damage does it, which asks no table whether it is strict."""
    strict = f"UPDATE sqlite_schema SET sql = replace(sql, '%s', '%s') WHERE name = '{table}';"
    opened = f"PRAGMA writable_schema = ON; {strict % (') STRICT', ')')} PRAGMA writable_schema = RESET; {script}"
    return (
        f"{opened} PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql || ' STRICT' WHERE name = '{table}';"
    )


FIRST = "incarnation = (SELECT incarnation FROM incarnation WHERE ordinal = 1)"
LIVE = "incarnation = (SELECT incarnation FROM incarnation WHERE ordinal = 2)"
TAMPERINGS = {
    "a body": (
        "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'quantity', 'quantitY') AS BLOB) "
        f"WHERE seq = 4 AND {FIRST};",
        "event 4: its bytes",
    ),
    "a hash": (f"UPDATE event SET hash = zeroblob(32) WHERE seq = 5 AND {FIRST};", "event 5: its bytes"),
    "a row in the middle gone": (
        f"DELETE FROM event WHERE seq = 6 AND {FIRST};",
        "event 6: .* next one stored is 7",
    ),
    "the last row gone": (
        f"DELETE FROM event WHERE {LIVE} AND seq = (SELECT max(seq) FROM event WHERE {LIVE});",
        "expected .* from the events",
    ),
    "a whole life gone": (f"DELETE FROM event WHERE {FIRST};", "event 1: it is missing"),
    "a life not listed": ("DELETE FROM incarnation WHERE ordinal = 1;", "not listed"),
    "a parent": ("UPDATE incarnation SET parent_seq = 3;", "parent .*/3"),
    "a label's state": ("UPDATE label SET state = 'commissioned' WHERE label_no = 3;", "table label: .*'printed'"),
    "a tally": ("UPDATE tally SET n = n - 1 WHERE state = 'printed' AND scope = 'quota';", "table tally"),
    "an allotment": ("UPDATE allotment SET allotted = 999999;", "table allotment"),
    "a label gone": ("DELETE FROM label WHERE label_no = (SELECT max(label_no) FROM label);", "label: .* got None"),
    "a job key": ("DELETE FROM job_key;", "table job_key"),
    "a body's type": (
        _loosely("event", f"UPDATE event SET body = CAST(body AS TEXT) WHERE seq = 5 AND {FIRST};"),
        "non-BLOB value in event.body",
    ),
    "a snapshot's type": (
        _loosely("snapshot", "UPDATE snapshot SET body = CAST(body AS TEXT);"),
        "non-BLOB value in snapshot.body",
    ),
    "a snapshot": ("UPDATE snapshot SET body = CAST('{}' AS BLOB);", "snapshot .*: its bytes"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_verify_names_the_first_thing_that_was_edited(place: Place, what: str) -> None:
    script, expected = TAMPERINGS[what]
    _edit(place, script)
    assert re.search(expected, _first_finding(place)), _first_finding(place)


@pytest.mark.parametrize("what", ["a body", "a hash", "a row in the middle gone", "a whole life gone"])
def test_the_small_verifier_sees_it_too(place: Place, what: str) -> None:
    assert ledger_verifier.verify(place.path) is None
    _edit(place, TAMPERINGS[what][0])
    assert ledger_verifier.verify(place.path) is not None


def test_the_small_verifier_is_small_and_stands_alone(place: Place) -> None:
    source = Path(ledger_verifier.__file__)
    lines = [line for line in source.read_text("utf-8").splitlines() if line.strip() and '"""' not in line]
    assert len(lines) <= 30 and "edge_agent" not in source.read_text("utf-8")
    assert subprocess.run([sys.executable, source, place.path], check=False).returncode == 0
    _edit(place, TAMPERINGS["a body"][0])
    assert subprocess.run([sys.executable, source, place.path], check=False, stderr=-3).returncode == 1


def test_the_schema_itself_lets_no_event_be_changed_or_dropped(place: Place) -> None:
    with closing(sqlite3.connect(place.path)) as db:
        for script in ("UPDATE event SET seq = 99 WHERE seq = 1", "DELETE FROM event WHERE seq = 2"):
            with pytest.raises(sqlite3.IntegrityError, match="event"):
                db.execute(script)
    assert Ledger.verify_file(place.path, place.witness).ok


def test_a_dropped_guard_is_a_finding(place: Place) -> None:
    _edit(place, "")
    assert "event_is_never_changed" in Ledger.verify_file(place.path, place.witness).findings[0]


# --- at the start -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["a row in the middle gone", "a whole life gone"])
def test_a_start_misses_no_event(place: Place, what: str) -> None:
    _edit(place, TAMPERINGS[what][0])
    with pytest.raises(LedgerDamagedError, match="without gaps"):
        place.open()


@pytest.mark.parametrize("field", ["body = CAST('{}' AS BLOB)", "hash = zeroblob(32)"])
def test_a_start_checks_the_chain_since_the_last_checkpoint(
    place: Place, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    monkeypatch.setattr(log_module, "CHECKPOINT_EVERY", 10)
    ledger = place.open()
    while ledger.head().seq % 10 != 5 or ledger.head().seq < 20:
        ledger.note_paper_fed("p1", 1, 2)
    live, last = ledger.head().incarnation, ledger.head().seq
    ledger.close()
    checkpoint = last - 5
    _edit(place, f"UPDATE event SET {field} WHERE seq = {checkpoint - 3} AND {LIVE};")
    place.open().close()
    assert f"incarnation {live}, event {checkpoint - 3}" in _first_finding(place)
    _edit_more = f"UPDATE event SET {field} WHERE seq = {checkpoint + 2} AND {LIVE};"
    with closing(sqlite3.connect(place.path)) as db:
        db.executescript(_edit_more)
    with pytest.raises(LedgerDamagedError, match=f"event {checkpoint + 2}"):
        place.open()


def test_a_checkpoint_and_its_event_have_to_agree(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "CHECKPOINT_EVERY", 2)
    ledger = place.open()
    printed(ledger, a_job(ledger, printer="p9"), 1)
    ledger.close()
    _edit(place, "UPDATE checkpoint SET hash = zeroblob(32);")
    with pytest.raises(LedgerDamagedError, match="checkpoint"):
        place.open()
    assert "checkpoint" in _first_finding(place)


def _foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.executescript("CREATE TABLE guests (name TEXT); INSERT INTO guests VALUES ('x');")


def _torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096] + bytes(path.stat().st_size - 4096))


SPOILS: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda path: path.write_bytes(b""), "an empty file"),
    "foreign": (_foreign, "another program"),
    "text": (lambda path: path.write_bytes(b"no database at all, but text" * 100), "expected a SQLite file"),
    "half": (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "malformed"),
    "header only": (lambda path: path.write_bytes(path.read_bytes()[:100]), r"malformed|not a database"),
    "torn": (_torn, "malformed"),
}


@pytest.mark.parametrize("what", SPOILS)
def test_a_file_that_is_no_ledger_is_refused_and_left_alone(place: Place, what: str) -> None:
    spoil, words = SPOILS[what]
    spoil(place.path)
    before = place.path.read_bytes()
    with pytest.raises(LedgerDamagedError, match=words):
        place.open()
    assert place.path.read_bytes() == before
    report = Ledger.verify_file(place.path, place.witness)
    assert not report.ok and report.findings


def test_a_ledger_of_a_newer_agent_is_refused(place: Place) -> None:
    _edit(place, "PRAGMA user_version = 99;")
    with pytest.raises(LedgerDamagedError, match="newer agent"):
        place.open()


def test_a_missing_ledger_is_not_made_anew_while_its_witness_lives(place: Place) -> None:
    place.path.unlink()
    with pytest.raises(LedgerDamagedError, match=r"witness.*restore a backup"):
        place.open()
    assert not place.path.exists()
    assert "expected a file, got none" in Ledger.verify_file(place.path, place.witness).findings[0]


def test_a_missing_ledger_is_not_made_anew_beside_its_wal_or_unasked(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with pytest.raises(LedgerDamagedError, match="check the path"):
        place.open(create=False)
    place.path.with_name("ledger.db-wal").write_bytes(b"x")
    with pytest.raises(LedgerDamagedError, match="belongs to"):
        place.open()


def test_a_place_that_cannot_hold_a_ledger_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LedgerError, match="its folder"):
        Place(tmp_path / "file").open()
    place = Place(tmp_path)
    place.path.mkdir(parents=True)
    with pytest.raises(LedgerError, match=r"directory|Permission"):
        place.open()


def test_a_half_made_ledger_was_never_one(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.path.parent.mkdir(parents=True)
    place.path.with_name("ledger.db.new").write_bytes(b"half")
    ledger = place.open()
    require_sound(ledger)
    ledger.close()


def _rows(path: Path) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as db:
        tables = ("event", "snapshot", "forked_event", *PROJECTIONS)
        return [sorted(db.execute(f'SELECT * FROM "{table}"').fetchall(), key=repr) for table in tables]


def test_random_damage_is_found_or_harmless_and_never_a_crash(place: Place) -> None:
    """Damaging one good file: open and verify end in our own errors, findings, or an unharmed ledger."""
    good, chance, rows = place.path.read_bytes(), random.Random(20261120), _rows(place.path)
    found = 0
    for _ in range(60):
        spoiled = bytearray(good)
        for _ in range(chance.choice((1, 8, 64))):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        place.path.write_bytes(bytes(spoiled))
        report = Ledger.verify_file(place.path, place.witness)
        found += not report.ok
        if report.ok:
            assert _rows(place.path) == rows
            continue
        with suppress(LedgerError):
            place.open().close()
    assert found > 20


# --- schema and queries -----------------------------------------------------------------------------------------------


def test_migrations_are_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, migrations())
        before = list(db.iterdump())
        second = (
            "CREATE TABLE extra (a INTEGER) STRICT;\nINSERT INTO extra VALUES (1);\nINSERT INTO nowhere VALUES (1);"
        )
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            migrate(db, (*migrations(), second))
        assert list(db.iterdump()) == before
        assert db.execute("PRAGMA user_version").fetchone() == (len(migrations()),)
        migrate(db, (*migrations(), "CREATE TABLE extra (a INTEGER) STRICT;"))
        assert db.execute("PRAGMA user_version").fetchone() == (len(migrations()) + 1,)


def test_every_query_has_one_name_and_one_user() -> None:
    room = Path(log_module.__file__).parent
    code = "".join(path.read_text("utf-8") for path in sorted(room.rglob("*.py")))
    text = (room / "queries.sql").read_text("utf-8")
    names = parse_queries(text)
    assert not [name for name in names if f'"{name}"' not in code]
    with pytest.raises(ValueError, match="twice"):
        parse_queries("-- name: a\nSELECT 1\n-- name: a\nSELECT 2\n")
    with pytest.raises(ValueError, match="without its end"):
        list(statements("CREATE TABLE x (a);\nSELECT 1"))
