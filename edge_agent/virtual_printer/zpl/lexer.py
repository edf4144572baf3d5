"""Bytes into commands, as they come: `^XX…`, `~XX…` and `! U1 …`. Knows where a command ends and not what it means.

A command ends where the next prefix begins, unless its end is known before: commands without parameters act on their
last letter, binary graphics count their bytes, and a ~DG in ZB64 ends after its CRC.

The prefixes and the delimiter can be changed (^CC, ^CT, ^CD), from the next byte on. What comes out of here is in the
usual ones: another delimiter is made a comma, and a comma that is none any more is made a byte that no number holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LIMIT_BYTES = 8_388_608
"""No label is that large; a stream without a prefix for so long is not ZPL."""

_BARE = frozenset(
    {b"^XA", b"^XZ", b"^FS", b"~HS", b"~HI", b"~JA", b"~JC", b"~JX", b"~PS", b"~PP", b"~HM", b"~HD", b"~JD", b"~JE"}
)
_BINARY = re.compile(rb"[\^~](?:GF[BC],(\d{1,8}),\d{1,8},\d{1,8},|DY[^,]{1,24},[BC],\w*,(\d{1,8}),\d{0,8},)", re.I)
_ZB64 = re.compile(rb"~DG[^,]{0,24},\d{1,8},\d{1,8},:[ZB]64:[^:^~]*:[0-9A-Fa-f]{4}", re.I)
_CHANGES = frozenset({b"^CC", b"~CC", b"^CT", b"~CT", b"^CD", b"~CD"})


@dataclass(slots=True)
class Marks:
    """What stands before a format command and before a control command, and between parameters."""

    caret: bytes = b"^"
    tilde: bytes = b"~"
    delimiter: bytes = b","

    def change(self, what: bytes, mark: bytes) -> None:
        """^CC, ^CT or ^CD, with either prefix."""
        match what[1:]:
            case b"CC":
                self.caret = mark
            case b"CT":
                self.tilde = mark
            case _:
                self.delimiter = mark

    @property
    def begins(self) -> re.Pattern[bytes]:
        """A command's first byte."""
        return re.compile(rb"[%b%b]|! U1 " % (re.escape(self.caret), re.escape(self.tilde)))

    def usual(self, name: bytes) -> bytes:
        """A command's name, as if the prefixes were the usual ones."""
        return (b"^" if name[:1] == self.caret else b"~") + name[1:]

    def parameters(self, params: bytes) -> bytes:
        """Parameters, with commas between them."""
        if self.delimiter == b",":
            return params
        return params.replace(b",", b"\0").replace(self.delimiter, b",")


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
        self.use(Marks())

    def use(self, marks: Marks) -> None:
        """Read with these from now on."""
        self.marks = marks
        self._begins = marks.begins

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
        start = self._begins.search(self._buffer)
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
        return self._command(self._name(whole), whole[3:], end)

    def _name(self, head: bytes) -> bytes:
        return self.marks.usual(head[:3]).upper()

    def _command(self, name: bytes, rest: bytes, size: int) -> Command:
        if name in _CHANGES:
            self.marks.change(name, rest)
            self.use(self.marks)
        params = rest if name == b"^GF" else rest.strip(b"\r\n")
        return Command(name, self.marks.parameters(params), size)

    def _end(self) -> int | None:
        """Where the first command ends; None if its end has not come."""
        if self._buffer.startswith(b"!"):
            return self._buffer.find(b"\n") + 1 or None
        if len(self._buffer) < 3:
            return None
        if self._begins.match(self._buffer, 1):
            return 1  # a prefix that begins nothing, because another follows: the later one counts
        name = self._name(bytes(self._buffer[:3]))
        if name in _BARE:
            return 3
        if name in _CHANGES:
            return 4 if len(self._buffer) >= 4 else None
        if name == b"~HQ":
            return 5 if len(self._buffer) >= 5 else None
        return self._end_of_data(name)

    def _end_of_data(self, name: bytes) -> int | None:
        """Of a graphic that tells its end, or where the next command begins."""
        if name == b"~DG" and (whole := _ZB64.match(self._buffer)):
            return whole.end()
        if name in (b"^GF", b"~DY") and (head := _BINARY.match(self._buffer)):
            end = head.end() + int(head[1] or head[2])
            return end if end <= len(self._buffer) else None
        return self._end_at_prefix()

    def _end_at_prefix(self) -> int | None:
        found = self._begins.search(self._buffer, self._searched)
        if found is None:
            self._searched = max(3, len(self._buffer) - len(b"! U1"))
            return None
        return found.start()
