"""Lets somebody in: login and password, then what else is asked for: the code of their phone, or a password of their
own in place of a one-time word. What was typed stays, but for what is secret."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.bodies import Body, read_form
from central_registry.console.door import check_origin, remember, who
from central_registry.console.frame import show_plain
from central_registry.console.kept import BRING_BACK, bring
from central_registry.console.page import Handler, clock, form_token
from central_registry.console.pieces.form import entries_of
from central_registry.console.pieces.told import place
from central_registry.console.pieces.words import Words, of_sentence
from central_registry.http.addresses import address_of
from central_registry.http.context import DOORSTEP, PEOPLE
from central_registry.parties.log_in import LoggedIn, Shown, log_in
from central_registry.problems import ProblemError

_FORM_BYTES = 48_000
"""Nobody has shown anything yet."""

_SECRET: dict[str, Any] = {"kind": "password", "autocomplete": "current-password"}
_NEW: dict[str, Any] = {"kind": "password", "autocomplete": "new-password"}


class LogIn(BaseModel):
    """What is asked of everybody."""

    login: str = Field(title="登录名 · login", max_length=100, json_schema_extra={"autocomplete": "username"})
    password: str = Field(
        title="密码 · password",
        description="第一次登录、重置后，填一次性口令 · the first time and after a reset: the one-time word",
        max_length=1_000,
        json_schema_extra=_SECRET,
    )


class WithCode(LogIn):
    """And of whoever has a phone set up."""

    code: str = Field(
        title="手机上的动态码 · code of your phone",
        description="验证器应用里的 6 位数字，30 秒换一次 · six digits, new every 30 s",
        max_length=20,
        json_schema_extra={"kind": "digits", "autocomplete": "one-time-code"},
    )


class WithNew(LogIn):
    """And of whoever came with a one-time word."""

    new_password: str = Field(
        title="自己的新密码 · a password of your own",
        description="至少 10 个字符，越长越好 · ten characters or more",
        max_length=1_000,
        json_schema_extra=_NEW,
    )
    again: str = Field(title="再输一次 · the same again", max_length=1_000, json_schema_extra=_NEW)


async def get_login(request: web.Request) -> web.Response:
    """The page; whoever is logged in goes on."""
    if await who(request) is not None:
        return _to(place(request.query.get("to", "")))
    return _page(request, LogIn, Body({}), None, request.query.get("to", ""), gone=bool(request.query.get("left")))


async def post_login(request: web.Request) -> web.Response:
    """Judge what was shown; a session, or the page again."""
    body = Body({})
    try:
        check_origin(request)
        body = await read_form(request, _FORM_BYTES)
        _check_again(body)
        found = await log_in(request.app[PEOPLE], request.app[DOORSTEP], _shown(request, body), clock(request))
    except ProblemError as cause:
        return _page(request, _asked(cause, body), body, cause, body.one("to"))
    answer = _onward(request, body, found)
    remember(request, answer, found.token)
    return answer


def _onward(request: web.Request, body: Body, found: LoggedIn) -> web.Response:
    """Where they were going, or what they had typed when their session ended."""
    kept = bring(request, body, found.actor.person)
    if kept is None:
        return _to(place(body.one("to")))
    facts: dict[str, Any] = {"kept": kept, "form_token": form_token(found.token), "answer": BRING_BACK}
    return show_plain(request, "pages/kept.html", clock(request), **facts)


def ask_again(request: web.Request, kept: str) -> web.Response:
    """The page for somebody whose session ended under a form; what was typed is in it, sealed."""
    return _page(request, LogIn, Body({"kept": [kept]}), None, "", status=401)


def _check_again(body: Body) -> None:
    if body.one("new_password") != body.one("again"):
        raise ProblemError(
            "new-password", "两次输入的新密码不一样 · new password: expected the same twice, got two; type them again"
        )


def _shown(request: web.Request, body: Body) -> Shown:
    new = body.one("new_password") or None
    return Shown(body.one("login"), body.one("password"), body.one("code"), new, address_of(request))


def _asked(cause: ProblemError, body: Body) -> type[LogIn]:
    """The fields of the next try: what is asked for, and what was asked for before."""
    kind = str(cause.document["type"]).rpartition("/")[2]
    wants_new = kind == "new-password" or "new_password" in body.typed
    wants_code = kind == "code-needed" or "code" in body.typed
    return _WithBoth if wants_new and wants_code else WithNew if wants_new else WithCode if wants_code else LogIn


class _WithBoth(WithNew, WithCode):
    """Of whoever has both."""


def _page(
    request: web.Request,
    model: type[LogIn],
    body: Body,
    cause: ProblemError | None,
    to: str,
    *,
    gone: bool = False,
    status: int = 200,
) -> web.Response:
    said: Words | None = of_sentence(str(cause)) if cause else None
    typed = {"login": list(body.typed.get("login", ()))}
    status = cause.status if cause else status
    facts = {"entries": entries_of(model, typed, {}), "said": said, "gone": gone, "to": place(to)}
    facts["kept"] = body.one("kept")
    return show_plain(request, "pages/login.html", clock(request), status=status, **facts)


def _to(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})


OPEN: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/console/login", get_login),
    ("POST", "/console/login", post_login),
)
