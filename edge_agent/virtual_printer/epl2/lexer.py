"""Bytes into commands, as they come: lines that end in LF (a CR before it is passed over), and two that carry bytes.

GW counts its bytes by width and height; its header ends with a comma (EPL Programming Guide 14245L-001, p. 108) or a
line end (as lprint and CUPS send it). GM tells its size on its line (p. 106). While a count is open, anything is dots.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE_LIMIT_BYTES = 65_536
"""No line is that long; a stream without one for so long is not EPL2."""

_GRAPHIC_LIMIT_BYTES = 8_388_608

_GW = re.compile(rb"GW(\d{1,5},\d{1,5},(\d{1,4}),(\d{1,5}))(?:,|\r?\n)")
_GM = re.compile(rb'GM("[^"\r\n]{1,8}")(\d{1,7})\r?\n')

_NAMES = tuple(
    b"dump OEPL1 ^ee ^@ GW GM GG GK GI UA UB UG UQ US UT UN xa ZT ZB LO LW LE LS JF JB eR oR rY rN ; "
    b"N P q Q O D S R I A B b X Y W".split()
)
"""What this printer knows, longer names first. Those it does nothing about are here so that they are no errors."""


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is empty for a line that is no command; `data`: the bytes counted; `size`: all it took."""

    name: bytes
    params: bytes
    data: bytes
    size: int


class Scanner:
    """Takes bytes, and yields each command as soon as that is whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def take(self, data: bytes) -> Iterator[Command]:
        """All commands that `data` completes."""
        self._buffer += data
        while (command := self._next()) is not None:
            yield command

    def clear(self) -> None:
        """Forget a half-received command."""
        self._buffer.clear()

    def _next(self) -> Command | None:
        blank = len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))
        del self._buffer[:blank]
        if head := _GW.match(self._buffer):
            return self._counted(b"GW", head, int(head[2]) * int(head[3]))
        if head := _GM.match(self._buffer):
            return self._counted(b"GM", head, int(head[2]))
        return self._line()

    def _counted(self, name: bytes, head: re.Match[bytes], count: int) -> Command | None:
        if count > _GRAPHIC_LIMIT_BYTES:
            return self._line()
        end = head.end() + count
        if end > len(self._buffer):
            return None
        command = Command(name, head[1], bytes(self._buffer[head.end() : end]), end)
        del self._buffer[:end]
        return command

    def _line(self) -> Command | None:
        end = self._buffer.find(b"\n") + 1
        if not end:
            if len(self._buffer) > _LINE_LIMIT_BYTES and not self._buffer.startswith((b"GW", b"GM")):
                self._buffer.clear()
            return None
        line = bytes(self._buffer[:end]).rstrip(b"\r\n")
        del self._buffer[:end]
        name = next((name for name in _NAMES if line.startswith(name)), b"")
        return Command(name, line[len(name) :].strip(), b"", end)
