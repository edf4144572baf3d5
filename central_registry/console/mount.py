"""Adds the console to the registry: its pages, its orders and its files, each by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from importlib.resources import files
from urllib.parse import urlencode

import structlog
from aiohttp import web
from pydantic import ValidationError

from central_registry.console.bodies import Body, read_form
from central_registry.console.door import check_origin, check_token, say, token_of, who
from central_registry.console.frame import show, show_plain
from central_registry.console.kept import BRING_BACK, keep, open_fields, person_of
from central_registry.console.page import PAGES, Action, Desk, Handler, Page, Refusal, clock
from central_registry.console.pages import ACTIONS, OPEN
from central_registry.console.pages import PAGES as ROWS
from central_registry.console.pages.login import ask_again
from central_registry.console.pieces.form import errors_of, read, sentence_of
from central_registry.console.pieces.told import Told, place
from central_registry.console.pieces.words import Words, of_sentence
from central_registry.parties.acts import require
from central_registry.problems import ProblemError, RefusedError

STATIC: Mapping[str, str] = {
    "console.css": "text/css",
    "console.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
"""Every file by name: no path from outside ever reaches the file system."""

LOGIN = "/console/login"
_LOOK_AGAIN = "还没有提交：刚才填的都在，请核对后提交 · Not sent yet: what you typed is here; look at it and send it"
_log = structlog.get_logger("central_registry")


def add_console(app: web.Application) -> None:
    """Adds everything below `/console/`."""
    app[PAGES] = ROWS
    app.router.add_get("/console", _home)
    for method, path, handler in OPEN:
        app.router.add_route(method, path, _in_words(handler))
    for page in ROWS:
        app.router.add_get(page.path, _in_words(_shown(page)))
    for action in ACTIONS:
        app.router.add_post(action.path, _in_words(_done(action)))
    folder = files("central_registry.console").joinpath("static")
    for name, media_type in STATIC.items():
        app.router.add_get(f"/console/static/{name}", _file(folder.joinpath(name).read_text("utf-8"), media_type))
    app.router.add_get("/console/{rest:.*}", _nothing)


def _in_words(handler: Handler) -> Handler:
    """A failure is told to a person in words, too, and says nothing of its inside."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except TimeoutError:
            return _failed(
                request, 503, "平台正忙，请过一会儿再试", "the database did not answer in time; try again later"
            )
        except (web.HTTPException, ConnectionError):
            raise
        except Exception:
            _log.exception("request_failed", method=request.method, path=request.path)
            return _failed(request, 500, "平台出错了，没有照做，请稍后再试", "the registry failed; nothing was done")

    return answer


async def _nothing(request: web.Request) -> web.Response:
    return _failed(request, 404, "没有这一页，请检查地址", "nothing here; check the address")


def _failed(request: web.Request, status: int, zh: str, en: str) -> web.Response:
    return show_plain(request, "pages/failed.html", clock(request), status=status, said=Words(zh, en))


async def _home(_: web.Request) -> web.Response:
    return _see("/console/")


def _see(to: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": to, "Cache-Control": "no-store"})


def _file(text: str, media_type: str) -> Handler:
    async def give(_: web.Request) -> web.StreamResponse:
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
        return web.Response(text=text, content_type=media_type, charset="utf-8", headers=headers)

    return give


def _shown(page: Page) -> Handler:
    """The page, or a page that says why not: a person asked, so a person is answered."""

    async def answer(request: web.Request) -> web.StreamResponse:
        desk = await _desk(request)
        if desk is None:
            return _to_login(request)
        try:
            require(desk.actor, page.act)
            return await page.handler(desk)
        except (ProblemError, RefusedError) as cause:
            return await _refused(desk, cause)

    return answer


def _done(action: Action) -> Handler:
    """The order, and a redirect to the page that says what came of it: neither a reload nor the way back orders
    again. What was refused is drawn again with what was typed."""

    async def answer(request: web.Request) -> web.StreamResponse:
        desk = await _desk(request)
        if desk is None:
            kept = await keep(request, action)
            return ask_again(request, kept) if kept else _to_login(request)
        try:
            check_origin(request)
            require(desk.actor, action.act)
            body = await read_form(request, action.body_most)
        except ProblemError as cause:
            return await _refused(desk, cause)
        try:
            check_token(body.one("form_token"), desk.token)
        except ProblemError as cause:
            return await _stale(action, desk, body, cause)
        if body.one("answer") == BRING_BACK:
            return await _again(action, desk, body, Refusal(desk.path, _LOOK_AGAIN))
        if body.one("answer") == "back":
            return _see(place(body.one("back")))
        return await _order(action, desk, body)

    return answer


async def _stale(action: Action, desk: Desk, body: Body, cause: ProblemError) -> web.StreamResponse:
    """A form of another session of this person stays as it was typed; nobody else is shown it."""
    if person_of(body.one("whose")) != desk.actor.person:
        return await _refused(desk, cause)
    return await _again(action, desk, body, Refusal(desk.path, str(cause)), HTTPStatus.FORBIDDEN)


async def _order(action: Action, desk: Desk, body: Body) -> web.StreamResponse:
    try:
        told = await action.handler(desk, read(action.form, body.typed, body.files))
    except ValidationError as cause:
        return await _again(action, desk, body, Refusal(desk.path, sentence_of(cause), errors_of(cause)))
    except (ProblemError, RefusedError) as cause:
        return await _again(action, desk, body, _refusal(desk.path, cause))
    if isinstance(told, web.Response):
        return told
    return _tell(desk, told, body.one("back"))


def _refusal(path: str, cause: ProblemError | RefusedError) -> Refusal:
    """A service may name the field that it refuses, as `field` of its problem: the sentence then stands there, too."""
    name = cause.document.get("field") if isinstance(cause, ProblemError) else None
    return Refusal(path, str(cause), {str(name): of_sentence(str(cause)).zh} if name else {})


async def _again(
    action: Action, desk: Desk, body: Body, refusal: Refusal, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> web.StreamResponse:
    """The page that the form was on, which says what to correct."""
    try:
        drawn = await action.page(replace(desk, refusal=replace(refusal, typed=open_fields(action.form, body.typed))))
    except (ProblemError, RefusedError) as cause:
        return await _refused(desk, cause)
    drawn.set_status(status)
    return drawn


def _tell(desk: Desk, told: Told, back: str) -> web.Response:
    answer = _see(place(told.to or back))
    say(desk.request, answer, told, desk.token)
    return answer


async def _refused(desk: Desk, cause: ProblemError | RefusedError) -> web.Response:
    status = cause.status if isinstance(cause, ProblemError) else HTTPStatus.CONFLICT
    return await show(desk, "pages/refused.html", status=status, said=of_sentence(str(cause)))


async def _desk(request: web.Request) -> Desk | None:
    actor = await who(request)
    return None if actor is None else Desk(request, actor, token_of(request), clock(request))


def _to_login(request: web.Request) -> web.Response:
    """The first page asks who somebody is, and then goes on to where they were going."""
    to = request.path_qs if request.method == "GET" else ""
    return _see(f"{LOGIN}?{urlencode({'to': place(to)})}" if place(to) != "/console/" else LOGIN)
