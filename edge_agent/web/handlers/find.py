"""Finding labels, the life of one, and what is missing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from edge_agent.model.search import LabelSearch
from edge_agent.service.find import between_days
from edge_agent.web import bodies, views
from edge_agent.web.context import asking, number, service
from edge_agent.web.downloads import CSV, WORKBOOK, download


async def find_labels(request: web.Request) -> dict[str, Any]:
    """Labels by what is known of them, the newest first; `next` is where to go on."""
    find = service(request).find
    if text := request.query.get("serial"):
        return {"labels": [views.found_view(await find.label(text))], "next": None}
    page = await find.labels(_wanted(request), number(request, "limit", 100), request.query.get("after", ""))
    return {"labels": [views.found_view(one) for one in page.labels], "next": page.next}


def _wanted(request: web.Request) -> LabelSearch:
    """What a request asks of labels. Raises InputError: no day."""
    query = request.query
    by = {name: query.get(name, "") for name in ("style_no", "size", "lot_no", "operator", "printer", "state")}
    return between_days(LabelSearch(job_id=query.get("job", ""), **by), query.get("from", ""), query.get("to", ""))


async def labels_table(request: web.Request) -> web.Response:
    """The same labels as CSV, a shift's at most."""
    table = await service(request).label_tables.labels(_wanted(request), "csv", asking(request))
    return download(table, CSV, "labels.csv")


async def labels_workbook(request: web.Request) -> web.Response:
    """The same labels as a workbook, a shift's at most."""
    book = await service(request).label_tables.labels(_wanted(request), "xlsx", asking(request))
    return download(book, WORKBOOK, "labels.xlsx")


async def life_table(request: web.Request) -> web.Response:
    """What happened to a serial, as CSV."""
    return download(await _life(request, "csv"), CSV, "life.csv")


async def life_workbook(request: web.Request) -> web.Response:
    """What happened to a serial, as a workbook."""
    return download(await _life(request, "xlsx"), WORKBOOK, "life.xlsx")


async def _life(request: web.Request, form: str) -> bytes:
    return await service(request).label_tables.life(request.match_info["serial"], form, asking(request))


async def label_life(request: web.Request) -> dict[str, Any]:
    """What happened to a serial, oldest first."""
    return {"life": [asdict(row) for row in await service(request).find.life(request.match_info["serial"])]}


async def list_missing(request: web.Request) -> dict[str, Any]:
    """Void labels of a job or a lot that nothing replaces."""
    scope = {"job_id": request.query.get("job", ""), "lot_no": request.query.get("lot", "")}
    return views.missing_view(await service(request).find.missing(**scope))


async def replace_missing(request: web.Request) -> dict[str, Any]:
    """Orders as many labels as somebody saw missing; each names the one it replaces."""
    key = bodies.idempotency_key(request)
    body = await bodies.read_body(request, bodies.MissingBody)
    scope = {"job_id": body.job, "lot_no": body.lot}
    opened = await service(request).find.replace_missing(key, asking(request, body.operator), body.missing, **scope)
    return {"jobs": [views.job_view(job) for job in opened]}
