"""The shift report: as JSON, as a table, as a workbook, as a page to print."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from edge_agent.model.shown import Shown
from edge_agent.reports.report import By, Counts, ShiftReport
from edge_agent.reports.shifts import Period
from edge_agent.web.context import asking, service
from edge_agent.web.downloads import CSV, WORKBOOK, download


async def shift_report(request: web.Request) -> dict[str, Any]:
    """What was printed in a shift, by whom, where and of what; what became of it; what stood."""
    reports = service(request).reports
    return report_view(await reports.shift(period(request)), await service(request).names.shown(asking(request)))


async def shift_table(request: web.Request) -> web.Response:
    """One table of the report as CSV."""
    of, table = period(request), request.query.get("table", "printed")
    return download(await service(request).reports.csv(of, table, asking(request)), CSV, f"{named(of)}-{table}.csv")


async def shift_workbook(request: web.Request) -> web.Response:
    """The report as a workbook, a tab for each table."""
    of = period(request)
    return download(await service(request).reports.workbook(of, asking(request)), WORKBOOK, f"{named(of)}.xlsx")


async def shift_paper(request: web.Request) -> web.Response:
    """The report as A4 pages, for an office printer."""
    of = period(request)
    pdf = await service(request).reports.paper(of, asking(request))
    headers = {"Content-Disposition": f'inline; filename="{named(of)}.pdf"'}
    return web.Response(body=pdf, content_type="application/pdf", headers=headers)


def period(request: web.Request) -> Period:
    """The time that a request asks for. Raises InputError."""
    query = request.query
    return service(request).reports.period(query.get("at", ""), query.get("from", ""), query.get("to", ""))


def named(of: Period) -> str:
    """What a file of this time is called."""
    return f"shift-{of.since:%Y%m%d-%H%M}"


def report_view(report: ShiftReport, shown: Shown) -> dict[str, Any]:
    """The report; `by` sums its labels in five ways, and `name` is empty where whoever asks may not know it."""
    return {
        "since": report.since,
        "until": report.until,
        "as_of": report.as_of,
        "in_doubt": report.in_doubt,
        "total": asdict(report.total),
        "by": {by.value: [_sum(key, by, counts, shown) for key, counts in report.by(by).items()] for by in By},
        "printed": [
            _told(row.operator, shown)
            | {"printer": row.printer, "lot_no": row.lot_no, "hour": row.hour, "goods": asdict(row.goods)}
            | asdict(row.counts)
            for row in report.printed
        ],
        "moved": [asdict(row) | _told(row.operator, shown) for row in report.moved],
        "packed": [asdict(row) | _told(row.operator, shown) for row in report.packed],
        "copies": [
            asdict(row.copies) | _told(row.copies.operator, shown) | {"goods": asdict(row.goods)}
            for row in report.copies
        ],
        "stood": [asdict(row) for row in report.stood],
    }


def _sum(key: str, by: By, counts: Counts, shown: Shown) -> dict[str, Any]:
    names = {By.OPERATOR: shown.people.get(key, ""), By.PRINTER: shown.printer(key)}
    return {"key": key, "name": names.get(by, key)} | asdict(counts)


def _told(who: str, shown: Shown) -> dict[str, str]:
    return {"operator": who, "name": shown.people.get(who, "")}
