"""Parties: who is here and how they stand; one with the history of its status; admitted, moved, appealed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pages import memberships
from central_registry.console.pages.people import show_word
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.life import Fact, Moment
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.terms import KINDS, STATUS, said, status_of
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.parties import admission, directory, statuses
from central_registry.parties.actor import PartyKind, PartyStatus
from central_registry.parties.acts import Act
from central_registry.parties.people import Word

HERE = "/console/parties"
_NEW, _ONE = HERE + "/new", HERE + "/{party}"
_LINE, _TEXT = 200, 2_000
_THOSE_WITH_MEMBERS = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION})


def href(row: Mapping[str, Any]) -> str:
    """The page of a party."""
    return f"{HERE}/{quote(row['party'], safe='')}"


def _status(row: Mapping[str, Any]) -> Cell:
    return Cell(None, small="临时，待确认" if row["provisional"] else "", state=status_of(row["status"]))


LISTING = Listing(
    caption=Words("主体", "Parties"),
    columns=(
        Column("name", "名称", "name", lambda row: Cell(row["name"], small=_code(row)), sortable=True),
        Column("kind", "类型", "kind", lambda row: Cell(said(KINDS, row["kind"])), sortable=True),
        Column("status", "状态", "status", _status, sortable=True),
        Column("status_since", "自", "since", sortable=True),
        Column("people", "人员", "people", sortable=True, number=True),
        Column("made_at", "登记", "registered", sortable=True),
    ),
    chips=(
        Chips("kind", "类型", "kind", tuple(KINDS.items())),
        Chips("status", "状态", "status", tuple((name, one.words) for name, one in STATUS.items())),
    ),
    search=Words("名称、信用代码、企业代号", "name, USCC, code"),
    empty=Words("还没有主体，点“准入”", "none yet: admit one"),
    file="parties",
    href=href,
)


def _code(row: Mapping[str, Any]) -> str:
    trial = "试用" if row["sandbox"] else row["party"]
    return f"{trial} · {row['code']}" if row["code"] else trial


class NewAssociation(BaseModel):
    """An association with its first officer."""

    uscc: str = Field(
        title="统一社会信用代码 · USCC", description="18 位，照执照抄写 · as on its licence", max_length=_LINE
    )
    name: str = Field(title="名称 · name", max_length=_LINE)
    short_name: str = Field("", title="简称 · short name", max_length=_LINE)
    address: str = Field("", title="地址 · address", max_length=_LINE)
    contact: str = Field("", title="联系电话 · telephone", max_length=_LINE)
    officer_name: str = Field("", title="管理员姓名 · its officer", max_length=_LINE)
    officer_login: str = Field("", title="管理员登录名 · login of its officer", max_length=_LINE)
    officer_contact: str = Field("", title="管理员电话 · telephone of its officer", max_length=_LINE)


class _Kind(BaseModel):
    kind: PartyKind = Field(title="类型 · kind")


class NewParty(NewAssociation, _Kind):
    """A firm, lab or other party with its first officer."""

    uscc: str = Field(
        "", title="统一社会信用代码 · USCC", description="18 位，照执照抄写 · as on its licence", max_length=_LINE
    )
    reason: str = Field("", title="准入理由 · reason", max_length=_TEXT, json_schema_extra={"kind": "area"})
    evidence: str = Field("", title="依据 · evidence", description="文件号、会议纪要 · file numbers", max_length=_TEXT)
    candidate: bool = Field(False, title="先列为待准入，还不能申请码 · a candidate, who may not ask for codes yet")
    sandbox: bool = Field(False, title="试用主体，码扫出来是“测试” · a party for trying; needs no USCC")


class NewStatus(BaseModel):
    """A status, and why."""

    status: PartyStatus = Field(title="改为 · to")
    reason: str = Field(title="原因 · reason", max_length=_TEXT, json_schema_extra={"kind": "area"})
    evidence: str = Field("", title="依据 · evidence", description="文件号、报告号 · file numbers", max_length=_TEXT)
    effective_on: date | None = Field(None, title="生效日 · effective on", description="不填就是今天 · today if empty")


async def parties(desk: Desk) -> web.Response:
    """All that this party sees, as they stand today."""
    today = desk.at.date()
    may = desk.may(Act.ADMIT) or desk.may(Act.MAKE_ASSOCIATION)
    return await show_list(
        desk,
        LISTING,
        lambda ask: directory.list_parties(desk.pool, desk.actor, ask, today),
        "pages/parties.html",
        may_add=may,
        add=_words(desk),
    )


def _words(desk: Desk) -> Words:
    return Words("建立协会", "Make an association") if desk.may(Act.MAKE_ASSOCIATION) else Words("准入", "Admit")


async def new_party(desk: Desk) -> web.Response:
    """The form of who is to come: the operator makes associations, an association admits all others."""
    if desk.may(Act.MAKE_ASSOCIATION):
        form = desk.form(f"{_NEW}/association", NewAssociation, _words(desk))
    else:
        kinds = {"kind": [(kind, words) for kind, words in KINDS.items() if kind in admission.ADMITTED]}
        form = desk.form(_NEW, NewParty, _words(desk), options=kinds, values={"kind": PartyKind.FIRM})
    return await show(desk, "pages/form.html", form=form)


async def admit(desk: Desk, form: NewParty) -> Told | web.Response:
    """Admit it."""
    new = admission.NewParty(**form.model_dump())
    return await _admitted(desk, await admission.admit(desk.pool, desk.actor, new, desk.at))


async def make_association(desk: Desk, form: NewAssociation) -> Told | web.Response:
    """Make it."""
    new = admission.NewParty(PartyKind.ASSOCIATION, **form.model_dump())
    return await _admitted(desk, await admission.make_association(desk.pool, desk.actor, new, desk.at))


async def _admitted(desk: Desk, done: admission.Admitted) -> Told | web.Response:
    """Its officer's one-time word, or where it has one already, its page."""
    path = f"{HERE}/{quote(done.party, safe='')}"
    if done.waits:
        told = f"{done.known_as} 已在平台上，已征询；它的管理员同意后才准入", "it is here already: its officer decides"
        return good(*told, memberships.HERE)
    if isinstance(done.officer, Word):
        return await show_word(desk, done.officer, path)
    return good(f"已准入；平台上已有，名称是 {done.known_as}", "admitted; it was here under that name", path)


