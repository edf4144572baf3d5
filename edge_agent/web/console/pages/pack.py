"""Pack: garments are scanned into the carton whose page is open, and closing it is a press of its own, with the count
that was seen. A scan never closes, and what it took in can be taken out again at once."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

from aiohttp import web

from edge_agent.access.asking import Who
from edge_agent.messages.carton import CARTON_STATES, PACKED, PACKED_BEFORE
from edge_agent.messages.text import Words
from edge_agent.model.cartons import Carton, CartonLine, CartonState
from edge_agent.service.agent_service import AgentService
from edge_agent.web.console.floor import names_of
from edge_agent.web.console.frame import show
from edge_agent.web.console.page import Form
from edge_agent.web.console.pages.orders import BACK, nothing_changed
from edge_agent.web.console.pieces.life import Question
from edge_agent.web.console.pieces.state import Look, State
from edge_agent.web.console.pieces.table import Asked, Cell, Column, Row, Table, cut
from edge_agent.web.console.pieces.told import Told, good
from edge_agent.web.console.who import acting
from edge_agent.web.context import service

PATH = "/console/pack"
OPEN_SHOWN = 50
"""Cartons that are being filled at once: more than a hall has tables."""
RECENT = 200
TOLD = 6
"""Styles, colours and sizes that the question before closing names."""
GARMENTS = 12
"""Garments on one page; the newest first, which is the one that may have been a slip."""

STATES = {
    CartonState.OPEN: State(Look.GOOD, CARTON_STATES[CartonState.OPEN]),
    CartonState.CLOSED: State(Look.REST, CARTON_STATES[CartonState.CLOSED]),
}
COLUMNS = (
    Column("carton", "箱号", "carton"),
    Column("state", "状态", "state"),
    Column("count", "件数", "garments", number=True),
    Column("sscc", "SSCC", "SSCC"),
    Column("changed", "时间", "time", time=True),
)
CONTENTS = (
    Column("style", "款号", "style"),
    Column("name", "品名", "name"),
    Column("colour", "颜色", "colour"),
    Column("size", "号型", "size"),
    Column("count", "件数", "garments", number=True),
)
EMPTY = Words("还没有箱，按“开新箱”", "No carton yet: press Open a carton")
NOTHING_IN = Words("还没有装，扫衣服上的二维码", "Nothing in it yet: scan the code on a garment")
_HERE = re.compile(rf"{PATH}/([A-Za-z0-9]{{1,40}})(?:[/?].*)?")


async def page(request: web.Request) -> web.Response:
    """Opens a carton, or goes on with one of those that are there."""
    there, asked = service(request), Asked.of(PATH, request.query)
    part = cut(await there.cartons.recent(RECENT), asked.page)
    table = Table(
        caption=Words("最近的箱", "Recent cartons"),
        asked=asked,
        columns=COLUMNS,
        rows=tuple(_row(one) for one in part.rows),
        total=None,
        pages=part.pages,
        empty=EMPTY,
    )
    names = await names_of(there, await there.printers.all(), acting(request))
    return await show(
        request,
        "pages/pack.html",
        cartons=table,
        open=[(one, names.person(one.operator)) for one in await there.cartons.recent(OPEN_SHOWN, only_open=True)],
        key=secrets.token_urlsafe(16),
    )


def _row(carton: Carton) -> Row:
    cells = (
        Cell(carton.carton),
        Cell("", state=STATES[carton.state]),
        Cell(str(carton.packed)),
        Cell(carton.sscc or "—"),
        Cell(carton.changed_at),
    )
    return Row(carton.carton, cells, f"{PATH}/{carton.carton}")


async def carton_page(request: web.Request) -> web.Response:
    """One carton: how many are in it, what, and what can be done. Raises NotFoundError."""
    there = service(request)
    carton = await there.cartons.find(request.match_info["key"])
    garments = await there.cartons.garments(carton)
    asked = Asked.of(f"{PATH}/{carton.carton}", request.query)
    return await show(
        request,
        "pages/carton.html",
        carton=carton,
        state=STATES[carton.state],
        contents=_contents(await there.cartons.lines(garments), asked.path),
        garments=cut(garments[::-1], asked.page, GARMENTS),
        names=await names_of(there, await there.printers.all(), acting(request)),
        turning=asked,
        key=secrets.token_urlsafe(16),
    )


def _contents(lines: Sequence[CartonLine], path: str) -> Table:
    return Table(
        caption=Words("箱里有", "In the carton"),
        asked=Asked(path=path),
        columns=CONTENTS,
        rows=tuple(_line(one) for one in lines),
        total=None,
        pages=1,
        empty=NOTHING_IN,
    )


def _line(line: CartonLine) -> Row:
    facts = (line.style_no, line.name, line.colour, line.size)
    return Row(" ".join(facts), (*(Cell(one or "—") for one in facts), Cell(str(line.count))))


# --- what is pressed --------------------------------------------------------------------------------------------------


async def open_one(request: web.Request, form: Form) -> Told:
    """Opens a carton, once for the form's key. Raises InputError."""
    carton = await service(request).cartons.open(acting(request), form.get("key", ""))
    return good(
        f"已开箱 {carton.carton}，扫衣服装箱", f"Carton {carton.carton} is open: scan", f"{PATH}/{carton.carton}"
    )


