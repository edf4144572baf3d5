"""Answers agents (docs/architecture.md, 7.4): enrolment, batches, what they lost, what they are sent down, keys."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import Any, TypeVar

import structlog
from aiohttp import web

from central_registry.agents import bodies
from central_registry.agents.enrolment import (
    enrol,
    refuse_barred,
    refuse_lost,
    require_agent,
    require_its_own,
    secret_in,
)
from central_registry.agents.history import history
from central_registry.agents.rotation import is_due, next_secret, note_refused, prove
from central_registry.db import in_transaction
from central_registry.distribution import pages
from central_registry.distribution.check_keys import keys_of
from central_registry.distribution.forms import Can
from central_registry.distribution.news import WAIT_MOST_S
from central_registry.distribution.question import Question
from central_registry.http.addresses import address_of
from central_registry.http.bodies import answer, read_body, read_json
from central_registry.http.context import CLOCK, COUNTERS, GATE, NEWS, POOL, QUESTIONS, SECRETS, TURNS
from central_registry.ingest.batch import ingest
from central_registry.ingest.chaining import chain_up
from central_registry.ingest.reading import load
from central_registry.ingest.turns import LARGEST, Turn
from central_registry.issuing.contact import contact, note_said
from central_registry.problems import ProblemError
from label_protocol import wire
from label_protocol.digests import read_bodies

_log = structlog.get_logger("central_registry")
WORD = "X-Agent-Secret"
"""Of an answer with news: `due` where the agent should ask for its next secret."""

_SECRET_DUE: web.RequestKey[bool] = web.RequestKey("secret_due", bool)
_Read = TypeVar("_Read")
_ENROL_BODY = 8000
"""Bytes of an enrolment; nobody has shown a secret before it is read."""


async def post_enrol(request: web.Request) -> web.Response:
    """`{token, name, fingerprint}` → `{agent, issuer, secret, epoch}`."""
    body = await read_json(request, _ENROL_BODY)
    pool = request.app[POOL]
    found = await enrol(pool, body, request.app[CLOCK]())
    if (said := request.headers.get("X-Agent-Can")) is not None:
        row = await require_agent(pool, found["agent"])
        await note_said(pool, row, Can.of(said), request.headers.get("X-Agent-Version", ""))
    _log.info("agent_enrolled", agent=found["agent"], issuer=found["issuer"])
    return answer(found)


async def post_events(request: web.Request) -> web.Response:
    """Take in a batch; its receipt."""
    agent = (await _agent(request))["agent"]
    gate = request.app[GATE]
    async with gate.room(request.content_length):
        body = await read_body(request, wire.MAX_UNPACKED, ("", "gzip"))
        async with gate.alone(agent):
            receipt = await _take_in(request, agent, body)
            request.app[COUNTERS].taken(receipt)
            return answer(receipt)


async def _take_in(request: web.Request, agent: str, body: bytes) -> dict[str, Any]:
    """A small one with others', if nothing is to be said about it; any other by itself, when it has a seat."""
    at, address = request.app[CLOCK](), request.remote or ""
    small = _batch_in(body) if _is_small(body) else None
    if small is not None:
        receipt = await request.app[TURNS].take(Turn(agent, chain_up(small), at, address))
        if receipt is not None:
            return receipt
    async with request.app[GATE].seat():
        batch = small if small is not None else await asyncio.to_thread(_batch_in, body)
        return await ingest(request.app[POOL], agent, batch, at, address)


def _is_small(body: bytes) -> bool:
    """Whether it is read sooner than handed to a thread."""
    try:
        return bool(wire.unpack(body, LARGEST))
    except wire.WireError:
        return False


def _batch_in(body: bytes) -> wire.Batch:
    return _read_as(partial(wire.read_batch, load=load), body)


async def _read(reader: Callable[[bytes], _Read], body: bytes) -> _Read:
    """In a thread, what may be large. Raises ProblemError: 413, 400, 422."""
    return await asyncio.to_thread(_read_as, reader, body)


def _read_as(reader: Callable[[bytes], _Read], body: bytes) -> _Read:
    try:
        return reader(body)
    except wire.TooLargeError as cause:
        raise ProblemError("too-large", str(cause)) from cause
    except wire.NotJsonError as cause:
        raise ProblemError("bad-json", str(cause)) from cause
    except wire.WireError as cause:
        raise ProblemError("unprocessable", str(cause)) from cause


async def get_events(request: web.Request) -> web.Response:
    """What the registry holds of an agent: one incarnation's events (the first's, if none is named) after `after`.

    Raises:
        ProblemError: `after` is no sequence number.
    """
    agent = (await _agent(request))["agent"]
    after = request.query.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 17):
        raise ProblemError("unprocessable", f"after: expected a sequence number, got {after[:40]!r}")
    incarnation = request.query.get("incarnation", "")
    body = await in_transaction(request.app[POOL], lambda c: history(c, agent, incarnation, int(after)))
    return web.Response(body=body, content_type="application/json")


