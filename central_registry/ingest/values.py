"""Reads single values of an event as they go into columns. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

MOST_TEXT = 1_000
MOST_SERIAL = 40


def moment_in(value: Any) -> datetime:
    """A time that says its zone. Raises ValueError."""
    found = datetime.fromisoformat(text_in(value))
    if found.tzinfo is None or not 1970 <= found.year < 9999:
        raise ValueError(f"expected a time with its zone, got {str(value)[:40]!r}")
    return found


def text_in(value: Any) -> str:
    """A text that PostgreSQL takes: NUL is legal JSON and no TEXT. Raises ValueError."""
    if isinstance(value, str) and len(value) <= MOST_TEXT and "\0" not in value:
        return value
    raise ValueError(f"expected a text of at most {MOST_TEXT} characters, got {str(value)[:40]!r}")


def serial_in(value: Any) -> str:
    """One of `serials_in`. Raises ValueError."""
    return serials_in([value])[0]


def serials_in(values: Any) -> tuple[str, ...]:
    """Serials as they go into a column: ASCII without blanks, which also lets a window travel as one text. Raises
    ValueError."""
    if not isinstance(values, list) or "" in values:
        raise ValueError("expected a list of serials")
    joined = "".join(values)  # a TypeError where one is no text
    if joined and not (joined.isalnum() and joined.isascii()):
        raise ValueError("expected serials of ASCII letters and digits")
    if max(map(len, values), default=0) > MOST_SERIAL:
        raise ValueError(f"expected serials of at most {MOST_SERIAL} characters")
    return tuple(values)
