"""Listening with TLS: a connection counts from its first moment, and has a time to shake hands.

aiohttp's own site counts a connection once its handshake is done, and gives that a minute: a thousand that say nothing
would take every file that this process may open, the ledger's among them. So each waits on the doorstep as a guest of
the house (`http_limits`), the first to be sent off when that is full, and becomes a guest of its own once it is in.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any, cast

from aiohttp import web

from label_protocol.http_limits import LINGER_S, LimitedRunner


class TlsSite(web.BaseSite):
    """A place to listen at; `context` gives what the next connection is met with."""

    def __init__(self, runner: LimitedRunner, host: str, port: int, context: Callable[[], ssl.SSLContext]) -> None:
        super().__init__(runner)
        self._place, self._context = (host, port), context
        self._waiting: set[_Doorstep] = set()

    @property
    def name(self) -> str:
        """As aiohttp tells its sites apart."""
        return f"https://{self._place[0]}:{self._place[1]}"

    async def start(self) -> None:
        """Begin to listen. Raises OSError."""
        await super().start()
        house = cast(Any, self._runner.server)
        make = lambda: _Doorstep(house, self._context, self._waiting)  # noqa: E731
        self._server = await asyncio.get_running_loop().create_server(make, *self._place, backlog=self._backlog)

    async def stop(self) -> None:
        """Take nobody in any more, and nobody who still waits."""
        await super().stop()
        for one in tuple(self._waiting):
            one.leave()


class _Doorstep(asyncio.Protocol):
    """One connection until its handshake is done."""

    def __init__(self, house: Any, context: Callable[[], ssl.SSLContext], waiting: set[_Doorstep]) -> None:
        self._house, self._context, self._waiting = house, context, waiting
        self._early, self._lost = b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Counted before a byte is read; the handshake reads them."""
        self._line = cast(asyncio.Transport, transport)
        self._line.pause_reading()
        peer = transport.get_extra_info("peername")
        if self._house.take_in(self, str(peer[0]) if peer else ""):
            self._waiting.add(self)
            self._task = asyncio.get_running_loop().create_task(self._let_in())
        else:
            self._line.abort()

    def data_received(self, data: bytes) -> None:
        """The first words may come with the last ones of the handshake, before the guest is in."""
        self._early += data

    def connection_lost(self, exc: BaseException | None) -> None:
        """It went away in the midst of it."""
        self._lost = True
        self._gone()

    def waits_for(self) -> int:
        """As of a guest who owes the rest of a header: the first to be sent off."""
        return 0

    def leave(self) -> None:
        """Closes the connection now."""
        self._gone()
        self._line.abort()

    async def _let_in(self) -> None:
        limits = self._house.limits
        times = {"ssl_handshake_timeout": limits.header_timeout_s, "ssl_shutdown_timeout": LINGER_S}
        locked = None
        with contextlib.suppress(OSError):  # no handshake, too late, or gone: nobody is there to be told
            locked = await asyncio.get_running_loop().start_tls(
                self._line, self, self._context(), server_side=True, **times
            )
        self._gone()
        if locked is None or self._lost or locked.is_closing():
            return
        guest = self._house()
        locked.set_protocol(guest)
        guest.connection_made(locked)
        if self._early:
            guest.data_received(self._early)

    def _gone(self) -> None:
        self._waiting.discard(self)
        self._house.gone(self)
