"""Keeps values that were made once and are asked for often, within a bound of bytes."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class Kept(Generic[_Value]):
    """Values by name, those that were asked for last; together at most `bytes_most` as they were measured."""

    def __init__(self, bytes_most: int) -> None:
        self._values: OrderedDict[object, tuple[_Value, int]] = OrderedDict()
        self._bytes_most = bytes_most
        self._bytes = 0

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def get(self, name: object) -> _Value | None:
        """The value, or None if it is not here."""
        if name not in self._values:
            return None
        self._values.move_to_end(name)
        return self._values[name][0]

    def put(self, name: object, value: _Value, size: int) -> None:
        """Keep it; others go for it. What alone is larger than all that may be kept is not."""
        if size > self._bytes_most:
            return
        self._bytes += size - self._values.pop(name, (value, 0))[1]
        self._values[name] = value, size
        while self._bytes > self._bytes_most:
            self._bytes -= self._values.popitem(last=False)[1][1]
