"""Lets people in: the cookie of a session, whose page a form was on, and what was said after the last order.

Three things stand between another site and an order of somebody who is logged in: the cookie is sent to pages of this
site alone (SameSite=Strict), the browser says where the form was (`Origin`, `Sec-Fetch-Site`), and each form carries a
token that only a page of this session could know. What was said travels in a cookie sealed by the session's secret:
kept in memory it would be with another worker when the next page is drawn.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from aiohttp import web

from central_registry.console.page import clock, form_token
from central_registry.console.pieces.told import Told, loads
from central_registry.http.context import PEOPLE
from central_registry.parties.actor import Actor
from central_registry.parties.sessions import actor_of
from central_registry.problems import ProblemError

_COOKIE, _TOLD = "registry_session", "registry_told"
LOOK = "registry_look"
LOOKS = ("auto", "light", "dark")


def over_tls(request: web.Request) -> bool:
    """Whether the page came over TLS, a proxy's too. A client that lies about it gets a cookie that it cannot use."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https"


def _name(request: web.Request, name: str) -> str:
    """Over TLS no other host of the domain can set it (RFC 6265bis, `__Host-`)."""
    return f"__Host-{name}" if over_tls(request) else name


def token_of(request: web.Request) -> str:
    """The session's secret, empty if none was shown."""
    return request.cookies.get(_name(request, _COOKIE), "")


async def who(request: web.Request) -> Actor | None:
    """Who is logged in; None: nobody, or no longer."""
    token = token_of(request)
    return await actor_of(request.app[PEOPLE], token, clock(request)) if token else None


def remember(request: web.Request, response: web.Response, token: str) -> None:
    """Set the session's cookie; an empty `token` takes it away."""
    _set(request, response, _COOKIE, token)


def say(request: web.Request, response: web.Response, told: Told, token: str) -> None:
    """Have the next page say it."""
    text = base64.urlsafe_b64encode(told.dumps().encode()).decode()
    _set(request, response, _TOLD, f"{text}.{_seal(text, token)}")


def said(request: web.Request, token: str) -> Told | None:
    """What the last order said; only what was sealed for this session."""
    text, _, seal = request.cookies.get(_name(request, _TOLD), "").rpartition(".")
    if not text or not token or not hmac.compare_digest(seal.encode(), _seal(text, token).encode()):
        return None
    return loads(base64.urlsafe_b64decode(text).decode())


def forget_said(request: web.Request, response: web.Response) -> None:
    """It was said."""
    if _name(request, _TOLD) in request.cookies:
        _set(request, response, _TOLD, "")


def look_of(request: web.Request) -> str:
    """Light, dark, or as the system has it."""
    found = request.cookies.get(LOOK, "")
    return found if found in LOOKS else LOOKS[0]


def _set(request: web.Request, response: web.Response, name: str, value: str) -> None:
    secure, full = over_tls(request), _name(request, name)
    if value:
        response.set_cookie(full, value, path="/", httponly=True, samesite="Strict", secure=secure)
    else:
        response.del_cookie(full, path="/", httponly=True, samesite="Strict", secure=secure)


def _seal(text: str, token: str) -> str:
    return hmac.new(token.encode(), b"console told " + text.encode(), hashlib.sha256).hexdigest()


def check_origin(request: web.Request) -> None:
    """Raises ProblemError (403): the form was on a page of another site."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    same = origin is None or origin.partition("://")[2].lower() == request.host.lower()
    if not same or site not in ("same-origin", "none"):
        raise ProblemError(
            "forbidden",
            "没有照做：不是本平台的页面发来的 · form: expected one of this console, got one of another site; open the "
            "console and do it there",
        )


def check_token(sent: str, token: str) -> None:
    """Raises ProblemError (403): the form was drawn for another session."""
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), form_token(token).encode()):
        raise ProblemError(
            "forbidden",
            "没有照做：这一页是上次登录时打开的，请刷新后再做一次 · form: expected one drawn for this session, got "
            "another; reload the page and do it again",
        )
