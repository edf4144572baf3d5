"""The registry over HTTP: routes, authorisation, problem documents. Built once, torn down in the opposite order.

`build_app(dsn or pool, config)` gives an `aiohttp.web.Application`, for an `aiohttp.web.AppRunner` or a test client.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from aiohttp import web

from central_registry import db
from central_registry.agents.enrolment import authorise, enrol, refuse_lost
from central_registry.config import RegistryConfig
from central_registry.consumer.check_code import check
from central_registry.consumer.scan import look_up
from central_registry.consumer.scan_page import ScanPage, read_typed
from central_registry.db import Pool, in_transaction, now, sql
from central_registry.distribution import feed
from central_registry.distribution.check_keys import keys_of
from central_registry.ingest.batch import ingest
from central_registry.pools import GATE, POOL, SCANS, gate_of, pools_of
from central_registry.problems import ProblemError, explain
from label_protocol import wire
from label_protocol.http_limits import LargeBodyError, LateBodyError, coding_of, flaw_of_address, whole_body

CONFIG: web.AppKey[RegistryConfig] = web.AppKey("config", RegistryConfig)
CLOCK: web.AppKey[Callable[[], datetime]] = web.AppKey("clock", Callable[[], datetime])  # type: ignore[arg-type]
PAGE: web.AppKey[ScanPage] = web.AppKey("page", ScanPage)

_HISTORY_EVENTS = 1000
_CODE_BODY = 1000
"""Bytes of a form with one code in it, and room to spare."""
_ENROL_BODY = 8000
"""Bytes of an enrolment; nobody has shown a secret before it is read."""
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_log = structlog.get_logger("central_registry")


def build_app(
    database: str | Pool, config: RegistryConfig | None = None, *, clock: Callable[[], datetime] = now
) -> web.Application:
    """The application on a DSN (it then makes, migrates and closes its own pools) or on a pool of the caller's."""
    app = web.Application(middlewares=[problems], client_max_size=wire.MAX_UNPACKED)
    app[CONFIG] = config or RegistryConfig()
    app[CLOCK] = clock
    app[PAGE] = ScanPage(app[CONFIG])
    app[GATE] = gate_of(app[CONFIG])
    app.cleanup_ctx.append(pools_of(database, app[CONFIG]))
    app.add_routes(
        [
            web.post("/v1/enrol", post_enrol),
            web.post("/v1/agents/{agent}/events", post_events),
            web.get("/v1/agents/{agent}/events", get_events),
            web.get("/v1/agents/{agent}/feed", get_feed),
            web.get("/v1/agents/{agent}/check-keys", get_check_keys),
            web.get("/problems/{kind}", get_problem),
            web.get("/healthz", get_health),
            web.get("/01/{rest:.*}", get_scan),
            web.post("/01/{rest:.*}", post_check),
        ]
    )
    return app


