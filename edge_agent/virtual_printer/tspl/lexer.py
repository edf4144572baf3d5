"""Bytes into commands, as they come: lines, counted blocks, and `<ESC>!x` between them.

A line ends with CR, LF or both. BITMAP and DOWNLOAD announce a count of raw bytes, and until these have come nothing is
looked for in them: no line end, no `<ESC>!`. That is the harder case for a host whose picture was cut off. A new
connection changes nothing. `<ESC>!x` acts at once wherever else it stands, in the middle of a line too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LIMIT_BYTES = 8_388_608
"""No picture is that large; a head that promises more is no command."""
_LINE_LIMIT_BYTES = 4_096
"""The manual's expressions end at 2 KiB."""

_BLOCK_HEAD = re.compile(
    rb"\s*(?:(?P<bitmap>BITMAP)\s+(?:-?\d{1,5}\s*,\s*){2}(?P<stride>\d{1,5})\s*,\s*(?P<rows>\d{1,5})\s*,\s*\d\s*,"
    rb'|DOWNLOAD\s+(?:[A-Z]\s*,\s*)?"[^"\r\n]{1,40}"\s*,\s*(?P<size>\d{1,8})\s*,)$',
    re.IGNORECASE,
)
_NOT_PLAIN = re.compile(rb"[\r\n,\x1b]")


@dataclass(frozen=True, slots=True)
class Command:
    """A line without its end, and the raw bytes that it announced."""

    line: bytes
    data: bytes = b""

    @property
    def size(self) -> int:
        """Bytes that it takes in the buffer."""
        return len(self.line) + len(self.data)


@dataclass(frozen=True, slots=True)
class Immediate:
    """`<ESC>!` and one letter."""

    letter: bytes


class Scanner:
    """Takes bytes, and yields each command as soon as that is whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._line = bytearray()
        self._missing = 0
        self._block: list[bytes] = []

    def take(self, data: bytes) -> Iterator[Command | Immediate]:
        """All that `data` completes."""
        self._buffer += data
        while self._buffer and not self._half_an_escape():
            found = self._next()
            if found is not None:
                yield found

    def _next(self) -> Command | Immediate | None:
        if self._missing:
            return self._take_block()
        return self._take_escape() if self._buffer.startswith(b"\x1b") else self._take_text()

    def _half_an_escape(self) -> bool:
        return not self._missing and b"\x1b!".startswith(bytes(self._buffer[:3]))

    def clear_line(self) -> None:
        """Forget a half-received line; of a picture the rest is still awaited."""
        self._line.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._buffer.clear()
        self._line.clear()
        self._block.clear()
        self._missing = 0

    def _take_block(self) -> Command | None:
        piece = bytes(self._buffer[: self._missing])
        del self._buffer[: len(piece)]
        self._block.append(piece)
        self._missing -= len(piece)
        return None if self._missing else self._whole()

    def _whole(self) -> Command:
        command = Command(bytes(self._line), b"".join(self._block))
        self._line.clear()
        self._block.clear()
        return command

    def _take_escape(self) -> Immediate | None:
        is_command = self._buffer[1:2] == b"!"
        letter = bytes(self._buffer[2:3])
        del self._buffer[: 3 if is_command else 1]
        return Immediate(letter) if is_command else None

    def _take_text(self) -> Command | None:
        """Up to the next byte that may mean something: the end of a line, a comma before a block, an escape."""
        match = _NOT_PLAIN.search(self._buffer)
        mark = bytes(match[0]) if match else b""
        end = match.end() - (mark == b"\x1b") if match else len(self._buffer)
        self._line += self._buffer[:end]
        del self._buffer[:end], self._line[:-_LINE_LIMIT_BYTES]
        if mark == b",":
            return self._begin_block()
        return self._end_line() if mark in (b"\r", b"\n") else None

    def _begin_block(self) -> Command | None:
        head = _BLOCK_HEAD.match(self._line)
        if head is None:
            return None
        count = int(head["stride"]) * int(head["rows"]) if head["bitmap"] else int(head["size"])
        if count > _LIMIT_BYTES:
            return None
        self._missing = count
        return None if count else self._whole()

    def _end_line(self) -> Command | None:
        line = bytes(self._line).strip()
        self._line.clear()
        return Command(line) if line else None
