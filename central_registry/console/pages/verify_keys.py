"""Keys by which programs ask about codes: given for a time to a party that was admitted, shown once, ended at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Column, Listing
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.exchange import keys
from central_registry.lists import Ask, Found
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act

_HERE = "/console/verify-keys"
_FOR = frozenset({PartyKind.ASSOCIATION, PartyKind.MARKETPLACE})
_USED: Mapping[str, State] = {
    "in_use": State(Look.GOOD, Words("在用", "in use")),
    "over": State(Look.REST, Words("已到期", "over")),
    "ended": State(Look.STOP, Words("已停用", "ended")),
}
LISTING = Listing(
    caption=Words("核验密钥", "Keys of programs"),
    columns=(
        Column("verify_key", "名称", "name"),
        Column("party_name", "单位", "party", lambda row: Cell(row["party_name"], small=row["party"])),
        Column("state", "状态", "state", lambda row: Cell(None, state=_USED[row["state"]])),
        Column("per_minute", "每分钟码数", "codes a minute", number=True),
        Column("ends_at", "到期", "until", sortable=True),
        Column("note", "备注", "note"),
    ),
    search=Words("单位、备注", "party, note"),
    empty=Words("还没有核验密钥", "no keys yet"),
    file="verify-keys",
)


class Give(BaseModel):
    """To whom, for how long, how much."""

    party: str = Field(title="单位统一社会信用代码 · the party's USCC", max_length=30)
    days: int = Field(365, title="有效天数 · days", ge=1, le=400)
    per_minute: int = Field(600, title="每分钟最多几个码 · codes a minute", ge=1, le=60_000)
    note: str = Field("", title="备注 · note", max_length=100)


class End(BaseModel):
    """Which one."""

    verify_key: str = Field(title="密钥名称 · key", description="在表中 · it stands in the table", max_length=40)


async def page(desk: Desk) -> web.Response:
    """The keys that this party gave or was given, and the forms of who gives them."""
    forms = []
    if desk.may(Act.MANAGE_VERIFY_KEYS):
        give, stop = Words("发一把密钥", "Give a key"), Words("停用一把密钥", "End a key")
        said = Words("用它的程序立即不能再查询", "programs that use it are refused at once")
        forms = [
            desk.form(_HERE, Give, give, title=give),
            desk.form(f"{_HERE}/end", End, stop, title=stop, consequence=said),
        ]

    async def lister(ask: Ask) -> Found:
        found = await keys.list_keys(desk.pool, desk.actor, ask)
        return Found([{**row, "state": _state(row, desk)} for row in found.rows], found.total)

    return await show_list(desk, LISTING, lister, "pages/webhook.html", forms=forms)


def _state(row: Mapping[str, Any], desk: Desk) -> str:
    if row["ended_at"] is not None:
        return "ended"
    return "over" if row["ends_at"] <= desk.at else "in_use"


async def give(desk: Desk, form: Give) -> web.Response:
    """Give one. It is on this page and nowhere again: a redirect would carry it through an address."""
    made = await keys.make(
        desk.pool, desk.actor, form.party.strip(), desk.at, days=form.days, per_minute=form.per_minute, note=form.note
    )
    once = Words("密钥只显示这一次；交给对方写程序的人", "shown this once: for whoever writes the other side's program")
    return await show(desk, "pages/webhook_secret.html", url=made.verify_key, secret=made.key, here=_HERE, once=once)


async def end(desk: Desk, form: End) -> Told:
    """End one."""
    await keys.end(desk.pool, desk.actor, form.verify_key.strip(), desk.at)
    return good("已停用", "ended", _HERE)


PAGES = (Page(_HERE, Act.LOOK, "核验密钥", "Verify keys", page, Group.PARTY, "export", _FOR),)
ACTIONS = (
    Action(_HERE, Act.MANAGE_VERIFY_KEYS, Give, give, page),
    Action(f"{_HERE}/end", Act.MANAGE_VERIFY_KEYS, End, end, page),
)
