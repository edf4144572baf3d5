"""Events of copies → tables; the same lines live and in a rebuild, as `project.py`.

    copies_opened ─► (copies_sending ─► copies_judged)… ─► copies_ended

A window in hand is judged even behind an end: a cancelled order knows what its last window came to.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from edge_agent.errors import NotFoundError
from edge_agent.ledger.sql import Q
from edge_agent.model.printer import ProofLevel
from label_protocol.errors import StateError
from label_protocol.events import CopiesEnded, CopiesJudged, CopiesOpened, CopiesSending, EventType

Told = CopiesSending | CopiesJudged | CopiesEnded


def _opened(db: sqlite3.Connection, event: CopiesOpened) -> None:
    db.execute(Q["add_copies"], event)
    _count_printing(db, event)


def _retold(db: sqlite3.Connection, event: CopiesOpened) -> None:
    """As a job's: the registry's history keeps a key that both histories used, and the order itself is told."""
    db.execute(Q["add_copies_under_free_key"], event)
    _count_printing(db, event)


def _count_printing(db: sqlite3.Connection, event: CopiesOpened) -> None:
    """How often a carton's label was ordered, so that each paper says which printing it is."""
    if "carton" in event:
        db.execute(Q["count_printing"], event)


def _sending(db: sqlite3.Connection, event: CopiesSending) -> None:
    state, sending, _ = _row(db, event)
    if state != "open" or sending:
        raise StateError(
            f"copies {event['copies']}: expected an open order with nothing being printed, got {state} and {sending}"
        )
    db.execute(Q["note_copies_sending"], event)
    if event["counter"] is not None:
        db.execute(Q["set_counter"], (event["printer"], event["counter"]))
    db.execute(Q["set_copied"], event)


def _judged(db: sqlite3.Connection, event: CopiesJudged) -> None:
    state, sending, before = _row(db, event)
    if not sending:
        raise StateError(f"copies {event['copies']}: expected a window to judge, got none in an order that is {state}")
    levels = [ProofLevel[level.upper()] for level in (before, event["level"]) if level]
    weakest = min(levels).word if levels else None
    db.execute(Q["copies_proven" if event["proven"] else "copies_unproven"], {**event, "weakest": weakest})
    counter = event["evidence"].get("counter_after")
    if event["proven"] and isinstance(counter, int):
        db.execute(Q["set_counter"], (event["printer"], counter))


def _ended(db: sqlite3.Connection, event: CopiesEnded) -> None:
    state, *_ = _row(db, event)
    if state != "open":
        raise StateError(f"copies {event['copies']}: expected an open order, got one that is {state}; nothing to do")
    db.execute(Q["end_copies"], event)


def _row(db: sqlite3.Connection, event: Told) -> tuple[str, int, str | None]:
    row: tuple[str, int, str | None] | None = db.execute(Q["copies_state"], (event["copies"],)).fetchone()
    if row is None:
        raise NotFoundError(f"copies {event['copies']}: expected an order of this ledger, got an unknown number")
    return row


COPIES: Mapping[str, Callable[[sqlite3.Connection, Any], None]] = MappingProxyType(
    {
        EventType.COPIES_OPENED: _opened,
        EventType.COPIES_SENDING: _sending,
        EventType.COPIES_JUDGED: _judged,
        EventType.COPIES_ENDED: _ended,
    }
)

COPIES_RETOLD: Mapping[str, Callable[[sqlite3.Connection, Any], None]] = MappingProxyType(
    {EventType.COPIES_OPENED: _retold}
)
"""What is written otherwise when it is told again after a recovery."""
