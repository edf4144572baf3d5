"""What a row of the two tables of `pages/` is, and what every page is answered with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from edge_agent.web.console.pieces.told import Told
from edge_agent.web.guard import SECURITY_HEADERS

Form = Mapping[str, str]
PageHandler = Callable[[web.Request], Awaitable[web.Response]]
ActionHandler = Callable[[web.Request, Form], Awaitable[Told | web.Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its address, its name in both languages, its icon (`templates/pieces/icon.html`). `in_rail`: it stands
    among those that are always at hand."""

    path: str
    zh: str
    en: str
    icon: str
    handler: PageHandler
    in_rail: bool = True


@dataclass(frozen=True, slots=True)
class Action:
    """One order: a form is posted there, and what comes of it is told on the page that it came from."""

    path: str
    handler: ActionHandler


PAGES: web.AppKey[Sequence[Page]] = web.AppKey("console_pages", Sequence[Page])

HEADERS = SECURITY_HEADERS | {
    "Content-Security-Policy": SECURITY_HEADERS["Content-Security-Policy"].replace(
        "form-action 'none'", "form-action 'self'"
    ),
    # under no-referrer a browser sends a form with `Origin: null`, and then nobody can tell whose page it was on
    "Referrer-Policy": "same-origin",
}
"""As everywhere, and forms may be sent to this agent itself."""


def html(text: str, status: int = 200) -> web.Response:
    """A page as it is sent."""
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)
