"""This storage replaces the catalogue's JSON whole or not at all, and never mistakes a lost one for a new one.

TinyDB's own `JSONStorage` truncates the file before it writes (a full disk or a power cut loses every row) and takes an
empty file for an empty database. So: temporary file in the same folder, fsync, rename over, fsync of the folder; and a
marker file beside it that says "this catalogue has been used", after which nothing there is an error.

The marker is also what processes lock, because the catalogue itself is a new file after every write. Reads take the
lock too: on Windows a file that is open cannot be replaced.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel
from tinydb.storages import Storage

from edge_agent.errors import CatalogError
from edge_agent.files import append_to, make_folder, sync_folder, write_over

REPLACE_ATTEMPTS = 5
"""A virus scanner holds a new file for a moment; Windows then refuses to rename over it."""

Tables = dict[str, dict[str, Any]]

_MARKER_TEXT = b"The catalogue beside this file is in use. Keep both, and back up both.\n"


class AtomicStorage(Storage):
    """TinyDB storage over one JSON file. Use it only inside `held()` or `one_write()`.

    Raises:
        CatalogError: missing or empty after first use, not our JSON, or the disk did not take the write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.marker = path.with_name(path.name + ".used")
        self._lock = threading.Lock()
        self._pending: Tables | None = None
        if not path.exists() and not self.marker.exists():
            self._begin()
        with self.held():
            self.read()

    def _begin(self) -> None:
        """A new catalogue. File first: a crash before the marker leaves a good file, never a marker without one."""
        try:
            make_folder(self.path.parent)
        except OSError as cause:
            raise CatalogError(
                f"catalogue: cannot make the folder of {self.path} ({cause}); check its rights"
            ) from cause
        self._replace([b"{}"])

    @contextmanager
    def held(self) -> Iterator[None]:
        """The catalogue for one thread of one process. Raises CatalogError: the marker cannot be opened."""
        with self._lock, _locked(self.marker):
            yield

    @contextmanager
    def one_write(self) -> Iterator[None]:
        """As `held`; all writes inside reach the disk as one, or none does. Raises CatalogError."""
        with self.held():
            self._pending = self._load()
            try:
                yield
                self._replace(_encoded(self._pending))
            finally:
                self._pending = None

    def read(self) -> Tables:
        """All tables. Raises CatalogError."""
        return self._load() if self._pending is None else self._pending

    def write(self, data: Tables) -> None:
        """Replace all tables. Raises CatalogError."""
        if self._pending is None:
            self._replace(_encoded(data))
        else:
            self._pending = data

    def _load(self) -> Tables:
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError as cause:
            raise CatalogError(
                f"catalogue {self.path}: expected the file that was in use, got none; restore it from a backup "
                f"(or delete {self.marker.name} too, to begin an empty catalogue)"
            ) from cause
        except (OSError, UnicodeDecodeError) as cause:
            raise CatalogError(f"catalogue {self.path}: cannot be read ({cause}); restore it from a backup") from cause
        if not text.strip("\0 \t\r\n"):
            raise CatalogError(f"catalogue {self.path}: expected JSON, got an empty file; restore it from a backup")
        return _decoded(text, self.path)

    def _replace(self, data: Iterable[bytes]) -> None:
        """The whole protocol; any failure before the rename leaves the old file as it was."""
        temporary = self.path.with_name(self.path.name + ".tmp")
        try:
            with os.fdopen(write_over(temporary), "wb") as file:
                file.writelines(data)
                file.flush()
                os.fsync(file.fileno())
            _rename(temporary, self.path)
            sync_folder(self.path.parent)
        except OSError as cause:
            _forget(temporary)
            raise CatalogError(
                f"catalogue {self.path}: the disk did not take the change ({cause}); "
                "free some space or check the folder's rights, then repeat the change"
            ) from cause


def _encoded(tables: Tables) -> Iterator[bytes]:
    """JSON with a document a line; piece by piece, since a hundred thousand documents as one text are 300 MB."""
    before = "{"
    for name, rows in tables.items():
        yield f"{before}{_json(name)}: {{\n".encode()
        for number, (doc_id, row) in enumerate(rows.items()):
            yield f"{',' if number else ' '}{_json(doc_id)}: {_json(row)}\n".encode()
        before = "},\n"
    yield b"}}\n" if tables else b"{}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_part)


def _part(value: Any) -> Any:
    """A part of a document that is no JSON before it is written: documents that say the same share it until then."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"expected a part of a document, got {type(value).__name__}")


def _decoded(text: str, path: Path) -> Tables:
    try:
        tables: Any = json.loads(text)
    except (ValueError, RecursionError) as cause:
        raise CatalogError(
            f"catalogue {path}: expected JSON, got a damaged file ({cause}); restore a backup"
        ) from cause
    if not _are_tables(tables):
        raise CatalogError(f"catalogue {path}: expected tables of documents, got other JSON; restore it from a backup")
    found: Tables = tables
    return found


def _are_tables(value: Any) -> bool:
    tables = value.values() if isinstance(value, dict) else [None]
    return all(isinstance(table, dict) and all(map(_is_row, table.items())) for table in tables)


def _is_row(item: tuple[str, Any]) -> bool:
    return item[0].isascii() and item[0].isdigit() and isinstance(item[1], dict)


def _rename(temporary: Path, path: Path) -> None:
    for attempt in range(1, REPLACE_ATTEMPTS + 1):
        try:
            os.replace(temporary, path)  # noqa: PTH105 - the tests fail it by this name
            return
        except PermissionError:
            if attempt == REPLACE_ATTEMPTS:
                raise
            time.sleep(0.02 * attempt)


def _forget(temporary: Path) -> None:
    try:
        temporary.unlink(missing_ok=True)
    except OSError:
        return  # it is overwritten by the next change; the error that matters is already on its way


@contextmanager
def _locked(marker: Path) -> Iterator[None]:
    try:
        file = os.fdopen(append_to(marker), "ab")
    except OSError as cause:
        raise CatalogError(f"catalogue: cannot open {marker} ({cause}); check the folder's rights") from cause
    with file:
        if file.tell() == 0:
            file.write(_MARKER_TEXT)
            file.flush()
            os.fsync(file.fileno())
        _lock_file(file)
        yield  # closing the file releases the lock on every system


def _lock_file(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
