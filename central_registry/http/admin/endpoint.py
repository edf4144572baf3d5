"""Describes an endpoint for people, and serves it: who asks, whether they may, what they sent, what they get.

Each room's handlers stand in `http/admin/<room>.py` with a tuple `ENDPOINTS`; `http/admin/table.py` names them all. The
body is one pydantic model, read here and described in `/openapi.json`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError

from central_registry.http.bodies import answer, read_json
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.lists import PAGE_ROWS, Ask, Found
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act, require
from central_registry.parties.sessions import actor_of
from central_registry.problems import ProblemError, RefusedError

_log = structlog.get_logger("central_registry")
Handler = Callable[[web.Request, Actor, Any], Awaitable[Any]]
"""Takes the request, who asks, and the body read as the endpoint's model (None without one); gives what JSON can hold,
or a whole response."""

_BODY_BYTES = 1_000_000
_MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row. `act`: what the asker must be allowed; the service behind asks again. `body_most`: bytes."""

    method: str
    path: str
    act: Act
    zh: str
    en: str
    handler: Handler
    body: type[BaseModel] | None = None
    body_most: int = _BODY_BYTES


def route(endpoint: Endpoint) -> web.RouteDef:
    """The endpoint as a route of the application."""

    async def serve(request: web.Request) -> web.StreamResponse:
        actor = await _actor(request)
        require(actor, endpoint.act)
        body = (
            None if endpoint.body is None else read_model(endpoint.body, await read_json(request, endpoint.body_most))
        )
        given = await _handled(endpoint, request, actor, body)
        if endpoint.method != "GET":
            _log.info("acted", act=endpoint.act.value, path=request.path, person=actor.person, party=actor.party)
        found: web.StreamResponse = given if isinstance(given, web.StreamResponse) else answer(given)
        found.headers["Cache-Control"] = "no-store"
        return found

    return web.route(endpoint.method, endpoint.path, serve)


async def _handled(endpoint: Endpoint, request: web.Request, actor: Actor, body: Any) -> Any:
    """A service that commands share refuses by `RefusedError`; here that is an answer, too."""
    try:
        return await endpoint.handler(request, actor, body)
    except RefusedError as cause:
        raise ProblemError("refused", str(cause)) from cause


def ask_of(query: Mapping[str, str]) -> Ask:
    """What part of a list the query string asks for: `q`, `sort` (`-` in front: descending), `page`, `rows`; every
    other name is a filter."""
    sort = query.get("sort", "")
    names = {"q", "sort", "page", "rows"}
    return Ask(
        search=query.get("q", "")[:200],
        filters={name: value[:200] for name, value in query.items() if name not in names},
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        page=_count(query.get("page", ""), 1, 1_000_000),
        rows=_count(query.get("rows", ""), PAGE_ROWS, _MOST_ROWS),
    )


def found_of(found: Found) -> dict[str, Any]:
    """A list as it is answered: `{rows, total}`."""
    return {"rows": [dict(row) for row in found.rows], "total": found.total}


async def _actor(request: web.Request) -> Actor:
    """Who shows `Authorization: Bearer` with a session of theirs. Raises ProblemError (401)."""
    token = token_of(request)
    found = await actor_of(request.app[PEOPLE], token, request.app[CLOCK]()) if token else None
    if found is None:
        raise ProblemError("unauthorised", "请先登录 · session: expected that of somebody logged in, got none; log in")
    return found


def token_of(request: web.Request) -> str:
    """The session's token of `Authorization: Bearer`; '' without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def read_model(model: type[BaseModel], value: Any) -> BaseModel:
    """The body as that model. Raises ProblemError (422), which names the first field that will not do."""
    try:
        return model.model_validate(_sound(value))
    except RecursionError as cause:
        raise ProblemError("unprocessable", "body: expected few levels, got more than can be read") from cause
    except ValidationError as cause:
        first = cause.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "body"
        raise ProblemError("unprocessable", f"{where}: {first['msg']}, got {str(first.get('input'))[:60]!r}") from cause


def _sound(value: Any) -> Any:
    """The same with its texts in Unicode NFC. Raises ProblemError (422) for what no column can hold."""
    if isinstance(value, dict):
        return {_sound(key): _sound(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_sound(one) for one in value]
    if not isinstance(value, str):
        return value
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise ProblemError("unprocessable", f"body: expected text, got a NUL or half a character in {value[:60]!r}")
    return unicodedata.normalize("NFC", value)


def _count(text: str, otherwise: int, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdigit() and 0 < len(text) < 9 and int(text) else otherwise
