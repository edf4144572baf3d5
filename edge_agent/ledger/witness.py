"""The witness: a small file in another folder that remembers how far the ledger had come.

SQLite cannot see that its `-wal` was deleted or that an older copy of the file was put back; both leave a sound
database that has forgotten issued serials. The witness can: it holds incarnation, seq and hash of the last commit.

It is written after each commit and without fsync. That is enough in both directions. A killed process loses nothing,
because the page cache belongs to the system. After a power loss the witness may be older than the ledger, which is
harmless; it can never be newer, because the commit it speaks of was on disk before it was written. An fsync here
would double the cost of every window and catch nothing more.

Two slots take turns, each in its own 4096-byte block and with its own checksum: a torn write spoils one slot and
leaves the one before it. The file gets its full size and one fsync when it is made, so later writes never need space.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from pathlib import Path

from edge_agent.files import begin_file, keep_private, make_folder, sync_file, sync_folder
from edge_agent.ledger.values import Head

SLOT_BYTES = 4096
_CHECK_DIGITS = 16


class Witness:
    """Reads what is there at construction (`mark`, `found`); writes from then on. `fault` names a failed write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found = path.exists()
        self.fault = ""
        self._file: io.FileIO | None = None
        slots = _slots(_content(path)) if self.found else {}
        self._generation = max(slots, default=0)
        self.mark = slots.get(self._generation)

    def write(self, head: Head) -> None:
        """Never raises: the commit stands already. A failure is kept in `fault`, and issuing asks for it."""
        try:
            file = self._file or self._begin()
            self._generation += 1
            file.seek(self._generation % 2 * SLOT_BYTES)
            file.write(_slot(self._generation, head))
            self.fault = ""
        except OSError as cause:
            self.fault = f"{self.path}: {cause}"

    def close(self) -> None:
        """Closes the file; safe to call twice."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _begin(self) -> io.FileIO:
        if not self.path.exists():
            make_folder(self.path.parent)
            side = self.path.with_name(self.path.name + ".new")
            side.unlink(missing_ok=True)
            with os.fdopen(begin_file(side), "wb") as file:
                file.write(bytes(2 * SLOT_BYTES))
            sync_file(side)
            side.replace(self.path)
            sync_folder(self.path.parent)
        keep_private(self.path)
        self._file = io.FileIO(self.path, "r+b")
        return self._file


def _content(path: Path) -> bytes:
    """What can be read; an unreadable witness says as little as an empty one, and its hold will say so."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _slot(generation: int, head: Head) -> bytes:
    text = f"{generation} {head.incarnation} {head.seq} {head.hash.hex()}"
    return f"{text} {_check(text)}\n".encode()


def _slots(data: bytes) -> dict[int, Head]:
    """Generation → head, for each slot whose checksum is right."""
    found = {}
    for start in range(0, 2 * SLOT_BYTES, SLOT_BYTES):
        line = data[start : start + SLOT_BYTES].split(b"\n")[0].decode("ascii", "replace")
        text, _, check = line.rpartition(" ")
        if text and check == _check(text):
            generation, incarnation, seq, digest = text.split(" ")
            found[int(generation)] = Head(incarnation, int(seq), bytes.fromhex(digest))
    return found


def _check(text: str) -> str:
    return hashlib.sha256(text.encode("ascii", "replace")).hexdigest()[:_CHECK_DIGITS]
