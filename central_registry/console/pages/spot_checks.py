"""Spot checks: the list with what may be planned, and one with its pieces, on a telephone as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.cases import spot_checks
from central_registry.cases.numbers import shown_number
from central_registry.cases.spot_checks import SpotState
from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pages.goods_firms import firms_of
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.life import Fact, fact_at
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act

_HERE = "/console/spot-checks"
_ONE = _HERE + "/{spot}"
_SEEN = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION, PartyKind.FIRM, PartyKind.INSPECTOR})
STATES: Mapping[SpotState, State] = {
    SpotState.PLANNED: State(Look.ATTENTION, Words("待抽查", "to be looked at")),
    SpotState.PASSED: State(Look.GOOD, Words("合格", "passed")),
    SpotState.FAILED: State(Look.STOP, Words("不合格", "failed")),
}
_RESULTS = (
    ("passed", Words("合格", "passed")),
    ("failed", Words("不合格，暂停该批次", "failed; the lot is suspended")),
)

LISTING = Listing(
    caption=Words("抽查", "Spot checks"),
    columns=(
        Column("spot", "编号", "number", lambda row: Cell(shown_number(row["spot"]))),
        Column("state", "状态", "state", lambda row: Cell(None, state=STATES[SpotState(row["state"])])),
        Column("lot_no", "批次", "lot", lambda row: Cell(row["lot_no"], small=row["firm_name"])),
        Column("sampled", "已抽", "drawn", number=True),
        Column("pieces", "应抽", "to draw", number=True),
        Column("said", "依据", "rests on"),
    ),
    chips=(Chips("state", "状态", "state", tuple((one.value, state.words) for one, state in STATES.items())),),
    search=Words("编号、企业、批号、款号", "number, firm, lot, style"),
    empty=Words("没有抽查", "no spot checks"),
    file="spot-checks",
    href=lambda row: f"{_HERE}/{quote(row['spot'], safe='')}",
)


class Draw(BaseModel):
    """Which lots, and how many of them and of each."""

    firm: str = Field(title="企业 · firm", max_length=30)
    style_no: str = Field("", title="款号，不填为全部 · style, empty for all", max_length=100)
    lots: int = Field(1, title="批数 · lots", ge=1, le=spot_checks.LOTS_MOST)
    pieces: int = Field(8, title="每批件数 · pieces of each", ge=1, le=spot_checks.PIECES_MOST)


class Piece(BaseModel):
    """A piece, by what a scanner reads."""

    code: str = Field(title="扫二维码或输入序列号 · scan the label, or type its serial", max_length=500)


class Result(BaseModel):
    """What came of it."""

    result: Literal["passed", "failed"] = Field(title="结果 · result")
    said: str = Field(title="依据 · what it rests on", max_length=2_000, json_schema_extra={"kind": "area"})


async def page(desk: Desk) -> web.Response:
    """All that this party sees, open ones first."""
    form = None
    if desk.may(Act.SPOT_CHECK):
        options = {"firm": await firms_of(desk)}
        title = Words("随机抽定批次", "Draw lots by chance")
        form = desk.form(_HERE, Draw, Words("抽定", "Draw"), options=options, title=title)
    return await show_list(
        desk,
        LISTING,
        lambda ask: spot_checks.list_spot_checks(desk.pool, desk.actor, ask),
        "pages/told.html",
        form=form,
    )


async def one(desk: Desk) -> web.Response:
    """One: its pieces, what it rests on, and what is to be done."""
    row = await spot_checks.show_spot_check(desk.pool, desk.actor, desk.part("spot"))
    life = [(code, f"/console/codes?code={quote(code, safe='')}") for code in row["serials"]]
    facts = [
        Fact("企业", "firm", row["firm_name"]),
        Fact("批次", "lot", row["lot_no"]),
        Fact("款号", "style", row["style_no"] or None),
        Fact("已抽 / 应抽", "drawn / to draw", f"{row['sampled']} / {row['pieces']}"),
        *(Fact("序列号", "serial", code, href=href) for code, href in life),
        fact_at("抽定", "drawn up", row["made_at"], desk.at),
        fact_at("结果", "result", row["closed_at"], desk.at, "—"),
        Fact("依据", "rests on", row["said"] or None),
    ]
    return await show(
        desk, "pages/case.html", number=shown_number(row["spot"]), state=STATES[SpotState(row["state"])], facts=facts,
        moments=[], photos=[], forms=_forms(desk, row), row=row,
    )  # fmt: skip


def _forms(desk: Desk, row: Mapping[str, Any]) -> list[Form]:
    here = f"{_HERE}/{quote(row['spot'], safe='')}"
    if row["state"] != SpotState.PLANNED or not desk.may(Act.SPOT_CHECK):
        return []
    if row["sampled"] < row["pieces"]:
        title = Words("取样", "Draw a piece")
        return [desk.form(f"{here}/samples", Piece, Words("登记这一件", "Draw it"), title=title)]
    words, title = Words("登记结果", "Say it"), Words("结果", "What came of it")
    return [desk.form(f"{here}/result", Result, words, options={"result": _RESULTS}, title=title)]


async def draw(desk: Desk, form: Draw) -> Told:
    """Lots are drawn."""
    made = await spot_checks.plan(
        desk.pool, desk.actor, form.firm, form.style_no, lots=form.lots, pieces=form.pieces, at=desk.at
    )
    return good(f"已抽定{len(made)}批", f"{len(made)} lots are drawn", _HERE)


async def sample(desk: Desk, form: Piece) -> Told:
    """A piece is drawn."""
    spot = desk.part("spot")
    told = await spot_checks.sample(desk.pool, desk.actor, spot, form.code, desk.at)
    count = f"{told['sampled']} / {told['pieces']}"
    return good(f"已登记 {told['serial']}：{count}", f"drawn: {count}", f"{_HERE}/{quote(spot, safe='')}")


async def result(desk: Desk, form: Result) -> Told:
    """What came of it; failing stops the lot."""
    spot, passed = desk.part("spot"), form.result == "passed"
    await spot_checks.close(desk.pool, desk.actor, spot, form.said, passed=passed, at=desk.at)
    here = f"{_HERE}/{quote(spot, safe='')}"
    if passed:
        return good("已登记：合格", "passed", here)
    return good("已登记：不合格，该批次已停", "failed; the lot is stopped", here)


PAGES = (
    Page(_HERE, Act.LOOK, "抽查", "Spot checks", page, Group.OVERSIGHT, "find", _SEEN),
    Page(_ONE, Act.LOOK, "一次抽查", "One spot check", one, kinds=_SEEN),
)
ACTIONS = (
    Action(_HERE, Act.SPOT_CHECK, Draw, draw, page),
    Action(_ONE + "/samples", Act.SPOT_CHECK, Piece, sample, one),
    Action(_ONE + "/result", Act.SPOT_CHECK, Result, result, one),
)
