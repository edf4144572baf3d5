"""`tcp://host:port`: raw TCP, port 9100 unless named.

A protocol of our own instead of asyncio streams: `read(0)` must hand over what has already come, and a write that is
stuck must be told from one that crawls, which needs the size of the unsent rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from urllib.parse import urlsplit

from edge_agent.errors import LinkBlockedError, LinkBrokenError, LinkDownError
from edge_agent.printers.transports.contract import UNREAD_LIMIT_BYTES, TransportOptions
from label_protocol.errors import ConfigError

DEFAULT_PORT = 9100

_KEEPALIVE = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
"""Seconds, seconds, probes: a pulled cable shows after 25 s of silence. Options a system lacks stay at its default."""


class TcpTransport:
    """One TCP connection. Never reconnects by itself."""

    def __init__(self, url: str, options: TransportOptions) -> None:
        self._url, self._options = url, options
        self._host, self._port = _host_and_port(url)
        self._wire: _Wire | None = None

    @property
    def url(self) -> str:
        """As given."""
        return self._url

    @property
    def two_way(self) -> bool:
        """Always."""
        return True

    @property
    def clean(self) -> bool:
        """Always."""
        return True

    async def open(self) -> None:
        """Connect within `connect_timeout_s`; see the contract.

        Raises:
            LinkDownError: not there, taken, or not ready in time.
        """
        if self._wire is not None:
            return
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._options.connect_timeout_s):
                _, self._wire = await loop.create_connection(_Wire, self._host, self._port)
        except (OSError, TimeoutError) as error:
            why = f"no answer for {self._options.connect_timeout_s} s" if isinstance(error, TimeoutError) else error
            raise LinkDownError(f"{self._url}: expected a connection, got {why}; check power and cable") from error

    async def write(self, data: bytes) -> None:
        """Hand over, whole and in order; see the contract."""
        wire = self._opened()
        if wire.lost is None and data:
            wire.transport.write(data)
        await self._drain(wire)

    async def flush(self) -> None:
        """Wait on for bytes a blocked `write` left behind; see the contract."""
        await self._drain(self._opened())

    async def commit(self, title: str) -> None:
        """A stream has nothing to do here."""

    async def read(self, timeout_s: float) -> bytes:
        """What has come, or `b""` after `timeout_s` of silence; see the contract."""
        wire = self._opened()
        if timeout_s <= 0:
            # One turn of the loop selects, the next delivers: bytes already in the kernel count as come.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        elif not wire.unread and wire.lost is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await wire.news()
        data = wire.take()
        if not data and wire.lost is not None:
            raise self._broken(wire.lost)
        return data

    async def close(self) -> None:
        """Close; unsent bytes are dropped, sent ones are not."""
        wire, self._wire = self._wire, None
        if wire is None:
            return
        if wire.transport.get_write_buffer_size():
            wire.transport.abort()
        wire.transport.close()
        await wire.closed.wait()

    def _opened(self) -> _Wire:
        if self._wire is None:
            raise LinkBrokenError(f"{self._url}: expected an open connection, got a closed one; open it first")
        return self._wire

    async def _drain(self, wire: _Wire) -> None:
        """Until nothing is unsent. Blocked means no byte moved for a whole timeout; slow is not blocked."""
        left = wire.transport.get_write_buffer_size()
        while wire.lost is None and left:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._options.write_timeout_s):
                    await wire.drained.wait()
            before, left = left, wire.transport.get_write_buffer_size()
            if wire.lost is None and left >= before:
                raise LinkBlockedError(
                    f"{self._url}: expected the printer to take {left} bytes, got none taken for "
                    f"{self._options.write_timeout_s} s; look at paper, ribbon and head"
                )
        if wire.lost is not None:
            raise self._broken(wire.lost)

    def _broken(self, reason: str) -> LinkBrokenError:
        return LinkBrokenError(f"{self._url}: expected an open connection, got {reason}; check power and cable")


class _Wire(asyncio.Protocol):
    """Bytes both ways, and what became of the connection."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.unread = bytearray()
        self.lost: str | None = None
        self.drained = asyncio.Event()
        self.closed = asyncio.Event()
        self._news = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_connection makes
        self.transport = transport
        transport.set_write_buffer_limits(high=0)
        self.drained.set()
        self._socket = transport.get_extra_info("socket")
        keep_alive(self._socket)

    def data_received(self, data: bytes) -> None:
        self.unread += data
        acknowledge(self._socket)
        self._news.set()
        if len(self.unread) > UNREAD_LIMIT_BYTES:
            self.transport.pause_reading()

    def pause_writing(self) -> None:
        self.drained.clear()

    def resume_writing(self) -> None:
        self.drained.set()

    def eof_received(self) -> None:
        self._end("closed by the printer")

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(str(exc) if exc else "closed")
        self.closed.set()

    def _end(self, reason: str) -> None:
        self.lost = self.lost or reason
        self._news.set()
        self.drained.set()

    async def news(self) -> None:
        """Until bytes come or the connection ends."""
        self._news.clear()
        await self._news.wait()

    def take(self) -> bytes:
        """All unread bytes."""
        data = bytes(self.unread)
        self.unread.clear()
        if not self.transport.is_closing() and not self.transport.is_reading():
            self.transport.resume_reading()
        return data


def keep_alive(sock: socket.socket) -> None:
    """Have the system ask a silent far side whether it is still there."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if (option := getattr(socket, name, None)) is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def acknowledge(sock: socket.socket) -> None:
    """Tell the far side at once that its bytes came. A printer that gathers small answers (RFC 896) sends the second of
    two only then, and a system that hopes to save a packet lets it wait for 40 ms. Linux forgets the wish, so it is
    renewed; where there is no such option nothing is done."""
    if (option := getattr(socket, "TCP_QUICKACK", None)) is not None:
        with contextlib.suppress(OSError):  # the connection may have ended behind these bytes
            sock.setsockopt(socket.IPPROTO_TCP, option, 1)


def _host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port or DEFAULT_PORT
    except ValueError:
        host, port = None, 0
    if not host or parts.path.strip("/") or parts.query or parts.username:
        raise ConfigError(f"printer url: expected tcp://host[:port], got {url!r}; correct it")
    return host, port
