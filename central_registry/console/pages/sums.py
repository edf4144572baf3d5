"""What became of labels, summed by lot, firm, agent or day, with a chart of what the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from aiohttp import web

from central_registry.console.frame import list_table, show, show_list
from central_registry.console.page import Desk, Group, Page
from central_registry.console.pieces.chart import chart
from central_registry.console.pieces.sheet import MEDIA_TYPES
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.words import Words
from central_registry.lists import Ask, Found
from central_registry.oversight.sums import BY, list_sums
from central_registry.parties.actor import UNASSIGNED
from central_registry.parties.acts import Act

HERE = "/console/sums"
_BY: Mapping[str, Words] = {
    "lot": Words("批次", "lot"),
    "firm": Words("企业", "firm"),
    "agent": Words("打印端", "agent"),
    "day": Words("日", "day"),
}
_FIGURES = (
    ("allotted", "已分配", "allotted"),
    ("drawn", "已用码", "drawn"),
    ("printed", "已打印", "printed"),
    ("commissioned", "已贴签", "commissioned"),
    ("by_roll", "按卷贴签", "put on from rolls"),
    ("in_doubt", "存疑", "in doubt"),
    ("scrapped", "报废", "scrapped"),
    ("invalid", "作废", "invalid"),
    ("conflicts", "冲突", "conflicts"),
)
_BARS = 60
"""Of a chart: two months of days; what comes after is in the table."""


def _what(by: str, row: Mapping[str, Any]) -> Cell:
    if by == "lot":
        return Cell(row["lot_no"] or row["style_no"] or row["what"], small=row["firm_name"], href=_place(by, row))
    small = row["what"] if row["firm_name"] else ""
    return Cell(row["firm_name"] or row["what"], small=small, href=_place(by, row))


def _place(by: str, row: Mapping[str, Any]) -> str:
    """Where the goods, the agent or the firm of a row is; '' for a day, and for what nobody was named for."""
    parts = {
        "lot": ("lots", row["firm"], row["lot_no"]) if row["lot_no"] else (),
        "firm": ("parties", row["what"]),
        "agent": ("agents", row["what"]),
    }.get(by, ())
    return "/".join(("/console", *(quote(one, safe="") for one in parts))) if parts and UNASSIGNED not in parts else ""


def listing(by: str) -> Listing:
    """The list, grouped by one of `BY`."""
    words = _BY[by]
    return Listing(
        caption=Words(f"按{words.zh}", f"by {words.en}"),
        columns=(
            Column("what", words.zh, words.en, partial(_what, by), sortable=True),
            *(Column(key, zh, en, sortable=True, number=True) for key, zh, en in _FIGURES),
        ),
        chips=(Chips("by", "汇总", "by", tuple((name, _BY[name]) for name in BY if name != BY[0]), every=_BY[BY[0]]),),
        search=Words("批次、企业、打印端", "lot, firm, agent"),
        empty=Words("还没有标签", "no labels yet"),
        file=f"sums-{by}",
        days=True,
    )


async def sums(desk: Desk) -> web.Response:
    """The sums as the address asks for them."""
    by = desk.query.get("by", "")
    by = by if by in BY else BY[0]

    async def lister(ask: Ask) -> Found:
        newest_first = by == "day" and not ask.sort
        return await list_sums(desk.pool, desk.actor, replace(ask, descending=True) if newest_first else ask)

    if desk.query.get("form", "") in MEDIA_TYPES:
        return await show_list(desk, listing(by), lister)
    found: list[Mapping[str, Any]] = []

    async def kept(ask: Ask) -> Found:
        rows = await lister(ask)
        found.extend(rows.rows)
        return rows

    table = await list_table(desk, listing(by), kept)
    shown = list(reversed(found[:_BARS])) if by == "day" else found[:_BARS]
    drawn = chart([(str(_what(by, row).value)[-16:], row["drawn"]) for row in shown]) if found else None
    return await show(desk, "pages/sums.html", table=table, drawn=drawn, title=Words("已用码", "drawn"), by=by)


PAGES = (Page(HERE, Act.LOOK, "统计", "Sums", sums, Group.OVERSIGHT, "sums"),)
