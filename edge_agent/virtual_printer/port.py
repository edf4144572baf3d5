"""A listening port with one connection at a time. A second host's connection waits in the system's backlog.

Bytes are taken in small bites and only while the firmware has room; when it has none, the socket is left unread and
the TCP window closes, as with a real printer out of paper.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import Callable
from typing import Protocol

from edge_agent.virtual_printer.faults import FaultBoard

_BITE_BYTES = 16_384
_SOCKET_BUFFER_BYTES = 65_536
_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class HostPort(Protocol):
    """Where a host is spoken to. `Port` and `SerialPort(baud, board, receive, full)`; see `Port` for the methods.

    A serial line stays open through a power cut: then the printer hears nothing and says nothing until power is back.
    `reset` is asked only of a port that hangs up. `close` and `open` also pull and plug the cable; opening an open port
    and closing a closed one do nothing.
    """

    hangs_up_on_power_cut: bool

    @property
    def number(self) -> int: ...
    @property
    def path(self) -> str: ...
    @property
    def connected(self) -> bool: ...
    async def open(self) -> None: ...
    async def close(self) -> None: ...
    def read_on(self) -> None: ...
    def say(self, data: bytes) -> None: ...
    def reset(self) -> None: ...


def delay_s(board: FaultBoard) -> float:
    """How long an answer is held back by the faults in force."""
    return max(board.active.get("slow-replies", 0), board.active.get("late-replies", 0)) / 1000


def pieces(board: FaultBoard, data: bytes) -> list[bytes]:
    """An answer as the faults in force let it out: damaged, byte by byte, or not at all without power."""
    if "power-cut" in board.active:
        return []
    if "garbled-replies" in board.active:
        at = len(data) // 2
        data = data[:at] + bytes([data[at] ^ 0x15]) + data[at + 1 :]
    if "split-replies" in board.active:
        return [data[at : at + 1] for at in range(len(data))]
    return [data]


class Port:
    """Owns the listener, the connection and what is still to be said on it."""

    hangs_up_on_power_cut: bool = True

    def __init__(
        self, host: str, port: int, board: FaultBoard, receive: Callable[[bytes], None], full: Callable[[], bool]
    ) -> None:
        self._address = (host, port)
        self._board, self._receive, self._full = board, receive, full
        self._listener: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._connection: _Connection | None = None
        self._turn = asyncio.Lock()  # opening and closing happen in the order they were asked for

    @property
    def number(self) -> int:
        """The port that it listens on, or will again."""
        return self._address[1]

    @property
    def path(self) -> str:
        """No device file."""
        return ""

    @property
    def connected(self) -> bool:
        """Whether a host is on the line."""
        return self._connection is not None

    async def open(self) -> None:
        """Listen; on the same port as before, if there was one."""
        async with self._turn:
            if self._listener is not None:
                return
            self._listener = socket.create_server(self._address, backlog=4)
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SOCKET_BUFFER_BYTES)
            self._listener.setblocking(False)
            self._address = (self._address[0], self._listener.getsockname()[1])
            self._accepting = asyncio.create_task(self._accept(self._listener))

    async def _accept(self, listener: socket.socket) -> None:
        while True:
            sock, _ = await asyncio.get_running_loop().sock_accept(listener)
            await self._serve(sock)

    async def _serve(self, sock: socket.socket) -> None:
        connection = self._connection = _Connection(self._board, self._take)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: connection, sock)
            self.read_on()
            await connection.closed.wait()
        finally:
            self._connection = None
            sock.close()

    def _take(self, data: bytes) -> None:
        self._receive(data)
        self.read_on()

    def read_on(self) -> None:
        """Read if the firmware has room, else leave the socket alone."""
        if self._connection is not None:
            self._connection.set_reading(not self._full())

    def say(self, data: bytes) -> None:
        """Answer on the connection there is; into the void if there is none."""
        if self._connection is not None and "silence" not in self._board.active:
            self._connection.say(data)

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        if self._connection is not None:
            self._connection.reset()

    async def close(self) -> None:
        """Reset the connection and stop listening. Closing a closed port does nothing."""
        async with self._turn:
            self.reset()
            if self._accepting is not None:
                self._accepting.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._accepting
            if self._listener is not None:
                self._listener.close()
            self._accepting = self._listener = None


class _Connection(asyncio.BufferedProtocol):
    """One host's connection."""

    def __init__(self, board: FaultBoard, take: Callable[[bytes], None]) -> None:
        self._board, self._take = board, take
        self._bite = bytearray(_BITE_BYTES)
        self._transport: asyncio.Transport | None = None
        self._unsaid: asyncio.Queue[bytes] = asyncio.Queue()
        self._speaker: asyncio.Task[None] | None = None
        self.closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a socket gives
        self._transport = transport
        self._speaker = asyncio.create_task(self._speak())

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._bite

    def buffer_updated(self, nbytes: int) -> None:
        self._take(bytes(self._bite[:nbytes]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._speaker is not None:
            self._speaker.cancel()
        self.closed.set()

    def set_reading(self, on: bool) -> None:
        """Take bytes, or leave them where they are."""
        transport = self._transport
        if transport is None or transport.is_closing() or transport.is_reading() is on:
            return
        if on:
            transport.resume_reading()
        else:
            transport.pause_reading()

    def say(self, data: bytes) -> None:
        """Queue an answer."""
        self._unsaid.put_nowait(data)

    def reset(self) -> None:
        """RST instead of FIN."""
        if self._transport is not None and not self._transport.is_closing():
            sock = self._transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self._transport.abort()

    async def _speak(self) -> None:
        while True:
            data = await self._unsaid.get()
            if wait_s := delay_s(self._board):
                await asyncio.sleep(wait_s)
            for piece in pieces(self._board, data):
                if self._transport is not None:
                    self._transport.write(piece)
                await asyncio.sleep(0)
