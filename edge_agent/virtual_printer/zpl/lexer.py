"""Bytes into commands, as they come: `^XX…`, `~XX…` and `! U1 …`. Knows where a command ends and not what it means.

A command ends where the next prefix begins, unless its end is known before: commands without parameters act on their
last letter, binary graphics count their bytes, and a ~DG in ZB64 ends after its CRC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LIMIT_BYTES = 8_388_608
"""No label is that large; a stream without a prefix for so long is not ZPL."""

_START = re.compile(rb"[\^~]|! U1 ")
_END = re.compile(rb"[\^~]|! U1 ")
_BARE = frozenset({b"^XA", b"^XZ", b"^FS", b"~HS", b"~HI", b"~JA", b"~JC", b"~JX", b"~PS", b"~PP", b"~HM", b"~HD"})
_BINARY = re.compile(rb"[\^~](?:GF[BC],(\d{1,8}),\d{1,8},\d{1,8},|DY[^,]{1,24},[BC],\w*,(\d{1,8}),\d{0,8},)", re.I)
_ZB64 = re.compile(rb"~DG[^,]{0,24},\d{1,8},\d{1,8},:[ZB]64:[^:^~]*:[0-9A-Fa-f]{4}", re.I)


@dataclass(frozen=True, slots=True)
class Command:
    """`name`: prefix and two letters in upper case (`! U1` for SGD); `params`: the rest; `size`: bytes it took."""

    name: bytes
    params: bytes
    size: int


class Scanner:
    """Takes bytes, and yields each command as soon as that is whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 3

    def take(self, data: bytes) -> Iterator[Command]:
        """All commands that `data` completes."""
        self._buffer += data
        while (command := self._next()) is not None:
            yield command
        if len(self._buffer) > _LIMIT_BYTES:
            self._buffer.clear()

    def clear(self) -> None:
        """Forget a half-received command."""
        self._drop(len(self._buffer))

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._searched = 3

    def _next(self) -> Command | None:
        start = _START.search(self._buffer)
        if start is None:
            self._drop(max(0, len(self._buffer) - len(b"! U1")))
            return None
        if start.start():
            self._drop(start.start())
        end = self._end()
        if end is None:
            return None
        whole = bytes(self._buffer[:end])
        self._drop(end)
        if whole.startswith(b"!"):
            return Command(b"! U1", whole[5:].strip(), end)
        name = whole[:3].upper()
        return Command(name, whole[3:].strip(b"\r\n") if name != b"^GF" else whole[3:], end)

    def _end(self) -> int | None:
        """Where the first command ends; None if its end has not come."""
        if self._buffer.startswith(b"!"):
            return self._buffer.find(b"\n") + 1 or None
        name = bytes(self._buffer[:3]).upper()
        if len(name) < 3:
            return None
        if name in _BARE:
            return 3
        if name == b"~HQ":
            return 5 if len(self._buffer) >= 5 else None
        if name == b"~DG" and (whole := _ZB64.match(self._buffer)):
            return whole.end()
        if name in (b"^GF", b"~DY") and (head := _BINARY.match(self._buffer)):
            end = head.end() + int(head[1] or head[2])
            return end if end <= len(self._buffer) else None
        return self._end_at_prefix()

    def _end_at_prefix(self) -> int | None:
        found = _END.search(self._buffer, self._searched)
        if found is None:
            self._searched = max(3, len(self._buffer) - len(b"! U1"))
            return None
        return found.start()
