"""Takes in styles, lots, GTINs and labels' words of a former platform, by the rules of any import of goods."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from central_registry.db import Connection
from central_registry.former.bringing import Bringing
from central_registry.former.kept_rows import Key, changes, keep
from central_registry.former.lines import Goods, Label, Line
from central_registry.former.report import DIFFERS, REFUSED, Report
from central_registry.goods.lot_import import Taken, preview, take_in
from central_registry.goods.plan import State, Step

SOURCE = "import"
"""What styles, lots and certificates say of where they came from."""


async def take_goods(connection: Connection, goods: list[Line[Goods]], how: Bringing, report: Report) -> None:
    """Take in the records of each firm, unless one of them is refused, or differs and is not to be replaced."""
    for firm, lines in groupby(sorted(goods, key=_firm), key=_firm):
        await _take(connection, firm, list(lines), how, report)


def _firm(line: Line[Goods]) -> str:
    return line.row.firm


async def _take(connection: Connection, firm: str, lines: list[Line[Goods]], how: Bringing, report: Report) -> None:
    placed = [(str(line.number), dict(line.body["record"])) for line in lines]
    taken = Taken(firm, SOURCE, how.actor.person, how.at, how.replace)
    steps = await preview(connection, placed, taken)
    for step in steps:
        _count(step, report)
    states = {step.state for step in steps}
    if State.REFUSED in states or (State.DIFFERS in states and not how.replace):
        return
    steps = await take_in(connection, placed, taken)
    marked = {_key(firm, step): step.value for step in steps if step.state in {State.NEW, State.DIFFERS}}
    rows: list[tuple[Key, Any]] = [(key, value) for key, value in marked.items() if key.kind in ("style", "lot")]
    await keep(connection, rows, how.import_id)


def _key(firm: str, step: Step) -> Key:
    return Key(firm, *step.place)


def _count(step: Step, report: Report) -> None:
    (what, number), line = step.place, int(step.where)
    if step.state.value == REFUSED:
        report.refuse(what, line, step.told[0])
    elif step.state.value == DIFFERS:
        report.differ(what, line, f"{what} {number}", step.told)
    else:
        report.took(what, step.state.value)


async def take_labels(connection: Connection, labels: list[Line[Label]], how: Bringing, report: Report) -> None:
    """Keep what stood on labels, under the names by which serials say it."""
    placed = [(Key(line.row.firm, "label", line.row.label), line) for line in labels]
    found = await changes(connection, placed, report)
    await keep(
        connection,
        [(one.key, one.line.body) for one in found if one.old is None or how.replace],
        how.import_id,
    )
