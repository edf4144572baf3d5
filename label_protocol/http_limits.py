"""What stands before aiohttp in both programs: how many connections there may be, and how long one may say nothing.

aiohttp alone waits an hour for the rest of a header, counts nothing, and unpacks what a body's header says is packed,
in the loop and after a refusal too. So: a header has a time, a body is read by `whole_body` with a size and a time, an
answer nobody takes is given up, nothing is unpacked here, and a house that is full lets the newcomer in and shows the
door to the connection that has kept it waiting longest. Refusing the newcomer instead was rejected: a few hundred
connections that say nothing, from the address that all scripts and the proxy share, would lock everybody out.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_server import Server

from label_protocol.networks import counted_as

KEEPALIVE_S = 75.0
GRACE_ROUNDS = 4
"""Turns of the loop until a new connection's first words, if they came with it, have been read: many connections are
taken in one turn, and none may be sent off for being silent before anybody has listened."""

LINGER_S = 2.0
"""How long the rest of a refused request is thrown away unread by us: closing at once would lose the answer on its
way (TCP resets), reading to the end would let anybody choose how long."""

STALL_S = 60.0
"""How long an answer may lie untaken."""

_BUSY = b'{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"too many connections; come again"}'
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: 1\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(_BUSY), _BUSY)
)

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Settings(Protocol):
    """The keys that both configurations have."""

    @property
    def connections_max(self) -> int: ...

    @property
    def connections_per_address_max(self) -> int: ...

    @property
    def header_timeout_s(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections at once, in all and of one address (IPv6: its /64); seconds until a header must be whole."""

    connections_max: int = 256
    per_address_max: int = 128
    header_timeout_s: float = 10.0

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """What a configuration says, as far as the system gives the process files enough for it."""
        return cls(
            min(settings.connections_max, _files_for_connections()),
            settings.connections_per_address_max,
            settings.header_timeout_s,
        )


