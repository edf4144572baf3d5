"""Now: what each printer does, what is under way, and all orders there were, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from edge_agent.access.asking import Asking
from edge_agent.messages.text import Words
from edge_agent.service.agent_service import AgentService
from edge_agent.web.console.floor import names_of, work_of
from edge_agent.web.console.frame import show
from edge_agent.web.console.pages import copies
from edge_agent.web.console.pages.guides import guides_for
from edge_agent.web.console.pieces.table import PAGE_ROWS, Asked, Cell, Column, Row, Table
from edge_agent.web.console.pieces.work import Work
from edge_agent.web.console.who import acting
from edge_agent.web.context import service

PATH = "/console/now"
COLUMNS = (
    Column("goods", "款号 · 号型", "style · size"),
    Column("on", "打印机 · 操作员", "printer · operator"),
    Column("state", "状态", "state"),
    Column("printed", "已打 / 要打", "printed / wanted", number=True),
    Column("opened", "下单", "ordered", time=True),
)
EMPTY = Words("还没有打过标签，到“打印”里下单", "No order yet; go to Print")


async def page(request: web.Request) -> web.Response:
    """Each printer with its order, what is under way, and the orders of before: all of them, page by page. Beneath them
    the newest of labels without a code, which have pages of their own."""
    asked = Asked.of(PATH, request.query, ("after",))
    after = asked.others.get("after", "")
    works, more = await _past(service(request), acting(request), after)
    others = await copies.newest(service(request), acting(request), copies.NEWEST + 1)
    return await show(
        request,
        "pages/now.html",
        guides_for=guides_for,
        orders=table(asked, works),
        newest=asked.link(after="") if after else "",
        more=asked.link(after=works[-1].key) if more else "",
        copies=copies.table(Asked(path=copies.PATH), others[: copies.NEWEST]) if others else None,
        all_copies=copies.PATH if len(others) > copies.NEWEST else "",
    )


async def _past(there: AgentService, who: Asking, after: str) -> tuple[list[Work], bool]:
    """A page of jobs, newest first, those older than the job `after`; and whether there are older ones."""
    found = await there.printers.all()
    holders: Mapping[str, str] = {one.job_id: one.printer_id for one in found.printers if one.job_id is not None}
    jobs = await there.jobs.recent(PAGE_ROWS + 1, after)
    names = await names_of(there, found, who)
    return [await work_of(there, job, names, holders) for job in jobs[:PAGE_ROWS]], len(jobs) > PAGE_ROWS


def table(asked: Asked, works: Sequence[Work]) -> Table:
    """The orders as a table; how many there are is not counted, only whether there are older ones."""
    return Table(
        caption=Words("所有任务", "All orders"),
        asked=asked,
        columns=COLUMNS,
        rows=tuple(row(one) for one in works),
        total=None,
        pages=1,
        empty=EMPTY,
    )


def row(work: Work) -> Row:
    """An order as a row."""
    doubt = work.doubt_words.zh if work.not_good else ""
    cells = (
        Cell(str(work.goods) or work.lot_no or "—", small=work.goods.name),
        Cell(work.place, small=work.operator),
        Cell(work.state.words.zh, small=work.told.zh if work.told.zh != work.state.words.zh else "", state=work.state),
        Cell(f"{work.printed} / {work.quantity}", small=doubt),
        Cell(work.opened_at),
    )
    return Row(work.key, cells, work.path)
