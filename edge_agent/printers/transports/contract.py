"""What every transport promises. It moves bytes and knows no language.

A transport is opened by URL, has one peer, and never retries: after the first byte a retry could print twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

UNREAD_LIMIT_BYTES = 262_144
"""Four times the longest reply; what comes beyond it is left unread, so that a mad peer fills its own memory."""


class Transport(Protocol):
    """One connection to one printer. Implementations pass `tests/edge_agent/printers/test_transport_conformance.py`."""

    @property
    def url(self) -> str:
        """Where it leads, for messages."""
        ...

    @property
    def two_way(self) -> bool:
        """Whether the printer can be heard. Over a one-way transport nothing is ever known but that bytes left."""
        ...

    @property
    def clean(self) -> bool:
        """Whether every byte arrives as it is; a serial line with XON/XOFF takes 0x11 and 0x13 for itself."""
        ...

    async def open(self) -> None:
        """Connect. Opening an open transport does nothing.

        Raises:
            LinkDownError: no connection within the connect timeout; nothing was sent.
        """
        ...

    async def write(self, data: bytes) -> None:
        """Hand `data` over, whole and in order.

        Raises:
            LinkBlockedError: the peer took no byte for the write timeout. The link is up and the rest is kept:
                `flush` goes on waiting; `close` drops it.
            LinkBrokenError: the connection ended; how much arrived is unknown.
        """
        ...

    async def flush(self) -> None:
        """Go on with bytes that `write` could not yet hand over. Raises as `write`."""
        ...

    async def commit(self, title: str) -> None:
        """A window's bytes are complete. A stream has nothing to do; a spooler hands them over as one job of that
        title and waits until the job is done.

        Raises:
            LinkBlockedError: the job has not ended within the write timeout; `flush` waits on, `close` cancels it.
            LinkBrokenError: the job was refused, lost, stopped, cancelled, or might be sent a second time.
        """
        ...

    async def read(self, timeout_s: float) -> bytes:
        """The next bytes from the peer, at least one; `b""` means silence for `timeout_s`.

        Raises:
            LinkBrokenError: the connection ended.
        """
        ...

    async def close(self) -> None:
        """Close and forget unsent bytes. Closing a closed transport does nothing; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class TransportOptions:
    """What `open_transport` takes, for the transport's constructor."""

    connect_timeout_s: float
    write_timeout_s: float
