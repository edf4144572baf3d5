"""Reads bodies, within their bounds, and writes JSON answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import IO, Any

from aiohttp import web

from central_registry.problems import ProblemError
from label_protocol import wire
from label_protocol.http_limits import LargeBodyError, LateBodyError, coding_of, whole_body


async def read_json(request: web.Request, most_bytes: int) -> Any:
    """The body as JSON.

    Raises:
        ProblemError: 400 for what is no JSON, and as `read_body`.
    """
    try:
        return wire.load_json(await read_body(request, most_bytes))
    except wire.WireError as cause:
        raise ProblemError("bad-json", str(cause)) from cause


async def read_body(request: web.Request, most_bytes: int, codings: Collection[str] = ("",)) -> bytes:
    """The body as it was sent; whoever takes a packed one unpacks it, knowing how much it may become.

    Raises:
        ProblemError: 415 for a coding that is none of `codings`, 413 above `most_bytes`, 408 if it comes too slowly,
            400 if it is not as its headers say.
    """
    with _refusing(request, most_bytes, codings):
        return await whole_body(request, most_bytes)


async def read_into(request: web.Request, file: IO[bytes], most_bytes: int, within_s: float) -> None:
    """Write the body into `file` as it comes, so that a large one is never held whole. Raises ProblemError: as
    `read_body`; none is taken packed."""
    came = 0
    with _refusing(request, most_bytes, ("",)):
        _within(request.content_length or 0, most_bytes)
        async with asyncio.timeout(within_s):
            async for part in request.content.iter_any():
                came += len(part)
                _within(came, most_bytes)
                file.write(part)


def _within(bytes_: int, most_bytes: int) -> None:
    if bytes_ > most_bytes:
        raise LargeBodyError


@contextmanager
def _refusing(request: web.Request, most_bytes: int, codings: Collection[str]) -> Iterator[None]:
    if (coding := coding_of(request)) not in codings:
        named = " or ".join(one or "none" for one in codings)
        raise ProblemError("packed", f"Content-Encoding: expected {named}, got {coding[:40]!r}")
    try:
        yield
    except LargeBodyError as cause:
        raise ProblemError("too-large", f"body: expected at most {most_bytes} bytes, got more") from cause
    except (LateBodyError, TimeoutError) as cause:
        raise ProblemError("late", "body: expected all of it in time, got a part") from cause
    except (web.RequestPayloadError, ValueError) as cause:
        raise _unreadable(request, cause) from cause


def _unreadable(request: web.Request, cause: Exception) -> ProblemError:
    return ProblemError("bad-json", f"body: expected {request.method} data as its headers say, got {cause}")


def answer(value: Any) -> web.Response:
    """200 with `value` as JSON."""
    return web.Response(body=json_bytes(value), content_type="application/json")


def json_bytes(value: Any) -> bytes:
    """JSON in UTF-8. Half of a surrogate pair, quoted from what somebody sent, stays the escape it was. Days and
    moments are ISO 8601."""
    return json.dumps(value, ensure_ascii=False, default=_said).encode("utf-8", "backslashreplace")


def _said(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"expected what JSON can hold, got {type(value).__name__}")
