"""Copies: made while the agent runs, checked before they are trusted, never put over a ledger that is there."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

from edge_agent.files import begin_file, make_folder, new_file, sync_file, sync_folder
from edge_agent.ledger.core import Core
from edge_agent.ledger.lock import FileLock
from edge_agent.ledger.log import read_head
from edge_agent.ledger.store import connect, ours, translated
from edge_agent.ledger.values import Head, Report
from edge_agent.ledger.verify import inspect
from label_protocol.errors import ConflictError, LedgerDamagedError

COMPANIONS = ("-wal", "-shm", "-journal")
"""SQLite's side files. Beside another main file of the same name they would be replayed into it."""


class Backup(Core):
    """Backups from the one connection."""

    def backup(self, target: Path) -> Path:
        """Copies all that is committed into one file; it appears under its name only when it is whole and on disk.

        Raises:
            ConflictError: the target exists, or its name is one of the ledger's own.
            LedgerFullError: its disk is full.
        """
        require_free(target, self._path)
        try:
            with new_file(target) as side, translated(target), contextlib.closing(sqlite3.connect(side)) as copy:
                self._db.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
        except FileExistsError as cause:
            raise _taken(target) from cause
        except OSError as cause:
            raise ours(target, cause) from cause
        return target


def head_of_copy(copy: Path) -> Head:
    """Reads a backup back: its pages are whole, and how far it goes. Enough for a copy of a ledger that is sound, and
    done while printing; `verify_copy` proves the whole history, which takes a processor for a while.

    Raises:
        LedgerDamagedError: it is not whole, or no ledger.
    """
    with translated(copy), contextlib.closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as db:
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        head = read_head(db)
    if found != "ok" or head is None:
        raise LedgerDamagedError(f"backup {copy}: expected a whole copy of the ledger, got {found}; make it again")
    return head


def require_free(target: Path, ledger: Path) -> None:
    """Refuses a name for a copy that is taken, or one that the ledger uses. Raises ConflictError."""
    if os.path.lexists(target):
        raise _taken(target)
    if target.name.startswith(ledger.name) and target.parent.resolve() == ledger.parent.resolve():
        raise ConflictError(f"backup {target}: expected a name that is none of the ledger's own; choose another")


def _taken(target: Path) -> ConflictError:
    return ConflictError(f"backup {target}: expected a new name, got a file that exists; choose another")


def restore(source: Path, path: Path, *, move_aside: Path | None = None) -> Report:
    """Puts a backup in a ledger's place, after a whole verify of the copy.

    A ledger that is there is refused unless it is to be moved to `move_aside`. The witness is left alone on purpose: it
    holds issuing (`witness_ahead`) until the registry was asked for what the backup does not know.

    Raises:
        ConflictError: a ledger is there and no `move_aside` is given, or that name is taken.
        LedgerDamagedError: the backup does not verify; nothing was changed.
        LedgerBusyError: an agent has the ledger.
    """
    lock = FileLock(path)
    try:
        if path.exists() and (move_aside is None or move_aside.exists()):
            raise ConflictError(
                f"restore to {path}: expected no ledger there or a free name to move it to, got a ledger"
                f"{f' and {move_aside} taken' if move_aside else ''}; name another place to move it to"
            )
        side = path.with_name(path.name + ".new")
        side.unlink(missing_ok=True)
        os.close(begin_file(side))
        shutil.copyfile(source, side)
        report = _checked(side, source)
        _clear_the_place(path, move_aside)
        sync_file(side)
        side.replace(path)
        sync_folder(path.parent)
        return report
    finally:
        lock.release()


def _checked(copy: Path, source: Path) -> Report:
    try:
        with contextlib.closing(connect(copy)) as db:
            report = inspect(db, None)
        flaw = None if report.ok else str(report.findings[0])
    except LedgerDamagedError as cause:
        flaw = str(cause)
    if flaw is not None:
        copy.unlink(missing_ok=True)
        raise LedgerDamagedError(
            f"备份 {source} 是坏的，没有改动；请用另一份 · backup {source}: expected one that verifies, got one that "
            f"does not ({flaw}); nothing was changed: take another"
        )
    return report


def _clear_the_place(path: Path, aside: Path | None) -> None:
    """Nothing is deleted. Side files go first: killed in between, the old file stands alone and the witness sees it."""
    away = aside if aside is not None and path.exists() else path.with_name(path.name + ".stray")
    make_folder(away.parent)
    for companion in COMPANIONS:
        side = path.with_name(path.name + companion)
        if side.exists():
            side.replace(away.with_name(away.name + companion))
    if path.exists():
        path.replace(away)
