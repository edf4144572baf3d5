"""Schemas expand first: a newer program adds, the one before it goes on with the file, and the newer one after it.

The next version is this one with one script more; windows are issued and proven under each. And every script that was
added since a recorded version keeps that version's own SQL going.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from edge_agent.ledger import Ledger, store, verify
from edge_agent.ledger.peek import peek
from edge_agent.ledger.sql import floor_of, migrations, parse_queries
from label_protocol.errors import LedgerDamagedError
from tests.kits.ledger_kit import PROOF, Place, an_order, enrolled

NOW = len(migrations())
RECORDED = Path(__file__).parents[2] / "made_before" / "update" / "queries_6.sql"
"""The ledger's SQL of schema 6, as commit a1ebbd8 has it."""

ADDS = """\
CREATE TABLE shift (shift TEXT PRIMARY KEY, began_at TEXT NOT NULL) STRICT;
ALTER TABLE job ADD COLUMN shift TEXT;
ALTER TABLE label ADD COLUMN weight_mg INTEGER NOT NULL DEFAULT 0;
CREATE INDEX job_shift ON job (shift) WHERE shift IS NOT NULL;
"""


class Site:
    """One ledger, and the program that has it: this one, or the next with a script more."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.place, self._patch = Place(folder), patch
        self.order = an_order(64)

    @contextlib.contextmanager
    def program(self, *more: str) -> Iterator[Ledger]:
        with self._patch.context() as patch:
            for room in (store, verify):
                patch.setattr(room, "migrations", lambda: (*migrations(), *more))
            with contextlib.closing(self.place.open()) as ledger:
                yield ledger

    def prints(self, *more: str) -> int:
        """A window of eight under a program, proven; and its audit is well. Gives the number of labels."""
        with self.program(*more) as ledger:
            if ledger.identity() is None:
                enrolled(ledger)
            job = ledger.open_job(self.order)
            window = ledger.begin_window(job.job_id)
            ledger.prove_window(window.window_id, PROOF)
        with self._patch.context() as patch:
            for room in (store, verify):
                patch.setattr(room, "migrations", lambda: (*migrations(), *more))
            report = Ledger.verify_file(self.place.path, self.place.witness)
        assert report.ok and report.rebuilt, report
        return report.labels


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


def test_this_one_the_next_one_this_one_and_the_next_again(site: Site) -> None:
    expands = f"-- expands schema {NOW}\n{ADDS}"
    assert [site.prints(), site.prints(expands), site.prints(), site.prints(expands)] == [8, 16, 24, 32]
    found = peek(site.place.path)
    assert found is not None and (found.schema, found.floor) == (NOW + 1, NOW)


def test_behind_a_script_that_takes_something_away_this_one_does_not_write(site: Site) -> None:
    """A contraction says nothing, and comes a version after the expansion."""
    site.prints()
    site.prints(ADDS)
    before = site.place.path.read_bytes()
    with pytest.raises(LedgerDamagedError, match="newer agent"), site.program():
        pass
    assert site.place.path.read_bytes() == before
    found = peek(site.place.path)
    assert found is not None and (found.schema, found.floor) == (NOW + 1, NOW + 1)


def test_a_contraction_after_an_expansion_leaves_behind_who_did_not_take_part(site: Site) -> None:
    expands = f"-- expands schema {NOW}\n{ADDS}"
    site.prints(expands)
    site.prints(expands, "CREATE TABLE later (one INTEGER) STRICT;\n")
    for programs in ((), (expands,)):
        with pytest.raises(LedgerDamagedError, match="newer agent"), site.program(*programs):
            pass
    assert site.prints(expands, "CREATE TABLE later (one INTEGER) STRICT;\n") == 24


@pytest.mark.parametrize(
    ("scripts", "floor"),
    [
        ((), 0),
        (("CREATE", "CREATE"), 2),
        (("CREATE", "CREATE", "-- expands schema 2\n"), 2),
        (("CREATE", "-- expands schema 1\n", "-- expands schema 2\n"), 2),
        (("CREATE", "-- expands schema 1\n", "-- expands schema 1: both\n"), 1),
        (("CREATE", "-- expands schema 1\n", "-- tidies up\n"), 3),
        (("CREATE", "\n-- expands schema 1\n"), 2),
    ],
)
def test_the_floor(scripts: Sequence[str], floor: int) -> None:
    assert floor_of(scripts) == floor


def test_what_says_that_it_expands_only_adds() -> None:
    """Tables, indexes, and columns that an INSERT may leave out."""
    for script in migrations():
        if re.match(r"-- expands schema", script):
            plain = re.sub(r"--[^\n]*", "", script)
            for statement in filter(None, (one.strip() for one in plain.split(";"))):
                assert re.match(r"CREATE (TABLE|INDEX|UNIQUE INDEX)\b|ALTER TABLE \S+ ADD COLUMN\b", statement), (
                    statement
                )
                added = statement.startswith("ALTER")
                assert not added or "NOT NULL" not in statement or "DEFAULT" in statement, statement


def test_the_sql_of_schema_6_still_runs() -> None:
    """SQLite prepares every statement of that version against today's schema: its tables and columns are there."""
    queries = parse_queries(RECORDED.read_text("utf-8"))
    assert len(queries) > 100
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        store.migrate(database, migrations())
        for name, text in queries.items():
            try:
                database.execute(f"EXPLAIN {text}", _values(re.sub(r"--[^\n]*", "", text)))
            except sqlite3.Error as cause:
                raise AssertionError(f"{name}: {cause}") from cause


def _values(text: str) -> dict[str, None] | list[None]:
    """Nothing, for each value that a statement asks for: by name, by number, or one after the other."""
    named, numbered = re.findall(r":(\w+)", text), re.findall(r"\?(\d+)", text)
    return dict.fromkeys(named) if named else [None] * max(map(int, numbered), default=text.count("?"))
