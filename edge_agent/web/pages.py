"""What stands beside the API and the console: the address that people have always opened, which leads to the console,
and a short text per kind of problem."""

from __future__ import annotations

from http import HTTPStatus
from inspect import getdoc

from aiohttp import web

from edge_agent.errors import NotFoundError
from edge_agent.web.problems import KINDS, status_of

START = "/console/"


def add_pages(app: web.Application) -> None:
    """Adds both."""
    app.router.add_get("/", _lead)
    app.router.add_get("/problems/{kind}", _explain)


async def _lead(_: web.Request) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": START})


async def _explain(request: web.Request) -> web.Response:
    """What a problem's `type` leads to."""
    kind = KINDS.get(request.match_info["kind"])
    if kind is None:
        raise NotFoundError(f"problem: expected one of {', '.join(KINDS)}; see the type of the answer")
    return web.Response(text=f"{kind.__name__} ({status_of(kind).value})\n\n{getdoc(kind)}\n")
