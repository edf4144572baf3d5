"""The event log: appends, hashes, and projects in one breath. Knows nothing of commits; `core` owns those."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

from edge_agent.clock import Clock
from edge_agent.ledger.project import Projector
from edge_agent.ledger.sql import Q
from edge_agent.ledger.values import Head
from label_protocol.chain import GENESIS, canonical, link
from label_protocol.errors import LedgerDamagedError
from label_protocol.events import Event, EventType, IncarnationBegan

CHECKPOINT_EVERY = 5_000
"""Events between checkpoints: a start hashes at most so many, some 10 ms; smaller would only cost rows."""


class Log:
    """The end of the chain; `head` moves only with a successful append and is put back by a rollback."""

    def __init__(self, db: sqlite3.Connection, clock: Clock, entropy: Callable[[int], bytes]) -> None:
        self.db = db
        self.clock = clock
        self._entropy = entropy
        self.projector = Projector(db)
        self.head = read_head(db)
        self.signature: Mapping[str, str] = {}
        """How it is known who acts, for events that name an operator; set for the time of an order (`Core.acting`)."""

    def begin(self, reason: str, fingerprint: str, parent: Head | None, incarnation: str = "") -> None:
        """Starts a new incarnation, whose first event names where it came from."""
        self.head = Head(incarnation or self.new_incarnation(), 0, GENESIS)
        origin = parent.place() if parent else None
        self.append(
            IncarnationBegan(type=EventType.INCARNATION_BEGAN, parent=origin, reason=reason, fingerprint=fingerprint)
        )

    def append(self, event: Event) -> None:
        """Adds one event, which is given without its place and time, and does what it means.

        Raises:
            LedgerDamagedError: the first event would be another than `incarnation_began`.
            StateError, NotFoundError, sqlite3.IntegrityError: as `Projector.apply`.
            RecordError: a field that canonical JSON does not take.
        """
        if self.head is None:
            raise LedgerDamagedError("ledger: expected incarnation_began as the first event, got another; begin first")
        incarnation, seq = self.head.incarnation, self.head.seq + 1
        signed = self.signature if event.get("operator") else {}
        placed = {**event, **signed, "incarnation": incarnation, "seq": seq, "at": self.clock()}
        body = canonical(placed)
        digest = link(self.head.hash, body)
        self.db.execute(Q["append_event"], (incarnation, seq, body, digest))
        if seq % CHECKPOINT_EVERY == 0:
            self.db.execute(Q["add_checkpoint"], (incarnation, seq, digest))
        self.projector.apply(placed)
        self.head = Head(incarnation, seq, digest)

    def new_incarnation(self) -> str:
        """128 random bits: two lives of one ledger, or two ledgers, never share one."""
        return self._entropy(16).hex()

    def new_id(self) -> str:
        """A name for a job, window or alarm: 64 random bits, so that two lives of one ledger do not share names."""
        return self._entropy(8).hex()

    def random_below(self, count: int) -> int:
        """A number from 0 up to `count`, by chance; 16 bytes leave no number likelier that anybody could count."""
        return int.from_bytes(self._entropy(16), "big") % count


def read_head(db: sqlite3.Connection) -> Head | None:
    """The last event of the live incarnation; None in a file that is just being made."""
    row = db.execute(Q["head"]).fetchone()
    return Head(*row) if row else None


def check_tail(db: sqlite3.Connection) -> None:
    """Hashes the live chain from its last checkpoint on, and counts what lies before.

    Raises:
        LedgerDamagedError: names the first bad event.
    """
    head = read_head(db)
    if head is None:
        raise LedgerDamagedError("ledger: expected events, got none; keep the file as evidence and restore a backup")
    _check_counts(db)
    seq, digest = db.execute(Q["last_checkpoint"], (head.incarnation,)).fetchone() or (0, GENESIS)
    at_checkpoint = db.execute(Q["event_hash"], (head.incarnation, seq)).fetchone()
    if seq and (at_checkpoint is None or at_checkpoint[0] != digest):
        raise LedgerDamagedError(bad_event(head.incarnation, seq, "its hash is not the one of its checkpoint"))
    first_bad, _ = walk(db, head.incarnation, Head(head.incarnation, seq, digest))
    if first_bad:
        raise LedgerDamagedError(first_bad)


def _check_counts(db: sqlite3.Connection) -> None:
    stored = db.execute(Q["event_count"]).fetchone()[0]
    ends = {incarnation: last for _, incarnation, *_, last in db.execute(Q["incarnations"])}
    if stored != sum(ends.values()) or not all(ends.values()):
        empty = next((incarnation for incarnation, last in ends.items() if not last), "")
        raise LedgerDamagedError(
            f"ledger: expected {sum(ends.values())} events without gaps, got {stored}"
            f"{f' and none of incarnation {empty}' if empty else ''}; run 'edge-agent ledger verify' to see where"
        )


def walk(db: sqlite3.Connection, incarnation: str, start: Head) -> tuple[str, Head]:
    """Re-hashes stored bytes after `start`: the sentence of the first bad event (or ''), and the last good head."""
    seq, digest = start.seq, start.hash
    for stored_seq, body, stored in db.execute(Q["events_after"], (incarnation, start.seq, -1)):
        good, seq = Head(incarnation, seq, digest), seq + 1
        if stored_seq != seq:
            return bad_event(incarnation, seq, f"it is missing, the next one stored is {stored_seq}"), good
        if not isinstance(body, bytes):  # one damaged byte of the file says of which type a value is
            return bad_event(incarnation, seq, "its bytes are stored as something else"), good
        digest = link(digest, body)
        if stored != digest:
            return bad_event(incarnation, seq, "its bytes do not hash to what is stored"), good
    return "", Head(incarnation, seq, digest)


def bad_event(incarnation: str, seq: int, what: str) -> str:
    """One sentence for a broken chain."""
    return (
        f"ledger, incarnation {incarnation}, event {seq}: {what}; "
        f"keep the file as evidence and restore a backup or recover from the registry"
    )
