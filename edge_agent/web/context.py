"""What every handler needs: the service, and numbers from the query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from edge_agent.access.asking import Asking
from edge_agent.access.tls.terms import Mode
from edge_agent.service.agent_service import AgentService
from label_protocol.errors import InputError

SERVICE: web.AppKey[AgentService] = web.AppKey("service", AgentService)

HOST: web.AppKey[str] = web.AppKey("host", str)
"""Where this agent listens."""


@dataclass(frozen=True, slots=True)
class Lock:
    """How the page is locked: docs/tls.md."""

    tls: Mode | None = None
    allow_plain: bool = False
    proxies: Sequence[str] = ()


LOCK: web.AppKey[Lock] = web.AppKey("lock", Lock)

COOKIE = "edge_session"
"""Holds the random id of a session, and nothing else."""

MAX_PAGE = 1000
"""Most rows of one answer."""


def service(request: web.Request) -> AgentService:
    """What all handlers ask."""
    return request.app[SERVICE]


def asking(request: web.Request, stated: str = "") -> Asking:
    """What a request shows of who asks: a session's cookie, a program's token, or the name in its body."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    bearer = token.strip() if kind.lower() == "bearer" else ""
    return Asking(stated, request.cookies.get(COOKIE, ""), bearer, request.remote or "")


def keep_session(request: web.Request, response: web.Response, secret: str) -> None:
    """Sets the cookie of a session that was begun; an empty `secret` takes it away. It is good below every path: pages
    show who is logged in, and the API asks. Where the page came over TLS, a proxy's too, it goes over nothing else."""
    secure = request.secure
    if secret:
        response.set_cookie(COOKIE, secret, path="/", httponly=True, samesite="Strict", secure=secure)
    else:
        response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict", secure=secure)


def number(request: web.Request, name: str, default: int, *, least: int = 1, most: int = MAX_PAGE) -> int:
    """A whole number of the query. Raises InputError naming it, its bounds and what came."""
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 8 and least <= int(text) <= most):
        raise InputError(f"{name}: expected a whole number from {least} to {most}, got {text[:40]!r}; correct it")
    return int(text)
