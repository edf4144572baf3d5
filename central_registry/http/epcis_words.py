"""What all EPCIS answers have in common: who asks, the standard's headers, its names for refusals (EPCIS 2.0, REST
bindings)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from central_registry.exchange.epcis.document import CONTEXT
from central_registry.exchange.epcis.flaws import EpcisError
from central_registry.exchange.keys import Key, Right, known
from central_registry.http.admin.endpoint import token_of
from central_registry.http.bodies import answer
from central_registry.http.context import CHECKS, CLOCK
from central_registry.problems import ProblemError

ROOT = "/v1/epcis"
_VERSION = "2.0.0"
HEADERS = {"GS1-EPCIS-Version": _VERSION, "GS1-CBV-Version": _VERSION}
_RANGES = {f"GS1-{of}-{end}": _VERSION for of in ("EPCIS", "CBV") for end in ("Min", "Max")}
_FORMATS = {"GS1-EPC-Format": "Never_Translates", "GS1-CBV-XML-Format": "Never_Translates"}
_TAKEN = ("No_Preference", "Never_Translates")

AT_ONCE = 2
_WAIT_S = 20.0
READING: web.AppKey[asyncio.Semaphore] = web.AppKey("reading", asyncio.Semaphore)
"""Documents that are read, and agents' words that are walked through, at once: others ask meanwhile."""

_EXCEPTIONS = {
    400: "Validation", 401: "Security", 403: "Security", 404: "NoSuchResource", 406: "NotAcceptable",
    409: "ResourceAlreadyExists", 413: "CaptureLimitExceeded", 415: "UnsupportedMediaType",
}  # fmt: skip
_Handler = Callable[[web.Request, Key], Awaitable[web.Response]]


def with_key(right: Right, handler: _Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler for who shows a key with that right; refusals leave it by the standard's names."""

    async def serve(request: web.Request) -> web.Response:
        try:
            key = await known(request.app[CHECKS], token_of(request), request.app[CLOCK](), right)
            _require_version(request)
            found = await handler(request, key)
        except EpcisError as cause:
            raise _standard(_not_epcis(cause)) from cause
        except ProblemError as cause:
            raise _standard(cause) from cause
        found.headers.update(HEADERS)
        found.headers["Cache-Control"] = "no-store"
        return found

    serve.__doc__ = handler.__doc__
    return serve


@contextlib.asynccontextmanager
async def turn(request: web.Request) -> AsyncIterator[None]:
    """One of `AT_ONCE` turns at what takes long. Raises ProblemError (503): none came free in time."""
    turns = request.app[READING]
    try:
        async with asyncio.timeout(_WAIT_S):
            await turns.acquire()
    except TimeoutError as cause:
        raise ProblemError("busy", "epcis: expected a free turn, got none in time", retry_after_s=10) from cause
    try:
        yield
    finally:
        turns.release()


def options(methods: str, **more: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """What may be done at an address, and in which versions."""

    async def get_options(_: web.Request) -> web.Response:
        """Say what EPCIS versions are spoken here, and within what limits."""
        headers = {"Allow": f"OPTIONS, {methods}", **HEADERS, **_RANGES, **_FORMATS, **more}
        return web.Response(status=HTTPStatus.NO_CONTENT, headers=headers)

    return get_options


def collection(members: list[str]) -> web.Response:
    """A list of names, as the standard answers one."""
    return answer({"@context": CONTEXT, "type": "Collection", "member": members})


def next_page(made: web.Response, request: web.Request, token: str | None) -> web.Response:
    """The answer with the address of the page behind it, if there is one."""
    if token is not None:
        address = request.rel_url.update_query(nextPageToken=token)
        made.headers["Link"] = f'<{address.raw_path_qs}>; rel="next"'
    return made


def _not_epcis(cause: EpcisError) -> ProblemError:
    errors = [{"instance": flaw.at, "detail": flaw.says} for flaw in cause.flaws]
    return ProblemError("not-epcis", str(cause), errors=errors)


def _standard(cause: ProblemError) -> ProblemError:
    """The same refusal under the standard's name, where it has one."""
    kind = cause.document["type"].rpartition("/")[2]
    if cause.status in (400, 422):
        cause.status = cause.document["status"] = HTTPStatus.BAD_REQUEST.value
    named = "QueryParameter" if kind == "query-parameter" else _EXCEPTIONS.get(cause.status)
    if named is not None:
        cause.document |= {"type": f"epcisException:{named}Exception", "help": f"/problems/{kind}"}
    return cause


def _require_version(request: web.Request) -> None:
    """Raises ProblemError (406): another version, XML, or codes in another form than they were captured in."""
    for of in ("EPCIS", "CBV"):
        asked = {end: request.headers.get(f"GS1-{of}-{end}", _VERSION) for end in ("Version", "Min", "Max")}
        held = _parts(asked["Version"])[:2] == _parts(_VERSION)[:2]
        if not (held and _parts(asked["Min"]) <= _parts(_VERSION) <= _parts(asked["Max"])):
            raise _not_spoken(f"GS1-{of}-Version", "2.0", asked)
    for name in _FORMATS:
        if request.headers.get(name, "No_Preference") not in _TAKEN:
            raise _not_spoken(name, " or ".join(_TAKEN), request.headers[name])
    accepted = request.headers.get("Accept", "*/*").lower()
    if "json" not in accepted and "*" not in accepted:
        raise _not_spoken("Accept", "application/json", accepted)


def _parts(version: str) -> tuple[int, ...]:
    """Figures of a version, two at least; none of what is no version."""
    parts = version.strip().split(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 9 for part in parts):
        return ()
    return tuple(map(int, [*parts, "0", "0"][: max(3, len(parts))]))


def _not_spoken(name: str, expected: str, got: Any) -> ProblemError:
    return ProblemError("not-acceptable", f"{name}: expected {expected}, got {str(got)[:80]!r}")
