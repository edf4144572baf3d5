"""The file: how it is made, opened, migrated, and what SQLite's errors mean to a caller.

A ledger is built under another name and renamed into place, so an empty or half-made file under its own name is
never ours and never quietly taken for a new ledger.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from edge_agent.errors import LedgerBusyError, LedgerFullError
from edge_agent.files import begin_file, keep_private, sync_file, sync_folder
from edge_agent.ledger.sql import floor_of, migrations, statements
from label_protocol.errors import LedgerDamagedError, LedgerError

APPLICATION_ID = 0x45444745
"""Marks the file as ours, in SQLite's header (bytes 68–71); the letters EDGE."""

_MAGIC = b"SQLite format 3\x00"
_SYNCHRONOUS_FULL = 2
_CACHE_KIB = 16_384

_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's and the system's errors become ours at this seam; constraint violations pass, they are answers."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except (sqlite3.Error, OSError, UnicodeDecodeError) as cause:
        raise ours(path, cause) from cause


def ours(path: Path, cause: Exception) -> LedgerError:
    """A foreign error as one of ours."""
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    if code in _FULL or getattr(cause, "errno", None) == errno.ENOSPC:
        return LedgerFullError(
            f"ledger {path}: the disk did not take the write ({cause}); nothing was issued and nothing recorded is "
            f"lost; make room on the disk, then go on"
        )
    if code in _DAMAGED or isinstance(cause, UnicodeDecodeError):  # a TEXT column that is not text
        return LedgerDamagedError(
            f"ledger {path}: expected a whole SQLite file, got '{cause}'; "
            f"keep the file as evidence and restore a backup"
        )
    if code in _BUSY:
        return LedgerBusyError(f"ledger {path}: another program has the file open ({cause}); close it first")
    return LedgerError(f"ledger {path}: expected to read and write it, got '{cause}'; check its folder and rights")


def connect(path: Path) -> sqlite3.Connection:
    """The one connection: WAL, FULL, exclusive; each setting is read back, since builds differ in their defaults.

    Raises:
        LedgerDamagedError: an empty, foreign, truncated or newer file.
        LedgerError: a setting the file system or this build of SQLite refuses.
    """
    for one in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        keep_private(one)
    db = attach(path)
    try:
        with translated(path):
            _set(db, "journal_mode", "wal")
            _set(db, "synchronous", _SYNCHRONOUS_FULL, word="full")
            _set(db, "cache_size", -_CACHE_KIB)
            db.execute("PRAGMA trusted_schema = OFF")
            migrate(db, migrations())
    except BaseException:
        db.close()
        raise
    return db


def attach(path: Path) -> sqlite3.Connection:
    """A connection to a file that is a ledger, as it stands: nothing is set and nothing is migrated.

    Raises:
        LedgerDamagedError: an empty, foreign or truncated file.
    """
    with translated(path):
        _check_header(path)
        db = sqlite3.connect(path, isolation_level=None)
    try:
        with translated(path):
            _check_marks(db, path)
            _set(db, "locking_mode", "exclusive")
    except BaseException:
        db.close()
        raise
    return db


def create(path: Path, first: Callable[[sqlite3.Connection], None]) -> None:
    """Makes a ledger whole or not at all: schema and `first` events in a side file, fsync, rename, folder fsync."""
    side = path.with_name(path.name + ".new")
    with translated(path):
        side.unlink(missing_ok=True)
        os.close(begin_file(side))  # its mode is also that of the files SQLite puts beside it
        with contextlib.closing(sqlite3.connect(side, isolation_level=None)) as db:
            migrate(db, migrations())
            db.execute("BEGIN")
            first(db)
            db.execute("COMMIT")
        sync_file(side)
        side.replace(path)
        sync_folder(path.parent)


def migrate(db: sqlite3.Connection, scripts: Sequence[str]) -> None:
    """Brings the schema up to `scripts`; all of it or nothing, forward only. A newer one that only adds to it stays.

    Raises:
        LedgerDamagedError: a newer agent wrote the file, and this one must not.
    """
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(scripts) and floor_in(db) > len(scripts):
        raise LedgerDamagedError(
            f"ledger schema: expected version {len(scripts)} or older, got {version}; it was written by a newer agent, "
            f"install that one"
        )
    if version >= len(scripts):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for script in scripts[version:]:
            for statement in statements(script):
                db.execute(statement)
        _mark_floor(db, scripts)
        db.execute(f"PRAGMA user_version = {len(scripts)}")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def floor_in(db: sqlite3.Connection) -> int:
    """The oldest schema whose programs may write this file; its own, if it says nothing of others."""
    told = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'schema_floor'").fetchone()
    row = db.execute("SELECT floor FROM schema_floor" if told else "PRAGMA user_version").fetchone()
    return int(row[0])


def _mark_floor(db: sqlite3.Connection, scripts: Sequence[str]) -> None:
    """Older programs read it in the file: they have no newer scripts. Where no script expands there is no table."""
    if any(floor_of(scripts[:number]) < number for number in range(1, len(scripts) + 1)):
        db.execute("CREATE TABLE IF NOT EXISTS schema_floor (floor INTEGER NOT NULL) STRICT")
        db.execute("DELETE FROM schema_floor")
        db.execute("INSERT INTO schema_floor (floor) VALUES (?)", (floor_of(scripts),))


def _check_header(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(16)
    if head != _MAGIC:
        got = "an empty file" if not head else f"{head!r}"
        raise LedgerDamagedError(
            f"ledger {path}: expected a SQLite file, got {got}; nothing was changed, restore a backup"
        )


def _check_marks(db: sqlite3.Connection, path: Path) -> None:
    mark = db.execute("PRAGMA application_id").fetchone()[0]
    if mark != APPLICATION_ID:
        raise LedgerDamagedError(
            f"ledger {path}: expected the mark {APPLICATION_ID:#x}, got {mark:#x}; this is another program's database, "
            f"name the right file"
        )


def _set(db: sqlite3.Connection, name: str, value: str | int, word: str = "") -> None:
    db.execute(f"PRAGMA {name} = {word or value}")
    got = db.execute(f"PRAGMA {name}").fetchone()[0]
    if got != value:
        raise LedgerError(f"ledger: expected {name} {value}, got {got}; put the ledger on a local disk")
