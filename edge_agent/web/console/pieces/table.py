"""A table of any length: searched, filtered by chips, sorted and cut into pages by its address alone, so that it works
without a script and a page can be sent to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import urlencode

from edge_agent.messages.text import Words
from edge_agent.web.console.pieces.state import State

PAGE_ROWS = 20
"""Rows of one page: what a person reads standing."""
LONGEST_SEARCH = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column:
    """`number`: its cells stand at the right, in figures of one width; `time`: they are times of the ledger."""

    key: str
    zh: str
    en: str
    sortable: bool = False
    number: bool = False
    time: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """`small` stands beneath; `full` is what a pointer shows of it; `state` draws a pill instead of text."""

    text: str
    small: str = ""
    full: str = ""
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """`href`: where its first cell leads."""

    key: str
    cells: tuple[Cell, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """One value of the filter, with how many rows it has."""

    value: str
    zh: str
    en: str
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks of a table: words, chip, column to sort by (`-` before it: the other way), page."""

    path: str
    q: str = ""
    chip: str = ""
    sort: str = ""
    page: int = 1
    others: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, path: str, query: Mapping[str, str], others: Sequence[str] = ()) -> Asked:
        """Reads the address; a page that is no number is the first. `others` are parameters that stay as they are."""
        page = query.get("page", "1")
        return cls(
            path=path,
            q=query.get("q", "").strip()[:LONGEST_SEARCH],
            chip=query.get("chip", ""),
            sort=query.get("sort", ""),
            page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
            others={name: query[name] for name in others if query.get(name)},
        )

    def link(self, **changes: str | int) -> str:
        """The address of the same table with something changed; whatever is changed begins at the first page again."""
        now: dict[str, str | int] = {**self.others, "q": self.q, "chip": self.chip, "sort": self.sort, "page": 1}
        now |= changes
        said = {name: value for name, value in now.items() if value not in ("", 1)}
        return f"{self.path}?{urlencode(said)}" if said else self.path

    def sorted_by(self, column: Column) -> str:
        """`ascending`, `descending` or `none`, as ARIA has it."""
        return {column.key: "ascending", f"-{column.key}": "descending"}.get(self.sort, "none")

    def turned(self, column: Column) -> str:
        """The address that sorts by this column, or the other way round."""
        return self.link(sort=f"-{column.key}" if self.sort == column.key else column.key)


@dataclass(frozen=True, slots=True)
class Cut(Generic[T]):
    """One page of rows, and how many there are in all."""

    rows: Sequence[T]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What the partial draws. `total` is None where nobody counted; `empty`: what is said where there is no row, with
    what to do; `error`: why there are none to show; `export`: addresses by the name of the form; `pick`: the name of
    the boxes that select rows; `newest` and `older`: addresses where pages hang on rows and are not numbered."""

    caption: Words
    asked: Asked
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: int | None
    pages: int
    empty: Words
    search: Words | None = None
    chips: tuple[Chip, ...] = ()
    export: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    pick: str = ""
    newest: str = ""
    older: str = ""


def cut(rows: Sequence[T], page: int, size: int = PAGE_ROWS) -> Cut[T]:
    """One page of `rows`; a page beyond the last is the last."""
    pages = max(1, -(-len(rows) // size))
    page = min(page, pages)
    return Cut(rows[(page - 1) * size : page * size], len(rows), page, pages)


def found(rows: Sequence[T], q: str, text_of: Callable[[T], str]) -> Sequence[T]:
    """The rows whose text holds every word of `q`, whatever its case."""
    words = q.casefold().split()
    if not words:
        return rows
    return [row for row in rows if all(word in text_of(row).casefold() for word in words)]
