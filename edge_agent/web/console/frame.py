"""What is in sight on every page: who is here, what is printing, what is held, and what came of the last order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web

from edge_agent.access.exposure import open_to_network
from edge_agent.messages.alarm import of_alarm
from edge_agent.messages.text import Words
from edge_agent.web.console.draw import draw
from edge_agent.web.console.floor import Floor, look_at
from edge_agent.web.console.page import PAGES, Page, html
from edge_agent.web.console.pieces.state import UNKNOWN
from edge_agent.web.console.pieces.times import in_full, spoken
from edge_agent.web.console.pieces.told import Told
from edge_agent.web.console.said import SAID
from edge_agent.web.console.who import look_of, operator_of
from edge_agent.web.context import HOST, service

IN_THE_BAR = 6
"""Orders that the bar draws; how many more there are stands beside them and leads to all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """`here` is the page's own address with its query, without what was said; `floor` what printers and jobs do now."""

    page: Page
    pages: Sequence[Page]
    here: str
    who: str
    look: str
    floor: Floor
    holds: Sequence[Mapping[str, Any]]
    alarms: Sequence[tuple[Mapping[str, Any], Words]]
    warnings: Sequence[Words]
    told: Told | None


async def show(request: web.Request, template: str, *, status: int = 200, **facts: Any) -> web.Response:
    """A page in its frame; `facts` are what its own template needs."""
    now = datetime.now().astimezone()
    tools: dict[str, Any] = {"spoken": partial(spoken, now=now), "in_full": partial(in_full, now=now)}
    tools |= {"unknown": UNKNOWN, "now": now.isoformat()}
    return html(draw(template, frame=await _frame(request), **tools, **facts), status)


async def _frame(request: web.Request) -> Frame:
    there, exposed = service(request), open_to_network(request.app[HOST])
    return Frame(
        page=_page(request),
        pages=request.app[PAGES],
        here=_here(request),
        who=operator_of(request),
        look=look_of(request),
        floor=await look_at(there),
        holds=await there.site.holds(),
        alarms=[(one, of_alarm(str(one["kind"]))) for one in await there.site.alarms()],
        warnings=[exposed] if exposed else [],
        told=request.app[SAID].get(request.query.get("said", "")),
    )


def _page(request: web.Request) -> Page:
    """The row of the table that this address is of; the page of an order is that of its first row."""
    resource = request.match_info.route.resource
    pages = request.app[PAGES]
    return next((one for one in pages if resource is not None and one.path == resource.canonical), pages[0])


def _here(request: web.Request) -> str:
    return str(request.rel_url.without_query_params("said")) if request.method == "GET" else request.path
