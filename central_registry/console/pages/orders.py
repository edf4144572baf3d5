"""Code orders: who asks for how many codes, what the checks say, and the word of another person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.agents import fleet
from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pieces.form import Form, Options
from central_registry.console.pieces.life import Answer, Fact, fact_at
from central_registry.console.pieces.said import in_words
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.http.context import NEWS
from central_registry.issuing import approving, leases, order_lists, orders
from central_registry.issuing.checks import QUANTITY_FREE, WORDS, Check, failed
from central_registry.lists import Ask
from central_registry.parties import directory
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act

HERE = "/console/orders"
_NEW, _ONE = HERE + "/new", HERE + "/{code_order}"
_FOR = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION, PartyKind.FIRM, PartyKind.INSPECTOR})

STATES = {
    "asked": State(Look.ATTENTION, Words("待审批", "waits")),
    "approved": State(Look.GOOD, Words("已批准", "approved")),
    "rejected": State(Look.STOP, Words("已驳回", "rejected")),
    "taken_back": State(Look.REST, Words("已撤回", "taken back")),
}
RULES = {rule: Words(*words) for rule, words in WORDS.items()}

_PASSED, _FAILED = State(Look.GOOD, Words("通过", "passed")), State(Look.STOP, Words("未通过", "failed"))


def _goods(row: Mapping[str, Any]) -> str:
    return f"批次 {row['lot_no']}" if row["lot_no"] else f"款号 {row['style_no']}"


LISTING = Listing(
    caption=Words("赋码申请", "Code orders"),
    columns=(
        Column("firm_name", "企业", "firm", lambda row: Cell(row["firm_name"] or row["firm"])),
        Column("lot_no", "货品", "goods", lambda row: Cell(_goods(row), small=row["agent"])),
        Column("quantity", "枚数", "codes", sortable=True, number=True),
        Column("state", "状态", "state", lambda row: Cell(None, state=STATES[row["state"]])),
        Column(
            "failed", "未通过", "failed", lambda row: Cell("、".join(RULES[one].zh for one in row["failed"]) or "—")
        ),
        Column("asked_at", "申请", "asked", sortable=True),
    ),
    chips=(Chips("state", "状态", "state", tuple((name, one.words) for name, one in STATES.items())),),
    search=Words("批次、款号、企业、打印端", "lot, style, firm, agent"),
    empty=Words("没有赋码申请", "no code orders"),
    file="orders",
    href=lambda row: f"{HERE}/{quote(row['code_order'], safe='')}",
)


class NewOrder(BaseModel):
    """So many codes more, of a lot or of a style without one."""

    firm: str = Field(title="企业 · firm", max_length=40)
    lot_no: str = Field("", title="批次 · lot", description="没有批次的货品填款号", max_length=200)
    style_no: str = Field("", title="款号，无批次时填 · style, without a lot", max_length=200)
    agent: str = Field(title="打印端 · agent", max_length=40)
    quantity: int = Field(title="枚数 · codes", ge=1, le=1_000_000_000)
    note: str = Field("", title="说明 · note", max_length=500)
    once: str = ""


class Within(BaseModel):
    """Another person's word, where so many are free."""

    days: int = Field(leases.DAYS, title="租期（天） · days of the lease", ge=leases.LEAST_DAYS, le=leases.MOST_DAYS)


class Approve(Within):
    """Another person's word, and why where that is more than is free."""

    override: str = Field("", title="超量理由 · why more than is free", max_length=500)


class Reject(BaseModel):
    """Why not."""

    reason: str = Field(title="驳回原因 · why not", max_length=500)


class Nothing(BaseModel):
    """Nothing is asked."""


async def orders_page(desk: Desk) -> web.Response:
    """All that this party sees."""
    return await show_list(
        desk, LISTING, lambda ask: order_lists.list_orders(desk.pool, desk.actor, ask), "pages/orders.html"
    )


async def new_order(desk: Desk) -> web.Response:
    """The form for a new one."""
    asked = {name: desk.query.get(name, "") for name in ("firm", "lot_no", "style_no")}
    values = {**asked, "firm": asked["firm"] or desk.actor.party}
    form = desk.form(_NEW, NewOrder, Words("申请", "Order"), options=await _choices(desk), values=values)
    return await show(desk, "pages/form.html", form=form)


async def _choices(desk: Desk) -> Options:
    """Firms and agents to choose from: one's own, or those of one's association."""
    whole = Ask(rows=1000)
    found = await fleet.list_fleet(desk.pool, desk.actor, whole, desk.at)
    agents = [(row["agent"], Words(f"{row['agent']} {row['name']}".strip())) for row in found.rows]
    parties = await directory.list_parties(desk.pool, desk.actor, whole, desk.at.date())
    firms = [(row["party"], Words(row["name"])) for row in parties.rows if row["kind"] == PartyKind.FIRM]
    return {"firm": firms, "agent": agents}


