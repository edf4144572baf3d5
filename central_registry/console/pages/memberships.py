"""Memberships: which party was asked whether an association may have it, and how a membership ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pieces.life import Fact
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.http.context import NEWS
from central_registry.issuing import parting
from central_registry.lists import MOST_ROWS, Ask
from central_registry.parties import joining
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act
from central_registry.problems import ProblemError

HERE = "/console/memberships"
_ASKED, _ONE = HERE + "/asked/{decision}", HERE + "/{association}/{party}"
_FOR = frozenset(PartyKind) - {PartyKind.OPERATOR}

_STATES: Mapping[str, State] = {
    "open": State(Look.ATTENTION, Words("等答复", "waits")),
    "confirmed": State(Look.GOOD, Words("已同意", "agreed")),
    "rejected": State(Look.STOP, Words("不同意", "refused")),
    "taken_back": State(Look.REST, Words("已撤回", "taken back")),
}


def href(association: str, party: str) -> str:
    """The page of one membership, where it is ended."""
    return f"{HERE}/{quote(association, safe='')}/{quote(party, safe='')}"


LISTING = Listing(
    caption=Words("准入征询", "Asked to join"),
    columns=(
        Column("party_name", "主体", "party", lambda row: Cell(row["party_name"], small=row["party"]), sortable=True),
        Column("association_name", "协会", "association", sortable=True),
        Column("outcome", "进度", "progress", lambda row: Cell(None, state=_STATES[row["outcome"]])),
        Column("reason", "说明", "why"),
        Column("answer", "答复", "answer"),
        Column("made_at", "提出", "asked", sortable=True),
    ),
    chips=(Chips("outcome", "进度", "progress", tuple((name, one.words) for name, one in _STATES.items())),),
    search=Words("名称、信用代码", "name, USCC"),
    empty=Words("平台上已有的主体，要它自己同意才能准入", "who is here already says yes or no to it"),
    file="joinings",
    href=lambda row: f"{HERE}/asked/{row['decision']}",
)


class Back(BaseModel):
    """Nothing more to say."""


class End(BaseModel):
    """Why, and from when."""

    reason: str = Field(title="理由 · reason", max_length=100)
    ends_on: date | None = Field(None, title="从哪天起 · from", description="不填就是今天 · today if empty")


async def asked(desk: Desk) -> web.Response:
    """All that this association asked, or this party was asked."""
    return await show_list(desk, LISTING, lambda ask: joining.list_joinings(desk.pool, desk.actor, ask))


async def one_asked(desk: Desk) -> web.Response:
    """One; who asked may take it back while nobody answered. Raises ProblemError (404)."""
    found = await joining.list_joinings(desk.pool, desk.actor, Ask(rows=MOST_ROWS))
    row = next((one for one in found.rows if one["decision"] == desk.part("decision")), None)
    if row is None:
        raise ProblemError("not-found", "没有这件征询 · decision: expected one of yours, got none")
    form = None
    if row["outcome"] == "open" and desk.may(Act.ADMIT):
        form = desk.form(f"{HERE}/asked/{row['decision']}/take-back", Back, Words("撤回", "Take back"))
    decided = f"/console/decisions/{row['decision']}" if desk.may(Act.JOIN) else ""
    facts = [
        Fact("主体", "party", row["party_name"]),
        Fact("协会", "association", row["association_name"]),
        Fact("进度", "progress", "", state=_STATES[row["outcome"]], href=decided),
        Fact("说明", "why", row["reason"] or "—"),
        Fact("答复", "answer", row["answer"] or "—"),
    ]
    return await show(desk, "pages/form.html", form=form, facts=facts)


async def take_back(desk: Desk, _: Back) -> Told:
    """Ask no more."""
    await joining.take_back_joining(desk.pool, desk.actor, desk.part("decision"), desk.at)
    return good("已撤回", "taken back", HERE)


async def membership(desk: Desk) -> web.Response:
    """One membership, and what ends with it, in numbers."""
    pair = desk.part("association"), desk.part("party")
    found = await parting.what_ends(desk.pool, desk.actor, *pair)
    facts = [
        Fact("协会", "association", found["association_name"]),
        Fact("主体", "party", found["party_name"]),
        Fact("自", "since", f"{found['since']:%Y-%m-%d}"),
        *([Fact("将于此日终止", "ends on", str(found["ends_on"]))] if found["ends_on"] else []),
    ]
    form = None
    if desk.may(Act.END_MEMBERSHIP) and not found["ends_on"]:
        told = Words(
            f"{found['orders']} 份未决申请驳回，{found['leases']} 个租期到此为止，"
            f"{found['agents']} 台协会打印端不再为它打印；已打印的照常可扫、可上报；再次准入要它自己同意",
            f"{found['orders']} orders are rejected, {found['leases']} leases end, {found['agents']} of the "
            "association's agents print for it no more",
        )
        form = desk.form(
            f"{href(*pair)}/end", End, Words("终止准入", "End it"), consequence=told, danger=True, back=HERE
        )
    elif desk.may(Act.END_MEMBERSHIP) and found["ended_by"] == desk.actor.party:
        form = desk.form(f"{href(*pair)}/end/take-back", Back, Words("撤回终止", "Let it go on"), back=HERE)
    return await show(desk, "pages/form.html", form=form, facts=facts)


async def go_on(desk: Desk, _: Back) -> Told:
    """Take back an end whose day has not come."""
    pair = desk.part("association"), desk.part("party")
    await parting.take_back_end(desk.pool, desk.actor, *pair, desk.at)
    return good("终止已撤回", "the membership goes on", href(*pair))


async def end(desk: Desk, form: End) -> Told:
    """End it, now or from a later day on."""
    pair = desk.part("association"), desk.part("party")
    done: dict[str, Any] = await parting.end_membership(
        desk.pool, desk.actor, *pair, form.reason, desk.at, ends_on=form.ends_on
    )
    desk.request.app[NEWS].tell()
    if done["ended"]:
        return good("准入已终止", "the membership ended", HERE)
    return good(f"将于 {done['ends_on']} 终止", "it ends then", href(*pair))


PAGES = (
    Page(HERE, Act.LOOK, "准入征询", "Asked to join", asked, Group.PARTY, "check", _FOR),
    Page(_ASKED, Act.LOOK, "准入征询", "Asked to join", one_asked),
    Page(_ONE, Act.LOOK, "准入", "Membership", membership),
)
ACTIONS = (
    Action(_ASKED + "/take-back", Act.ADMIT, Back, take_back, one_asked),
    Action(_ONE + "/end", Act.END_MEMBERSHIP, End, end, membership),
    Action(_ONE + "/end/take-back", Act.END_MEMBERSHIP, Back, go_on, membership),
)
