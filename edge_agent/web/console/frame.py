"""What is in sight on every page: who is here, what is printing, what is held, and what came of the last order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web

from edge_agent.messages.alarm import of_alarm, of_detail
from edge_agent.messages.text import Words
from edge_agent.service.people import Desk
from edge_agent.web.console.draw import draw
from edge_agent.web.console.floor import Floor, look_at
from edge_agent.web.console.page import PAGES, Page, html
from edge_agent.web.console.pieces.state import UNKNOWN
from edge_agent.web.console.pieces.times import in_full, spoken
from edge_agent.web.console.pieces.told import HOME, Told, of_sentence
from edge_agent.web.console.said import SAID
from edge_agent.web.console.who import acting, look_of, operator_of
from edge_agent.web.context import service
from edge_agent.web.handlers.warnings import list_warnings

DOUBTS = "/console/doubts"
HERE = ("page", "lead")
"""Whose word ends a hold at a page."""

LIFTED: Mapping[str, Words] = {
    "page": Words("", ""),
    "lead": Words("由班长核对后解除", "lifted by a lead after a look"),
    "command": Words("请技术人员在这台电脑上用命令解除", "lifted by IT with a command on this computer"),
    "registry": Words("由中心平台解除，请联系平台", "lifted by the registry alone, call the platform"),
    "none": Words("原因消除后自动恢复", "goes by itself when its cause is gone"),
}
"""Who ends a hold, and how."""


@dataclass(frozen=True, slots=True)
class Held:
    """Why nothing may be issued, and who ends that; `here`: somebody at a page may."""

    kind: str
    words: Words
    how: Words
    here: bool


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm that is open: what it says, and what it is about."""

    alarm: str
    printer: str
    raised_at: str
    words: Words
    about: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """`here` is the page's own address with its query, without what was said; `who` the name under which orders are
    given (empty: nobody has said), `who_name` the name beside a code; `operators` those who may say that they are here,
    by code and name; `floor` what printers and jobs do now; `waits`: how much, by page."""

    page: Page
    pages: Sequence[Page]
    here: str
    desk: Desk
    who: str
    who_name: str
    operators: Sequence[tuple[str, str]]
    look: str
    floor: Floor
    holds: Sequence[Held]
    alarms: Sequence[Raised]
    warnings: Sequence[Words]
    leases: Sequence[Words]
    told: Told | None
    waits: Mapping[str, int]


async def show(request: web.Request, template: str, *, status: int = 200, **facts: Any) -> web.Response:
    """A page in its frame; `facts` are what its own template needs."""
    now = datetime.now().astimezone()
    tools: dict[str, Any] = {"spoken": partial(spoken, now=now), "in_full": partial(in_full, now=now)}
    tools |= {"unknown": UNKNOWN, "now": now.isoformat()}
    return html(draw(template, frame=await _frame(request), **tools, **facts), status)


async def _frame(request: web.Request) -> Frame:
    there, desk = service(request), await service(request).people.desk(acting(request))
    operators = await there.people.operators()
    return Frame(
        page=_page(request),
        pages=request.app[PAGES],
        here=_here(request),
        desk=desk,
        who=(desk.person.name or desk.person.id) if desk.person else "" if desk.asked else operator_of(request),
        who_name="" if desk.asked else dict(operators).get(operator_of(request), ""),
        operators=operators,
        look=look_of(request),
        floor=await look_at(there, acting(request)),
        holds=[_held(one) for one in await there.site.holds()],
        alarms=[_raised(one) for one in await there.site.alarms()],
        warnings=[Words(**one["words"]) for one in (await list_warnings(request))["warnings"]],
        leases=[one.words for one in await there.site.leases()],
        waits={DOUBTS: len(await there.labels.doubts())},
        told=request.app[SAID].get(request.query.get("said", "")),
    )


def _held(hold: Mapping[str, Any]) -> Held:
    by = str(hold.get("release", "command"))
    return Held(str(hold["kind"]), of_sentence(str(hold["words"])), LIFTED.get(by, LIFTED["command"]), by in HERE)


def _raised(alarm: Mapping[str, Any]) -> Raised:
    where = str(alarm["printer"] or "")
    about = of_detail(alarm["detail"])
    return Raised(str(alarm["alarm"]), where, str(alarm["raised_at"]), of_alarm(str(alarm["kind"])), about)


def _page(request: web.Request) -> Page:
    """The row of the table that this address is of; the page of an order is that of its first row."""
    resource = request.match_info.route.resource
    pages = request.app[PAGES]
    return next((one for one in pages if resource is not None and one.path == resource.canonical), pages[0])


def _here(request: web.Request) -> str:
    """Where somebody goes back to who orders from this page: one that answers a form may have no address of its own."""
    if request.method == "GET":
        return str(request.rel_url.without_query_params("said"))
    return next((one.path for one in request.app[PAGES] if one.path == request.path), HOME)