async def take_out(request: web.Request, form: Form) -> Told:
    """Takes a garment out: its scan puts it back. Raises as `CartonService.take_out`."""
    serial = form.get("serial", "")
    carton = await service(request).cartons.take_out(request.match_info["key"], acting(request), serial=serial)
    return good(
        f"已拿出，箱里 {carton.packed} 件；要放回就再扫一次", f"Taken out, {carton.packed} left; scan it to put it back"
    )


async def ask_close(request: web.Request) -> web.Response:
    """Asks before a carton is closed, with what is in it. Raises NotFoundError."""
    there = service(request)
    carton = await there.cartons.find(request.match_info["key"])
    lines = await there.cartons.lines(await there.cartons.garments(carton))
    question = Question(
        title=Words(f"关箱 {carton.carton}？", f"Close carton {carton.carton}?"),
        consequence=Words(
            f"{carton.packed} 件：{_told(lines)}。关了以后要改，得写原因重开",
            f"{carton.packed} garments; a change then needs a reason",
        ),
        yes=Words(f"关箱，{carton.packed} 件", f"Close with {carton.packed}"),
        action=f"{PATH}/{carton.carton}/close",
        back=f"{PATH}/{carton.carton}",
        fields=(("count", str(carton.packed)),),
        danger=False,
    )
    return await show(request, "pages/question.html", question=question)


def _told(lines: Sequence[CartonLine]) -> str:
    said = [
        f"{' '.join(one for one in (line.style_no, line.colour, line.size) if one)} × {line.count}" for line in lines
    ]
    return "；".join(said[:TOLD]) + (f"；等 {len(said)} 种" if len(said) > TOLD else "")


async def close(request: web.Request, form: Form) -> Told:
    """Closes the carton as it was seen. Raises as `CartonService.close`."""
    if form.get("answer") == BACK:
        return nothing_changed()
    count = form.get("count", "")
    seen = int(count) if count.isascii() and count.isdigit() and len(count) < 7 else -1
    carton = await service(request).cartons.close(request.match_info["key"], seen, acting(request))
    return good(f"已关箱，{carton.packed} 件", f"Closed with {carton.packed} garments", f"{PATH}/{carton.carton}")


async def ask_reopen(request: web.Request) -> web.Response:
    """Asks why a closed carton is opened again. Raises NotFoundError."""
    carton = await service(request).cartons.find(request.match_info["key"])
    labels = Words("，贴上的箱标要撕掉重打", "; a label that is on it is to be replaced")
    more = labels if carton.printings else Words("", "")
    question = Question(
        title=Words(f"重开箱 {carton.carton}？", f"Open carton {carton.carton} again?"),
        consequence=Words(f"箱里 {carton.packed} 件{more.zh}", f"{carton.packed} garments in it{more.en}"),
        yes=Words("重开", "Open again"),
        action=f"{PATH}/{carton.carton}/reopen",
        back=f"{PATH}/{carton.carton}",
        reason=True,
    )
    return await show(request, "pages/question.html", question=question)


async def reopen(request: web.Request, form: Form) -> Told:
    """Opens a closed carton again. Raises as `CartonService.open_again`."""
    if form.get("answer") == BACK:
        return nothing_changed()
    name, reason = request.match_info["key"], form.get("reason", "")
    carton = await service(request).cartons.open_again(name, acting(request), reason)
    return good("已重开，可以放进、拿出", "Open again", f"{PATH}/{carton.carton}")


async def label(request: web.Request, form: Form) -> Told:
    """Orders the carton's label on a printer, once for the form's key. Raises as `CartonService.label`."""
    there, name, printer = service(request), request.match_info["key"], form.get("printer", "")
    await there.cartons.label(name, printer, acting(request), form.get("key", ""))
    return good("箱标已送去打印", "The carton's label is on its way")


# --- what is scanned --------------------------------------------------------------------------------------------------


def carton_at(address: str) -> str:
    """The carton whose page that is; empty: another page."""
    found = _HERE.fullmatch(address)
    return found[1] if found else ""


async def scanned(there: AgentService, carton: str, text: str, who: Who, *, on_garment: bool) -> Told:
    """What a scan on a carton's page comes to. Raises as `CartonService.pack`."""
    packing = await there.cartons.pack(carton, who, text=text, on_garment=on_garment)
    count = packing.carton.packed
    if packing.repeated:
        return Told(
            Look.ATTENTION,
            Words(f"{count} 件，已在箱里", f"{count}, in it already"),
            scan=packing.serial,
            why=PACKED_BEFORE,
        )
    return Told(Look.GOOD, Words(f"第 {count} 件", f"garment {count}"), scan=packing.serial, why=PACKED)


def found(carton: Carton) -> Told:
    """A carton's own label was scanned: its page is opened."""
    state = CARTON_STATES[carton.state]
    said = Words(f"箱 {carton.carton}，{state.zh}", f"carton {carton.carton}, {state.en}")
    return Told(Look.GOOD, said, f"{PATH}/{carton.carton}", scan=carton.sscc or carton.carton)
