"""What waits for a second person: the list, and one question decided, where it is about a party's status or an appeal.

Questions of other rooms are decided on their own pages: `PLACES` says where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pages.label_stops import place_of as labels_place
from central_registry.console.pages.stops import place_of as goods_place
from central_registry.console.pieces.asked import changes_of, goods_of
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.life import Fact
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.terms import status_of
from central_registry.console.pieces.times import left
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.lists import MOST_ROWS, Ask
from central_registry.oversight import stops
from central_registry.oversight.deciding import decide
from central_registry.parties import appeals
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import TABLE, Act
from central_registry.parties.decisions import deciding, list_decisions
from central_registry.problems import ProblemError

HERE = "/console/decisions"
_ONE = HERE + "/{decision}"
_HERE_DECIDED = frozenset({Act.SET_STATUS, Act.LIFT_STATUS, Act.ANSWER_APPEAL, Act.JOIN, Act.SET_NAME}) | stops.STOPS

_ASKED = (
    Act.SET_STATUS,
    Act.LIFT_STATUS,
    Act.ANSWER_APPEAL,
    Act.JOIN,
    Act.SET_NAME,
    Act.APPROVE_CERTIFICATE,
    Act.STOP_CERTIFICATE,
    Act.SUSPEND,
    Act.LIFT_SUSPENSION,
    Act.RECALL,
    Act.APPROVE_CODES,
    Act.OVERRIDE_QUANTITY,
    Act.DECIDE_CLONE,
)
"""What may wait for somebody."""

_LOT = "/console/lots/{firm}/{lot_no}"
PLACES: Mapping[str, str] = {
    Act.APPROVE_CODES: "/console/orders/{about}",
    Act.APPROVE_CERTIFICATE: _LOT,
    Act.STOP_CERTIFICATE: _LOT,
    Act.LIFT_CERTIFICATE: _LOT,
    Act.DECIDE_CLONE: "/console/clones",
}
"""By act: the page on which it is decided, with the row's columns, and what was asked, in braces; all others have a
page here."""


def place_of(row: Mapping[str, Any]) -> str:
    """Where a question is decided."""
    text = {name: quote(str(value), safe="") for name, value in (row["asked"] | dict(row)).items()}
    return PLACES.get(row["act"], _ONE).format_map(text)


def _whose(row: Mapping[str, Any]) -> Cell:
    return Cell(row["concerns_name"] or row["about"], small=goods_of(row))


LISTING = Listing(
    caption=Words("待办", "Decisions"),
    columns=(
        Column("act", "事项", "what", lambda row: Cell(row["act_zh"], small=row["act_en"])),
        Column("concerns_name", "对象", "about", _whose),
        Column("maker_name", "提出", "asked by", sortable=True),
        Column("made_at", "时间", "when", sortable=True),
        Column("hours_left", "期限", "due", lambda row: Cell(_due(row)), sortable=True),
        Column("mine", "谁来办", "who", lambda row: Cell("您可以办" if row["mine"] else "要另一位")),
    ),
    chips=(
        Chips("act", "事项", "what", tuple((act.value, Words(TABLE[act].zh, TABLE[act].en)) for act in _ASKED)),
        Chips("mine", "谁来办", "who", (("true", Words("我能办的", "mine")),)),
        Chips("outcome", "进度", "progress", (("decided", Words("已办结", "decided")),)),
    ),
    search=Words("名称、提出人", "name, asked by"),
    empty=Words("没有等着办的事", "nothing waits"),
    file="decisions",
    href=place_of,
)


def _due(row: Mapping[str, Any]) -> str:
    hours = row["hours_left"]
    return "" if hours is None else "已过期" if hours < 0 else f"还剩 {hours} 小时"


class Outcome(BaseModel):
    """Why it is confirmed, or not."""

    reason: str = Field(title="理由 · reason", max_length=100)


class Answer(BaseModel):
    """To an appeal."""

    said: str = Field(title="答复 · answer", max_length=2_000, json_schema_extra={"kind": "area"})


async def decisions(desk: Desk) -> web.Response:
    """All that waits in this party."""
    return await show_list(desk, _asked_of(desk), lambda ask: list_decisions(desk.pool, desk.actor, ask, desk.at))


def _asked_of(desk: Desk) -> Listing:
    """The list with what may wait for this kind of party, and no more."""
    act, *others = LISTING.chips
    mine = tuple(one for one in act.values if desk.actor.kind in TABLE[deciding(one[0])].kinds)
    chips = (replace(act, values=mine), *others) if len(mine) > 1 else tuple(others)
    return LISTING if desk.actor.kind is PartyKind.OPERATOR else replace(LISTING, chips=chips)


async def decision(desk: Desk) -> web.Response:
    """One, with what was asked and why; the forms of whoever may decide it."""
    row = await _row(desk)
    forms = _forms(desk, row) if row["mine"] and row["act"] in _HERE_DECIDED else ()
    return await show(desk, "pages/decision.html", row=row, facts=_facts(desk, row), forms=forms)


async def _row(desk: Desk) -> Mapping[str, Any]:
    for filters in ({}, {"outcome": "decided"}):
        found = await list_decisions(desk.pool, desk.actor, Ask(filters=filters, rows=MOST_ROWS), desk.at)
        for row in found.rows:
            if row["decision"] == desk.part("decision"):
                return row
    raise ProblemError("not-found", "没有这件待办 · decision: expected one of your party, got none")


def _facts(desk: Desk, row: Mapping[str, Any]) -> list[Fact]:
    asked = row["asked"]
    status = status_of(asked["status"]) if "status" in asked else None
    rows = [
        Fact("对象", "about", row["concerns_name"] or row["about"], href=_party(desk, row)),
        _stopped(row) if row["act"] in stops.STOPS else None,
        Fact("改为", "to", "", state=status) if status else None,
        Fact("原因", "reason", asked["reason"]) if "reason" in asked else None,
        Fact("依据", "evidence", asked["evidence"]) if asked.get("evidence") else None,
        _elsewhere(row) if row["act"] in PLACES else None,
        Fact("申诉", "appeal", asked["said"]) if "said" in asked else None,
        Fact("提出人", "asked by", row["maker_name"] or None),
        Fact("期限", "due", left(row["due_at"], desk.at)) if row["due_at"] and not row["outcome"] else None,
    ]
    return [one for one in (*rows, *changes_of(asked)) if one]


def _elsewhere(row: Mapping[str, Any]) -> Fact:
    """What is decided on a page of its own, and the way there."""
    return Fact("内容", "what", goods_of(row), href=place_of(row))


def _stopped(row: Mapping[str, Any]) -> Fact:
    asked = row["asked"]
    if "label_stop" in asked:
        return Fact("标签", "labels", f"{asked['labels']:,} 枚", href=labels_place(asked["label_stop"]))
    goods = (asked["lot_no"], asked["style_no"])
    return Fact("货品", "goods", goods[0] or goods[1], href=goods_place(asked["firm"], *goods))


def _party(desk: Desk, row: Mapping[str, Any]) -> str:
    return f"/console/parties/{quote(row['concerns'], safe='')}" if row["concerns"] and desk.may(Act.ADMIT) else ""


_LIFTED = Words("同意解除", "Grant"), Words("不同意", "Refuse")
_ANSWERS: Mapping[str, tuple[Words, Words]] = {
    Act.LIFT_STATUS: _LIFTED,
    Act.LIFT_SUSPENSION: _LIFTED,
    Act.JOIN: (Words("同意准入", "Agree"), Words("不同意", "Refuse")),
    Act.SET_NAME: (Words("核准变更", "Agree"), Words("不同意", "Refuse")),
}
"""What yes and no are called; of what holds already: confirm, undo."""

_SEEN = Words(
    "同意后，该协会看得到本单位的款式、批次、证书、打印端和操作记录，可以批准申请，也可以暂停、停用本单位",
    "it sees your goods, certificates, agents and records then, approves your orders, and may stop them",
)


def _forms(desk: Desk, row: Mapping[str, Any]) -> list[Form]:
    path = f"{HERE}/{row['decision']}"
    if row["act"] == Act.ANSWER_APPEAL:
        return [desk.form(f"{path}/answer", Answer, Words("答复", "Answer"), title=Words("答复申诉", "Answer"))]
    yes, no = _ANSWERS.get(row["act"], (Words("确认", "Confirm"), Words("撤销", "Undo")))
    return [
        desk.form(f"{path}/agree", Outcome, yes, title=yes, consequence=_SEEN if row["act"] == Act.JOIN else None),
        desk.form(f"{path}/refuse", Outcome, no, title=no),
    ]


async def agree(desk: Desk, form: Outcome) -> Told:
    """Confirm or grant it."""
    return await _decide(desk, form.reason, agreed=True)


async def refuse(desk: Desk, form: Outcome) -> Told:
    """Undo or refuse it."""
    return await _decide(desk, form.reason, agreed=False)


async def _decide(desk: Desk, reason: str, *, agreed: bool) -> Told:
    row = await _row(desk)
    await decide(desk.pool, desk.actor, row["decision"], agreed=agreed, reason=reason, at=desk.at)
    zh, en = ("已同意", "agreed") if agreed else ("已否决，恢复原状", "refused; as it was before")
    return good(zh, en, HERE)


async def answer(desk: Desk, form: Answer) -> Told:
    """Answer an appeal; the status stays as it is."""
    await appeals.answer(desk.pool, desk.actor, desk.part("decision"), form.said, desk.at)
    return good("已答复申诉；状态要改请到企业页", "answered; the status is changed on the party's page", HERE)


PAGES = (
    Page(HERE, Act.LOOK, "待办", "Decisions", decisions, Group.WORK, "check"),
    Page(_ONE, Act.LOOK, "待办", "Decision", decision),
)
ACTIONS = (
    Action(f"{_ONE}/agree", Act.LOOK, Outcome, agree, decision),
    Action(f"{_ONE}/refuse", Act.LOOK, Outcome, refuse, decision),
    Action(f"{_ONE}/answer", Act.ANSWER_APPEAL, Answer, answer, decision),
)
