"""Work orders that wait for a person: as a table, and as what a form asks for when one of them is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from edge_agent.messages.text import Words
from edge_agent.service.agent_service import AgentService
from edge_agent.service.lots import Style
from edge_agent.service.work_orders import OrderView
from edge_agent.web.console.frame import show
from edge_agent.web.console.pieces.state import Look, State
from edge_agent.web.console.pieces.table import PAGE_ROWS, Asked, Cell, Column, Row, Table
from edge_agent.web.context import service

PATH = "/console/print"
ALL = "/console/orders"
URGENT = 5
"""So many stand on the page Print, before the styles."""
AUTO = "auto"
"""What an order says that leaves the label to the agent: the smallest that takes its garment."""

COLUMNS = (
    Column("order", "生产单", "work order"),
    Column("style", "款号 · 号型", "style · size"),
    Column("left", "还要 / 共", "left / ordered", number=True),
    Column("wanted", "交期", "wanted by"),
    Column("state", "状态", "state"),
)
_LOOKS = {"printing": Look.GOOD, "waiting": Look.REST, "part": Look.ATTENTION}


async def page(request: web.Request) -> web.Response:
    """All that wait, the most urgent first."""
    asked = Asked.of(ALL, request.query)
    found = await service(request).work_orders.waiting(asked.q, asked.page * PAGE_ROWS)
    rows = found.orders[(asked.page - 1) * PAGE_ROWS :]
    table = _table(rows, asked, found.matching, pages=max(1, -(-found.matching // PAGE_ROWS)))
    return await show(request, "pages/waiting.html", orders=table)


async def most_urgent(there: AgentService, q: str) -> Table | None:
    """The first of those that wait, for the page Print; None: none does, and it has no word of work orders."""
    found = await there.work_orders.waiting(q, URGENT)
    if not found.count:
        return None
    return _table(found.orders, Asked(path=ALL, q=q), found.matching)


async def of_style(there: AgentService, style: Style) -> Sequence[OrderView]:
    """Those that wait for this style in this size, and of which something is left to be given to a printer."""
    wanted = (style.style_no, style.size)
    found = await there.work_orders.waiting(style.style_no)
    return [one for one in found.orders if one.left and (one.order.asked.style_no, one.order.asked.size) == wanted]


def of_these(rows: Sequence[OrderView], q: str) -> Table:
    """These alone."""
    return _table(rows, Asked(path=ALL, q=q), len(rows))


def _table(rows: Sequence[OrderView], asked: Asked, total: int, *, pages: int = 1) -> Table:
    return Table(
        caption=Words("待打的生产单", "Work orders waiting"),
        asked=asked,
        columns=COLUMNS,
        rows=tuple(_row(one) for one in rows),
        total=total,
        pages=pages,
        empty=Words("没有这样的生产单", "No such work order"),
        search=Words("单号、款号、批号", "order, style, lot") if pages > 1 or asked.q or not rows else None,
    )


def _row(view: OrderView) -> Row:
    line = view.order.asked
    cells = (
        Cell(line.order_no, small=" · ".join(one for one in (line.source, line.remark) if one)),
        Cell(f"{line.style_no} · {line.size}", small=line.lot_no or ""),
        Cell(f"{view.left} / {view.ordered}"),
        Cell(line.wanted_by or "—"),
        Cell("", small=view.order.note, state=State(_LOOKS.get(view.state, Look.REST), view.words)),
    )
    return Row(view.order.order_id, cells, f"{PATH}?order={view.order.order_id}")


def asked_for(view: OrderView, said: Mapping[str, str]) -> dict[str, str]:
    """What a form asks for that prints this order: its own words, and what a person chose besides."""
    line = view.order.asked
    own = {"style_no": line.style_no, "size": line.size, "lot_no": line.lot_no or "", "order": view.order.order_id}
    wished = {"printer": line.printer or "", "template": "" if line.template == AUTO else line.template}
    chosen = {name: said[name] for name in ("template", "printer", "quantity", "firm", "fresh") if said.get(name)}
    return {"quantity": str(view.left), "firm": view.firm} | wished | chosen | own
