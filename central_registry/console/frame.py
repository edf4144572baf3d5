"""What is in sight on every page: who is here, where they may go, and what came of the last order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web

from central_registry.console.door import forget_said, look_of, said, token_of
from central_registry.console.draw import draw
from central_registry.console.kept import person_mark
from central_registry.console.page import PAGES, Desk, Group, Page, html
from central_registry.console.pieces import sheet, terms, times
from central_registry.console.pieces.state import UNKNOWN
from central_registry.console.pieces.table import Listing, Table, table_of, values
from central_registry.console.pieces.told import Told
from central_registry.console.pieces.words import Words
from central_registry.http.admin.endpoint import ask_of
from central_registry.http.context import CONFIG
from central_registry.lists import MOST_ROWS, Ask, Found
from central_registry.parties.account import me
from central_registry.parties.actor import PartyKind

Lister = Callable[[Ask], Awaitable[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """`site`: what this registry calls itself; `here`: the page's own address with its query; `groups`: the pages this
    person may open, under their headings; `party` and `person` as they are called; `warnings`: what holds for all of
    this party."""

    site: str
    page: Page
    here: str
    look: str
    told: Told | None
    groups: Sequence[tuple[Words, Sequence[Page]]]
    person: str
    party: str
    kind: Words
    roles: str
    form_token: str
    whose: str
    once: str
    warnings: Sequence[Words] = ()


async def show(desk: Desk, template: str, *, status: int = 200, **facts: Any) -> web.Response:
    """A page in its frame; `facts` are what its own template needs."""
    frame = await _frame(desk)
    response = html(draw(template, **{**_tools(desk.at), **facts, "frame": frame, "desk": desk}), status)
    forget_said(desk.request, response)
    return response


def show_plain(request: web.Request, template: str, at: datetime, *, status: int = 200, **facts: Any) -> web.Response:
    """A page for somebody who is not logged in."""
    more = {"site": request.app[CONFIG].site.name, "look": look_of(request)}
    return html(draw(template, **{**_tools(at), **facts, **more}), status)


async def show_list(
    desk: Desk, listing: Listing, lister: Lister, template: str = "pages/list.html", **facts: Any
) -> web.Response:
    """A page around one list, or its export where the address says `form=csv` or `form=xlsx`."""
    if (form := desk.query.get("form", "")) in sheet.MEDIA_TYPES:
        return await _export(desk, listing, lister, form)
    table = await list_table(desk, listing, lister)
    return await show(desk, template, table=table, **facts)


async def list_table(desk: Desk, listing: Listing, lister: Lister, kept: Mapping[str, str] | None = None) -> Table:
    """The list as this address asks for it."""
    ask = _asked(desk, listing)
    return table_of(listing, desk.path, ask, await lister(ask), kept)


def _asked(desk: Desk, listing: Listing) -> Ask:
    known = {"q", "sort", "page", *listing.filters}
    return ask_of({name: value for name, value in desk.query.items() if name in known})


async def _export(desk: Desk, listing: Listing, lister: Lister, form: str) -> web.Response:
    """All rows that the list would show on its pages, up to `MOST_ROWS`."""
    asked = _asked(desk, listing)
    found = await lister(Ask(asked.search, asked.filters, asked.sort, asked.descending, 1, MOST_ROWS))
    headings = [Words(one.zh, one.en) for one in listing.columns]
    body = sheet.as_file(form, headings, values(listing, found.rows), desk.at)
    return attachment(f"{listing.file}-{desk.at.astimezone(times.BEIJING):%Y%m%d-%H%M}.{form}", form, body)


def attachment(name: str, form: str, body: bytes) -> web.Response:
    """A file to be kept, never shown in place."""
    headers = {
        "Content-Disposition": f"attachment; filename=\"export.{form}\"; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return web.Response(body=body, content_type=sheet.MEDIA_TYPES[form], headers=headers)


def _tools(at: datetime) -> dict[str, Any]:
    return {
        "spoken": partial(times.spoken, now=at),
        "in_full": times.in_full,
        "day": times.day,
        "left": partial(times.left, now=at),
        "unknown": UNKNOWN,
        "terms": terms,
    }


async def _frame(desk: Desk) -> Frame:
    request = desk.request
    card = await me(desk.pool, desk.actor)
    return Frame(
        site=request.app[CONFIG].site.name,
        page=page_of(request),
        here=_here(request),
        look=look_of(request),
        told=said(request, token_of(request)),
        groups=_groups(desk, request.app[PAGES]),
        person=card["name"],
        party=card["party_name"],
        kind=terms.KINDS[desk.actor.kind],
        roles=terms.roles_of([role.value for role in desk.actor.roles]),
        form_token=desk.form_token,
        whose=person_mark(desk.actor.person, desk.token),
        once=desk.once,
        warnings=_warnings(desk),
    )


def _groups(desk: Desk, pages: Sequence[Page]) -> list[tuple[Words, list[Page]]]:
    mine = [page for page in pages if page.is_for(desk.actor)]
    rows = [(group.value, [page for page in mine if page.group is group]) for group in Group if group is not Group.NONE]
    return [(words, found) for words, found in rows if found]


def _warnings(desk: Desk) -> list[Words]:
    rows = [
        (desk.actor.sandbox, Words("试用主体：这里的码扫出来是“测试”", "a party for trying: its codes scan as a test")),
        (
            desk.actor.kind is PartyKind.ASSOCIATION and not desk.actor.four_eyes,
            Words(
                "本协会关闭了双人复核，每一步都会记在操作记录里",
                "four eyes are off here; every act says so in the audit",
            ),
        ),
    ]
    return [words for holds, words in rows if holds]


def page_of(request: web.Request) -> Page:
    """The row of the table that this address is of; an order's page is the one with the longest path before it."""
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else ""
    fits = [one for one in request.app[PAGES] if path == one.path or path.startswith(one.path.rstrip("/") + "/")]
    return max(fits, key=lambda one: len(one.path), default=request.app[PAGES][0])


def _here(request: web.Request) -> str:
    query = urlencode(list(request.query.items())) if request.method == "GET" else ""
    return f"{request.path}?{query}" if query else request.path
