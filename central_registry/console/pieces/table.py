"""A table of any length: searched, filtered by chips, sorted and cut into pages by its address alone, so that it works
without a script and a page can be sent to somebody else. Pure.

A list is described once (`Listing`: columns, filters, where a row leads) and drawn from what a service found; its
exports are the same columns over all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from central_registry.console.pieces.state import State
from central_registry.console.pieces.words import Words
from central_registry.lists import Ask, Found

DAYS = ("since", "until")
"""Filters by day, both of it."""

Record = Mapping[str, Any]
"""One row as the service found it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`small` stands beneath; `href` is where it leads; `state` draws a pill instead of text."""

    value: str | int | date | datetime | None
    small: str = ""
    href: str = ""
    state: State | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read in it."""
        return self.value in (None, "") and not self.state and not self.small

    @property
    def is_time(self) -> bool:
        """Whether it is a moment, which is said as people say it."""
        return isinstance(self.value, datetime)


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names the value in the row and the sort. `cell` makes more of it than its text; what it shows as a pill
    goes into exports as its words. `number`: figures of one width at the right."""

    key: str
    zh: str
    en: str
    cell: Callable[[Record], Cell] | None = None
    sortable: bool = False
    number: bool = False

    def of(self, row: Record) -> Cell:
        """The cell of a row."""
        return self.cell(row) if self.cell else Cell(row[self.key])


_ALL = Words("全部", "All")


@dataclass(frozen=True, slots=True)
class Chips:
    """One filter: its name in the address, and the values it can have, in words; `every`: what is said of none."""

    key: str
    zh: str
    en: str
    values: tuple[tuple[str, Words], ...]
    every: Words = _ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How a list is shown. `href`: where a row leads, through its first cell; `empty`: what is said where there is no
    row, with what to do; `search`: what can be searched for; `file`: what its exports are called;
    `days`: it is asked by days, too (filters `since` and `until`)."""

    caption: Words
    columns: tuple[Column, ...]
    empty: Words
    file: str
    search: Words | None = None
    chips: tuple[Chips, ...] = ()
    days: bool = False
    href: Callable[[Record], str] | None = None

    @property
    def filters(self) -> frozenset[str]:
        """The names in the address that this list knows."""
        return frozenset({*(one.key for one in self.chips), *(DAYS if self.days else ())})


@dataclass(frozen=True, slots=True)
class Chip:
    """One value of a filter, drawn."""

    words: Words
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What the partial draws: a listing, what was asked of it, and what was found."""

    listing: Listing
    path: str
    ask: Ask
    rows: tuple[tuple[Cell, ...], ...]
    total: int
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many there are; one at least."""
        return max(1, -(-self.total // self.ask.rows))

    @property
    def asked(self) -> bool:
        """Whether anything was asked that may have left rows out."""
        return bool(self.ask.search or self.filters)

    @property
    def filters(self) -> Mapping[str, str]:
        """What the chips of this list were set to, and nothing else that stood in the address."""
        return {name: value for name, value in self.ask.filters.items() if name in self.listing.filters and value}

    @property
    def others(self) -> Mapping[str, str]:
        """What a search keeps of the address, without what it asks itself."""
        return {**self.kept, **{name: value for name, value in self.filters.items() if name not in DAYS}}

    def link(self, **changes: str | int) -> str:
        """The address of the same list with something changed; whatever is changed begins at the first page again."""
        sort = ("-" if self.ask.descending else "") + self.ask.sort
        now: dict[str, str | int] = {**self.kept, **self.filters, "q": self.ask.search, "sort": sort}
        said = {name: value for name, value in (now | changes).items() if value not in ("", 1, "-")}
        return f"{self.path}?{urlencode(said)}" if said else self.path

    def chips(self, of: Chips) -> list[Chip]:
        """All, and each value; the one that is set is marked."""
        now = self.filters.get(of.key, "")
        rows = [("", of.every), *of.values]
        return [Chip(words, self.link(**{of.key: value}), value == now) for value, words in rows]

    def sorted_by(self, column: Column) -> str:
        """`ascending`, `descending` or `none`, as ARIA has it."""
        return ("descending" if self.ask.descending else "ascending") if column.key == self.ask.sort else "none"

    def turned(self, column: Column) -> str:
        """The address that sorts by this column, or the other way round."""
        down = column.key == self.ask.sort and not self.ask.descending
        return self.link(sort=f"-{column.key}" if down else column.key)


def table_of(listing: Listing, path: str, ask: Ask, found: Found, kept: Mapping[str, str] | None = None) -> Table:
    """The list as it is drawn. `kept`: what else of the address stays as it is."""
    rows = tuple(_cells(listing, row) for row in found.rows)
    return Table(listing=listing, path=path, ask=ask, rows=rows, total=found.total, kept=kept or {})


def _cells(listing: Listing, row: Record) -> tuple[Cell, ...]:
    first, *others = (column.of(row) for column in listing.columns)
    if listing.href:
        first = replace(first, href=listing.href(row))
    return (first, *others)


def values(listing: Listing, rows: Sequence[Record]) -> list[list[str | int | date | datetime | None]]:
    """The rows as they are exported: a pill as its Chinese word."""
    cells = (_cells(listing, row) for row in rows)
    return [[cell.state.words.zh if cell.state else cell.value for cell in row] for row in cells]
