"""Work orders that wait for a person: as a table, and as what a form asks for when one of them is printed."""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.messages.text import Words
from edge_agent.service.agent_service import AgentService
from edge_agent.service.work_orders import OrderView
from edge_agent.web.console.pieces.state import Look, State
from edge_agent.web.console.pieces.table import PAGE_ROWS, Asked, Cell, Column, Row, Table

PATH = "/console/print"
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


async def waiting(there: AgentService, asked: Asked) -> Table | None:
    """The most urgent that wait; None: none does, and the page has no word of work orders."""
    found = await there.work_orders.waiting(asked.q, PAGE_ROWS)
    if not found.count:
        return None
    return Table(
        caption=Words("待打的生产单", "Work orders waiting"),
        asked=asked,
        columns=COLUMNS,
        rows=tuple(_row(one) for one in found.orders),
        total=found.matching,
        pages=1,
        empty=Words("没有这样的生产单", "No such work order"),
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
    chosen = {name: said[name] for name in ("template", "printer", "quantity", "fresh") if said.get(name)}
    return {"quantity": str(view.left)} | wished | chosen | own