@web.middleware
async def problems(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Every refusal leaves as a problem document; a failure says nothing of its inside."""
    try:
        _check_address(request)
        return await handler(request)
    except ProblemError as problem:
        return _problem(problem)
    except web.HTTPException as refusal:
        kind = {404: "not-found", 405: "wrong-method", 413: "too-large"}.get(refusal.status)
        if kind is None:
            raise
        return _problem(ProblemError(kind, f"{request.method} {request.path[:100]}: {refusal.reason}"))
    except ConnectionError:  # the other side went away in mid-sentence: nobody is there to read an answer
        return _problem(ProblemError("failed", "the connection ended before the request was whole"))
    except asyncio.CancelledError:
        raise
    except TimeoutError:
        _log.warning("request_timed_out", method=request.method, path=request.path)
        return _problem(ProblemError("busy", "the registry's database did not answer in time", retry_after_s=10))
    except Exception:
        _log.exception("request_failed", method=request.method, path=request.path)
        return _problem(ProblemError("failed", "the registry failed; the request can be sent again"))


def _check_address(request: web.Request) -> None:
    """What is no text is never asked of the database; the scan page reads its own, and has a page for it."""
    if not request.raw_path.startswith("/01/") and (flaw := flaw_of_address(request)):
        raise ProblemError("bad-address", f"address: expected UTF-8 text, got {flaw}")


def _problem(problem: ProblemError) -> web.Response:
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    if "retry_after_s" in problem.document:
        headers["Retry-After"] = str(problem.document["retry_after_s"])
    body = _json_bytes(problem.document)
    return web.Response(body=body, status=problem.status, content_type=wire.PROBLEM_JSON, headers=headers)


def _json_bytes(value: Any) -> bytes:
    """Half of a surrogate pair, quoted from what somebody sent, stays the escape it was."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


async def post_enrol(request: web.Request) -> web.Response:
    """`{token, name, fingerprint}` → `{agent, issuer, secret, epoch}`."""
    order = await _json(request, _ENROL_BODY)
    return _answer(await enrol(request.app[POOL], order, request.app[CLOCK]()))


async def post_events(request: web.Request) -> web.Response:
    """A batch → its receipt (docs/architecture.md, 7.4)."""
    agent = await _agent(request)
    gate = request.app[GATE]
    async with gate.room(request.content_length):
        body = await _body(request, wire.MAX_UNPACKED, ("", "gzip"))
        async with gate.turn(agent["agent"]):
            return _answer(await _take_in(request, agent["agent"], body))


async def _take_in(request: web.Request, agent: str, body: bytes) -> dict[str, Any]:
    try:
        batch = await asyncio.to_thread(wire.read_batch, body)
    except wire.TooLargeError as cause:
        raise ProblemError("too-large", str(cause)) from cause
    except wire.NotJsonError as cause:
        raise ProblemError("bad-json", str(cause)) from cause
    except wire.WireError as cause:
        raise ProblemError("unprocessable", str(cause)) from cause
    return await ingest(request.app[POOL], agent, batch, request.app[CLOCK]())


async def get_events(request: web.Request) -> web.Response:
    """What the registry holds of an agent: one incarnation's events (the first's, if none is named) after `after`."""
    agent = (await _agent(request))["agent"]
    after = request.query.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 17):
        raise ProblemError("unprocessable", f"after: expected a sequence number, got {after[:40]!r}")
    return await in_transaction(request.app[POOL], lambda c: _history(c, agent, request.query, int(after)))


async def _history(connection: db.Connection, agent: str, query: Mapping[str, str], after: int) -> web.Response:
    lineage = [row["incarnation"] async for row in sql.incarnations(connection, agent=agent)]
    incarnation = query.get("incarnation") or (lineage[0] if lineage else None)
    rows = sql.history(connection, agent=agent, incarnation=incarnation or "", after=after, limit=_HISTORY_EVENTS + 1)
    found = [row async for row in rows]
    page, more = found[:_HISTORY_EVENTS], len(found) > _HISTORY_EVENTS
    frame = {"lineage": lineage, "incarnation": incarnation, "more": more}
    snapshots = await _snapshots_of(connection, [row["body"] for row in page])
    return web.Response(body=_history_body(frame, page, snapshots), content_type="application/json")


def _history_body(frame: Mapping[str, Any], page: Sequence[Any], snapshots: Mapping[str, bytes]) -> bytes:
    """Canonical bytes go out as they are stored: what was hashed is what is sent."""
    row_text = b'{"seq":%d,"hash":"%s","event":%s}'
    events = b",".join(row_text % (row["seq"], row["hash"].hex().encode(), row["body"]) for row in page)
    named = b",".join(b'"%s":%s' % (name.encode(), body) for name, body in snapshots.items())
    return json.dumps(frame)[:-1].encode() + b',"events":[' + events + b'],"snapshots":{' + named + b"}}"