async def party(desk: Desk) -> web.Response:
    """One, with the history of its status."""
    row = await directory.show_party(desk.pool, desk.actor, desk.part("party"), desk.at.date())
    events = await statuses.history(desk.pool, desk.actor, row["party"])
    may = desk.may(Act.SET_STATUS) and row["party"] != desk.actor.party
    return await show(
        desk,
        "pages/party.html",
        row=row,
        state=status_of(row["status"]),
        facts=facts_of(row),
        moments=moments_of(events),
        form=_status_form(desk, row) if may else None,
    )


def facts_of(row: Mapping[str, Any]) -> list[Fact]:
    """What a party is."""
    return [
        Fact("统一社会信用代码", "USCC", "试用主体" if row["sandbox"] else row["party"]),
        Fact("类型", "kind", said(KINDS, row["kind"])),
        Fact("企业代号", "code", row["code"] or "—"),
        Fact("简称", "short name", row["short_name"] or "—"),
        Fact("地址", "address", row["address"] or None),
        Fact("联系", "contact", row["contact"] or None),
        *(_admitted_by(row) or [Fact("准入协会", "admitted by", "—")]),
        Fact("人员", "people", str(row["people"])),
        *([Fact("双人复核", "four eyes", "关闭")] if row["four_eyes"] == "off" else []),
    ]


def _admitted_by(row: Mapping[str, Any]) -> list[Fact]:
    return [
        Fact("准入协会", "admitted by", one["name"], href=memberships.href(one["association"], row["party"]))
        for one in row["associations"]
    ]


_ANSWERED = State(Look.REST, Words("答复", "answer"))
_APPEAL = State(Look.ATTENTION, Words("申诉", "appeal"))


def moments_of(events: list[dict[str, Any]]) -> list[Moment]:
    """Each event of a status, and what was said against it, the newest first."""
    found: list[Moment] = []
    for event in events:
        zh = f"自 {event['effective_on']}" + ("，临时" if event["provisional"] else "")
        why = "；".join(text for text in (event["reason"], event["evidence"]) if text)
        found.append(Moment(event["at"], status_of(event["status"]), Words(zh, ""), event["by_name"], why))
        for one in event["appeals"]:
            found.append(Moment(datetime.fromisoformat(one["said_at"]), _APPEAL, Words("", ""), "", one["said"]))
            if one["answered_at"]:
                at = datetime.fromisoformat(one["answered_at"])
                found.append(Moment(at, _ANSWERED, Words("", ""), event["by_name"], one["answer"]))
    return sorted(found, key=lambda one: one.at, reverse=True)


def _status_form(desk: Desk, row: Mapping[str, Any]) -> Form:
    others = [(name, one.words) for name, one in STATUS.items() if name != row["status"]]
    told = Words(
        "停用、黑名单马上生效，72 小时内要另一人确认；解除要另一人同意；停用后不能申请码，已打印的照常可扫",
        "what holds a party back works at once; what lifts it waits for another person",
    )
    return desk.form(
        f"{href(row)}/status",
        NewStatus,
        Words("调整状态", "Set"),
        title=Words("调整状态", "Status"),
        consequence=told,
        options={"status": others},
    )


async def set_status(desk: Desk, form: NewStatus) -> Told:
    """Set it, or ask for a second person."""
    move = statuses.Move(form.status, form.reason, form.evidence, form.effective_on)
    done = await statuses.set_status(desk.pool, desk.actor, desk.part("party"), move, desk.at)
    path = f"{HERE}/{quote(desk.part('party'), safe='')}"
    if done.n is None:
        return good("已提出解除，等另一人同意", "asked; another person decides", path)
    word = status_of(form.status).words
    if done.provisional:
        return good(f"已改为{word.zh}，马上生效；72 小时内要另一人确认", f"{word.en} at once; another confirms", path)
    return good(f"已改为{word.zh}", word.en, path)


PAGES = (
    Page(HERE, Act.LOOK, "企业与机构", "Parties", parties, Group.PARTY, "firm", _THOSE_WITH_MEMBERS),
    Page(_NEW, Act.LOOK, "准入", "Admit", new_party, kinds=_THOSE_WITH_MEMBERS),
    Page(_ONE, Act.LOOK, "主体", "Party", party),
)
ACTIONS = (
    Action(_NEW, Act.ADMIT, NewParty, admit, new_party),
    Action(f"{_NEW}/association", Act.MAKE_ASSOCIATION, NewAssociation, make_association, new_party),
    Action(f"{_ONE}/status", Act.SET_STATUS, NewStatus, set_status, party),
)
