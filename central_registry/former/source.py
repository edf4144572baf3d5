"""Holds the file of a former platform so that it can be read from its start again, and never line by endless line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import IO

from central_registry.former.lines import LINE_MOST

_CHUNK = 1 << 20


class Source:
    """A file that is open for reading in binary; whoever opened it closes it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def lines(self) -> Iterator[bytes]:
        """Each line; of one above `LINE_MOST` bytes just enough to see that."""
        self._file.seek(0)
        while part := self._file.readline(LINE_MOST + 1):
            yield part
            while len(part) > LINE_MOST and not part.endswith(b"\n"):
                part = self._file.readline(LINE_MOST + 1)

    def sha256(self) -> str:
        """Of all its bytes, in hex."""
        self._file.seek(0)
        found = hashlib.sha256()
        while part := self._file.read(_CHUNK):
            found.update(part)
        return found.hexdigest()
