"""Printed rolls: handed over by an association, scanned onto garments by the firm on a phone, returned or lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.life import Fact
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.times import in_full
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act
from central_registry.rolls import handing, lists, scanning
from central_registry.rolls.labels import Became

_HERE, _SCAN = "/console/rolls", "/console/scan-roll"
_NEW, _ONE = _HERE + "/new", _HERE + "/{roll}"
_SEEN = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION, PartyKind.FIRM, PartyKind.INSPECTOR})

STATES: Mapping[str, State] = {
    "open": State(Look.ATTENTION, Words("未贴完", "open")),
    "closed": State(Look.GOOD, Words("已结清", "closed")),
}
_SUMS = (
    ("labels", "枚数", "labels"),
    ("commissioned", "已贴到衣服上", "commissioned"),
    ("returned", "已退回", "returned"),
    ("lost", "已丢失", "lost"),
    ("still", "还在卷上", "still on it"),
)


def _goods(row: Mapping[str, Any]) -> str:
    return f"批次 {row['lot_no']}" if row["lot_no"] else f"款号 {row['style_no']}"


LISTING = Listing(
    caption=Words("成卷标签", "Rolls"),
    columns=(
        Column("firm_name", "企业", "firm"),
        Column("lot_no", "货品", "goods", lambda row: Cell(_goods(row), small=row["agent"])),
        *(Column(name, zh, en, number=True) for name, zh, en in _SUMS),
        Column("state", "进度", "progress", lambda row: Cell(None, state=STATES[row["state"]])),
        Column("handed_at", "交接", "handed over"),
    ),
    chips=(Chips("state", "进度", "progress", tuple((name, one.words) for name, one in STATES.items())),),
    search=Words("企业、批号、打印端、序列号", "firm, lot, agent, serial"),
    empty=Words("没有交接过成卷标签", "no roll was handed over"),
    file="rolls",
    href=lambda row: f"{_HERE}/{quote(row['roll'], safe='')}",
)


class Ends(BaseModel):
    """The first and the last label of the roll, scanned or typed."""

    first: str = Field(
        title="第一枚 · first label", description="扫码或输入序列号 · scan, or type the serial", max_length=2_000
    )
    last: str = Field(title="最后一枚 · last label", max_length=2_000)


class Hand(Ends):
    """As it was shown."""

    first: str = Field(max_length=2_000, json_schema_extra={"kind": "hidden"})
    last: str = Field(max_length=2_000, json_schema_extra={"kind": "hidden"})
    labels: int = Field(json_schema_extra={"kind": "hidden"})
    once: str = ""


class Settle(BaseModel):
    """Of the rest, or of the labels named."""

    became: Literal["returned", "lost"] = Field(title="怎么了 · what became of them")
    labels: str = Field(
        "",
        title="哪几枚，一行一枚；不填为余下全部 · which, one a line; none: all the rest",
        max_length=50_000,
        json_schema_extra={"kind": "area"},
    )
    reason: str = Field("", title="说明 · note", max_length=400)


class Scan(BaseModel):
    """What the scanner gives."""

    text: str = Field(title="标签二维码 · the label's code", max_length=2_000)


async def rolls(desk: Desk) -> web.Response:
    """All that this party sees; for an association, the way to a new one."""
    form = None
    if desk.may(Act.HAND_ROLL):
        words = Words("核对", "Check")
        form = desk.form(_NEW, Ends, words, title=Words("交接一卷", "Hand over a roll"))
    return await show_list(
        desk, LISTING, lambda ask: lists.list_rolls(desk.pool, desk.actor, ask), "pages/told.html", form=form
    )


async def check(desk: Desk, form: Ends) -> web.Response:
    """Say what lies between the two before anything is handed over."""
    found = await handing.preview(desk.pool, desk.actor, form.first, form.last)
    words = Words("交接", "Hand over")
    drawn = desk.form(
        f"{_NEW}/hand", Hand, words, title=words,
        values={"first": form.first, "last": form.last, "labels": found.labels},
        consequence=Words(
            f"{found.labels:,} 枚（{found.quota_key}，打印端 {found.agent}）交给 {found.firm_name}",
            f"{found.labels:,} labels ({found.quota_key}, printed by {found.agent}) to {found.firm_name}",
        ),
    )  # fmt: skip
    return await show(desk, "pages/form.html", form=drawn)


async def hand_over(desk: Desk, form: Hand) -> Told:
    """Hand over what was shown."""
    found = await handing.hand_over(
        desk.pool, desk.actor, form.first, form.last, desk.at, labels=form.labels, once=form.once
    )
    return good(f"已交接 {found.labels:,} 枚", f"{found.labels:,} labels handed over", f"{_HERE}/{found.roll}")


async def roll(desk: Desk) -> web.Response:
    """One, with its sums."""
    row = await lists.show_roll(desk.pool, desk.actor, desk.part("roll"))
    may = desk.may(Act.HAND_ROLL) and row["association"] == desk.actor.party and row["still"]
    forms = [_settle_form(desk, row)] if may else []
    return await show(desk, "pages/roll.html", row=row, state=STATES[row["state"]], facts=_facts(row), forms=forms)


def _settle_form(desk: Desk, row: Mapping[str, Any]) -> Form:
    return desk.form(
        f"{_HERE}/{quote(row['roll'], safe='')}/settle",
        Settle,
        Words("登记", "Note it"),
        options={"became": [("returned", Words("退回", "returned")), ("lost", Words("丢失", "lost"))]},
        title=Words("退回、丢失", "Back or lost"),
        consequence=Words(f"还在卷上 {row['still']:,} 枚；登记后不能再贴", f"{row['still']:,} still on it; final"),
    )


def _facts(row: Mapping[str, Any]) -> list[Fact]:
    head = [
        Fact("企业", "firm", row["firm_name"]),
        Fact("货品", "goods", _goods(row)),
        Fact("打印端", "agent", row["agent"]),
        Fact("第一枚", "first", row["first_serial"], href=f"/console/codes?code={row['first_serial']}"),
        Fact("最后一枚", "last", row["last_serial"], href=f"/console/codes?code={row['last_serial']}"),
        Fact("交接", "handed over", f"{in_full(row['handed_at'])} {row['handed_by']}"),
    ]
    return [*head, *(Fact(zh, en, f"{row[name]:,}") for name, zh, en in _SUMS)]


async def settle(desk: Desk, form: Settle) -> Told:
    """Note what came back or is lost."""
    name, became = desk.part("roll"), Became(form.became)
    done = await handing.settle(
        desk.pool, desk.actor, name, became, desk.at, labels=form.labels.split(), reason=form.reason
    )
    zh = "退回" if became is Became.RETURNED else "丢失"
    return good(f"已登记{zh} {done['labels']:,} 枚", f"{done['labels']:,} labels {became}", f"{_HERE}/{name}")


async def scan_page(desk: Desk) -> web.Response:
    """One field, ready for a phone's scanner; what was scanned before stands above it."""
    return await show(desk, "pages/scan_roll.html", form=desk.form(_SCAN, Scan, Words("登记", "Note it")))


