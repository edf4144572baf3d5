"""Stops goods that are out, by lot or style of a firm: what is stopped, and one page for the goods, counts first.

A question that a stop leaves to somebody else is decided on its page under `/console/decisions`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pages.goods_firms import firms_of
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.life import Fact
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.times import left
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.lists import Ask, Found
from central_registry.oversight import stops
from central_registry.oversight.stopped import show_goods
from central_registry.parties.actor import UNASSIGNED, PartyKind
from central_registry.parties.acts import Act
from central_registry.parties.decisions import deciding

_HERE = "/console/stops"
_FIND, _ONE = _HERE + "/find", _HERE + "/{firm}/{what}/{number}"
_SEEN = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION, PartyKind.FIRM, PartyKind.INSPECTOR})

KINDS: Mapping[str, State] = {
    "suspension": State(Look.ATTENTION, Words("已暂停", "suspended")),
    "recall": State(Look.STOP, Words("已召回", "recalled")),
}
_GOING = State(Look.GOOD, Words("没有停", "not stopped"))


def place_of(firm: str, lot_no: str, style_no: str = "") -> str:
    """The page on which these goods are stopped."""
    parts = firm, "lot" if lot_no else "style", lot_no or style_no
    return "/".join((_HERE, *(quote(one, safe="") for one in parts)))


_WAITS: Mapping[Act, Words] = {
    Act.SUSPEND: Words(
        "已经停打；等协会另一人确认或撤销", "stopped; another person of the association confirms or undoes"
    ),
    Act.RECALL: Words(
        "已经停打，还没有召回；等协会另一人确认或撤销",
        "stopped, not recalled yet; another person of the association confirms or undoes",
    ),
    Act.LIFT_SUSPENSION: Words(
        "仍在暂停；已申请恢复，等协会另一人同意", "still stopped; another person of the association lets it go on"
    ),
}


def waits_for(act: str) -> Words:
    """What holds already, and who does what next; to a firm and an inspector as well, who decide nothing."""
    return _WAITS[Act(act)]


def _waits(row: Mapping[str, Any]) -> Cell:
    if row["decision"] is None:
        return Cell("")
    where = f"/console/decisions/{row['decision']}"
    return Cell(waits_for(row["act"]).zh, href=where, small=row["left"])


LISTING = Listing(
    caption=Words("暂停、召回", "What is stopped"),
    columns=(
        Column("firm_name", "企业", "firm"),
        Column("lot_no", "货品", "goods", lambda row: Cell(_goods(row), small=row["quota_key"])),
        Column("kind", "状态", "state", lambda row: Cell(None, state=KINDS[row["kind"]])),
        Column("reason", "原因", "reason"),
        Column("decision", "待办", "waits", _waits),
    ),
    chips=(Chips("kind", "状态", "state", tuple((name, one.words) for name, one in KINDS.items())),),
    search=Words("批号、款号、企业、原因", "lot, style, firm, reason"),
    empty=Words("没有暂停或召回的货品", "nothing is stopped"),
    file="stops",
    href=lambda row: place_of(row["firm"], row["lot_no"], row["style_no"]),
)


def _goods(row: Mapping[str, Any]) -> str:
    return f"批次 {row['lot_no']}" if row["lot_no"] else f"款号 {row['style_no']}"


class Which(BaseModel):
    """Goods to stop: a lot, or a style where there is no lot."""

    firm: str = Field(title="企业 · firm", max_length=30)
    lot_no: str = Field("", title="批号 · lot", max_length=100)
    style_no: str = Field("", title="款号，没有批次时填 · style, without a lot", max_length=100)


class Why(BaseModel):
    """Nothing is stopped or let go on without a reason."""

    reason: str = Field(title="理由 · reason", max_length=2_000, json_schema_extra={"kind": "area"})


async def stops_page(desk: Desk) -> web.Response:
    """All that is stopped, and the way to the goods that are to be."""

    async def lister(ask: Ask) -> Found:
        found = await stops.list_stops(desk.pool, desk.actor, ask)
        due = [left(row["due_at"], desk.at) if row["due_at"] else "" for row in found.rows]
        return Found([{**row, "left": one} for row, one in zip(found.rows, due, strict=True)], found.total)

    return await show_list(desk, LISTING, lister, "pages/told.html", form=await _find_form(desk))


async def _find_form(desk: Desk) -> Form | None:
    if not desk.may(Act.SUSPEND):
        return None
    firms = await firms_of(desk)
    if desk.actor.kind is PartyKind.ASSOCIATION:
        firms.append((UNASSIGNED, Words("未分配企业", "unassigned")))
    words = Words("查看影响", "Show what it touches")
    return desk.form(_FIND, Which, words, options={"firm": firms}, title=Words("暂停或召回货品", "Stop goods"))


async def find(desk: Desk, form: Which) -> web.Response:
    """Go to the goods; nothing is stopped yet."""
    goods = stops.Named(form.firm, form.lot_no.strip(), form.style_no.strip())
    await show_goods(desk.pool, desk.actor, goods)
    return web.Response(status=303, headers={"Location": place_of(goods.firm, goods.lot_no, goods.style_no)})


async def goods_page(desk: Desk) -> web.Response:
    """One lot or style: the counts, how it stands, and what may be done."""
    row = await show_goods(desk.pool, desk.actor, _named(desk))
    state = KINDS.get(row["kind"], _GOING)
    due = left(row["due_at"], desk.at) if row["due_at"] else ""
    return await show(
        desk, "pages/stop.html", row=row, state=state, facts=_facts(row), due=due, forms=_forms(desk, row),
        waits=None if row["decision"] is None else waits_for(row["act"]),
        decides=deciding(row["act"]) if row["act"] else "",
    )  # fmt: skip


def _named(desk: Desk) -> stops.Named:
    number = desk.part("number")
    lot = desk.part("what") == "lot"
    return stops.Named(desk.part("firm"), number if lot else "", "" if lot else number)


_COUNTS = (
    ("agents", "可打印的打印端", "agents that may print"),
    ("allotted", "已分配", "allotted"),
    ("drawn", "已取号", "drawn"),
    ("printed", "已打印", "printed"),
    ("commissioned", "已贴到衣服上", "commissioned"),
    ("in_doubt", "存疑", "in doubt"),
    ("scrapped", "已作废", "scrapped"),
)


def _facts(row: Mapping[str, Any]) -> list[Fact]:
    reason = [Fact("原因", "reason", row["reason"])] if row["kind"] else []
    head = [Fact("企业", "firm", row["firm_name"]), Fact("货品", "goods", _goods(row)), *reason]
    return [*head, *(Fact(zh, en, f"{row[name]:,}") for name, zh, en in _COUNTS)]


def _forms(desk: Desk, row: Mapping[str, Any]) -> list[Form]:
    """What may be asked: a recall also of goods that are suspended for now, all else only if nothing waits."""
    path, out = place_of(row["firm"], row["lot_no"], row["style_no"]), row["printed"] + row["commissioned"]
    if row["kind"] == "recall":
        return []
    rest = max(0, row["allotted"] - row["drawn"])
    found, settled = [], row["decision"] is None
    if row["kind"] == "suspension" and settled and desk.may(Act.SUSPEND):
        words = Words("申请恢复", "Ask to go on")
        said = Words(
            f"另一人同意后，{row['agents']} 个打印端可继续打印余下 {rest:,} 枚",
            f"once another agrees, {row['agents']} agents go on with {rest:,} codes",
        )
        found.append(desk.form(f"{path}/lift", Why, words, title=words, consequence=said))
    elif settled and desk.may(Act.SUSPEND):
        words = Words("暂停", "Suspend")
        said = Words(
            f"{row['agents']} 个打印端立即停打余下 {rest:,} 枚；{out:,} 枚已打标签不得再贴；另一人 72 小时内确认或撤销",
            f"{row['agents']} agents stop at once with {rest:,} codes left, {out:,} labels are out; another confirms",
        )
        found.append(desk.form(f"{path}/suspend", Why, words, title=words, consequence=said))
    if row["act"] != Act.RECALL and desk.may(Act.RECALL):
        words = Words("召回", "Recall")
        said = Words(
            f"立即暂停；另一人确认后 {out:,} 枚标签扫码显示“已召回”，不能再恢复",
            f"stopped at once; once another confirms, {out:,} labels say recalled, for good",
        )
        found.append(desk.form(f"{path}/recall", Why, words, title=words, consequence=said, danger=True, back=_HERE))
    return found


_Service = Callable[..., Awaitable[stops.Stopped]]


def _does(service: _Service, zh: str, en: str) -> Callable[[Desk, Why], Awaitable[Told]]:
    async def handler(desk: Desk, form: Why) -> Told:
        goods = _named(desk)
        done = await service(desk.pool, desk.actor, goods, form.reason, desk.at)
        waits = ("，等另一人办理", "; another person decides") if done.decision else ("", "")
        return good(zh + waits[0], en + waits[1], place_of(goods.firm, goods.lot_no, goods.style_no))

    return handler


PAGES = (
    Page(_HERE, Act.LOOK, "暂停、召回", "Stops", stops_page, Group.OVERSIGHT, "stop", _SEEN),
    Page(_ONE, Act.LOOK, "暂停、召回", "Stop goods", goods_page, kinds=_SEEN),
)
ACTIONS = (
    Action(_FIND, Act.SUSPEND, Which, find, stops_page),
    Action(f"{_ONE}/suspend", Act.SUSPEND, Why, _does(stops.suspend, "已暂停", "suspended"), goods_page),
    Action(f"{_ONE}/recall", Act.RECALL, Why, _does(stops.recall, "已停", "stopped"), goods_page),
    Action(f"{_ONE}/lift", Act.SUSPEND, Why, _does(stops.lift, "已申请恢复", "asked to go on"), goods_page),
)
