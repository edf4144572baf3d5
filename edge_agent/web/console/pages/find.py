"""Find: a serial typed or scanned leads to its label; style, size, lot, days, person, printer and state to a list of
labels, the newest first, page by page; and what is missing of a lot or an order is printed by one answer."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from aiohttp import web

from edge_agent.messages.job import LABEL_STATES
from edge_agent.messages.text import Words
from edge_agent.model.search import FoundLabel, LabelSearch
from edge_agent.service.agent_service import AgentService
from edge_agent.service.find import FoundPage, between_days, has_length_of_serial, is_serial
from edge_agent.web.console.floor import Names, names_of
from edge_agent.web.console.frame import show
from edge_agent.web.console.page import Form
from edge_agent.web.console.pages import label
from edge_agent.web.console.pages.orders import BACK, nothing_changed
from edge_agent.web.console.pieces.life import Field, Question
from edge_agent.web.console.pieces.table import PAGE_ROWS, Asked, Cell, Chip, Column, Row, Table
from edge_agent.web.console.pieces.told import HOME, Told, good
from edge_agent.web.console.who import acting
from edge_agent.web.context import service
from label_protocol.errors import ConflictError

PATH = "/console/find"
MISSING = "/console/missing/{scope}"
FIELDS = ("size", "lot_no", "from", "to", "operator", "printer")
"""What may be asked besides words and state, by their names in the address."""

COLUMNS = (
    Column("serial", "序列号", "serial"),
    Column("goods", "款号 · 号型", "style · size"),
    Column("lot", "批次", "lot"),
    Column("state", "状态", "state"),
    Column("printer", "打印机", "printer"),
    Column("sent", "送出", "sent", time=True),
)
NONE_YET = Words("还没有打过标签", "No label was printed yet")
EMPTY = Words("没有找到这样的标签，去掉一个条件再找", "No such label; leave one condition out and look again")
MISTYPED = "没有这个序列号：校验位不对，请对着标签再输一遍，或扫码 · no such serial: type it again, or scan it"
CHIPS = (Chip("", "全部", "All"), *(Chip(state.value, one.zh, one.en) for state, one in LABEL_STATES.items()))
SEARCH = Words("序列号、款号、批号", "serial, style or lot, or scan it")


async def page(request: web.Request) -> web.Response:
    """A label, if the words are its serial or its code; else the labels that have all that is asked."""
    there, asked = service(request), Asked.of(PATH, request.query, (*FIELDS, "after"))
    if is_serial(asked.q):
        found = await there.find.label(asked.q)
        return web.Response(status=303, headers={"Location": f"{label.PATH}/{found.label.serial}"})
    page, wanted = await _search(there, asked)
    names = await names_of(there, await there.printers.all(), acting(request))
    return await show(
        request,
        "pages/find.html",
        labels=_table(names, asked, page, _query(wanted, asked)),
        fields=_fields(asked),
        more=asked.link(after=page.next) if page.next else "",
        newest=asked.link(after="") if asked.others.get("after") else "",
        missing=await _missing(there, wanted.lot_no),
        lot_no=wanted.lot_no,
    )


async def _search(there: AgentService, asked: Asked) -> tuple[FoundPage, LabelSearch]:
    """Words are a style; where no style has them, a lot."""
    others = asked.others
    by = {name: others.get(name, "") for name in ("size", "lot_no", "operator", "printer")}
    wanted = LabelSearch(style_no=asked.q, state=asked.chip, **by)
    wanted = between_days(wanted, others.get("from", ""), others.get("to", ""))
    found = await there.find.labels(wanted, PAGE_ROWS, others.get("after", ""))
    if found.labels or not asked.q or wanted.lot_no:
        return found, wanted
    wanted = replace(wanted, style_no="", lot_no=asked.q)
    return await there.find.labels(wanted, PAGE_ROWS, others.get("after", "")), wanted


def _table(names: Names, asked: Asked, page: FoundPage, wanted: Mapping[str, str]) -> Table:
    return Table(
        caption=Words("标签", "Labels"),
        asked=asked,
        columns=COLUMNS,
        rows=tuple(row(one, names) for one in page.labels),
        total=None,
        pages=1,
        empty=EMPTY if wanted else NONE_YET,
        search=SEARCH,
        chips=CHIPS,
        export=_files(wanted) if page.labels else {},
        error=MISTYPED if not page.labels and has_length_of_serial(asked.q) else "",
    )


def _query(wanted: LabelSearch, asked: Asked) -> Mapping[str, str]:
    """What was searched for, as the API is asked for it."""
    by = {name: getattr(wanted, name) for name in ("style_no", "size", "lot_no", "operator", "printer", "state")}
    days = {name: asked.others.get(name, "") for name in ("from", "to")}
    return {name: value for name, value in (by | days).items() if value}


def _files(query: Mapping[str, str]) -> Mapping[str, str]:
    return {name: f"/api/v1/find.{form}?{urlencode(query)}" for name, form in (("Excel", "xlsx"), ("CSV", "csv"))}


def row(found: FoundLabel, names: Names) -> Row:
    """A label as a row of `COLUMNS`."""
    one = found.label
    cells = (
        Cell(one.serial),
        Cell(str(found.goods) or "—", small=found.goods.name),
        Cell(one.lot_no or "—"),
        Cell("", state=label.state_of(one)),
        Cell(names.printers.get(one.printer, one.printer), small=names.person(found.ordered_by)),
        Cell(one.sent_at),
    )
    return Row(one.serial, cells, f"{label.PATH}/{one.serial}")


def _fields(asked: Asked) -> list[tuple[Field, str]]:
    """The fields of the further conditions, each with the type of its box."""
    names: Mapping[str, Words] = {
        "size": Words("号型", "size"),
        "lot_no": Words("批次", "lot"),
        "from": Words("从哪天", "from"),
        "to": Words("到哪天", "to"),
        "operator": Words("谁下的单", "ordered by"),
        "printer": Words("打印机编号", "printer's id"),
    }
    return [
        (
            Field(name=name, zh=words.zh, en=words.en, value=asked.others.get(name, ""), most=64),
            "date" if name in ("from", "to") else "text",
        )
        for name, words in names.items()
    ]


async def _missing(there: AgentService, lot_no: str) -> int:
    return sum(len(one.serials) for one in await there.find.missing(lot_no=lot_no)) if lot_no else 0


def _scope(request: web.Request, of: str) -> dict[str, str]:
    """One job, or one lot."""
    return {"job_id": of} if request.match_info["scope"] == "job" else {"lot_no": of}


async def ask_missing(request: web.Request) -> web.Response:
    """Asks before all that is missing is printed. Raises ConflictError: nothing is."""
    of = request.query.get("of", "")
    lacking = await service(request).find.missing(**_scope(request, of))
    number = sum(len(one.serials) for one in lacking)
    if not number:
        raise ConflictError("现在没有缺的，不用补打 · missing labels: expected some, got none; nothing to do")
    goods = "；".join(f"{one.goods} {len(one.serials)} 张" for one in lacking[:5]) + ("…" if len(lacking) > 5 else "")
    question = Question(
        title=Words("补打缺的？", "Print what is missing?"),
        consequence=Words(
            f"补打 {number} 张：{goods}。都是新的序列号，各自写明代替哪一张",
            f"{number} printed under new serials, each names the one it replaces",
        ),
        yes=Words(f"补打 {number} 张", f"Print {number}"),
        action=request.path,
        back=PATH,
        fields=(("of", of), ("missing", str(number)), ("key", secrets.token_urlsafe(16))),
        danger=False,
    )
    return await show(request, "pages/question.html", question=question)


async def print_missing(request: web.Request, form: Form) -> Told:
    """Orders as many as the question said, once for its key. Raises as `FindService.replace_missing`."""
    if form.get("answer") == BACK:
        return nothing_changed()
    number = form.get("missing", "")
    expected = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    scope = _scope(request, form.get("of", ""))
    find = service(request).find
    jobs = await find.replace_missing(form.get("key", ""), acting(request), expected, **scope)
    return good(f"已下单补打 {expected} 张，{len(jobs)} 单", f"{expected} ordered in {len(jobs)} orders", HOME)
