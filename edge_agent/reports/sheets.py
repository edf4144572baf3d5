"""The report as tables for a spreadsheet: whole rows, which somebody sums in their own way. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from edge_agent.exports import Sheet, Value
from edge_agent.messages import report as words
from edge_agent.messages.job import COPIES_STATES, LABEL_STATES
from edge_agent.model.goods import Goods
from edge_agent.model.shown import Shown
from edge_agent.reports.report import ShiftReport
from label_protocol.states import SerialState

Rows = list[tuple[Value, ...]]


def sheets(report: ShiftReport, shown: Shown) -> tuple[Sheet, ...]:
    """Every table of the report, in the order in which they are read."""
    return tuple(sheet_of(name, report, shown) for name in SHEETS)


def sheet_of(name: str, report: ShiftReport, shown: Shown) -> Sheet:
    """One of `SHEETS`, by its name."""
    columns = tuple(words.COLUMNS[one] for one in words.SHEETS[name][1])
    return Sheet(words.SHEETS[name][0], columns, SHEETS[name](report, shown))


def clock(moment: str, form: str = "%Y-%m-%d %H:%M") -> str:
    """A moment by the site's own clock."""
    return datetime.fromisoformat(moment).astimezone().strftime(form)


def _printed(report: ShiftReport, shown: Shown) -> Rows:
    return [
        (
            shown.person(row.operator),
            shown.printer(row.printer),
            row.lot_no,
            *_goods(row.goods),
            f"{row.hour}:00",
            row.counts.drawn,
            row.counts.printed,
            row.counts.commissioned,
            row.counts.in_doubt,
            row.counts.sending,
            row.counts.scrapped,
            row.counts.invalid,
            row.counts.replacing,
        )
        for row in report.printed
    ]


def _moved(report: ShiftReport, shown: Shown) -> Rows:
    return [
        (
            shown.person(row.operator),
            LABEL_STATES[SerialState(row.state)].zh,
            row.reason,
            shown.printer(row.printer),
            row.lot_no,
            *_goods(row.goods),
            row.count,
        )
        for row in report.moved
    ]


def _packed(report: ShiftReport, shown: Shown) -> Rows:
    return [(shown.person(row.operator), row.garments, row.cartons) for row in report.packed]


def _copies(report: ShiftReport, shown: Shown) -> Rows:
    return [
        (
            clock(row.copies.opened_at),
            shown.person(row.copies.operator),
            shown.printer(row.copies.printer),
            row.copies.template,
            *_goods(row.goods),
            COPIES_STATES[row.copies.state].zh,
            row.copies.quantity,
            row.copies.printed,
            row.copies.unproven,
        )
        for row in report.copies
    ]


def _stood(report: ShiftReport, shown: Shown) -> Rows:
    return [(shown.printer(row.printer), row.reason, row.times, -(-row.seconds // 60)) for row in report.stood]


def _goods(goods: Goods) -> tuple[str, str, str]:
    return goods.style_no, goods.name, goods.size


SHEETS: Mapping[str, Callable[[ShiftReport, Shown], Rows]] = MappingProxyType(
    {"printed": _printed, "moved": _moved, "packed": _packed, "copies": _copies, "stood": _stood}
)
"""Name → the rows of a table; its words are `messages/report.py`."""
