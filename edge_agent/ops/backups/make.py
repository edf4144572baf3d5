"""One backup set: the ledger by its own copy, whole while labels are printed, and the files of the site beside it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from edge_agent.errors import LedgerFullError
from edge_agent.files import begin_file, make_folder, sync_file, sync_folder
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.ops.backups.aside import Aside
from edge_agent.ops.backups.sets import MANIFEST, UNFINISHED, BackupSet, name_of, sets_in
from edge_agent.ops.backups.sources import LEFT_OUT, Source
from label_protocol.errors import LedgerError

LEDGER = "ledger.db"


@dataclass(frozen=True, slots=True)
class Folders:
    """`sets`: where the sets go, best another disk; `ledger`: the ledger's file."""

    sets: Path
    ledger: Path

    @property
    def copy(self) -> Path:
        """Where the ledger's thread puts its copy first: on its own disk, because all printing waits for that thread
        and a share may go away under it."""
        return self.ledger.with_name(".copy-for-backup.db")


ROOM_BYTES = 200_000_000
"""Stays free beside the copies: four times what the ledger stops issuing at."""
_SQLITE = b"SQLite format 3\x00"


async def make_set(
    ledger: LedgerThread, sources: Sequence[Source], folders: Folders, now: str, *, aside: Aside, version: str
) -> BackupSet:
    """Makes a set; it has its name only when all of it is on disk and the copy of the ledger was read back.

    Raises:
        LedgerError: the ledger could not be copied, or the copy is not whole.
        OSError: the disk or the folder does not take it.
    """
    copy = folders.copy
    await asyncio.to_thread(copy.unlink, missing_ok=True)
    await asyncio.to_thread(_require_room, folders.ledger)
    try:
        await ledger.do(Ledger.backup, copy)
        return await aside.do(partial(_make, folders, sources, now, version))
    finally:
        await asyncio.to_thread(copy.unlink, missing_ok=True)


def _require_room(ledger: Path) -> None:
    """A copy must not fill the disk that the ledger writes to, even for a moment: issuing would stop. Raises
    LedgerFullError."""
    size = sum(path.stat().st_size for path in ledger.parent.glob(f"{ledger.name}*") if path.is_file())
    free = shutil.disk_usage(ledger.parent).free
    if free < 2 * size + ROOM_BYTES:  # a second one where the sets lie on the same disk
        raise LedgerFullError(
            f"backup: expected {(2 * size + ROOM_BYTES) // 1_000_000} MB free beside the ledger for its copy, got "
            f"{free // 1_000_000} MB; make room"
        )


def _make(folders: Folders, sources: Sequence[Source], now: str, version: str) -> BackupSet:
    """Everything but the ledger's own work, on a disk that may hang."""
    side = folders.sets / f"{UNFINISHED}{name_of(now)}"
    shutil.rmtree(side, ignore_errors=True)
    make_folder(side)
    try:
        _copy_plainly(folders.copy, side / LEDGER)
        return _finish(side, sources, now, version)
    except BaseException:
        shutil.rmtree(side, ignore_errors=True)
        raise


def _finish(side: Path, sources: Sequence[Source], now: str, version: str) -> BackupSet:
    head = Ledger.head_of_copy(side / LEDGER)
    for source in sources:
        for path, name in _files_of(source):
            _copy(path, side / name)
    files = {str(path.relative_to(side).as_posix()): _facts(path) for path in sorted(side.rglob("*")) if path.is_file()}
    told = {"made_at": now, "version": version, "ledger": head.place(), "files": files, "left_out": LEFT_OUT}
    _write(side / MANIFEST, told)
    whole = side.with_name(name_of(now))
    side.replace(whole)
    sync_folder(whole.parent)
    return next(one for one in sets_in(whole.parent) if one.folder == whole)


def _files_of(source: Source) -> Iterator[tuple[Path, str]]:
    """Regular files alone, and no link out of the folder: a pipe would never end."""
    inside = sorted(source.path.rglob("*")) if source.path.is_dir() else [source.path]
    for path in inside:
        if path.exists() and stat.S_ISREG(path.lstat().st_mode):
            below = path.relative_to(source.path).as_posix() if path != source.path else ""
            yield path, f"{source.name}/{below}" if below else source.name


def _copy(path: Path, target: Path) -> None:
    """A database by SQLite's own means, for half of it may stand in the file beside it; any other file as it is."""
    make_folder(target.parent)
    with path.open("rb") as source:
        is_database = source.read(len(_SQLITE)) == _SQLITE
    if is_database:
        os.close(begin_file(target))
        _copy_database(path, target)
        sync_file(target)
    else:
        _copy_plainly(path, target)


def _copy_plainly(path: Path, target: Path) -> None:
    with path.open("rb") as source, os.fdopen(begin_file(target), "wb") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
    sync_file(target)


def _copy_database(path: Path, target: Path) -> None:
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as cause:
        raise LedgerError(
            f"backup of {path.name}: expected a database that can be read, got {cause}; look at it"
        ) from cause


def _facts(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}


def _write(path: Path, told: dict[str, Any]) -> None:
    with os.fdopen(begin_file(path), "w", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False, indent=1)
    sync_file(path)
