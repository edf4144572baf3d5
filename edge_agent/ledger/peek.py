"""A look at a ledger that changes nothing in it: no event, no schema, no witness. For whoever has to decide, before a
program is let at it, whether that program, or an older one, may have it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from edge_agent.ledger.lock import FileLock
from edge_agent.ledger.log import check_tail, read_head
from edge_agent.ledger.store import attach, floor_in, translated
from edge_agent.ledger.values import Head


@dataclass(frozen=True, slots=True)
class Peek:
    """How far a ledger goes, the number of its schema, and that of the oldest whose programs may write it."""

    head: Head
    schema: int
    floor: int


def peek(path: Path) -> Peek | None:
    """The end of a ledger that no process has open, its chain checked from the last checkpoint; None: there is none.

    Raises:
        LedgerBusyError: an agent has it.
        LedgerDamagedError: it is not whole, or no ledger.
    """
    lock = FileLock(path)
    try:
        if not path.exists():
            return None
        with contextlib.closing(attach(path)) as db, translated(path):
            check_tail(db)
            head = read_head(db)
            schema = db.execute("PRAGMA user_version").fetchone()[0]
            return Peek(head, schema, floor_in(db)) if head else None
    finally:
        lock.release()
