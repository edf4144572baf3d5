"""Labels without a code: every order of them, and one with all that is known of it. What is over still says how many
are proven and how many were sent and are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from edge_agent.access.asking import Asking
from edge_agent.messages.text import Words
from edge_agent.service.agent_service import AgentService
from edge_agent.web.console.floor import copied, names_of
from edge_agent.web.console.frame import show
from edge_agent.web.console.pages.choice import here
from edge_agent.web.console.pieces.state import State
from edge_agent.web.console.pieces.table import PAGE_ROWS, Asked, Cell, Column, Row, Table
from edge_agent.web.console.pieces.work import Work
from edge_agent.web.console.who import acting
from edge_agent.web.context import service

PATH = "/console/copies"
NEWEST = 5
"""So many stand on the page Now, beneath the jobs."""
COLUMNS = (
    Column("goods", "款号 · 号型", "style · size"),
    Column("printed", "证实 / 要打", "proven / wanted", number=True),
    Column("state", "状态", "state"),
    Column("on", "打印机", "printer"),
    Column("opened", "下单", "ordered", time=True),
)
EMPTY = Words("还没有打过无码标签", "No labels without a code were ordered yet")


async def page(request: web.Request) -> web.Response:
    """All of them, the newest first, page by page."""
    asked = Asked.of(PATH, request.query)
    rows = await newest(service(request), acting(request), PAGE_ROWS + 1, (asked.page - 1) * PAGE_ROWS)
    pages = asked.page + (len(rows) > PAGE_ROWS)
    return await show(request, "pages/waiting.html", orders=table(asked, rows[:PAGE_ROWS], pages))


async def newest(there: AgentService, who: Asking, limit: int, skip: int = 0) -> list[Work]:
    """The newest orders but for the first `skip`, as they are drawn; no other is read, whatever page is asked for."""
    names = await names_of(there, await there.printers.all(), who)
    return [await copied(there, one, names) for one in await there.copies.recent(limit, skip)]


def table(asked: Asked, works: Sequence[Work], pages: int = 1) -> Table:
    """The orders as a table; how many there are is not counted."""
    return Table(
        caption=Words("无码标签", "Labels without a code"),
        asked=asked,
        columns=COLUMNS,
        rows=tuple(_row(one) for one in works),
        total=None,
        pages=pages,
        empty=EMPTY,
    )


def _row(work: Work) -> Row:
    """Its state is a sentence: the English of it stands beneath, or the counts would be out of sight."""
    state = State(work.state.look, Words(work.state.words.zh, ""))
    beneath = (work.doubt_words.zh if work.not_good else "", work.state.words.en)
    cells = (
        Cell(str(work.goods) or work.template, small=work.goods.name),
        Cell(f"{work.printed} / {work.quantity}"),
        Cell("", small=" · ".join(one for one in beneath if one), state=state),
        Cell(work.place, small=work.operator),
        Cell(work.opened_at),
    )
    return Row(work.key, cells, work.path)


async def one(request: web.Request) -> web.Response:
    """One order, with what is known of it. Raises NotFoundError."""
    there = service(request)
    copies = await there.copies.find(request.match_info["key"])
    names = await names_of(there, await there.printers.all(), acting(request))
    work = await copied(there, copies, names)
    return await show(request, "pages/copies.html", work=work, again=_again(work, copies.printer))


def _again(work: Work, printer: str) -> str:
    """Where the same is ordered anew; empty: this computer no longer has its data."""
    if not str(work.goods):
        return ""
    chosen: Mapping[str, str] = {
        "style_no": work.goods.style_no,
        "size": work.goods.size,
        "template": work.template,
        "printer": printer,
        "quantity": str(work.left or work.quantity),
    }
    return here(chosen)
