"""Answers programs that query EPCIS 2.0 events: by conditions, by id, by what they are about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from central_registry.exchange.captured.kept import Code
from central_registry.exchange.captured.labelled import as_rows, code_asked, told_of
from central_registry.exchange.captured.parameters import PAGE, Asked, page_size, read_query, wrong
from central_registry.exchange.captured.querying import Page, as_query_document, find_events, find_words
from central_registry.exchange.epcis.rules import EVENTS
from central_registry.exchange.keys import Key, Right
from central_registry.http.bodies import answer
from central_registry.http.context import CLOCK, PEOPLE, POOL
from central_registry.http.epcis_words import ROOT, collection, next_page, options, turn, with_key
from central_registry.http.exchange import LIMITS
from central_registry.problems import ProblemError

_PARAMETER_OF = {
    "epcs": "MATCH_anyEPC", "eventTypes": "eventType", "bizSteps": "EQ_bizStep", "dispositions": "EQ_disposition",
    "readPoints": "EQ_readPoint", "bizLocations": "EQ_bizLocation",
}  # fmt: skip
"""Of each resource of the standard, the condition that its events meet."""

_WALK = 20
"""Questions that one about a single serial counts for: what its agent told is read for it."""

_OF = f"{{of:{'|'.join(_PARAMETER_OF)}}}"


async def _get_root(_: web.Request, __: Key) -> web.Response:
    """List the resources of EPCIS that are here. Needs a key that queries."""
    return collection(["capture", "events", *_PARAMETER_OF])


async def _get_events(request: web.Request, key: Key) -> web.Response:
    """Answer the EPCIS events that meet the conditions of the query, of those that the key's party may see."""
    return await _page(request, key, read_query(list(request.query.items())))


async def _get_events_of(request: web.Request, key: Key) -> web.Response:
    """Answer the EPCIS events of a code, type, step, disposition or place. Needs a key that queries."""
    name, value = _PARAMETER_OF[request.match_info["of"]], request.match_info["value"]
    return await _page(request, key, read_query([(name, value), *request.query.items()]))


async def _get_event(request: web.Request, key: Key) -> web.Response:
    """Answer one EPCIS event by its id, with what declares it wrong. Needs a key that queries."""
    name = request.match_info["event"]
    asked = replace(read_query([("EQ_eventID", "-")]), most=PAGE)
    found = await _found(request, key, replace(asked, columns={**asked.columns, "event_ids": [name]}))
    if not found.events:
        raise ProblemError("not-found", f"没有这个事件 · event {name[:80]!r}: expected one of yours, got another")
    return _document(request, found)


async def _get_words(request: web.Request, key: Key) -> web.Response:
    """List the codes, types, steps, dispositions or places of the events that one sees. Needs a key that queries."""
    for name, value in request.query.items():
        if name not in ("perPage", "nextPageToken"):
            raise wrong(name, "perPage or nextPageToken", value)
    if request.match_info["of"] == "eventTypes":
        return collection(list(EVENTS))
    _charge(request, key)
    most = page_size(request.query.get("perPage", str(PAGE)))
    after = request.query.get("nextPageToken", "")
    words = await find_words(request.app[PEOPLE], key, request.match_info["of"], after, most)
    return next_page(collection(words), request, words[-1] if len(words) == most else None)


async def _get_word(request: web.Request, key: Key) -> web.Response:
    """List what there is about one code, type, step, disposition or place. Needs a key that queries."""
    return collection(["events"])


async def _page(request: web.Request, key: Key, asked: Asked) -> web.Response:
    found = await _found(request, key, asked)
    return next_page(_document(request, found), request, found.token)


async def _found(request: web.Request, key: Key, asked: Asked) -> Page:
    code = code_asked(asked)
    _charge(request, key, 1 if code is None else _WALK)
    return await find_events(request.app[PEOPLE], key, asked, await _told(request, key, asked, code) if code else [])


async def _told(request: web.Request, key: Key, asked: Asked, code: Code) -> list[dict[str, Any]]:
    async with turn(request):
        return as_rows(await told_of(request.app[PEOPLE], request.app[POOL], key, code), asked)


def _charge(request: web.Request, key: Key, questions: int = 1) -> None:
    request.app[LIMITS].charge(key, questions, request.app[CLOCK]())


def _document(request: web.Request, found: Page) -> web.Response:
    return answer(as_query_document(found.events, request.app[CLOCK]()))


def _get(path: str, handler: Any) -> tuple[web.RouteDef, web.RouteDef]:
    return web.get(path, with_key(Right.QUERY, handler)), web.options(path, options("GET"))


ROUTES = (
    *_get(ROOT, _get_root),
    web.get(f"{ROOT}/events", with_key(Right.QUERY, _get_events)),
    web.options(f"{ROOT}/events", options("GET, POST")),
    *_get(f"{ROOT}/events/{{event:.+}}", _get_event),
    *_get(f"{ROOT}/{_OF}", _get_words),
    *_get(f"{ROOT}/{_OF}/{{value:.+}}/events", _get_events_of),
    *_get(f"{ROOT}/{_OF}/{{value:.+}}", _get_word),
)
