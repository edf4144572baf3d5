"""Every piece on one page, in every state: what is photographed by tests, and looked at by whoever makes a page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import list_table, show
from central_registry.console.page import Desk, Page
from central_registry.console.pieces.chart import chart
from central_registry.console.pieces.form import Upload
from central_registry.console.pieces.life import Count, Fact, Moment, steps
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.terms import STATUS, status_of
from central_registry.console.pieces.told import Undo, good
from central_registry.console.pieces.words import Words
from central_registry.lists import Ask, Found
from central_registry.parties.actor import PartyKind, PartyStatus, Role
from central_registry.parties.acts import Act

LONG = "示例羽绒制品（浙江）科技股份有限公司第二生产基地及其仓储配送中心"
LISTING = Listing(
    caption=Words("企业", "Firms"),
    columns=(
        Column("name", "名称", "name", lambda row: Cell(row["name"], small=row["uscc"]), sortable=True),
        Column("status", "状态", "status", lambda row: Cell(None, state=status_of(row["status"]))),
        Column("lots", "批次", "lots", number=True, sortable=True),
        Column("since", "准入", "admitted"),
        Column("at", "最近动静", "last word", sortable=True),
    ),
    chips=(Chips("status", "状态", "status", tuple((name, one.words) for name, one in STATUS.items())),),
    search=Words("名称、信用代码", "name, code"),
    empty=Words("还没有企业，点“准入企业”", "none yet: admit one"),
    file="firms",
    href=lambda row: f"/console/pieces?q={row['uscc']}",
)


class Sample(BaseModel):
    """A field of every kind."""

    name: str = Field(title="名称 · name", description="营业执照上的全称 · as on its licence", max_length=100)
    kind: PartyKind = Field(title="类型 · kind")
    on: date | None = Field(None, title="生效日 · effective on")
    pieces: int = Field(title="件数 · pieces", ge=1)
    roles: list[Role] = Field(title="角色 · roles", min_length=1)
    paper: Upload | None = Field(None, title="报告 · report")
    reason: str = Field(title="原因 · reason", json_schema_extra={"kind": "area"})
    sure: bool = Field(False, title="已核对原件 · seen the original")


async def pieces(desk: Desk) -> web.Response:
    """All of them; `?rows=` says how many rows the table has."""
    count = desk.query.get("rows", "")
    rows = _rows(desk, int(count) if count.isdecimal() and len(count) < 6 else 3)
    return await show(
        desk,
        "pages/pieces.html",
        table=await list_table(desk, LISTING, lambda ask: _found(rows, ask)),
        states=[*STATUS.values(), State(Look.REST, Words("已关闭", "closed"))],
        told=good("已批准 3 张证书", "3 certificates approved", undo=Undo("/console/pieces")),
        form=desk.form("/console/pieces", Sample, Words("提交", "Send")),
        **_values(desk),
    )


def _values(desk: Desk) -> dict[str, Any]:
    ago = [desk.at - timedelta(hours=hours) for hours in (0, 5, 30, 900)]
    danger = desk.form(
        "/console/pieces/no",
        Reason,
        Words("撤回 3 张", "Withdraw 3"),
        danger=True,
        back="/console/pieces",
        title=Words("撤回证书", "Withdraw"),
        consequence=Words("3 张证书撤回后，4 990 枚码的页面会写“已撤回”", "4 990 codes will say so"),
    )
    return {
        "danger": danger,
        "facts": [
            Fact("名称", "name", LONG),
            Fact("批次", "lots", "12", href="/console/pieces"),
            Fact("状态", "status", None, state=STATUS[PartyStatus.WATCHED]),
            Fact("地址", "address", None),
        ],
        "moments": [
            Moment(at, state, Words("改为" + state.words.zh, state.words.en), "示例甲", "抽查不合格" if n else "")
            for n, (at, state) in enumerate(zip(ago, STATUS.values(), strict=False))
        ],
        "steps": steps(
            [
                (Words("送检", "sample"), None),
                (Words("证书", "certificate"), Words("等协会批准", "waits for the association")),
                (Words("赋码", "codes"), None),
            ],
            1,
        ),
        "drawn": chart([(f"11-{day:02d}", day * 137 % 900) for day in range(1, 31)]),
        "counts": [
            Count("待批赋码", "orders to approve", 12, "/console/pieces", soon="最早一单已等 2 天"),
            Count("警报", "alarms", 3, "/console/pieces", Look.STOP, "1 个未接"),
            Count("失联打印端", "silent agents", 0, "/console/pieces", Look.GOOD),
        ],
    }


class Reason(BaseModel):
    """Why."""

    reason: str = Field(title="原因 · reason", max_length=200)


def _rows(desk: Desk, count: int) -> list[dict[str, Any]]:
    names = list(STATUS)
    return [
        {
            "name": LONG if n % 4 == 0 else f"示例服饰 {n}",
            "uscc": f"91330482MA28{n:05d}X",
            "status": names[n % len(names)],
            "lots": n * 997 % 4000,
            "since": date(2026, 1, 1) + timedelta(days=n % 300),
            "at": desk.at - timedelta(minutes=n * 411) if n % 5 else None,
        }
        for n in range(count)
    ]


async def _found(rows: list[dict[str, Any]], ask: Ask) -> Found:
    fits = [one for one in rows if ask.search in one["name"] + one["uscc"]]
    fits = [one for one in fits if ask.filters.get("status", one["status"]) == one["status"]]
    if ask.sort in ("name", "lots"):
        fits.sort(key=lambda one: str(one[ask.sort]).zfill(9), reverse=ask.descending)
    return Found(fits[ask.skipped : ask.skipped + ask.rows], len(fits))


PAGES = (Page("/console/pieces", Act.LOOK, "组件", "Pieces", pieces, icon="pieces"),)
