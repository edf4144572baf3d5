"""The fleet: each agent's version, last word, what it has left and until when; a new token, a write-off, revocation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.agents import fleet as service
from central_registry.agents import rotation
from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pages.fleet_rest import Lower, WriteOff, goods_of, lower, rest_forms, write_off
from central_registry.console.pages.goods_firms import firms_of
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.life import Fact
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.times import in_full
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.http.context import NEWS
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act

HERE = "/console/agents"
_NEW, _ONE = HERE + "/new", HERE + "/{agent}"
_FOR = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION, PartyKind.FIRM, PartyKind.INSPECTOR})

STATES = {
    "enrolled": State(Look.GOOD, Words("正常", "in contact")),
    "new": State(Look.ATTENTION, Words("未登记", "not enrolled yet")),
    "silent": State(Look.UNKNOWN, Words("失联", "silent")),
    "cloned": State(Look.STOP, Words("两台同名", "two of one identity")),
    "revoked": State(Look.STOP, Words("已停用", "revoked")),
}
WHY = {
    service.Why.LOST: Words("丢失", "lost"),
    service.Why.COPIED: Words("密钥泄露", "its secret was copied"),
    service.Why.BARRED: Words("协会停用", "stopped by the association"),
}

LISTING = Listing(
    caption=Words("打印端", "Agents"),
    columns=(
        Column("agent", "打印端", "agent", lambda row: Cell(row["agent"], small=row["name"]), sortable=True),
        Column("owner_name", "所属", "owner", lambda row: Cell(row["owner_name"] or row["owner"])),
        Column("state", "状态", "state", lambda row: Cell(None, state=STATES[row["state"]])),
        Column("version", "版本", "version", lambda row: Cell(row["version"] or "—")),
        Column("quota_left", "余量", "left", sortable=True, number=True),
        Column("lease_until", "租期至", "lease until", sortable=True),
        Column("last_at", "最近联系", "last word", sortable=True),
    ),
    chips=(Chips("state", "状态", "state", tuple((name, one.words) for name, one in STATES.items())),),
    search=Words("打印端、所属企业", "agent, owner"),
    empty=Words("还没有打印端", "no agents yet"),
    file="agents",
    href=lambda row: f"{HERE}/{quote(row['agent'], safe='')}",
)


class NewAgent(BaseModel):
    """Its name, and whose it is."""

    name: str = Field(title="名称 · name", description="1 到 40 位字母、数字或 . _ -", max_length=40)
    owner: str = Field("", title="归谁所有 · owner", json_schema_extra={"kind": "select"}, max_length=40)


class Revoke(BaseModel):
    """Why it gets nothing more."""

    why: service.Why = Field(title="为什么 · which of these")
    reason: str = Field(title="说明 · in words", max_length=500)


class Firms(BaseModel):
    """For whom it prints."""

    firms: list[str] = Field([], title="为哪些企业打印 · prints for")


class Nothing(BaseModel):
    """Nothing is asked."""


async def fleet(desk: Desk) -> web.Response:
    """All that this party sees."""
    return await show_list(
        desk, LISTING, lambda ask: service.list_fleet(desk.pool, desk.actor, ask, desk.at), "pages/fleet.html"
    )


async def new_agent(desk: Desk) -> web.Response:
    """The form for a new one: one's own, or of a firm of one's association."""
    firms = [one for one in await firms_of(desk) if one[0] != desk.actor.party]
    owners = [(desk.actor.party, Words("本单位", "one's own party")), *firms]
    form = desk.form(
        _NEW, NewAgent, Words("新增", "Add"), options={"owner": owners}, values={"owner": desk.actor.party}
    )
    return await show(desk, "pages/form.html", form=form)


async def agent_page(desk: Desk) -> web.Response:
    """One agent: how it stands, what it holds, and what may be done."""
    row, firms = await service.show_agent(desk.pool, desk.actor, desk.part("agent"), desk.at), await firms_of(desk)
    return await show(
        desk,
        "pages/agent.html",
        row=row,
        state=STATES[row["state"]],
        facts=_facts(row, dict(firms)),
        held=[_held(one, dict(firms)) for one in row["held"]],
        forms=_forms(desk, row, firms),
    )


def _facts(row: Mapping[str, Any], names: Mapping[str, Words]) -> list[Fact]:
    """A firm of another association has no name here, only its code."""
    firms = "、".join(names[one].zh if one in names else one for one in row["firms"])
    why = WHY.get(row["why"])
    more = [Fact("停用", "revoked", f"{why.zh if why else ''} {row['reason']}".strip())] if row["reason"] else []
    return [
        Fact("所属", "owner", row["owner_name"] or row["owner"]),
        Fact("为哪些企业打印", "prints for", firms or "—"),
        Fact("发码段", "issuer", row["issuer"]),
        Fact("版本", "version", row["version"] or None),
        Fact("最近联系", "last word", in_full(row["last_at"]) if row["last_at"] else None),
        Fact("密钥自", "secret since", _secret(row)),
        Fact("余量", "left", f"{row['quota_left']:,}"),
        Fact("账本", "ledger", f"第 {row['seq']:,} 条 {(row['head'] or '')[:16]}"),
        *more,
    ]


def _secret(row: Mapping[str, Any]) -> str | None:
    since = in_full(row["secret_at"]) if row["secret_at"] else None
    return f"{since or ''}，下次联系时更换" if row["rotate_asked_at"] else since


def _held(row: Mapping[str, Any], names: Mapping[str, Words]) -> Fact:
    """What it holds under one key."""
    until = in_full(row["until"]) if row["until"] else "无租期"
    over = "，已交回" if row["closed_at"] else "，已核销" if row["written_off_at"] else ""
    return Fact(goods_of(row, names), row["quota_key"], f"{row['used']:,} / {row['promised']:,} 枚，至 {until}{over}")


def _forms(desk: Desk, row: Mapping[str, Any], firms: list[tuple[str, Words]]) -> list[Form]:
    path, found = f"{HERE}/{quote(row['agent'], safe='')}", []
    mine = desk.actor.party in (row["owner"], row["association"])
    if mine and desk.may(Act.ADD_AGENT):
        found.append(desk.form(f"{path}/token", Nothing, Words("新口令", "New token")))
    if mine and desk.may(Act.ROTATE_AGENT) and row["state"] in ("enrolled", "silent") and not row["rotate_asked_at"]:
        found.append(desk.form(f"{path}/rotate", Nothing, Words("更换密钥", "Change its secret")))
    if mine and desk.may(Act.ADD_AGENT) and desk.actor.kind is PartyKind.ASSOCIATION:
        found.append(
            desk.form(
                f"{path}/firms", Firms, Words("保存", "Save"), options={"firms": firms}, folded=True,
                title=Words("为哪些企业打印", "For whom it prints"), values={"firms": row["firms"]},
            )
        )  # fmt: skip
    found += rest_forms(desk, row, path, dict(firms))
    if mine and desk.may(Act.REVOKE_AGENT) and row["state"] != "revoked":
        left = f"{row['quota_left']:,}"
        found.append(
            desk.form(
                f"{path}/revoke", Revoke, Words("停用", "Revoke"), options={"why": list(_reasons(desk))}, danger=True,
                title=Words("停用这个打印端", "Revoke this agent"), back=path,
                consequence=Words(f"{left} 枚余量不能再打印", f"{left} codes can no longer be drawn"),
            )
        )  # fmt: skip
    return found


def _reasons(desk: Desk) -> list[tuple[str, Words]]:
    """To stop a firm's agents is the association's."""
    whole = desk.actor.kind is PartyKind.ASSOCIATION
    return [(why.value, words) for why, words in WHY.items() if whole or why is not service.Why.BARRED]


async def add(desk: Desk, form: NewAgent) -> web.Response:
    """Make it; its token is shown this once."""
    made = await service.add(desk.pool, desk.actor, service.NewAgent(form.name, form.owner), desk.at)
    return await _show_token(desk, made)


async def new_token(desk: Desk, _: Nothing) -> web.Response:
    """A new token, shown this once."""
    return await _show_token(desk, await service.new_token(desk.pool, desk.actor, desk.part("agent"), desk.at))


async def rotate(desk: Desk, _: Nothing) -> Told:
    """It gets its next secret by itself when it is in contact; nobody carries a token."""
    agent = desk.part("agent")
    await rotation.ask_rotation(desk.pool, desk.actor, agent, desk.at)
    said = "下次联系时自动更换密钥，不用口令；旧版程序不会换", "at its next contact; an older release does not"
    return good(*said, f"{HERE}/{quote(agent, safe='')}")


async def _show_token(desk: Desk, made: Mapping[str, Any]) -> web.Response:
    """As text, to be typed or copied, and as a picture for a scanner at the agent's computer."""
    import segno  # what takes in events and answers scans runs without it

    registry = str(desk.request.url.origin())
    command = f"edge-agent enrol --registry {registry} --token {made['token']}"
    picture = segno.make(made["token"], error="m").svg_inline(scale=5, svgclass="qr", lineclass=None, omitsize=False)
    return await show(
        desk, "pages/token.html", made=made, command=command, picture=picture, back_to=f"{HERE}/{made['agent']}"
    )