def _files_for_connections() -> int:
    """Half of the files this process may open; Windows has no such limit."""
    if sys.platform != "win32":
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY:
            return max(8, soft // 2)
    return 1 << 20


class LateBodyError(Exception):
    """The body did not come in time."""


class LargeBodyError(Exception):
    """The body is larger than it may be."""


async def whole_body(request: web.Request, most_bytes: int, within_s: float = 60.0) -> bytes:
    """The body as it was sent, packed or not, and no more than `most_bytes` of it.

    Raises:
        LargeBodyError, LateBodyError: nothing more is read.
        aiohttp.web.RequestPayloadError: it is not framed as its header says.
    """
    if (request.content_length or 0) > most_bytes:
        raise LargeBodyError
    data = bytearray()
    try:
        async with asyncio.timeout(within_s):
            async for chunk in request.content.iter_any():
                data += chunk
                if len(data) > most_bytes:
                    raise LargeBodyError
    except TimeoutError as cause:
        raise LateBodyError from cause
    return bytes(data)


def flaw_of_address(request: web.Request) -> str:
    """Why the address (path and query) is no text that may be asked for; empty if it is."""
    raw = request.raw_path
    if _BROKEN_ESCAPE.search(raw):
        return "a percent sign without two hex digits"
    try:
        text = unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode("utf-8")
    except UnicodeDecodeError:
        return "bytes that are not UTF-8"
    return "a control character" if _CONTROL.search(text) else ""


def coding_of(request: web.Request) -> str:
    """How the body is packed, by its header; empty: it is not."""
    named = ", ".join(request.headers.getall("Content-Encoding", ())).strip().lower()
    return "" if named == "identity" else named


class LimitedRunner(web.AppRunner):
    """Serves an application behind these limits; otherwise as `AppRunner`."""

    __slots__ = ("_limits",)

    def __init__(self, app: web.Application, limits: Limits | None = None, **more: Any) -> None:
        settings = {"access_log": None, "auto_decompress": False, "lingering_time": LINGER_S} | more
        super().__init__(app, keepalive_timeout=KEEPALIVE_S, **settings)
        self._limits = limits or Limits()

    async def _make_server(self) -> Server:
        made = await super()._make_server()
        kept = {name: value for name, value in self._kwargs.items() if name != "handler_cancellation"}
        return _House(made, self._limits, kept)


class _House(Server):
    """All connections of one program."""

    def __init__(self, made: Server, limits: Limits, settings: dict[str, Any]) -> None:
        super().__init__(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            **settings,
        )
        self.limits = limits
        self.guests: dict[_Guest, str] = {}
        self._of: Counter[str] = Counter()
        self._settings = settings

    def __call__(self) -> RequestHandler:
        return _Guest(self, self._loop, self._settings)

    def take_in(self, guest: _Guest, address: str) -> bool:
        """Whether there is room for one more, made if need be by sending off who waits longest for his own words."""
        if self._of[address] >= self.limits.per_address_max:
            room = _send_off(one for one, theirs in self.guests.items() if theirs == address)
        else:
            room = len(self.guests) < self.limits.connections_max or _send_off(self.guests)
        if room:
            self.guests[guest] = address
            self._of[address] += 1
        return room

    def gone(self, guest: _Guest) -> None:
        """Its place is free; safe to call twice."""
        address = self.guests.pop(guest, None)
        if address is not None:
            self._of[address] -= 1
            if not self._of[address]:
                del self._of[address]


def _send_off(crowd: Iterable[_Guest]) -> bool:
    """The oldest of those that keep the house waiting: for a header first, then for a next request, then for a body;
    one that has just come only when all have."""
    chosen, least = None, 4
    for guest in crowd:
        rank = guest.waits_for()
        if rank is not None and rank < least:
            chosen, least = guest, rank
        if rank == 0:
            break
    if chosen is not None:
        chosen.leave()
    return chosen is not None


class _Guest(RequestHandler):
    """One connection."""

    __slots__ = ("_body", "_grace", "_house", "_timer", "_wrote")

    def __init__(self, house: _House, loop: asyncio.AbstractEventLoop, settings: dict[str, Any]) -> None:
        super().__init__(house, loop=loop, **settings)
        self._house = house
        self._body: Any = None
        self._grace = GRACE_ROUNDS
        self._timer: asyncio.Handle | None = None
        self._wrote: asyncio.Handle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername")
        welcome = self._house.take_in(self, counted_as(str(peer[0])) if peer else "")
        super().connection_made(transport)
        if welcome:
            self._timer = self._later(self._house.limits.header_timeout_s, self.leave)
            self._loop.call_soon(self._listen)
        elif self.transport is not None:
            self.transport.write(_FULL)
            self.force_close()

    def _listen(self) -> None:
        self._grace -= 1
        if self._grace:
            self._loop.call_soon(self._listen)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._house.gone(self)
        self._stop_waiting()
        if self._wrote is not None:
            self._wrote.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        before = self._request_count
        super().data_received(data)
        if self._request_count > before:
            self._stop_waiting()
            self._body = self._messages[-1][1] if self._messages else self._body
        elif data and self._timer is None and self.waits_for() == 1:
            self._timer = self._later(self._house.limits.header_timeout_s, self.leave)

    def waits_for(self) -> int | None:
        """What its client owes: 0 the rest of a header, 1 a next request, 2 the rest of a body, 3 its first words;
        None: nothing."""
        if self._timer is not None:
            return 3 if self._grace else 0
        if self._waiter is not None and not self._messages:
            return 1
        return 2 if self._body is not None and not self._body.is_eof() else None

    def leave(self) -> None:
        """Closes the connection now; what it holds is given back at once, not when its task has noticed."""
        self._house.gone(self)
        self._stop_waiting()
        transport = self.transport
        self.force_close()
        if transport is not None:
            transport.abort()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wrote = self._later(STALL_S, self.leave)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._wrote is not None:
            self._wrote.cancel()

    def handle_error(
        self, request: Any, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """What aiohttp itself refuses is the sender's fault: a problem document, and no trace of ours in the log."""
        if status >= 500:
            return super().handle_error(request, status, exc, message)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        detail = "expected a request as HTTP/1.1 writes it (RFC 9112), got another; correct it"
        body = {"type": "about:blank", "title": "Bad Request", "status": status, "detail": detail}
        answer = web.Response(text=json.dumps(body), status=status, content_type="application/problem+json")
        answer.force_close()
        return answer

    def _later(self, delay_s: float, then: Callable[[], None]) -> asyncio.Handle:
        return self._loop.call_later(delay_s, then)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