async def _snapshots_of(connection: db.Connection, bodies: Sequence[bytes]) -> dict[str, bytes]:
    """The snapshots those events name: whoever lost the events lost these too."""
    speaking = (json.loads(body) for body in bodies if b'"snapshot"' in body)
    names = sorted({name for event in speaking for name in wire.snapshots_needed(event)})
    if not names:
        return {}
    return {row["hash"]: row["body"] async for row in sql.snapshots(connection, hashes=names)}


async def get_feed(request: web.Request) -> web.Response:
    """`{epoch, cursor, items}` after `after`; of one moment, or its cursor could pass what was fed meanwhile."""
    agent = await _agent(request)
    refuse_lost(agent, "feed")
    after = request.query.get("after", "")[:100]
    await feed.look_around(request.app[POOL], agent["agent"])
    return _answer(await in_transaction(request.app[POOL], lambda c: feed.page(c, agent, after), "repeatable_read"))


async def get_check_keys(request: web.Request) -> web.Response:
    """`{issuer, current, keys}`: what this agent makes check codes with (docs/check-code.md)."""
    answer = _answer(await keys_of(request.app[POOL], await _agent(request), request.app[CLOCK]()))
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def get_problem(request: web.Request) -> web.Response:
    """What a problem type means and what to do."""
    return _answer(explain(request.match_info["kind"]))


async def get_health(request: web.Request) -> web.Response:
    """200 while the database answers, however much it holds."""
    return _answer({"ok": await sql.answers(request.app[SCANS])})


async def get_scan(request: web.Request) -> web.Response:
    """The scan page of a Digital Link path. HEAD and prefetches look without being counted."""
    finding = await look_up(
        request.app[SCANS],
        request.rel_url.raw_path,
        count=request.method == "GET" and not _is_prefetch(request),
        often_from=request.app[CONFIG].site.often_scanned_from,
        at=request.app[CLOCK](),
    )
    return request.app[PAGE].answer(finding, request.headers.get("Accept", ""))


async def post_check(request: web.Request) -> web.Response:
    """The check code of the label in the path, typed by whoever holds it. It comes in the body, form or JSON, so that
    it stands in no address, history or log."""
    finding = await check(
        request.app[SCANS],
        request.rel_url.raw_path,
        read_typed(await _body(request, _CODE_BODY), request.content_type),
        often_from=request.app[CONFIG].site.often_scanned_from,
        at=request.app[CLOCK](),
    )
    return request.app[PAGE].answer(finding, request.headers.get("Accept", ""))


def _is_prefetch(request: web.Request) -> bool:
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    return any("prefetch" in purpose or "preview" in purpose for purpose in purposes)


async def _agent(request: web.Request) -> Mapping[str, Any]:
    return await authorise(request.app[POOL], request.match_info["agent"], request.headers.get("Authorization", ""))


async def _json(request: web.Request, most_bytes: int) -> Any:
    try:
        return wire.load_json(await _body(request, most_bytes))
    except wire.WireError as cause:
        raise ProblemError("bad-json", str(cause)) from cause


async def _body(request: web.Request, most_bytes: int, codings: Collection[str] = ("",)) -> bytes:
    """The body as it was sent; whoever takes a packed one unpacks it, knowing how much it may become."""
    if (coding := coding_of(request)) not in codings:
        named = " or ".join(one or "none" for one in codings)
        raise ProblemError("packed", f"Content-Encoding: expected {named}, got {coding[:40]!r}")
    try:
        return await whole_body(request, most_bytes)
    except LargeBodyError as cause:
        raise ProblemError("too-large", f"body: expected at most {most_bytes} bytes, got more") from cause
    except LateBodyError as cause:
        raise ProblemError("late", "body: expected all of it in time, got a part") from cause
    except (web.RequestPayloadError, ValueError) as cause:
        raise _unreadable(request, cause) from cause


def _unreadable(request: web.Request, cause: Exception) -> ProblemError:
    return ProblemError("bad-json", f"body: expected {request.method} data as its headers say, got {cause}")


def _answer(value: Any) -> web.Response:
    return web.Response(body=_json_bytes(value), content_type="application/json")