async def set_firms(desk: Desk, form: Firms) -> Told:
    """Say for whom it prints from now on."""
    agent = desk.part("agent")
    await service.set_firms(desk.pool, desk.actor, agent, form.firms, desk.at)
    return good(
        f"已保存，为 {len(form.firms)} 家企业打印",
        f"prints for {len(form.firms)} firms",
        f"{HERE}/{quote(agent, safe='')}",
    )


async def revoke(desk: Desk, form: Revoke) -> Told:
    """It gets nothing more."""
    agent = desk.part("agent")
    await service.revoke(desk.pool, desk.actor, agent, form.why, form.reason, desk.at)
    desk.request.app[NEWS].tell()
    return good("已停用", "revoked", f"{HERE}/{quote(agent, safe='')}")


PAGES = (
    Page(HERE, Act.LOOK, "打印端", "Agents", fleet, Group.CODES, "agent", _FOR),
    Page(_NEW, Act.ADD_AGENT, "新增打印端", "Add an agent", new_agent),
    Page(_ONE, Act.LOOK, "一台打印端", "One agent", agent_page, kinds=_FOR),
)
ACTIONS = (
    Action(_NEW, Act.ADD_AGENT, NewAgent, add, new_agent),
    Action(f"{_ONE}/token", Act.ADD_AGENT, Nothing, new_token, agent_page),
    Action(f"{_ONE}/rotate", Act.ROTATE_AGENT, Nothing, rotate, agent_page),
    Action(f"{_ONE}/firms", Act.ADD_AGENT, Firms, set_firms, agent_page),
    Action(f"{_ONE}/revoke", Act.REVOKE_AGENT, Revoke, revoke, agent_page),
    Action(f"{_ONE}/lower", Act.LOWER_ALLOTMENT, Lower, lower, agent_page),
    Action(f"{_ONE}/write-off", Act.WRITE_OFF, WriteOff, write_off, agent_page),
)
