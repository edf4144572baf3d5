"""How many labels goods without certificate may have: the limits that stand, and a form for another."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pages.goods_firms import firms_of
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.goods.limits import list_limits, set_limit
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act

_HERE = "/console/limits"
_WHAT = {"lot": Words("批次", "lot"), "style": Words("款号", "style")}
LISTING = Listing(
    caption=Words("限量", "Limits"),
    columns=(
        Column("number", "编号", "number", sortable=True),
        Column("what", "对象", "what", lambda row: Cell(_WHAT[row["what"]].zh)),
        Column("firm_name", "企业", "firm", sortable=True),
        Column("quantity", "最多枚数", "at most", sortable=True, number=True),
        Column("taken", "已分配", "allotted", number=True),
        Column("reason", "理由", "reason"),
        Column("at", "设定", "set", sortable=True),
    ),
    chips=(Chips("what", "对象", "what", tuple(_WHAT.items())),),
    search=Words("编号、企业、理由", "number, firm, reason"),
    empty=Words("还没有限量：需要证书的货品按证书", "none: goods with a certificate go by it"),
    file="limits",
    href=lambda row: f"{_HERE}?{urlencode({name: row[name] for name in ('firm', 'what', 'number')})}",
)


class Limit(BaseModel):
    """It replaces the one before."""

    firm: str = Field(title="企业 · firm", max_length=40)
    what: Literal["lot", "style"] = Field(title="对象 · what")
    number: str = Field(title="批号或款号 · its number", max_length=200)
    quantity: int = Field(title="最多枚数 · labels at most", ge=0, le=1_000_000_000)
    reason: str = Field(title="理由 · reason", max_length=400)


async def page(desk: Desk) -> web.Response:
    """The limits; where somebody may set one, the form begins with the goods that the address names."""
    form = await _form(desk) if desk.may(Act.SET_LIMIT) else None
    lister: Any = lambda ask: list_limits(desk.pool, desk.actor, ask)  # noqa: E731
    return await show_list(desk, LISTING, lister, "pages/goods_limits.html", form=form)


async def _form(desk: Desk) -> Form:
    words = Words("设定限量", "Set a limit")
    begun = {name: desk.query.get(name) for name in ("firm", "what", "number")}
    options = {"firm": await firms_of(desk), "what": list(_WHAT.items())}
    return desk.form(_HERE, Limit, words, options=options, values=begun, title=words)


async def limit(desk: Desk, form: Limit) -> Told:
    """Set it."""
    goods = form.firm, form.what, form.number
    await set_limit(desk.pool, desk.actor, goods, form.quantity, reason=form.reason, at=desk.at)
    return good(f"{form.number} 最多 {form.quantity:,} 枚", f"at most {form.quantity:,} labels", _HERE)


_FOR = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION, PartyKind.FIRM})
PAGES = (Page(_HERE, Act.LOOK, "限量", "Limits", page, Group.GOODS, "sums", _FOR),)
ACTIONS = (Action(_HERE, Act.SET_LIMIT, Limit, limit, page),)
