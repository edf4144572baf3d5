"""What people did, each act a row of one chain: searched, exported, and walked by the operator and associations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from central_registry.console.frame import show, show_list
from central_registry.console.page import Desk, Group, Page
from central_registry.console.pieces.act_terms import act_of
from central_registry.console.pieces.audit_terms import Names, about_of, what_of
from central_registry.console.pieces.state import Look
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.words import Words
from central_registry.lists import MOST_ROWS, Ask
from central_registry.parties import audit_trail
from central_registry.parties.actor import Actor, PartyKind
from central_registry.parties.acts import Act
from central_registry.parties.directory import list_parties
from central_registry.parties.people import list_people

HERE = "/console/audit"
_WALK = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION})
_KNOWN = {
    "password": "密码",
    "password+totp": "密码和动态码",
    "break-glass": "应急",
    "due": "到期执行",
}
_FOUR_EYES = {"kept": "双人", "one_hand": "双人，口令是对方给的", "off": "双人复核关闭", "": ""}

LISTING = Listing(
    caption=Words("操作记录", "Audit"),
    columns=(
        Column("n", "序号", "n", number=True),
        Column("at", "时间", "when"),
        Column("name", "谁", "who", lambda row: Cell(row["name"] or row["person"], small=row["party_name"])),
        Column("act", "做了什么", "what", lambda row: Cell(act_of(row["act"]), small=row["detail"][:300])),
        Column("about", "对什么", "about", lambda row: Cell(row["about"])),
        Column("how", "身份", "known by", lambda row: Cell(_KNOWN.get(row["how"], row["how"]))),
        Column("four_eyes", "复核", "four eyes", lambda row: Cell(_FOUR_EYES.get(row["four_eyes"], row["four_eyes"]))),
    ),
    chips=(
        Chips(
            "four_eyes",
            "复核",
            "four eyes",
            (
                ("kept", Words("双人", "kept")),
                ("one_hand", Words("口令是对方给的", "one hand")),
                ("off", Words("关闭时", "off")),
            ),
        ),
    ),
    search=Words("谁、做了什么、对什么", "who, what, about"),
    empty=Words("还没有记录", "nothing yet"),
    file="audit",
    days=True,
)


def in_names(names: Names, reader: Actor) -> Listing:
    """The list as it is read on the page: acts as what became of them, and names with the way there; who looks after
    none of that party's people reads no code of theirs."""
    read = {
        "name": lambda row: Cell(row["name"] or _nameless(row, reader), small=row["party_name"]),
        "act": lambda row: Cell(what_of(row), small=row["detail"][:300]),
        "about": lambda row: about_of(row, names),
    }
    return replace(LISTING, columns=tuple(replace(one, cell=read.get(one.key, one.cell)) for one in LISTING.columns))


def _nameless(row: Mapping[str, Any], reader: Actor) -> str:
    known = reader.kind in _WALK or row["party"] == reader.party
    return str(row["person"]) if known else "其工作人员 its staff"


async def _names(desk: Desk) -> dict[str, str]:
    """Of the parties that this person sees, and of their own people where they look after them."""
    parties = await list_parties(desk.pool, desk.actor, Ask(rows=MOST_ROWS), desk.at.date())
    people = await list_people(desk.pool, desk.actor, Ask(rows=MOST_ROWS)) if desk.may(Act.MANAGE_PEOPLE) else None
    named = {row["party"]: row["name"] for row in parties.rows}
    return named | {row["person"]: row["name"] for row in (people.rows if people else ()) if row["name"]}


async def audit(desk: Desk) -> web.Response:
    """What this party did, and what was done to it and those it admitted."""
    listing = LISTING if desk.query.get("form") else in_names(await _names(desk), desk.actor)
    return await show_list(
        desk,
        listing,
        lambda ask: audit_trail.list_audit(desk.pool, desk.actor, ask),
        "pages/audit.html",
        may_walk=desk.actor.kind in _WALK,
    )


async def walked(desk: Desk) -> web.Response:
    """The whole chain, hashed anew."""
    found = await audit_trail.verify(desk.pool, desk.actor)
    words = Words("记录链有问题", "the chain does not hold") if found.flaw else Words("记录链完好", "the chain holds")
    own = "" if found.own is None else f"，其中本单位看得到 {found.own:,} 条"
    said = f"{found.rows:,} 条{own} · 末尾 {found.end}" + (f" · {found.flaw}" if found.flaw else "")
    return await show(desk, "pages/walked.html", look=Look.STOP if found.flaw else Look.GOOD, words=words, said=said)


PAGES = (
    Page(HERE, Act.LOOK, "操作记录", "Audit", audit, Group.OVERSIGHT, "audit"),
    Page(f"{HERE}/walk", Act.EXPORT, "校验操作记录", "Walk the audit", walked, kinds=_WALK),
)
