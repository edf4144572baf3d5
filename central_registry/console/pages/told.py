"""Labels that were told after a revocation, admitted or rejected with a reason; and two machines of one identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta, timezone
from typing import Any, Literal
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.agents.clones import decide_clone, list_clones
from central_registry.console.frame import list_table, show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.life import Fact
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.times import read
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.lists import Ask
from central_registry.oversight.told_after import admit, list_told
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act

_BEIJING = timezone(timedelta(hours=8))
_HERE, _CLONES = "/console/told", "/console/clones"

WHY: Mapping[str, Words] = {
    "told_after_loss": Words("报失", "lost"),
    "told_after_copy": Words("凭据被复制", "secret copied"),
    "told_after_bar": Words("企业停发", "firm barred"),
    "two_machines": Words("另一台同名电脑上报", "told by a second computer"),
}
STATES: Mapping[str, State] = {
    "open": State(Look.ATTENTION, Words("待裁定", "open")),
    "rejected": State(Look.STOP, Words("不予承认", "rejected")),
    "admitted": State(Look.GOOD, Words("已承认", "admitted")),
}


def _state_of(row: Mapping[str, Any]) -> State:
    if row["why"]:
        return STATES["open"]
    return STATES["admitted" if row["admitted"] else "rejected"]


def _why(row: Mapping[str, Any]) -> Cell:
    words = WHY.get(row["why"])
    return Cell(words.zh if words else row["reason"])


def _whose(row: Mapping[str, Any]) -> Cell:
    return Cell(row["firm_name"] or row["firm"], small=row["lot_no"] or "")


LISTING = Listing(
    caption=Words("停用后上报", "Told after a revocation"),
    columns=(
        Column("window_id", "窗口", "window", lambda row: Cell(row["window_id"], small=row["agent"])),
        Column("state", "裁定", "state", lambda row: Cell(None, state=_state_of(row))),
        Column("firm_name", "企业", "firm", _whose),
        Column("labels", "标签", "labels", number=True),
        Column("why", "原因", "why", _why),
        Column("sent_at", "打印", "printed", lambda row: Cell(read(row["sent_at"] or "") or row["sent_at"])),
    ),
    chips=(Chips("state", "裁定", "state", tuple((name, one.words) for name, one in STATES.items())),),
    search=Words("打印端、窗口、批号", "agent, window, lot"),
    empty=Words("没有待裁定的标签", "nothing waits"),
    file="told-after",
    href=lambda row: f"{_HERE}/{quote(row['agent'], safe='')}?window={quote(row['window_id'], safe='')}",
)


class Decide(BaseModel):
    """One window, or all that nobody has decided."""

    window: str = Field("", title="窗口（不填为全部待裁定） · window (none: all open ones)", max_length=200)
    decision: Literal["admit", "reject"] = Field(title="裁定 · decision")
    reason: str = Field(
        title="理由 · reason",
        description="怎么核实的 · how you know",
        max_length=400,
        json_schema_extra={"kind": "area"},
    )


_DECISIONS: Sequence[tuple[str, Words]] = (
    ("admit", Words("承认：按平常判定显示", "admit: shown as judged otherwise")),
    ("reject", Words("不予承认：不显示为已登记", "reject: never shown as registered")),
)


async def told(desk: Desk) -> web.Response:
    """All windows that this party sees."""
    return await show_list(desk, LISTING, lambda ask: list_told(desk.pool, desk.actor, ask))


async def told_of(desk: Desk) -> web.Response:
    """Those of one agent, and the decision."""
    agent = desk.part("agent")

    def of_agent(ask: Ask) -> Ask:
        return Ask(ask.search, {**ask.filters, "agent": agent}, ask.sort, ask.descending, ask.page, ask.rows)

    table = await list_table(desk, LISTING, lambda ask: list_told(desk.pool, desk.actor, of_agent(ask)))
    return await show(desk, "pages/told.html", table=table, agent=agent, form=_form(desk, agent))


def _form(desk: Desk, agent: str) -> Form | None:
    if not desk.may(Act.ADMIT_TOLD):
        return None
    return desk.form(
        f"{_HERE}/{quote(agent, safe='')}/decide",
        Decide,
        Words("裁定", "Decide"),
        options={"decision": list(_DECISIONS)},
        values={"window": desk.query.get("window", "")},
        title=Words("裁定", "Decide"),
    )


async def decide(desk: Desk, form: Decide) -> Told:
    """Admit or reject."""
    admitted, window = form.decision == "admit", form.window.strip() or None
    found = await admit(desk.pool, desk.actor, desk.part("agent"), window, admitted, form.reason, desk.at)
    zh, en = ("已承认", "admitted") if admitted else ("不予承认", "rejected")
    return good(f"{zh} {found.labels:,} 枚标签", f"{found.labels:,} labels {en}", _HERE)


class Which(BaseModel):
    """Which of two machines is the right one."""

    goes_on: Literal["newcomer", "living"] = Field(title="哪一台继续 · which goes on")
    reason: str = Field(title="理由 · reason", max_length=400, json_schema_extra={"kind": "area"})


_MACHINES: Sequence[tuple[str, Words]] = (
    ("living", Words("原来那台", "the one that was there")),
    ("newcomer", Words("新来那台", "the newcomer")),
)


async def clones(desk: Desk) -> web.Response:
    """Machines of one identity that nobody has told apart yet."""
    rows = (await list_clones(desk.pool, desk.actor, Ask())).rows
    cases = [(row, _machine(row, "living"), _machine(row, "newcomer"), _which(desk, row)) for row in rows]
    return await show(desk, "pages/clones.html", cases=cases)


def _which(desk: Desk, row: Mapping[str, Any]) -> Form | None:
    if not desk.may(Act.DECIDE_CLONE):
        return None
    path = f"{_CLONES}/{row['decision']}"
    return desk.form(path, Which, Words("裁定", "Decide"), options={"goes_on": list(_MACHINES)})


def _machine(row: Mapping[str, Any], which: str) -> list[Fact]:
    one = row[which]
    return [
        Fact("电脑指纹", "fingerprint", one["fingerprint"]),
        Fact("最近联系", "last word", f"{one['heard_at'].astimezone(_BEIJING):%Y-%m-%d %H:%M} 北京时间"),
        Fact("地址", "address", one["address"] or None),
        Fact("打印机", "printers", "、".join(one["printers"]) or None),
        Fact("记录条数", "events", f"{one['seq']:,}"),
    ]


async def decide_which(desk: Desk, form: Which) -> web.Response:
    """Say it; the token is shown once."""
    newcomer = form.goes_on == "newcomer"
    token = await decide_clone(desk.pool, desk.actor, desk.part("decision"), newcomer, form.reason, desk.at)
    return await show(desk, "pages/clone_token.html", token=token)


_KINDS = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION, PartyKind.FIRM})
PAGES = (
    Page(_HERE, Act.LOOK, "停用后上报", "Told after", told, Group.OVERSIGHT, "code", _KINDS),
    Page(f"{_HERE}/{{agent}}", Act.LOOK, "停用后上报", "Told after", told_of, kinds=_KINDS),
    Page(_CLONES, Act.LOOK, "两台同名打印端", "Two of one identity", clones, Group.OVERSIGHT, "agent", _KINDS),
)
ACTIONS = (
    Action(f"{_HERE}/{{agent}}/decide", Act.ADMIT_TOLD, Decide, decide, told_of),
    Action(f"{_CLONES}/{{decision}}", Act.DECIDE_CLONE, Which, decide_which, clones),
)
