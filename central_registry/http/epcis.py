"""Captures EPCIS 2.0 events that programs send, and says what came of it.

A capture is over before its answer is given, so its job never runs: a shop's parcel takes a fraction of a second, and
whoever is told 202 and looks finds what happened. Bodies are read and checked in a thread, two at once; a third waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from functools import partial
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web

from central_registry.exchange.captured.capturing import Behaviour, capture, captured_as, captures_of
from central_registry.exchange.captured.parameters import PAGE, page_size, wrong
from central_registry.exchange.epcis.document import MOST_EVENTS, read, read_each, read_one
from central_registry.exchange.keys import Key, Right
from central_registry.http.bodies import answer, read_body
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.http.epcis_words import ROOT, next_page, options, turn, with_key
from central_registry.http.exchange import LIMITS
from central_registry.problems import ProblemError
from label_protocol import wire

FILE_LIMIT = 4_000_000
"""Bytes of a document, unpacked; packed it is no larger either."""
_BEHAVIOUR = "GS1-Capture-Error-Behaviour"
_CAPTURE = re.compile(r"[0-9a-f]{32}", re.ASCII)


async def _post_capture(request: web.Request, key: Key) -> web.Response:
    """Capture a document of EPCIS events; `Location` is where it says what came of it. Needs a key that captures."""
    behaviour, at = _behaviour(request), request.app[CLOCK]()
    async with turn(request):
        text = await _text(request)
        if behaviour is Behaviour.PROCEED:
            events, flaws = await asyncio.to_thread(read_each, text)
        else:
            events, flaws = await asyncio.to_thread(partial(read, queries=True), text), ()
        request.app[LIMITS].charge(key, max(1, len(events)), at)
        told = await capture(request.app[PEOPLE], key, events, at, behaviour=behaviour, flaws=flaws)
    headers = {"Location": f"{ROOT}/capture/{told.capture}", _BEHAVIOUR: behaviour.value}
    return web.Response(status=HTTPStatus.ACCEPTED, headers=headers)


async def _post_event(request: web.Request, key: Key) -> web.Response:
    """Capture one EPCIS event with its context; `Location` is where it is found. Needs a key that captures."""
    at = request.app[CLOCK]()
    async with turn(request):
        event = await asyncio.to_thread(read_one, await _text(request))
        request.app[LIMITS].charge(key, 1, at)
        told = await capture(request.app[PEOPLE], key, [event], at)
    if told.flaws:
        raise ProblemError("refused", str(told.flaws[0]))
    made = web.Response(status=HTTPStatus.CREATED)
    made.headers["Location"] = f"{ROOT}/events/{quote(told.ids[0], safe='')}"
    return made


async def _get_capture(request: web.Request, key: Key) -> web.Response:
    """Say what came of a capture of one's own. Needs a key that captures."""
    return answer(await captured_as(request.app[PEOPLE], key, request.match_info["capture"]))


async def _get_captures(request: web.Request, key: Key) -> web.Response:
    """List one's own captures, newest first. Needs a key that captures."""
    for name, value in request.query.items():
        if name not in ("perPage", "nextPageToken"):
            raise wrong(name, "perPage or nextPageToken", value)
    most = page_size(request.query.get("perPage", str(PAGE)))
    before, name = _before(request.query.get("nextPageToken", ""))
    jobs = await captures_of(request.app[PEOPLE], key, before, name, most)
    token = f"{jobs[-1]['createdAt']}~{jobs[-1]['captureID']}" if len(jobs) == most else None
    return next_page(answer(jobs), request, token)


def _before(token: str) -> tuple[datetime, str]:
    """From where on a list of captures goes. Raises ProblemError (400)."""
    if not token:
        return datetime.max.replace(tzinfo=UTC), ""
    at, _, name = token.partition("~")
    with contextlib.suppress(ValueError):
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is not None and MINYEAR < moment.year < MAXYEAR and _CAPTURE.fullmatch(name):
            return moment, name
    raise wrong("nextPageToken", "the one of the last answer", token)


async def _text(request: web.Request) -> bytes:
    """The body, unpacked within its limit. Raises ProblemError: 413, 415, 400."""
    if request.content_type not in ("application/json", "application/ld+json"):
        raise ProblemError("media-type", f"Content-Type: expected application/json, got {request.content_type[:60]!r}")
    data = await read_body(request, FILE_LIMIT, ("", "gzip"))
    try:
        return await asyncio.to_thread(wire.unpack, data, FILE_LIMIT)
    except wire.TooLargeError as cause:
        raise ProblemError("too-large", f"body: expected at most {FILE_LIMIT} bytes unpacked, got more") from cause
    except wire.WireError as cause:
        raise ProblemError("bad-json", str(cause)) from cause


def _behaviour(request: web.Request) -> Behaviour:
    named = request.headers.get(_BEHAVIOUR, Behaviour.ROLLBACK).strip().lower()
    if named not in tuple(Behaviour):
        raise ProblemError("bad-json", f"{_BEHAVIOUR}: expected rollback or proceed, got {named[:40]!r}")
    return Behaviour(named)


_LIMITS = {"GS1-EPCIS-Capture-Limit": str(MOST_EVENTS), "GS1-EPCIS-Capture-File-Size-Limit": str(FILE_LIMIT)}
_CAPTURES = options("GET, POST", **_LIMITS, **{_BEHAVIOUR: "rollback"})
ROUTES = (
    web.post(f"{ROOT}/capture", with_key(Right.CAPTURE, _post_capture)),
    web.get(f"{ROOT}/capture", with_key(Right.CAPTURE, _get_captures)),
    web.options(f"{ROOT}/capture", _CAPTURES),
    web.get(f"{ROOT}/capture/{{capture}}", with_key(Right.CAPTURE, _get_capture)),
    web.options(f"{ROOT}/capture/{{capture}}", options("GET")),
    web.post(f"{ROOT}/events", with_key(Right.CAPTURE, _post_event)),
)
