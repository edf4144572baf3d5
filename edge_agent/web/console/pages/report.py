"""The shift report: how much, in large; summed in five ways, and by the hour as bars; what happened one by one. A row
leads to its labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from aiohttp import web

from edge_agent.messages import report as words
from edge_agent.messages.job import LABEL_STATES
from edge_agent.messages.text import Words
from edge_agent.model.shown import Shown
from edge_agent.reports.report import By, Counts, ShiftReport
from edge_agent.reports.sheets import clock
from edge_agent.reports.shifts import Period
from edge_agent.web.console.frame import show
from edge_agent.web.console.pages import doubts, find
from edge_agent.web.console.pieces.chart import Chart, chart
from edge_agent.web.console.pieces.table import Asked, Cell, Chip, Column, Row, Table, cut
from edge_agent.web.console.who import acting
from edge_agent.web.context import service
from edge_agent.web.handlers.reports import period
from label_protocol.states import SerialState

PATH = "/console/report"
FILES = "/api/v1/reports/shift"
TIMES = ("at", "from", "to")
COUNTED = ("drawn", "good", "on_garments", "in_doubt", "scrapped", "invalid", "replacing")
BY_DAY_FROM = timedelta(days=2)
"""So long a time is drawn by days: more than 48 bars are thinner than their names."""

ROWS_MOST = 50
"""Of a table that is read in passing; the workbook has all."""

EMPTY = Words("这一班还没有发出标签", "No label was drawn in this shift")
NOBODY = Words("没有人", "nobody")
NONE = Words("没有", "none")
NO_LOT = Words("没有批次", "no lot")
CHIPS = tuple(Chip(by.value, words.BY[by].zh, words.BY[by].en) for by in By)


async def page(request: web.Request) -> web.Response:
    """The report of a shift, or of a time. Raises InputError."""
    reports, asked = service(request).reports, Asked.of(PATH, request.query, TIMES)
    of = period(request)
    report, shown = await reports.shift(of), await service(request).names.shown(acting(request))
    times = urlencode(asked.others)
    return await show(
        request,
        "pages/report.html",
        report=report,
        total=report.total,
        tiles=list(_tiles(report)),
        before=asked.link(at=_at(of.since - timedelta(minutes=1)), **{"from": "", "to": ""}),
        after="" if report.as_of < report.until else asked.link(at=_at(of.until), **{"from": "", "to": ""}),
        files={name: _file(end, times) for name, end in (("Excel", "xlsx"), ("CSV", "csv"))},
        paper=_file("pdf", times),
        bars=_bars(report, of),
        hours=Words("各时段发出的张数", "Labels drawn, by the hour"),
        unit=words.COLUMNS["labels"],
        sums=_sums(report, asked, shown),
        others=[table for table in _others(report, shown) if table.rows],
        doubts=doubts.PATH,
    )


def _file(form: str, times: str) -> str:
    return f"{FILES}.{form}?{times}" if times else f"{FILES}.{form}"


def _at(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%dT%H:%M}"


def _tiles(report: ShiftReport) -> Iterator[tuple[Words, int]]:
    """The numbers that are asked for first."""
    total = report.total
    for name in ("drawn", "good", "in_doubt", "scrapped", "invalid"):
        yield words.COLUMNS[name], getattr(total, name)
    yield Words("补打的", "replacements"), total.replacing


def _bars(report: ShiftReport, of: Period) -> Chart | None:
    """Each hour from the first to the last in which something was drawn, or each day."""
    drawn = {key: counts.drawn for key, counts in report.by(By.HOUR).items()}
    if not drawn:
        return None
    if of.until - of.since >= BY_DAY_FROM:
        days = sorted({key[:10] for key in drawn})
        return chart([(day[5:], sum(n for key, n in drawn.items() if key.startswith(day))) for day in days])
    first, last = (datetime.fromisoformat(f"{key}:00") for key in (min(drawn), max(drawn)))
    hours = [first + timedelta(hours=n) for n in range(int((last - first) / timedelta(hours=1)) + 1)]
    return chart([(f"{hour:%H}", drawn.get(f"{hour:%Y-%m-%d %H}", 0)) for hour in hours])


def _sums(report: ShiftReport, asked: Asked, shown: Shown) -> Table:
    by = By(asked.chip) if asked.chip in list(By) else By.OPERATOR
    rows = cut(list(report.by(by).items()), asked.page)
    return Table(
        caption=Words("张数", "Labels"),
        asked=replace(asked, chip=by.value),
        columns=(_column(by.value, words.BY[by]), *(_column(one, words.COLUMNS[one], number=True) for one in COUNTED)),
        rows=tuple(_sum_row(key, by, counts, report, shown) for key, counts in rows.rows),
        total=rows.total,
        pages=rows.pages,
        empty=EMPTY,
        chips=CHIPS,
    )


def _column(key: str, of: Words, *, number: bool = False) -> Column:
    return Column(key, of.zh, of.en, number=number)


def _sum_row(key: str, by: By, counts: Counts, report: ShiftReport, shown: Shown) -> Row:
    said = {
        By.OPERATOR: shown.person(key) or NOBODY.zh,
        By.PRINTER: shown.printer(key),
        By.LOT: key or NO_LOT.zh,
        By.HOUR: f"{key[5:]}:00",
    }
    cells = (Cell(said.get(by, key) or "—"), *(_number(getattr(counts, _FIELDS.get(one, one))) for one in COUNTED))
    return Row(key, cells, _labels_of(key, by, report))


_FIELDS = {"on_garments": "commissioned"}


def _number(count: int) -> Cell:
    return Cell(f"{count:,}" if count else "")


FOUND_BY: Mapping[By, str] = {By.OPERATOR: "operator", By.PRINTER: "printer", By.LOT: "lot_no", By.STYLE: "q"}
"""What a sum's labels are found by."""


