"""The book's file: how it is made, opened and written, and what SQLite's errors mean to a caller.

Whoever has the ledger has the book, so there is one process; its threads take turns at one connection.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from edge_agent.errors import OrderBookError
from edge_agent.files import begin_file, make_folder

APPLICATION_ID = 0x574F5244
"""Marks the file as ours, in SQLite's header; the letters WORD."""

_SCHEMA = files("edge_agent.work_orders") / "schema"


class Store:
    """One SQLite file: WAL, every commit on the disk before the next step (`synchronous=FULL`)."""

    def __init__(self, path: Path | None) -> None:
        self._path, self._lock = path, threading.RLock()
        with self._translated():
            self._db = _connected(path)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()

    def all(self, sql: str, *values: Any) -> Sequence[sqlite3.Row]:
        """The rows of a question. Raises OrderBookError."""
        with self._lock, self._translated():
            return self._db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a question. Raises OrderBookError."""
        rows = self.all(sql, *values)
        return rows[0] if rows else None

    @contextlib.contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """All of the block is on the disk when it ends, or nothing of it. Raises OrderBookError."""
        with self._lock, self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as cause:
            raise OrderBookError(
                "生产单的账本不能用，没有改动，请看磁盘和权限；文件坏了就从备份恢复 · "
                f"work orders {self._path}: expected to read and write the file, got '{cause}'; nothing was changed; "
                "check disk and rights, or restore it from a backup"
            ) from cause


def _connected(path: Path | None) -> sqlite3.Connection:
    if path is not None and not path.exists():
        make_folder(path.parent)
        os.close(begin_file(path))  # its mode is also that of the files SQLite puts beside it
    db = sqlite3.connect(":memory:" if path is None else path, isolation_level=None, check_same_thread=False)
    try:
        db.row_factory = sqlite3.Row
        for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF"):
            db.execute(f"PRAGMA {setting}")
        _migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _migrate(db: sqlite3.Connection, path: Path | None) -> None:
    scripts = sorted((one.name, one.read_text("utf-8")) for one in _SCHEMA.iterdir() if one.name.endswith(".sql"))
    version, mark = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "application_id"))
    if version > len(scripts) or (version and mark != APPLICATION_ID):
        raise OrderBookError(
            f"生产单的账本 {path} 是更新的程序或别的程序写的 · work orders {path}: expected version {len(scripts)} or "
            f"older of this program, got version {version} with mark {mark:#x}; install the newer agent, or name "
            "another file"
        )
    for number, (_, script) in enumerate(scripts[version:], version + 1):
        marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number};"
        db.executescript(f"BEGIN IMMEDIATE;\n{script}\n{marks}\nCOMMIT;")
