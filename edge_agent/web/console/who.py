"""Who is at this desk, and how bright it is there. Where people are asked a session says who; elsewhere a cookie of the
console keeps the name that was typed."""

from __future__ import annotations

from urllib.parse import quote, unquote

from aiohttp import web

from edge_agent.access.asking import Asking
from edge_agent.web.context import asking

OPERATOR = "console_operator"
LOOK = "console_look"
LOOKS = ("auto", "light", "dark")
YEAR_S = 365 * 24 * 3600


def operator_of(request: web.Request) -> str:
    """Under which name orders of this page are given; empty: nobody has said."""
    return unquote(request.cookies.get(OPERATOR, ""))[:64]


def acting(request: web.Request) -> Asking:
    """Who gives the orders of this page: the session where people are asked, else the name that was stated."""
    return asking(request, operator_of(request))


def look_of(request: web.Request) -> str:
    """`auto`, `light` or `dark`."""
    wanted = request.cookies.get(LOOK, "auto")
    return wanted if wanted in LOOKS else "auto"


def remember(response: web.Response, name: str, value: str) -> None:
    """Sets one of the two; no script reads it, and no page of another site sends it."""
    response.set_cookie(name, quote(value), max_age=YEAR_S, path="/", httponly=True, samesite="Strict")
