"""Says what part of a list somebody asks for, and what was found; every list of pages and programs is asked so.

Pure. A service that lists takes an `Ask` and gives a `Found`; it refuses no filter or sort that it does not know: those
are left out, since an address may come from an older page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PAGE_ROWS = 50
MOST_ROWS = 100_000
"""Rows of an export."""


@dataclass(frozen=True, slots=True)
class Ask:
    """`search`: text anywhere in the row's names and numbers; `filters`: column → value; `page` counts from 1."""

    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False
    page: int = 1
    rows: int = PAGE_ROWS

    @property
    def skipped(self) -> int:
        """Rows before the page."""
        return (max(1, self.page) - 1) * self.rows

    @property
    def like(self) -> str:
        """The search as a pattern of LIKE, its own signs escaped by a backslash."""
        text = self.search.strip()
        for sign in ("\\", "%", "_"):
            text = text.replace(sign, "\\" + sign)
        return f"%{text}%"


@dataclass(frozen=True, slots=True)
class Found:
    """`rows` of the page that was asked for, and how many there are in `total`."""

    rows: Sequence[Mapping[str, Any]]
    total: int


def picked(
    rows: Sequence[Mapping[str, Any]], ask: Ask, *, searched: Sequence[str] = (), filtered: Sequence[str] = ()
) -> Found:
    """The part of `rows` that is asked for, of a list that is short enough to be read whole (parties, people).
    Sorted by any column they have; without one they stay in their order."""
    text = ask.search.strip().casefold()
    found = [
        row
        for row in rows
        if all(_said(row[name]) == ask.filters[name] for name in filtered if ask.filters.get(name))
        and (not text or any(text in _said(row[name]).casefold() for name in searched))
    ]
    if ask.sort and found and ask.sort in found[0]:
        found.sort(key=lambda row: _sortable(row[ask.sort]), reverse=ask.descending)
    return Found(found[ask.skipped : ask.skipped + ask.rows], len(found))


def _said(value: Any) -> str:
    """A value as it stands in an address."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _sortable(value: Any) -> tuple[bool, Any]:
    """Nothing comes before everything; lists by their text."""
    return (value is not None, str(value) if isinstance(value, (list, dict)) else value if value is not None else 0)