async def get_distribution(request: web.Request) -> web.Response:
    """`{epoch, cursor, items}` after `after`. With `wait`, held open for so many seconds until there is something."""
    ends = time.monotonic() + _wait_s(request)
    with request.app[NEWS].listening(request.match_info["agent"]) as woken:
        while True:
            woken.clear()
            page = await _page(request)
            left_s = ends - time.monotonic()
            await bodies.keep_sent(request.app[POOL], page)
            if page["items"] or left_s <= 0 or request.app[NEWS].ended:
                return _with_word(_dated(answer(page), request.app[CLOCK]()), request)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await woken.wait()
            if request.app[NEWS].ended:  # the service ends, and its database perhaps before it: nothing more is asked
                return _dated(answer(page), request.app[CLOCK]())


async def _page(request: web.Request) -> dict[str, Any]:
    """What the agent is sent now; of one moment, or its cursor could pass what was put meanwhile."""
    pool, at, after = request.app[POOL], request.app[CLOCK](), request.query.get("after", "")[:100]
    shown, can = request.headers.get("Authorization", ""), Can.of(request.headers.get("X-Agent-Can", ""))
    asked = Question(request.match_info["agent"], secret_in(shown), can, after, at)
    async with _heard(request):
        agent = require_its_own(await request.app[QUESTIONS].look(asked), shown)
    refuse_lost(agent, "feed")
    refuse_barred(agent)
    stirred = await contact(pool, agent, can, request.headers.get("X-Agent-Version", ""), at)
    request[_SECRET_DUE] = is_due(agent, at)
    if not stirred and not agent["news"]:
        return pages.nothing(agent, after, can)
    await pages.look_around(pool, agent["agent"])
    return await in_transaction(pool, lambda c: pages.page(c, agent, after, can), "repeatable_read")


def _dated(found: web.Response, at: datetime) -> web.Response:
    """News says what time it is here, by the clock that leases are given by: agents hold their own against it."""
    found.headers["Date"] = format_datetime(at.astimezone(UTC), usegmt=True)
    return found


def _with_word(found: web.Response, request: web.Request) -> web.Response:
    """Says beside the news that the agent should ask for its next secret."""
    if request[_SECRET_DUE]:
        found.headers[WORD] = "due"
    return found


def _wait_s(request: web.Request) -> int:
    asked = request.query.get("wait", "0")
    return min(int(asked), WAIT_MOST_S) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0


async def post_secret(request: web.Request) -> web.Response:
    """`{secret}`: the agent's next one; the one it has is good until the next is proven."""
    found = answer(await next_secret(request.app[POOL], await _agent(request), request.app[CLOCK]()))
    found.headers["Cache-Control"] = "no-store"
    return found


async def put_secret(request: web.Request) -> web.Response:
    """The next secret is shown: it is the agent's from now on."""
    shown = request.headers.get("Authorization", "")
    async with _heard(request):
        return answer(await prove(request.app[POOL], request.match_info["agent"], shown, request.app[CLOCK]()))


async def post_bodies(request: web.Request) -> web.Response:
    """`{bodies: {sha256: object}}` that the registry asked for (`bodies-wanted`); `{kept}`.

    Raises:
        ProblemError: 400; 413; 422, a body of another hash; 503, more than an agent may hand in on a day.
    """
    agent = await _agent(request)
    async with request.app[GATE].room(request.content_length):
        body = await read_body(request, wire.MAX_UNPACKED, ("", "gzip"))
        found = await _read(read_bodies, body)
        await bodies.keep_told(request.app[POOL], agent["agent"], found, request.app[CLOCK]())
        _log.info("agent_bodies", agent=agent["agent"], bodies=len(found))
        return answer({"kept": len(found)})


async def get_check_keys(request: web.Request) -> web.Response:
    """`{issuer, current, keys}`: what this agent makes check codes with (docs/check-code.md)."""
    found = answer(await keys_of(request.app[POOL], await _agent(request), request.app[CLOCK]()))
    found.headers["Cache-Control"] = "no-store"
    return found


async def _agent(request: web.Request) -> Mapping[str, Any]:
    async with _heard(request):
        shown = request.headers.get("Authorization", "")
        return await request.app[SECRETS].authorise(request.match_info["agent"], shown)


@contextlib.asynccontextmanager
async def _heard(request: web.Request) -> AsyncIterator[None]:
    """Who is not let in may have shown what this agent had before."""
    try:
        yield
    except ProblemError as cause:
        if cause.status == 401:
            shown, at = request.headers.get("Authorization", ""), request.app[CLOCK]()
            await note_refused(request.app[POOL], request.match_info["agent"], shown, address_of(request), at)
        raise
