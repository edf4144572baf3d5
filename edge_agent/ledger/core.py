"""What every part of the ledger stands on: the connection, the log, and one way to commit."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_agent.clock import Probe
from edge_agent.errors import LedgerFullError
from edge_agent.ledger.disk_space import Room
from edge_agent.ledger.lock import FileLock
from edge_agent.ledger.log import Log
from edge_agent.ledger.sql import Q
from edge_agent.ledger.store import translated
from edge_agent.ledger.values import Head
from edge_agent.ledger.witness import Witness
from edge_agent.model.actor import Actor
from edge_agent.model.disk import Disk
from label_protocol.errors import ConflictError, LedgerError


@dataclass(frozen=True, slots=True)
class Tools:
    """What a ledger is given once, when it is opened."""

    path: Path
    db: sqlite3.Connection
    log: Log
    lock: FileLock
    witness: Witness
    new_serial: Callable[[str], str]
    probe: Probe
    fingerprint: str
    room: Room


class Core:
    """Holds the tools; offers queries and commits to the parts. Used by one thread only."""

    def __init__(self, tools: Tools) -> None:
        self._path = tools.path
        self._db = tools.db
        self._log = tools.log
        self._lock = tools.lock
        self._witness = tools.witness
        self._new_serial = tools.new_serial
        self._probe = tools.probe
        self._fingerprint = tools.fingerprint
        self._room = tools.room
        self._agreed: set[tuple[str, str]] = set()

    def disk(self) -> Disk:
        """Whether the disk takes the next writes; cheap enough to be asked before each window."""
        return self._room.look(self._log.clock)

    def head(self) -> Head:
        """The last event of the live incarnation. Raises LedgerError: the ledger has no first event."""
        if self._log.head is None:
            raise LedgerError("ledger: expected a first event, got none; open the ledger again")
        return self._log.head

    def close(self) -> None:
        """Folds the WAL into the file, closes, and lets go of the lock. Safe to call twice."""
        self._db.close()
        self._witness.close()
        self._lock.release()

    @contextlib.contextmanager
    def acting(self, actor: Actor) -> Iterator[None]:
        """Events that are appended inside and name an operator say how it is known who that is."""
        self._log.signature = actor.signature()
        try:
            yield
        finally:
            self._log.signature = {}

    @contextlib.contextmanager
    def _commit(self, name: str) -> Iterator[Log]:
        """One transaction: all events appended inside become durable together, or none does.

        The witness follows the commit. Probes stand where a kill hurts most.
        """
        before = self._log.head
        try:
            with self._transaction(name) as log:
                yield log
        except LedgerFullError:
            self._room.refused = True
            raise
        self._room.refused = False
        self._probe(f"after_commit:{name}")
        if self._log.head != before:
            self._witness.write(self.head())

    @contextlib.contextmanager
    def _transaction(self, name: str) -> Iterator[Log]:
        before = self._log.head
        with translated(self._path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._log
                self._probe(f"before_commit:{name}")
                self._db.execute("COMMIT")
            except BaseException as cause:
                self._log.head = before
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if isinstance(cause, sqlite3.IntegrityError):
                    raise ConflictError(
                        f"ledger: a constraint refused {name} ({cause}); nothing was recorded"
                    ) from cause
                raise

    @contextlib.contextmanager
    def _savepoint(self) -> Iterator[None]:
        """Undoes what failed inside and leaves the transaction standing."""
        before = self._log.head
        self._db.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._log.head = before
            if self._db.in_transaction:
                self._db.execute("ROLLBACK TO part")
                self._db.execute("RELEASE part")
            raise
        self._db.execute("RELEASE part")

    def _one(self, query: str, *values: Any) -> Any:
        """The first row, or None."""
        with translated(self._path):
            return self._db.execute(Q[query], values).fetchone()

    def _all(self, query: str, *values: Any) -> list[Any]:
        """All rows."""
        with translated(self._path):
            return self._db.execute(Q[query], values).fetchall()

    def _named(self, query: str, **values: Any) -> list[Any]:
        """All rows of a query whose values have names."""
        with translated(self._path):
            return self._db.execute(Q[query], values).fetchall()
