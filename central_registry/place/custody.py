"""Folds what was told of one garment to where it is and who has it. Pure.

Rows come in any order: each takes its place by its own time. A row moves only what its teller had then and without a
break ever since, as far as all others say; else it is a claim, kept and shown, and moves nothing. So whoever sent a
garment away cannot reach back before that, and a stranger reaches nothing. Judged by the moment of telling alone, a
carton shipped before its packing was told of would have stayed; so all is judged anew whenever it is asked, and a claim
becomes a move if what it rests on is told later (a receipt that comes before its dispatch).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What happened. `BACK`: inspected again and to be sold, or given back by who sampled it."""

    PACKED = "packed"
    UNPACKED = "unpacked"
    SHIPPED = "shipped"
    RECEIVED = "received"
    RETURNED = "returned"
    INSPECTED = "inspected"
    BACK = "back"
    DESTROYED = "destroyed"
    SAMPLED = "sampled"


class Right(StrEnum):
    """By what a row may move: custody, which the fold looks for; an office, to sample; nothing (a revoked agent)."""

    HOLDER = "holder"
    OFFICE = "office"
    NONE = "none"


_CHANGE_NOTHING = frozenset({Kind.RECEIVED, Kind.INSPECTED})
"""Told late, after it went on, they take nothing from who has it now."""


@dataclass(frozen=True, slots=True)
class Told:
    """A row: `unit` is the serial or what it lies in, `n` the order of telling, `party` who told it."""

    unit: str
    n: int
    at: datetime
    kind: Kind
    party: str
    by_right: Right = Right.HOLDER
    carton: str = ""
    waybill: str = ""
    to_party: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a unit is: what it lies `within`, innermost first; `holders`: the parties that have it, nobody once it is
    destroyed; `lent`: who had it before it was sampled."""

    holders: frozenset[str]
    within: tuple[str, ...] = ()
    waybill: str = ""
    last: Kind | None = None
    lent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Story:
    """`moved`: rows that count, by time; `claims`: those of which the teller had not what it tells; `elsewhere`: of
    cartons in which it did not lie then."""

    standing: Standing
    moved: Sequence[Told]
    claims: Sequence[Told]
    elsewhere: Sequence[Told]


def fold(unit: str, origin: frozenset[str], rows: Sequence[Told]) -> Story:
    """What `rows` say of `unit`, which `origin` had first; they are of it and of what it may lie in."""
    accepted: list[Told] = []
    pending = sorted(rows, key=lambda row: row.n)
    while found := next((row for row in pending if _may(unit, origin, accepted, row)), None):
        accepted.append(found)
        pending.remove(found)
    steps = _steps(unit, origin, accepted)
    applied = {row.n for row, _ in steps}
    elsewhere = [row for row in accepted if row.n not in applied]
    standing = steps[-1][1] if steps else Standing(origin)
    return Story(standing, [row for row, _ in steps], pending, elsewhere)


def _may(unit: str, origin: frozenset[str], accepted: Sequence[Told], row: Told) -> bool:
    """Whether who tells had the unit when it happened and has had it ever since."""
    if row.by_right is Right.NONE:
        return False
    held, since = origin, []
    for step, standing in _steps(unit, origin, accepted):
        if _order(step) <= _order(row):
            held = standing.holders
        else:
            since.append(standing.holders)
    if row.by_right is Right.OFFICE:
        return row.kind is Kind.SAMPLED and all((held, *since))
    return all(row.party in holders for holders in ([held] if row.kind in _CHANGE_NOTHING else [held, *since]))


def _order(row: Told) -> tuple[datetime, int]:
    return row.at, row.n


def _steps(unit: str, origin: frozenset[str], accepted: Sequence[Told]) -> list[tuple[Told, Standing]]:
    """By time each row that was of the unit, or of what it lay in then, and how it stood afterwards."""
    standing, parents = Standing(origin), dict[str, str]()
    found = []
    for row in sorted(accepted, key=_order):
        if row.kind is Kind.PACKED and row.unit != unit:
            parents[row.unit] = row.carton  # a carton's number is its own whether the garment is in it yet or not
        standing = _replace_within(standing, _within(unit, parents))
        if row.unit == unit or row.unit in standing.within:
            standing = _after(standing, row, unit, parents)
            found.append((row, standing))
    return found


def _within(unit: str, parents: dict[str, str]) -> tuple[str, ...]:
    """A ring of cartons ends where it begins."""
    found: list[str] = []
    while (unit := parents.get(unit, "")) and unit not in found:
        found.append(unit)
    return tuple(found)


def _replace_within(standing: Standing, within: tuple[str, ...]) -> Standing:
    return Standing(standing.holders, within, standing.waybill, standing.last, standing.lent)


def _after(was: Standing, row: Told, unit: str, parents: dict[str, str]) -> Standing:
    if row.kind is Kind.PACKED:
        parents[row.unit] = row.carton
    elif row.kind in (Kind.UNPACKED, Kind.RETURNED, Kind.SAMPLED, Kind.DESTROYED) and row.unit == unit:
        parents.pop(unit, None)
    holders, lent, waybill = was.holders, was.lent, was.waybill
    if row.kind is Kind.SHIPPED:
        holders, waybill = frozenset({row.to_party}) if row.to_party else holders, row.waybill
    elif row.kind is Kind.SAMPLED:
        holders, lent = frozenset({row.party}), holders
    elif row.kind is Kind.BACK and lent:
        holders, lent = lent, frozenset()
    elif row.kind is Kind.DESTROYED:
        holders = frozenset()
    if row.kind in (Kind.RETURNED, Kind.SAMPLED, Kind.DESTROYED):
        waybill = ""
    return Standing(holders, _within(unit, parents), waybill, row.kind, lent)
