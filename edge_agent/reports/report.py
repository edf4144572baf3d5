"""A shift in numbers: rows, and their sums by who ordered, printer, lot, style and hour. Pure.

Each label is counted in the shift that drew its serial, as it stands now: the reports of all shifts add up to the
books. What happened to labels one by one is counted in the shift in which it happened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from edge_agent.model.copies import Copies
from edge_agent.model.goods import Goods
from edge_agent.model.report import DrawnLabels, JobFacts, MovedLabels
from edge_agent.reports.stood import Stood


class By(StrEnum):
    """What labels are summed by."""

    OPERATOR = "operator"
    PRINTER = "printer"
    LOT = "lot"
    STYLE = "style"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Counts:
    """Labels: `drawn` of them in all, those in each state (which add up to it), and how many replace another."""

    drawn: int = 0
    printed: int = 0
    commissioned: int = 0
    in_doubt: int = 0
    sending: int = 0
    scrapped: int = 0
    invalid: int = 0
    replacing: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Counts)))

    @property
    def good(self) -> int:
        """Proven on paper, on a garment or not."""
        return self.printed + self.commissioned


@dataclass(frozen=True, slots=True)
class Printed:
    """Labels of one job, printer and hour. `operator` ordered them, `hour` is by the site's clock, `2026-11-20 17`."""

    operator: str
    printer: str
    lot_no: str
    goods: Goods
    hour: str
    counts: Counts

    def key(self, by: By) -> str:
        """What it is summed under."""
        keys = (self.operator, self.printer, self.lot_no, self.goods.style_no, self.hour)
        return dict(zip(By, keys, strict=True))[by]


@dataclass(frozen=True, slots=True)
class Moved:
    """Labels that `operator` brought into `state` one by one, and why; nobody did, to those that were never sent."""

    operator: str
    printer: str
    lot_no: str
    goods: Goods
    state: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Packed:
    """Garments that somebody put into cartons, and the cartons that they closed."""

    operator: str
    garments: int
    cartons: int


@dataclass(frozen=True, slots=True)
class CopiesOrdered:
    """An order of labels without a code, as it stands now."""

    copies: Copies
    goods: Goods


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftReport:
    """All of a shift, as it was known at `as_of`. Moments as events write them; `in_doubt` are labels of any shift."""

    since: str
    until: str
    as_of: str
    printed: tuple[Printed, ...]
    moved: tuple[Moved, ...]
    packed: tuple[Packed, ...]
    copies: tuple[CopiesOrdered, ...]
    stood: tuple[Stood, ...]
    in_doubt: int

    @property
    def total(self) -> Counts:
        """All labels of the shift."""
        return sum((row.counts for row in self.printed), Counts())

    def by(self, what: By) -> dict[str, Counts]:
        """Sums by one of them, in the order of their keys."""
        sums: dict[str, Counts] = defaultdict(Counts)
        for row in self.printed:
            sums[row.key(what)] += row.counts
        return dict(sorted(sums.items()))


def printed(
    drawn: Iterable[DrawnLabels], facts: Mapping[str, JobFacts], hour_of: Callable[[str], str]
) -> tuple[Printed, ...]:
    """Rows of what was drawn; `hour_of` gives the site's hour of a moment."""
    sums: dict[tuple[str, str, str, Goods, str], Counts] = defaultdict(Counts)
    for row in drawn:
        of = facts[row.job_id]
        key = (of.operator, row.printer, of.lot_no, of.goods, hour_of(row.quarter))
        sums[key] += Counts(drawn=row.count, replacing=row.replacing, **{row.state: row.count})
    return tuple(Printed(*key, counts) for key, counts in sorted(sums.items(), key=lambda one: _order(one[0])))


def moved(rows: Iterable[MovedLabels], facts: Mapping[str, JobFacts]) -> tuple[Moved, ...]:
    """Rows of what happened to labels one by one."""
    sums: dict[tuple[str, str, str, Goods, str, str], int] = defaultdict(int)
    for row in rows:
        of = facts[row.job_id]
        sums[row.operator, row.printer, of.lot_no, of.goods, row.state, row.reason] += row.count
    return tuple(Moved(*key, count) for key, count in sorted(sums.items(), key=lambda one: _order(one[0])))


def packed(garments: Mapping[str, int], cartons: Mapping[str, int]) -> tuple[Packed, ...]:
    """Rows by person."""
    people = sorted({*garments, *cartons})
    return tuple(Packed(who, garments.get(who, 0), cartons.get(who, 0)) for who in people)


def _order(key: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(map(str, key))
