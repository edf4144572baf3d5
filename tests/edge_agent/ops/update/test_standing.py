"""Who may have the ledger: a version proves itself before, and the one before it comes back to what it left or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.errors import LedgerBusyError, UpdateError
from edge_agent.ledger.peek import Peek, peek
from edge_agent.ledger.values import Head
from edge_agent.ops.update.standing import Standing, is_known, keep, kept, require_return, started
from label_protocol.errors import LedgerDamagedError
from tests.kits.ledger_kit import Place, an_order, enrolled

LEFT = Peek(Head("a" * 32, 40, b"\1" * 32), 6, 6)
WRITTEN = Peek(Head("a" * 32, 41, b"\2" * 32), 6, 6)
OLD = Standing("0.1.0", True)


def test_a_new_version_is_not_known_and_remembers_what_it_found() -> None:
    new = started(OLD, "0.2.0", LEFT)
    assert new == Standing("0.2.0", False, "0.1.0", dict(LEFT.head.place()), 6)
    assert not is_known(new, "0.2.0")
    assert is_known(replace(new, confirmed=True), "0.2.0")
    assert is_known(None, "0.2.0"), "nobody kept a record before: as it always was"


def test_a_second_start_does_not_forget_where_the_first_began() -> None:
    new = started(OLD, "0.2.0", LEFT)
    assert started(new, "0.2.0", WRITTEN) == new


def test_the_old_one_comes_back_to_what_it_left() -> None:
    new = started(OLD, "0.2.0", LEFT)
    assert require_return(new, "0.2.0", LEFT) == "0.1.0"
    assert started(new, "0.1.0", LEFT) == Standing("0.1.0", True)
    confirmed = replace(new, confirmed=True)
    assert require_return(confirmed, "0.2.0", LEFT) == "0.1.0"


def test_behind_an_event_of_the_new_one_it_does_not() -> None:
    new = started(OLD, "0.2.0", LEFT)
    with pytest.raises(UpdateError, match=r"got 1 events of 0\.2\.0"):
        require_return(new, "0.2.0", WRITTEN)
    again = started(new, "0.1.0", WRITTEN)
    assert (again.confirmed, again.before) == (False, "0.2.0"), "put there by hand it has to prove itself"


def test_to_another_form_of_the_ledger_it_does_not() -> None:
    new = started(OLD, "0.2.0", LEFT)
    with pytest.raises(UpdateError, match="schema 6 may write, got one of 7"):
        require_return(new, "0.2.0", replace(LEFT, schema=7, floor=7))
    assert require_return(new, "0.2.0", replace(LEFT, schema=7, floor=6)) == "0.1.0", (
        "one that only adds is no other form"
    )


def test_a_version_that_was_never_well_is_passed_over() -> None:
    bad = started(OLD, "0.2.0", LEFT)
    better = started(bad, "0.3.0", LEFT)
    assert (better.version, better.before, better.confirmed) == ("0.3.0", "0.1.0", False)
    assert require_return(better, "0.3.0", LEFT) == "0.1.0"


def test_a_version_that_never_started_stands_in_nobodys_way() -> None:
    """Put in and never begun: the one that had the ledger goes on with it, whatever it has written since."""
    assert require_return(OLD, "0.2.0", WRITTEN) == "0.1.0"


@pytest.mark.parametrize("standing", [None, OLD])
def test_where_nobody_was_before_nobody_comes_back(standing: Standing | None) -> None:
    with pytest.raises(UpdateError, match="none on record"):
        require_return(standing, "0.1.0", LEFT)


def test_it_is_kept(tmp_path: Path) -> None:
    assert kept(tmp_path) is None
    new = started(OLD, "0.2.0", LEFT)
    keep(tmp_path, new)
    assert kept(tmp_path) == new


# --- a look at a ledger --------------------------------------------------------------------------------------------


def test_a_look_changes_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert peek(place.path) is None
    ledger = enrolled(place.open())
    ledger.open_job(an_order(8))
    head = ledger.head()
    with pytest.raises(LedgerBusyError):
        peek(place.path)
    ledger.close()
    before = place.path.read_bytes()
    found = peek(place.path)
    assert found is not None and found.head == head
    assert place.path.read_bytes() == before
    ledger = place.open()
    assert ledger.head() == head, "nor has the witness anything to say"
    ledger.close()


def test_a_damaged_chain_is_seen(tmp_path: Path) -> None:
    place = Place(tmp_path)
    ledger = enrolled(place.open())
    head = ledger.head()
    for (name,) in ledger._db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        ledger._db.execute(f"DROP TRIGGER {name}")
    ledger._db.execute("UPDATE event SET hash = zeroblob(32) WHERE seq = ?", (head.seq,))
    ledger.close()
    with pytest.raises(LedgerDamagedError):
        peek(place.path)
