"""Server-sent events: a job until it ends, and the change signal for the page.

Every stream sends a comment when nothing happens, so that proxies keep it and a dead client is noticed, and ends when
the agent stops, so that a forgotten browser tab does not hold the shutdown.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Any

from aiohttp import web

from edge_agent.web.guard import SECURITY_HEADERS
from edge_agent.web.problems import HttpRefusal

HEARTBEAT_S = 10.0
RETRY_MS = 2000
"""How long a browser waits before it comes back."""

STREAMS_MAX = 48
"""So many at once. They stay for hours, and those who ask and go must find room beside them."""

OPEN: web.AppKey[set[int]] = web.AppKey("streams", set[int])
STOPPING: web.AppKey[asyncio.Event] = web.AppKey("stopping", asyncio.Event)


async def stream(request: web.Request, items: AsyncGenerator[tuple[str, Any]]) -> web.StreamResponse:
    """Send `(event, data)` pairs until they end, the client leaves, or the agent stops.

    Raises:
        HttpRefusal: there are too many streams; 503.
    """
    streams = request.app[OPEN]
    if len(streams) >= STREAMS_MAX:
        detail = f"expected at most {STREAMS_MAX} streams at once, got one more; close a page that is not used"
        raise HttpRefusal(HTTPStatus.SERVICE_UNAVAILABLE, detail)
    streams.add(id(request))
    try:
        return await _send(request, items)
    finally:
        streams.discard(id(request))


async def _send(request: web.Request, items: AsyncGenerator[tuple[str, Any]]) -> web.StreamResponse:
    response = web.StreamResponse(headers=SECURITY_HEADERS | {"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        await response.write(f"retry: {RETRY_MS}\n\n".encode())
        # Closed by name: `items` cannot be closed while a forgotten generator still awaits its next one.
        async with contextlib.aclosing(_frames(items, request.app[STOPPING])) as frames:
            async for frame in frames:
                await response.write(frame)
    return response


async def _frames(items: AsyncGenerator[tuple[str, Any]], stopping: asyncio.Event) -> AsyncGenerator[bytes]:
    stop: asyncio.Future[Any] = asyncio.ensure_future(stopping.wait())
    item: asyncio.Future[Any] | None = None
    try:
        while not stop.done():
            item = item or asyncio.ensure_future(anext(items))
            await asyncio.wait({item, stop}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
            if not item.done():
                if not stop.done():
                    yield b": still here\n\n"
                continue
            try:
                yield _frame(*item.result())
            except StopAsyncIteration:
                return
            item = None
    finally:
        await _drop(stop, *([item] if item else []))


async def _drop(*futures: asyncio.Future[Any]) -> None:
    for future in futures:
        future.cancel()
    await asyncio.gather(*futures, return_exceptions=True)


def _frame(event: str, data: Any) -> bytes:
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
