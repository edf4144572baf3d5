"""One order: how it stands, its labels from the newest on, and what of it is missing."""

from __future__ import annotations

from aiohttp import web

from edge_agent.messages.text import Words
from edge_agent.model.search import LabelSearch
from edge_agent.web.console.floor import names_of, work_of
from edge_agent.web.console.frame import show
from edge_agent.web.console.pages.find import COLUMNS, row
from edge_agent.web.console.pieces.table import PAGE_ROWS, Asked, Table
from edge_agent.web.console.who import acting
from edge_agent.web.context import service

PATH = "/console/jobs"
EMPTY = Words("还没有送出标签", "No label was sent yet")


async def page(request: web.Request) -> web.Response:
    """All that is known of one order. Raises NotFoundError."""
    there, key = service(request), request.match_info["key"]
    job, asked = await there.jobs.find(key), Asked.of(f"{PATH}/{key}", request.query, ("after",))
    found = await there.printers.all()
    names = await names_of(there, found, acting(request))
    holders = {one.job_id: one.printer_id for one in found.printers if one.job_id is not None}
    after = asked.others.get("after", "")
    labels = await there.find.labels(LabelSearch(job_id=job.job_id), PAGE_ROWS, after)
    return await show(
        request,
        "pages/job.html",
        work=await work_of(there, job, names, holders),
        missing=sum(len(one.serials) for one in await there.find.missing(job_id=job.job_id)),
        labels=Table(
            caption=Words("标签", "Labels"),
            asked=asked,
            columns=COLUMNS,
            rows=tuple(row(one, names) for one in labels.labels),
            total=None,
            pages=1,
            empty=EMPTY,
        ),
        newest=asked.link(after="") if after else "",
        more=asked.link(after=labels.next) if labels.next else "",
    )