def _labels_of(key: str, by: By, report: ShiftReport) -> str:
    """Where its labels are: those of its days, since a search knows no hours. None, of what cannot be searched for."""
    if not key or by not in FOUND_BY:
        return ""
    day = "%Y-%m-%d"
    days = {"from": clock(report.since, day), "to": clock(min(report.until, report.as_of), day)}
    return f"{find.PATH}?{urlencode({FOUND_BY[by]: key} | days)}"


def _others(report: ShiftReport, shown: Shown) -> Iterator[Table]:
    """What happened one by one, packed, stood; a table that has no row is not shown."""
    yield _table(
        Words("逐张处理：报废、作废、挂上衣服", "One by one: scrapped, void, on garments"),
        ("who", "became", "reason", "lot", "style", "labels"),
        [
            (
                shown.person(row.operator) or NOBODY.zh,
                LABEL_STATES[SerialState(row.state)].zh,
                row.reason,
                row.lot_no,
                str(row.goods),
                f"{row.count:,}",
            )
            for row in report.moved
        ],
    )
    yield _table(
        Words("装箱", "Packed"),
        ("who", "garments", "cartons"),
        [(shown.person(row.operator) or NOBODY.zh, f"{row.garments:,}", f"{row.cartons:,}") for row in report.packed],
    )
    yield _table(
        Words("没有码的标签", "Labels without a code"),
        ("ordered_by", "printer", "style", "template", "ordered", "proven", "unproven"),
        [
            (
                shown.person(row.copies.operator) or NOBODY.zh,
                shown.printer(row.copies.printer),
                str(row.goods),
                row.copies.template,
                f"{row.copies.quantity:,}",
                f"{row.copies.printed:,}",
                f"{row.copies.unproven:,}",
            )
            for row in report.copies
        ],
    )
    yield _table(
        Words("停了多久", "Stood"),
        ("printer", "reason", "times", "minutes"),
        [
            (shown.printer(row.printer), row.reason, str(row.times), f"{-(-row.seconds // 60):,}")
            for row in report.stood
        ],
    )


_NUMBERS = frozenset({*COUNTED, "labels", "garments", "cartons", "ordered", "proven", "unproven", "times", "minutes"})


def _table(caption: Words, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
    """Up to `ROWS_MOST` rows, and how many more there are."""
    shown = list(rows[:ROWS_MOST])
    if len(rows) > ROWS_MOST:
        shown.append((str(words.more(len(rows) - ROWS_MOST)), *[""] * (len(columns) - 1)))
    return Table(
        caption=caption,
        asked=Asked(path=PATH),
        columns=tuple(_column(one, words.COLUMNS[one], number=one in _NUMBERS) for one in columns),
        rows=tuple(Row(f"{caption.en} {n}", tuple(map(Cell, row))) for n, row in enumerate(shown)),
        total=len(rows),
        pages=1,
        empty=NONE,
    )
