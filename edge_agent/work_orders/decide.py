"""Which rows of a file are taken. Pure.

An order is taken whole or not at all, each order for itself: a sheet of five hundred with three wrong cells gives 497
orders and three sentences, and no order stands there by half. Sending the corrected file again brings the three, since
the others are the same orders. A row whose order number cannot be read may belong to any order, so nothing is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edge_agent.messages import work_order as words
from edge_agent.model.work_order import OrderLine, Outcome, ReadRow, Taking

Identity = tuple[str, str, str]


def decide(
    rows: Sequence[ReadRow], known: Mapping[Identity, OrderLine], *, limit: int, taken_today: int
) -> tuple[Outcome, ...]:
    """What becomes of each row, in their order. `known` holds the orders that are there; `limit` and `taken_today`
    count labels of this source."""
    lost = next((row.place for row in rows if row.order_no is None), None)
    if lost is not None:
        return tuple(_refused(row, "；".join(row.flaws) or words.unknown_order(lost)) for row in rows)
    orders: dict[str, list[ReadRow]] = {}
    for row in rows:
        orders.setdefault(str(row.order_no), []).append(row)
    found: dict[str, Outcome] = {}
    room = limit - taken_today
    for order in orders.values():
        outcomes, wanted = _order(order, known, room, limit, limit - room)
        room -= wanted
        found |= {row.place: outcome for row, outcome in zip(order, outcomes, strict=True)}
    return tuple(found[row.place] for row in rows)


def _order(
    rows: Sequence[ReadRow], known: Mapping[Identity, OrderLine], room: int, limit: int, taken: int
) -> tuple[list[Outcome], int]:
    """Outcomes of one order's rows, and how many new labels it wants; none if it is refused."""
    flaws = _flaws(rows, known)
    new = {row.asked.identity: row.asked for row in rows if row.asked and row.asked.identity not in known}
    wanted = sum(one.quantity for one in new.values())
    if not flaws and wanted > room:
        flaws = {row.place: words.over_limit(limit, taken, wanted) for row in rows}
    if flaws:
        first = next(row.place for row in rows if row.place in flaws)
        return [_refused(row, flaws.get(row.place) or words.halved(first)) for row in rows], 0
    seen: set[Identity] = set(known)
    return [_good(row, seen) for row in rows], wanted


def _flaws(rows: Sequence[ReadRow], known: Mapping[Identity, OrderLine]) -> dict[str, str]:
    """Place → what is wrong there."""
    flaws: dict[str, str] = {}
    here: dict[Identity, tuple[str, OrderLine]] = {}
    for row in rows:
        if row.asked is None or row.flaws:
            flaws[row.place] = "；".join(row.flaws)
            continue
        before, (first, same) = (
            known.get(row.asked.identity),
            here.setdefault(row.asked.identity, (row.place, row.asked)),
        )
        if before is not None and before != row.asked:
            flaws[row.place] = words.another(before, row.asked)
        elif same != row.asked:
            flaws[row.place] = words.twice(first)
    return flaws


def _good(row: ReadRow, seen: set[Identity]) -> Outcome:
    assert row.asked is not None  # noqa: S101 - a row without it has a flaw
    outcome = Taking.SAME if row.asked.identity in seen else Taking.TAKEN
    seen.add(row.asked.identity)
    return Outcome(row.place, row.order_no, row.asked.line, outcome, row.asked.order_id)


def _refused(row: ReadRow, why: str) -> Outcome:
    line = row.asked.line if row.asked else None
    return Outcome(row.place, row.order_no, line, Taking.REFUSED, None, why)