async def scan(desk: Desk, form: Scan) -> Told:
    """Take in one label; the page comes back ready for the next."""
    found = await scanning.commission(desk.pool, desk.actor, form.text, desk.at)
    so_far = f"本卷已贴 {found['commissioned']:,} 枚，还剩 {found['still']:,} 枚"
    left = f"{found['commissioned']} so far, {found['still']} left"
    if found["already"]:
        return Told(
            Look.ATTENTION,
            Words(
                f"{found['serial']} 以前已经贴过，没有变化；{so_far}", f"was scanned before, nothing changed; {left}"
            ),
            _SCAN,
        )
    return good(f"{found['serial']} 已贴；{so_far}", f"is on its garment; {left}", _SCAN)


PAGES = (
    Page(_SCAN, Act.SCAN_ROLL, "逐件贴签", "Scan onto garments", scan_page, Group.CODES, "code"),
    Page(_HERE, Act.LOOK, "成卷标签", "Rolls", rolls, Group.CODES, "roll", _SEEN),
    Page(_ONE, Act.LOOK, "一卷标签", "One roll", roll, kinds=_SEEN),
)
ACTIONS = (
    Action(_NEW, Act.HAND_ROLL, Ends, check, rolls),
    Action(f"{_NEW}/hand", Act.HAND_ROLL, Hand, hand_over, rolls),
    Action(f"{_ONE}/settle", Act.HAND_ROLL, Settle, settle, roll),
    Action(_SCAN, Act.SCAN_ROLL, Scan, scan, scan_page),
)
