"""`memory://name`: a pair in memory, for tests. The far side is a `MemoryPeer` of that name, made first.

The peer can take no bytes, split what it sends, and end the connection, so that the one conformance suite asks of a
transport in memory what it asks of TCP.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType
from urllib.parse import urlsplit

from edge_agent.errors import LinkBlockedError, LinkBrokenError, LinkDownError
from edge_agent.printers.transports.contract import TransportOptions
from label_protocol.errors import ConfigError

_PEERS: dict[str, MemoryPeer] = {}


class MemoryPeer:
    """The printer's end. Use it as a context manager: its name is free again afterwards.

    Args:
        name: what stands after `memory://`.
        capacity_bytes: how much it holds unread before the writer blocks.
        split_bytes: the most one `read` of the other side returns; 0 = as sent.
    """

    def __init__(self, name: str, *, capacity_bytes: int = 65_536, split_bytes: int = 0) -> None:
        self.name, self.capacity_bytes, self.split_bytes = name, capacity_bytes, split_bytes
        self.received = bytearray()
        self.to_host = bytearray()
        self.ended: str | None = None
        self.connected = False
        self.changed = asyncio.Condition()

    def __enter__(self) -> MemoryPeer:
        _PEERS[self.name] = self
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        _PEERS.pop(self.name, None)

    async def send(self, data: bytes) -> None:
        """Say something to the host."""
        async with self.changed:
            self.to_host += data
            self.changed.notify_all()

    async def receive(self, count: int) -> bytes:
        """Exactly `count` bytes from the host, taken as they come."""
        data = b""
        while len(data) < count:
            async with self.changed:
                await self.changed.wait_for(lambda: len(self.received) > 0)
                taken = bytes(self.received[: count - len(data)])
                del self.received[: len(taken)]
                self.changed.notify_all()
            data += taken
        return data

    async def end(self, reason: str = "closed by the printer") -> None:
        """End the connection; what was sent before can still be read."""
        async with self.changed:
            self.ended = reason
            self.changed.notify_all()


class MemoryTransport:
    """The host's end."""

    def __init__(self, url: str, options: TransportOptions) -> None:
        """Raises ConfigError: the URL names no peer."""
        self._url, self._options = url, options
        self._name = urlsplit(url).netloc
        if not self._name:
            raise ConfigError(f"printer url: expected memory://name, got {url!r}; correct it")
        self._peer: MemoryPeer | None = None
        self._unsent = bytearray()

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
        """Find the peer; see the contract. Raises LinkDownError: not there, taken, or not ready in time."""
        if self._peer is not None:
            return
        peer = _PEERS.get(self._name)
        if peer is None or peer.connected:
            raise LinkDownError(f"{self._url}: expected a free peer of that name, got none; make one first")
        peer.connected, peer.ended = True, None
        self._peer = peer

    async def write(self, data: bytes) -> None:
        """See the contract."""
        self._opened()
        self._unsent += data
        await self.flush()

    async def flush(self) -> None:
        """See the contract. Raises LinkBlockedError: not all was taken within `write_timeout_s`."""
        peer = self._opened()
        self._raise_if_ended(peer)
        while self._unsent:
            async with peer.changed:
                if not await self._until(peer, lambda: _room(peer) > 0, self._options.write_timeout_s):
                    raise LinkBlockedError(f"{self._url}: expected {len(self._unsent)} bytes to be taken, got none")
                self._raise_if_ended(peer)
                count = _room(peer)
                peer.received += self._unsent[:count]
                del self._unsent[:count]
                peer.changed.notify_all()

    async def commit(self, title: str) -> None:
        """A stream has nothing to do here."""

    async def read(self, timeout_s: float) -> bytes:
        """See the contract."""
        peer = self._opened()
        async with peer.changed:
            await self._until(peer, lambda: len(peer.to_host) > 0, timeout_s)
            data = bytes(peer.to_host[: peer.split_bytes or None])
            del peer.to_host[: len(data)]
            if not data:
                self._raise_if_ended(peer)
            return data

    async def close(self) -> None:
        """See the contract."""
        if self._peer is not None:
            self._peer.connected = False
        self._peer = None
        self._unsent.clear()

    def _opened(self) -> MemoryPeer:
        if self._peer is None:
            raise LinkBrokenError(f"{self._url}: expected an open connection, got a closed one; open it first")
        return self._peer

    def _raise_if_ended(self, peer: MemoryPeer) -> None:
        if peer.ended is not None:
            raise LinkBrokenError(f"{self._url}: expected an open connection, got {peer.ended}; check the peer")

    async def _until(self, peer: MemoryPeer, ready: Callable[[], bool], timeout_s: float) -> bool:
        """Wait for `ready` or the end of the connection; False after `timeout_s`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(timeout_s, 0)):
                await peer.changed.wait_for(lambda: ready() or peer.ended is not None)
        return ready() or peer.ended is not None


def _room(peer: MemoryPeer) -> int:
    return peer.capacity_bytes - len(peer.received)
