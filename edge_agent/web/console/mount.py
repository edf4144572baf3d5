"""Adds the console to the web application: its pages, its orders and its files, each by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from importlib.resources import files
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from edge_agent.errors import LeadNeededError
from edge_agent.messages.error import sentence, words_of
from edge_agent.web.bodies import read_bytes
from edge_agent.web.console.frame import show
from edge_agent.web.console.page import PAGES, Action, Form, Page
from edge_agent.web.console.pages import ACTIONS
from edge_agent.web.console.pages import PAGES as ROWS
from edge_agent.web.console.pages.login import ask_lead
from edge_agent.web.console.pieces.told import HOME, Told, bad, of_sentence, place
from edge_agent.web.console.said import SAID, Said
from edge_agent.web.console.who import OPERATOR, remember
from edge_agent.web.context import keep_session, service
from edge_agent.web.guard import Handler
from edge_agent.web.problems import HttpRefusal, status_of
from label_protocol.errors import AgentError

STATIC: Mapping[str, str] = {
    "console.css": "text/css",
    "icon.svg": "image/svg+xml",
    "console.js": "text/javascript",
    "ask.js": "text/javascript",
    "live.js": "text/javascript",
    "patch.js": "text/javascript",
    "presses.js": "text/javascript",
    "scan.js": "text/javascript",
    "scanner.js": "text/javascript",
    "keys.js": "text/javascript",
    "sound.js": "text/javascript",
    "forms.js": "text/javascript",
    "measure.js": "text/javascript",
    "pad.js": "text/javascript",
}
"""Every file by name: no path from outside ever reaches the file system."""
FORM = "application/x-www-form-urlencoded"
MAX_FORM_BYTES = 64 * 1024
MAX_FIELDS = 200


def add_console(app: web.Application) -> None:
    """Adds everything below `/console/`."""
    app[PAGES], app[SAID] = ROWS, Said()
    app.router.add_get("/console", _home)
    app.router.add_get("/console/", _home)
    for page in ROWS:
        app.router.add_get(page.path, _shown(page))
    for action in ACTIONS:
        app.router.add_post(action.path, _done(action))
    folder = files("edge_agent.web.console").joinpath("static")
    for name, media_type in STATIC.items():
        app.router.add_get(f"/console/static/{name}", _file(folder.joinpath(name).read_text("utf-8"), media_type))
    app.router.add_get("/console/static/scanner_settings.js", _scanner_settings)


async def _scanner_settings(request: web.Request) -> web.Response:
    """The site's scanners, known to the page's scripts before the first key."""
    terms = json.dumps(asdict(service(request).scans.terms))
    text = f"// How this site's scanners play their keys: [scanner] of agent.toml.\nexport const SCANNER = {terms};\n"
    return web.Response(text=text, content_type="text/javascript", charset="utf-8")


async def _home(_: web.Request) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": HOME})


def _file(text: str, media_type: str) -> Handler:
    async def give(_: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=media_type, charset="utf-8")

    return give


def _shown(page: Page) -> Handler:
    """The page, or a page that says why not: a person asked, so a person is answered."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await page.handler(request)
        except (AgentError, HttpRefusal) as cause:
            said, status = _refusal(cause)
            return await show(request, "pages/refused.html", status=status, said=of_sentence(said))

    return answer


def _done(action: Action) -> Handler:
    """The order, and a redirect to the page that says what came of it: neither a reload nor the way back orders
    again."""

    async def answer(request: web.Request) -> web.StreamResponse:
        form = await read_form(request)
        try:
            told = await action.handler(request, form)
        except LeadNeededError as cause:
            told = await ask_lead(request, form, cause)
        except (AgentError, HttpRefusal) as cause:
            told = bad(_refusal(cause)[0])
        return told if isinstance(told, web.Response) else _redirect(request, told, form)

    return answer


def _redirect(request: web.Request, told: Told, form: Form) -> web.Response:
    to = place(told.to or form.get("back", ""))
    said = urlencode({"said": request.app[SAID].keep(told)})
    answer = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": f"{to}{'&' if '?' in to else '?'}{said}"})
    if told.who is not None:
        remember(answer, OPERATOR, told.who)
    if told.session is not None:
        keep_session(request, answer, told.session)
    return answer


def _refusal(cause: AgentError | HttpRefusal) -> tuple[str, int]:
    if isinstance(cause, AgentError):
        return sentence(words_of(cause), str(cause)), status_of(type(cause)).value
    return f"没有照做 · {cause}", cause.status.value


async def read_form(request: web.Request) -> Form:
    """The fields of a form, each once; the last of two of one name counts.

    Raises:
        HttpRefusal: another content type, too much of it, or no text.
    """
    if request.content_type != FORM:
        raise HttpRefusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"expected {FORM}, got {request.content_type[:60]!r}")
    try:
        text = (await read_bytes(request, MAX_FORM_BYTES)).decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict"))
    except ValueError as cause:
        raise HttpRefusal(
            HTTPStatus.BAD_REQUEST, "expected fields of a form as UTF-8, got others; send it again"
        ) from cause
