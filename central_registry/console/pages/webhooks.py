"""Addresses that are told of stops and alarms, what was sent there, and a button to send it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.exchange import webhooks
from central_registry.exchange.addresses import MOST_SIGNS
from central_registry.lists import Ask
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act

_HERE = "/console/webhooks"
_ONE = _HERE + "/{webhook}"
_FOR = frozenset({PartyKind.ASSOCIATION, PartyKind.FIRM, PartyKind.MARKETPLACE})
_USED: Mapping[bool, State] = {
    True: State(Look.GOOD, Words("在用", "in use")),
    False: State(Look.STOP, Words("已停用", "ended")),
}
STATES: Mapping[str, State] = {
    "waiting": State(Look.ATTENTION, Words("等待", "waiting")),
    "arrived": State(Look.GOOD, Words("已到", "arrived")),
    "given_up": State(Look.STOP, Words("已放弃", "given up")),
}
KINDS: Mapping[str, Words] = {
    "goods.suspended": Words("暂停", "suspended"),
    "goods.lifted": Words("恢复", "lifted"),
    "goods.recalled": Words("召回", "recalled"),
    "labels.suspended": Words("暂停部分标签", "labels suspended"),
    "labels.recalled": Words("召回部分标签", "labels recalled"),
    "labels.lifted": Words("恢复部分标签", "labels lifted"),
    "alarm.raised": Words("警报", "alarm"),
}
ADDRESSES = Listing(
    caption=Words("推送地址", "Addresses that are told"),
    columns=(
        Column("url", "地址", "address"),
        Column("ended_at", "状态", "state", lambda row: Cell(None, state=_USED[row["ended_at"] is None])),
        Column("arrived", "已到", "arrived", number=True),
        Column("waiting", "等待", "waiting", number=True),
        Column("given_up", "已放弃", "given up", number=True),
        Column("made_at", "新增", "added"),
    ),
    search=Words("地址", "address"),
    empty=Words("还没有推送地址", "no address is told"),
    file="webhooks",
    href=lambda row: f"{_HERE}/{row['webhook']}",
)
LOG = Listing(
    caption=Words("推送记录", "What was told"),
    columns=(
        Column("made_at", "时间", "when"),
        Column("kind", "事项", "what", lambda row: Cell(KINDS[row["kind"]].zh, small=row["line"])),
        Column("state", "结果", "outcome", lambda row: Cell(None, state=STATES[row["state"]])),
        Column("tries", "次数", "tries", number=True),
        Column("answer", "最近的回答", "last answer", lambda row: Cell(row["answer"] or "–", small=row["message"])),
    ),
    chips=(Chips("state", "结果", "outcome", tuple((name, one.words) for name, one in STATES.items())),),
    search=Words("批号、回答、消息编号", "lot, answer, message"),
    empty=Words("还没有消息", "nothing was told yet"),
    file="webhook-messages",
)


class Address(BaseModel):
    """Where to send."""

    url: str = Field(
        title="接收地址 · address", description="https://，公网域名 · https, a public name", max_length=MOST_SIGNS
    )


class End(BaseModel):
    """Nothing to say."""


class Again(BaseModel):
    """Which one."""

    message: str = Field(title="消息编号 · message", description="在表中 · it stands in the table", max_length=80)


async def page(desk: Desk) -> web.Response:
    """All addresses of this party, and a way to add one."""
    words = Words("新增推送地址", "Have an address told")
    form = desk.form(_HERE, Address, words, title=words) if desk.may(Act.MANAGE_WEBHOOKS) else None
    lister: Any = lambda ask: webhooks.list_webhooks(desk.pool, desk.actor, ask)  # noqa: E731
    return await show_list(desk, ADDRESSES, lister, "pages/told.html", form=form)


async def add(desk: Desk, form: Address) -> web.Response:
    """Add one. Its secret is on this page and nowhere again: a redirect would carry it through an address."""
    added = await webhooks.add(desk.pool, desk.actor, form.url, desk.at)
    once = Words(
        "签名密文只显示这一次；交给写接收程序的人", "shown this once: for whoever writes the program that receives"
    )
    return await show(desk, "pages/webhook_secret.html", url=form.url, secret=added.secret, here=_HERE, once=once)


async def one(desk: Desk) -> web.Response:
    """What an address was told."""
    name = desk.part("webhook")
    end_words, again_words = Words("停用", "End"), Words("重发", "Send again")
    forms = []
    if desk.may(Act.MANAGE_WEBHOOKS):
        forms = [
            desk.form(f"{_HERE}/{name}/again", Again, again_words, title=Words("重发一条", "Send one again")),
            desk.form(
                f"{_HERE}/{name}/end", End, end_words, title=Words("停用这个地址", "End this address"),
                consequence=Words("以后不再推送", "nothing more is sent there"),
            ),
        ]  # fmt: skip

    async def lister(ask: Ask) -> Any:
        only = Ask(ask.search, {**ask.filters, "webhook": name}, ask.sort, ask.descending, ask.page, ask.rows)
        return await webhooks.list_messages(desk.pool, desk.actor, only)

    return await show_list(desk, LOG, lister, "pages/webhook.html", forms=forms)


async def end(desk: Desk, _: End) -> Told:
    """End it."""
    await webhooks.end(desk.pool, desk.actor, desk.part("webhook"), desk.at)
    return good("已停用", "ended", _HERE)


async def again(desk: Desk, form: Again) -> Told:
    """Send one again."""
    name = desk.part("webhook")
    await webhooks.send_again(desk.pool, desk.actor, form.message.strip(), desk.at)
    return good("将立即重发", "it is sent again now", f"{_HERE}/{name}")


PAGES = (
    Page(_HERE, Act.MANAGE_WEBHOOKS, "推送", "Webhooks", page, Group.PARTY, "export", _FOR),
    Page(_ONE, Act.MANAGE_WEBHOOKS, "推送记录", "What was told", one, kinds=_FOR),
)
ACTIONS = (
    Action(_HERE, Act.MANAGE_WEBHOOKS, Address, add, page),
    Action(_ONE + "/end", Act.MANAGE_WEBHOOKS, End, end, one),
    Action(_ONE + "/again", Act.MANAGE_WEBHOOKS, Again, again, one),
)
