"""Complaints of consumers: the list with its clock, and one from its coming in to its closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.cases import work
from central_registry.cases.numbers import shown_number
from central_registry.cases.page import ABOUTS, STATES, STEPS
from central_registry.cases.steps import About, By, CaseState, Step, steps_from
from central_registry.console.frame import show, show_list
from central_registry.console.page import HEADERS, Action, Desk, Group, Page
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.life import Fact, Moment, fact_at
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.times import left
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act

_HERE = "/console/cases"
_ONE = _HERE + "/{complaint}"
_SEEN = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION, PartyKind.FIRM, PartyKind.INSPECTOR})
_LOOKS: Mapping[CaseState, Look] = {CaseState.ANSWERED: Look.GOOD, CaseState.CLOSED: Look.GOOD}
_VISIBLE = Words(
    "“答复”“办结”的内容投诉人会看到，其余只有本平台的人看到", "who complained reads answers and closings only"
)


def state_of(row: Mapping[str, Any]) -> State:
    """Where it stands; a case that is late is red."""
    state = CaseState(row["state"])
    return State(Look.STOP if row["late"] else _LOOKS.get(state, Look.ATTENTION), Words(*STATES[state]))


def _goods(row: Mapping[str, Any]) -> Cell:
    return Cell(row["lot_no"] or row["style_no"] or row["serial"], small=row["firm_name"])


def _left(desk_at: Any, row: Mapping[str, Any]) -> str:
    return left(row["due_at"], desk_at) if row["due_at"] else ""


LISTING = Listing(
    caption=Words("投诉", "Complaints"),
    columns=(
        Column("complaint", "编号", "number", lambda row: Cell(shown_number(row["complaint"]))),
        Column("state", "进度", "state", lambda row: Cell(None, state=state_of(row))),
        Column("about", "内容", "about", lambda row: Cell(ABOUTS[About(row["about"])][0], small=row["words"][:40])),
        Column("firm_name", "货品", "goods", _goods),
        Column("days", "天数", "days", number=True),
        Column("due_at", "期限", "due"),
        Column("taken_by", "经办", "in whose hands"),
    ),
    chips=(
        Chips("state", "进度", "state", tuple((one.value, Words(*STATES[one])) for one in CaseState)),
        Chips("open", "未办结", "open", (("true", Words("未办结", "open")),)),
    ),
    search=Words("编号、序列号、企业、批号、内容", "number, serial, firm, lot, words"),
    empty=Words("没有投诉", "no complaints"),
    file="complaints",
    href=lambda row: f"{_HERE}/{quote(row['complaint'], safe='')}",
)


class Handle(BaseModel):
    """A step of who handles the case."""

    step: Literal["take", "note", "ask_firm", "answer", "close"] = Field(title="办理 · step")
    said: str = Field("", title="内容 · words", max_length=2_000, json_schema_extra={"kind": "area"})


class Say(BaseModel):
    """What the firm says."""

    said: str = Field(title="说明 · what you say", max_length=2_000, json_schema_extra={"kind": "area"})


async def cases(desk: Desk) -> web.Response:
    """All that this party sees, the most urgent first."""
    return await show_list(desk, LISTING, lambda ask: work.list_cases(desk.pool, desk.actor, ask, desk.at))


async def case(desk: Desk) -> web.Response:
    """One: what was said, by whom, until when, and what can be done now."""
    row = await work.show_case(desk.pool, desk.actor, desk.part("complaint"), desk.at)
    moments = [_moment(one) for one in row["steps"]]
    photos = [f"{_HERE}/{quote(row['complaint'], safe='')}/photos/{n}" for n in range(1, row["photos"] + 1)]
    return await show(
        desk, "pages/case.html", number=shown_number(row["complaint"]), state=state_of(row), facts=_facts(desk, row),
        moments=moments, photos=photos, forms=_forms(desk, row), row=row,
    )  # fmt: skip


def _forms(desk: Desk, row: Mapping[str, Any]) -> list[Form]:
    state, here = CaseState(row["state"]), f"{_HERE}/{quote(row['complaint'], safe='')}"
    if desk.may(Act.SPEAK_IN_CASE) and steps_from(state, By.FIRM):
        return [desk.form(f"{here}/firm", Say, Words("提交说明", "Say it"), title=Words("企业说明", "What you say"))]
    steps = steps_from(state, By.OFFICE)
    if not (desk.may(Act.HANDLE_CASE) and steps):
        return []
    options: Sequence[tuple[str, Words]] = [(one.value, Words(*STEPS[one])) for one in steps]
    return [
        desk.form(
            f"{here}/steps", Handle, Words("办理", "Do it"), options={"step": options}, title=Words("办理", "Next"),
            consequence=_VISIBLE,
        )
    ]  # fmt: skip


def _facts(desk: Desk, row: Mapping[str, Any]) -> list[Fact]:
    contact = [Fact("联系方式", "contact", row["contact"])] if row["contact"] else []
    return [
        Fact("内容", "about", ABOUTS[About(row["about"])][0]),
        Fact("投诉人说", "words", row["words"] or None),
        Fact("购买地", "bought", row["bought"] or None),
        *contact,
        Fact("企业", "firm", row["firm_name"]),
        Fact("批次", "lot", row["lot_no"] or None),
        Fact("序列号", "serial", row["serial"], href=f"/console/codes?code={quote(row['serial'], safe='')}"),
        fact_at("收到", "received", row["made_at"], desk.at),
        fact_at("期限", "due", row["due_at"], desk.at, "—"),
        Fact("经办", "in whose hands", row["taken_by"] or None),
        fact_at("内容删除", "words are deleted on", row["deleted_at"], desk.at, str(row["delete_on"] or "—")),
    ]


def _moment(row: Mapping[str, Any]) -> Moment:
    step = Step(row["step"])
    look = Look.GOOD if step in (Step.ANSWER, Step.CLOSE) else Look.ATTENTION
    words = Words(*STEPS[step])
    who = f"{row['who']} {row['party_name']}".strip() or "投诉人"
    return Moment(row["at"], State(look, words), words, who, row["said"])


async def photo(desk: Desk) -> web.Response:
    """A photo of the case, drawn anew when it came."""
    n = desk.part("n")
    number = int(n) if n.isascii() and n.isdigit() and len(n) < 3 else 0
    body = await work.photo_of(desk.pool, desk.actor, desk.part("complaint"), number, desk.at)
    return web.Response(body=body, content_type="image/jpeg", headers=HEADERS)


async def handle(desk: Desk, form: Handle) -> Told:
    """Take a step."""
    return await _done(desk, Step(form.step), form.said)


async def say(desk: Desk, form: Say) -> Told:
    """The firm's word."""
    return await _done(desk, Step.FIRM_SAYS, form.said)


async def _done(desk: Desk, step: Step, said: str) -> Told:
    found = await work.step(desk.pool, desk.actor, desk.part("complaint"), step, said, desk.at)
    zh, en = STATES[CaseState(found["state"])]
    return good(f"已登记：{STEPS[step][0]}；现在{zh}", f"{STEPS[step][1]}; now {en}", f"{_HERE}/{found['complaint']}")


PAGES = (
    Page(_HERE, Act.LOOK, "投诉", "Complaints", cases, Group.OVERSIGHT, "alarm", _SEEN),
    Page(_ONE, Act.LOOK, "一件投诉", "One complaint", case, kinds=_SEEN),
    Page(_ONE + "/photos/{n}", Act.LOOK, "投诉照片", "A photo", photo, kinds=_SEEN),
)
ACTIONS = (
    Action(_ONE + "/steps", Act.HANDLE_CASE, Handle, handle, case),
    Action(_ONE + "/firm", Act.SPEAK_IN_CASE, Say, say, case),
)
