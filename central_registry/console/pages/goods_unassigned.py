"""Goods of before firms: a list to split by hand, and one style that is given to a firm, whole or lot by lot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pages.goods_firms import firms_of
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.life import Fact
from central_registry.console.pieces.table import Cell, Column, Listing
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.goods.assign import assign
from central_registry.goods.goods_lists import list_unassigned, show_unassigned
from central_registry.goods.importing import as_problem
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act
from central_registry.problems import ProblemError

_HERE = "/console/unassigned"
_ONE = _HERE + "/{style_no}"
_SHOWN = 5
"""Lots of a style that its row names; its page names all."""


def _lots(row: Mapping[str, Any]) -> Cell:
    more = " …" if row["lots"] > _SHOWN else ""
    return Cell(row["lots"], small="、".join(row["lot_nos"][:_SHOWN]) + more)


LISTING = Listing(
    caption=Words("未归属的款号", "Styles of no firm yet"),
    columns=(
        Column("style_no", "款号", "style", sortable=True),
        Column("maker", "资料里的制造商", "maker on record", lambda row: Cell(row["maker"], small=row["maker_uscc"])),
        Column("lots", "批次", "lots", _lots, sortable=True, number=True),
        Column("gtins", "条码", "GTINs", lambda row: Cell(len(row["gtins"])), number=True),
        Column("doubts", "要人判断", "to be judged", lambda row: Cell("；".join(row["doubts"]))),
    ),
    search=Words("款号、制造商", "style, maker"),
    empty=Words("都已归属", "all are given to firms"),
    file="unassigned",
    href=lambda row: f"{_HERE}/{quote(row['style_no'], safe='')}",
)


class GiveStyle(BaseModel):
    """The whole style."""

    firm: str = Field(title="归属企业 · to the firm", max_length=40)


class GiveLot(GiveStyle):
    """One lot of it."""

    lot_no: str = Field(title="批号 · lot", max_length=200)


async def listed(desk: Desk) -> web.Response:
    """What no firm has yet."""
    return await show_list(desk, LISTING, lambda ask: list_unassigned(desk.pool, desk.actor, ask))


async def style(desk: Desk) -> web.Response:
    """One style: what helps to say whose it is, and the two ways to give it."""
    row = await show_unassigned(desk.pool, desk.actor, desk.part("style_no"))
    forms = await _forms(desk, row) if desk.may(Act.ASSIGN_FIRM) else []
    return await show(desk, "pages/goods_unassigned.html", style_no=row["style_no"], facts=_facts(row), forms=forms)


def _facts(row: Mapping[str, Any]) -> list[Fact]:
    return [
        Fact("资料里的制造商", "maker on record", f"{row['maker']} {row['maker_uscc']}".strip() or None),
        Fact("批次", "lots", "、".join(row["lot_nos"]) or None),
        Fact("条码", "GTINs", "、".join(row["gtins"]) or None),
        Fact("要人判断", "to be judged", "；".join(row["doubts"]) or None),
    ]


async def _forms(desk: Desk, row: Mapping[str, Any]) -> list[Form]:
    path, firms = f"{_HERE}/{quote(row['style_no'], safe='')}", await firms_of(desk)
    whole = Words("整款归属", "Give the whole style"), Words("归属一批", "Give one lot")
    lots, gtins = row["lots"], len(row["gtins"])
    found = [
        desk.form(
            path, GiveStyle, whole[0], options={"firm": firms}, values={"firm": row["maker_uscc"] or None},
            title=whole[0], danger=True, back=_HERE,
            consequence=Words(
                f"{lots} 个批次、{gtins} 个条码随款号归属，不能退回；配额名和已发的码不变",
                f"{lots} lots and {gtins} GTINs go with it, for good; quota keys and codes stay as they are",
            ),
        )
    ]  # fmt: skip
    if row["lot_nos"]:
        options = {"firm": firms, "lot_no": [(one, Words(one)) for one in row["lot_nos"]]}
        said = Words(
            "只有这一批归属，不能退回；款号资料复制一份，条码留下",
            "this lot alone, for good; the style's record is copied, its GTINs stay",
        )
        found.append(
            desk.form(
                f"{path}/lot", GiveLot, whole[1], options=options, title=whole[1], danger=True, back=_HERE,
                consequence=said,
            )
        )  # fmt: skip
    return found


async def give_style(desk: Desk, form: GiveStyle) -> Told:
    """Give it whole."""
    return await _give(desk, "style", desk.part("style_no"), form.firm, _HERE)


async def give_lot(desk: Desk, form: GiveLot) -> Told:
    """Give one of its lots."""
    return await _give(desk, "lot", form.lot_no, form.firm, f"{_HERE}/{quote(desk.part('style_no'), safe='')}")


async def _give(desk: Desk, what: str, number: str, firm: str, to: str) -> Told:
    try:
        with as_problem():
            found = await assign(desk.pool, desk.actor, what, number, firm, desk.at)
    except ProblemError as cause:
        cause.document.setdefault("field", "firm")
        raise
    lots = len(found["lots"])
    return good(f"{number} 已归属，{lots} 个批次", f"{number} is given away, with {lots} lots", to)


_FOR = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION})
PAGES = (
    Page(_HERE, Act.LOOK, "未归属的旧资料", "Of no firm yet", listed, Group.GOODS, "find", _FOR),
    Page(_ONE, Act.LOOK, "未归属的款号", "A style of no firm yet", style, kinds=_FOR),
)
ACTIONS = (
    Action(_ONE, Act.ASSIGN_FIRM, GiveStyle, give_style, style),
    Action(f"{_ONE}/lot", Act.ASSIGN_FIRM, GiveLot, give_lot, style),
)
