"""`Ledger`: the parts put together, and how one is opened."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from edge_agent.clock import Clock, Probe, no_probe
from edge_agent.files import make_folder
from edge_agent.ledger.backup import Backup, head_of_copy, require_free, restore
from edge_agent.ledger.books import Books, export_copy
from edge_agent.ledger.cartons import Cartons
from edge_agent.ledger.closing import Closing
from edge_agent.ledger.copies import CopyOrders
from edge_agent.ledger.core import Tools
from edge_agent.ledger.disk_space import Room
from edge_agent.ledger.enrolment import Enrolment
from edge_agent.ledger.issue import Issue
from edge_agent.ledger.life import Life
from edge_agent.ledger.lock import FileLock
from edge_agent.ledger.log import Log, check_tail
from edge_agent.ledger.missing import Missing
from edge_agent.ledger.recover import Recover
from edge_agent.ledger.reported import Reported
from edge_agent.ledger.reviews import Reviews
from edge_agent.ledger.settle import Settle
from edge_agent.ledger.store import connect, create, translated
from edge_agent.ledger.verify import verify_copy, verify_file, witness_finding
from edge_agent.ledger.witness import Witness
from label_protocol.errors import LedgerDamagedError
from label_protocol.kinds import HoldKind

Entropy = Callable[[int], bytes]


class Ledger(
    Enrolment,
    Closing,
    Missing,
    Cartons,
    CopyOrders,
    Issue,
    Settle,
    Recover,
    Books,
    Reported,
    Life,
    Reviews,
    Backup,
):
    """The only writer of the file that holds every serial's history. Synchronous; used by one thread.

    Every order is one transaction that is on disk when the call returns. Errors of the file are `LedgerError`s; an
    order that cannot be taken is an `InputError` or `IssuingError` and changes nothing, but for the alarm it may raise.
    """

    restore = staticmethod(restore)
    require_free = staticmethod(require_free)
    head_of_copy = staticmethod(head_of_copy)
    verify_file = staticmethod(verify_file)
    verify_copy = staticmethod(verify_copy)
    export_copy = staticmethod(export_copy)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        witness: Path,
        clock: Clock,
        new_serial: Callable[[str], str],
        fingerprint: str,
        entropy: Entropy = os.urandom,
        probe: Probe = no_probe,
        create: bool = True,
        room: Room | None = None,
    ) -> Ledger:
        """Opens the ledger at `path`, makes it if neither it nor its witness exists; checks the end of the chain.

        `new_serial` maps the issuer's characters to a new serial; `fingerprint` describes this computer for the events;
        `witness` is a file in another folder, best on another disk. A witness that disagrees places a hold. `room`
        asks the ledger's disk for its free bytes.

        Raises:
            LedgerBusyError: another process has it.
            LedgerDamagedError: missing, empty, foreign, truncated, or a bad event; the message says which.
            LedgerFullError: the disk is full.
        """
        lock = FileLock(path)
        try:
            seen = Witness(witness)
            if not path.exists():
                _make(path, seen, clock, entropy, fingerprint, allowed=create)
            db = connect(path)
        except BaseException:
            lock.release()
            raise
        tools = (path, lock, seen, new_serial, probe, fingerprint, room or Room(path.parent))
        return cls._opened(db, tools, clock, entropy)

    @classmethod
    def _opened(
        cls,
        db: sqlite3.Connection,
        tools: tuple[Path, FileLock, Witness, Callable[[str], str], Probe, str, Room],
        clock: Clock,
        entropy: Entropy,
    ) -> Ledger:
        path, lock, seen, new_serial, probe, fingerprint, room = tools
        try:
            with translated(path):
                check_tail(db)
                log = Log(db, clock, entropy)
            ledger = cls(Tools(path, db, log, lock, seen, new_serial, probe, fingerprint, room))
            ledger._ask_witness()
        except BaseException:
            db.close()
            seen.close()
            lock.release()
            raise
        return ledger

    def _ask_witness(self) -> None:
        """Places a hold if the witness knows of events this file does not hold; then brings the witness up to date."""
        with translated(self._path):
            finding = witness_finding(self._db, self._witness)
        if finding:
            mark = self._witness.mark
            self.place_hold(
                HoldKind(finding[0]), {"witness": mark.place() if mark else None, "ledger": self.head().place()}
            )
        self._witness.write(self.head())


def _make(path: Path, seen: Witness, clock: Clock, entropy: Entropy, fingerprint: str, *, allowed: bool) -> None:
    """A new ledger with its first event; never in the place of one that was there."""
    if seen.found:
        end = f"{seen.mark.incarnation}/{seen.mark.seq}" if seen.mark else "an unreadable mark"
        raise LedgerDamagedError(
            f"ledger {path}: expected the file its witness {seen.path} knows (up to {end}), got none; "
            f"restore a backup or let the registry give the history back"
        )
    leftover = path.with_name(path.name + "-wal")
    if leftover.exists():
        raise LedgerDamagedError(
            f"ledger {path}: expected the file that {leftover.name} belongs to, got none; restore it"
        )
    if not allowed:
        raise LedgerDamagedError(f"ledger {path}: expected a ledger, got no file; check the path in the configuration")
    make_folder(path.parent)
    create(path, lambda db: Log(db, clock, entropy).begin("first", fingerprint, None))
