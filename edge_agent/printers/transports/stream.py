"""What serial ports and printer device files have in common: a stream of bytes each way, and no end but a pulled plug.

The contract is kept here once; a `Wire` only moves bytes. Blocked is told from slow by movement: as long as the sum of
our own unsent bytes and the driver's changes, the printer is taking them, if only at 9600 baud.
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable

from edge_agent.errors import LinkBlockedError, LinkBrokenError
from edge_agent.printers.transports.contract import TransportOptions

_WRITE_LOOK_S = 0.25
_COMMIT_LOOK_S = 0.02
"""How often the driver is asked what it still holds, which it tells nobody by itself."""


class Wire(ABC):
    """An open line. `heard` and `moved` are set, in the loop, when bytes came or went or the line ended."""

    def __init__(self) -> None:
        self.lost: str | None = None
        self.heard = asyncio.Event()
        self.moved = asyncio.Event()

    @abstractmethod
    def put(self, data: bytes) -> None:
        """Begin to send."""

    @abstractmethod
    def unsent(self) -> int:
        """Bytes not handed over."""

    @abstractmethod
    def undelivered(self) -> int:
        """Those and what has not left this computer, as far as that can be known."""

    @abstractmethod
    def unread(self) -> int:
        """Bytes heard and not taken."""

    @abstractmethod
    def take(self) -> bytes:
        """All of them."""

    @abstractmethod
    async def gather(self) -> None:
        """Bytes that are already in this computer become `unread`."""

    @abstractmethod
    async def close(self) -> None:
        """Drop what is unsent and let go of the port. Never raises."""


class StreamTransport(ABC):
    """`Transport` but for `open`'s work and what kind of line it is."""

    def __init__(self, url: str, options: TransportOptions) -> None:
        self._url, self._options = url, options
        self._wire: Wire | None = None
        self._committing = False

    @property
    def url(self) -> str:
        """As given."""
        return self._url

    @abstractmethod
    async def _connect(self) -> Wire:
        """Open the port, or raise LinkDownError."""

    async def open(self) -> None:
        """Open the port within `connect_timeout_s`; see the contract."""
        if self._wire is None:
            self._committing = False
            self._wire = await self._connect()

    async def write(self, data: bytes) -> None:
        """Hand over, whole and in order; see the contract."""
        wire = self._opened()
        if wire.lost is None and data:
            wire.put(data)
        await self._drain(wire)

    async def flush(self) -> None:
        """Wait on for what a blocked `write` or `commit` left behind; see the contract."""
        await self._drain(self._opened())

    async def commit(self, title: str) -> None:
        """Wait until the driver, too, holds nothing any more, where it tells: closing would drop that.

        Raises:
            LinkBlockedError, LinkBrokenError: as `write`.
        """
        self._committing = True
        await self._drain(self._opened())

    async def read(self, timeout_s: float) -> bytes:
        """What has come, or `b""` after `timeout_s` of silence; see the contract."""
        wire = self._opened()
        if timeout_s <= 0:
            await wire.gather()
        elif not wire.unread() and wire.lost is None:
            wire.heard.clear()
            if not wire.unread():
                await _told(wire.heard, timeout_s)
        data = wire.take()
        if not data and wire.lost is not None:
            raise self._broken(wire.lost)
        return data

    async def close(self) -> None:
        """Close; unsent bytes are dropped."""
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.close()

    def _opened(self) -> Wire:
        if self._wire is None:
            raise LinkBrokenError(f"{self._url}: expected an open line, got a closed one; open it first")
        return self._wire

    async def _drain(self, wire: Wire) -> None:
        """Until nothing is left. Blocked means that nothing moved for a whole timeout."""
        left = wire.undelivered if self._committing else wire.unsent
        clock, look_s = asyncio.get_running_loop().time, _COMMIT_LOOK_S if self._committing else _WRITE_LOOK_S
        seen, deadline = wire.undelivered(), clock() + self._options.write_timeout_s
        while self._remains(wire, left):
            await _told(wire.moved, min(look_s, max(deadline - clock(), 0.0)))
            now = wire.undelivered()
            if now != seen:
                seen, deadline = now, clock() + self._options.write_timeout_s
            elif clock() >= deadline and self._remains(wire, left):
                raise self._blocked(now)
        if wire.lost is not None:
            raise self._broken(wire.lost)
        self._committing = False

    def _remains(self, wire: Wire, left: Callable[[], int]) -> bool:
        wire.moved.clear()
        return left() > 0 and wire.lost is None

    def _blocked(self, left: int) -> LinkBlockedError:
        return LinkBlockedError(
            f"{self._url}: expected the printer to take {left} bytes, got none taken for "
            f"{self._options.write_timeout_s} s; look at paper, ribbon and head{self._hint()}"
        )

    def _hint(self) -> str:
        """What else may hold this kind of line back."""
        return ""

    def _broken(self, reason: str) -> LinkBrokenError:
        return LinkBrokenError(f"{self._url}: expected an open line, got {reason}; check power, plug and cable")


async def _told(event: asyncio.Event, timeout_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
