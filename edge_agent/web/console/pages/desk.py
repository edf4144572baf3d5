"""Who is here, and how bright the page is."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from edge_agent.web.console.page import Form
from edge_agent.web.console.pieces.told import place
from edge_agent.web.console.who import LOOK, LOOKS, OPERATOR, remember
from edge_agent.web.context import service


async def say_who(request: web.Request, form: Form) -> web.Response:
    """Takes the name under which orders of this page are given. Raises InputError; RecordError: who may not act."""
    name = "" if "leave" in form else form.get("operator", "").strip()
    return _back(form, OPERATOR, await service(request).site.person(name) if name else "")


async def choose_look(_: web.Request, form: Form) -> web.Response:
    """Light, dark, or as the system has it."""
    wanted = form.get("look", "auto")
    return _back(form, LOOK, wanted if wanted in LOOKS else "auto")


def _back(form: Form, name: str, value: str) -> web.Response:
    answer = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": place(form.get("back", ""))})
    remember(answer, name, value)
    return answer