async def order_page(desk: Desk) -> web.Response:
    """One order: what is asked, what the checks say, and what may be done."""
    row = await order_lists.show_order(desk.pool, desk.actor, desk.part("code_order"))
    kept = {moment: [one for one in row["checks"] if one["moment"] == moment] for moment in ("asked", "approved")}
    waits = row["state"] == "asked"
    now = await order_lists.checks_now(desk.pool, desk.actor, row, desk.at) if waits else []
    last = [asdict(one) for one in now] or kept["approved"] or kept["asked"]
    return await show(
        desk,
        "pages/order.html",
        row=row,
        state=STATES[row["state"]],
        facts=_facts(row, desk.at),
        answers=[_answer(one) for one in last],
        before=[_answer(one) for one in kept["asked"]] if kept["approved"] else [],
        stopped="；".join(f"{one.words.zh}（{one.got}）" for one in map(_answer, map(asdict, _hard(now)))),
        forms=_forms(desk, row, now) if waits else [],
    )


def _hard(checks: Sequence[Check]) -> list[Check]:
    """What no word lets be."""
    return [one for one in failed(checks) if one.rule != QUANTITY_FREE]


def _answer(one: Mapping[str, Any]) -> Answer:
    return Answer(RULES[one["rule"]], _PASSED if one["passed"] else _FAILED, in_words(one["got"]), one["expected"])


def _facts(row: Mapping[str, Any], now: datetime) -> list[Fact]:
    more = [Fact("超量理由", "override", row["override"])] if row["override"] else []
    more += [Fact("原因", "reason", row["reason"])] if row["reason"] else []
    return [
        Fact("企业", "firm", row["firm_name"] or row["firm"], f"/console/parties/{quote(row['firm'], safe='')}"),
        Fact("货品", "goods", _goods(row)),
        Fact("打印端", "agent", row["agent"], f"/console/agents/{quote(row['agent'], safe='')}"),
        Fact("枚数", "codes", f"{row['quantity']:,}"),
        Fact("说明", "note", row["note"] or "—"),
        fact_at("申请时间", "asked", row["asked_at"], now),
        fact_at("审批时间", "decided", row["decided_at"], now, none="还没有"),
        *more,
    ]


def _forms(desk: Desk, row: Mapping[str, Any], now: Sequence[Check]) -> list[Form]:
    """What may be done: no approval is offered that would be refused, and a reason is asked where one is needed."""
    path, found = f"{HERE}/{quote(row['code_order'], safe='')}", []
    if desk.may(Act.APPROVE_CODES) and not _hard(now):
        number = f"{row['quantity']:,}"
        told = Words(f"{number} 枚发到打印端 {row['agent']}", f"{number} codes for {row['agent']}")
        model = Approve if failed(now) else Within
        words = Words("批准", "Approve")
        found.append(desk.form(f"{path}/approve", model, words, title=words, consequence=told))
    if desk.may(Act.APPROVE_CODES):
        words = Words("驳回", "Reject")
        found.append(desk.form(f"{path}/reject", Reject, words, title=words, folded=not _hard(now)))
    if desk.may(Act.ORDER_CODES):
        found.append(desk.form(f"{path}/take-back", Nothing, Words("撤回申请", "Take back")))
    return found


async def ask(desk: Desk, form: NewOrder) -> Told:
    """Take in a new one; sent twice it is one."""
    wanted = orders.Asked(
        form.firm, form.agent, form.quantity, form.lot_no or None, form.style_no, form.note, "", form.once
    )
    made = await orders.ask(desk.pool, desk.actor, wanted, desk.at)
    return good("已申请，等协会批准", "ordered; it waits for the association", f"{HERE}/{made['code_order']}")


async def approve(desk: Desk, form: Approve) -> Told:
    """Approve it; its agent is told at once."""
    order = desk.part("code_order")
    given = await approving.approve(desk.pool, desk.actor, order, desk.at, override=form.override, days=form.days)
    desk.request.app[NEWS].tell()
    words = f"已批准，{given['agent']} 共 {given['quantity']:,} 枚", f"approved: {given['quantity']:,} in all"
    return good(*words, to=f"{HERE}/{order}")


async def reject(desk: Desk, form: Reject) -> Told:
    """Reject it."""
    await orders.reject(desk.pool, desk.actor, desk.part("code_order"), form.reason, desk.at)
    return good("已驳回", "rejected", HERE)


async def take_back(desk: Desk, _: Nothing) -> Told:
    """Take it back."""
    await orders.take_back(desk.pool, desk.actor, desk.part("code_order"), desk.at)
    return good("已撤回", "taken back", HERE)


PAGES = (
    Page(HERE, Act.LOOK, "赋码申请", "Code orders", orders_page, Group.CODES, "order", _FOR),
    Page(_NEW, Act.ORDER_CODES, "申请赋码", "Order codes", new_order),
    Page(_ONE, Act.LOOK, "一份申请", "One order", order_page, kinds=_FOR),
)
ACTIONS = (
    Action(_NEW, Act.ORDER_CODES, NewOrder, ask, new_order),
    Action(f"{_ONE}/approve", Act.APPROVE_CODES, Approve, approve, order_page),
    Action(f"{_ONE}/reject", Act.APPROVE_CODES, Reject, reject, order_page),
    Action(f"{_ONE}/take-back", Act.ORDER_CODES, Nothing, take_back, order_page),
)
