"""A wire whose port can only be read and written by waiting: two threads that sleep in the driver, none that polls.

A write is handed to the driver in chunks and never given up half-way, because pyserial does not say how much of a
write that timed out has left; sending the rest again would print twice. What blocks is seen from outside instead.

A driver's word on what it holds is not the whole truth: an adapter, a serial server and a pty hold more and do not
tell. But a line is never faster than its baud rate, so bytes count as under way for at least that long. Thus a question
is asked when its answer can come, and a cancel does not queue behind a minute of labels.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from collections.abc import Callable
from typing import Protocol

from edge_agent.printers.transports.contract import UNREAD_LIMIT_BYTES
from edge_agent.printers.transports.stream import Wire

_SETTLE_S = 0.001
"""The time of one character at 9600 baud: the listening thread may hold bytes that it has not yet put down."""

_LAST_BYTES_S = 1.0
"""What the driver took before `close` may still leave, for as long; a `cancel` should reach the printer."""

_LEAD_S = 0.5
"""How much line time may be under way when a write ends: two chunks, enough for the line never to starve."""

_END_S = 1.0
"""How long `close` waits for its threads. A thread stuck in a driver closes the port itself when it comes free."""


class Port(Protocol):
    """What the threads need. `cancel` and `close` are called from a third thread."""

    def read(self) -> bytes:
        """At least one byte; `b""` after `cancel`, or for a look around. Raises anything when the line has ended."""
        ...

    def write(self, data: bytes) -> int:
        """Hand over all of it; the count is less only after `cancel`. Raises anything when the line has ended."""
        ...

    def in_waiting(self) -> int:
        """Bytes that `read` would give at once."""
        ...

    def out_waiting(self) -> int:
        """Bytes the driver has not sent, 0 if it does not tell. Raises OSError when the line has ended."""
        ...

    def cancel(self) -> None:
        """End a `read` and a `write` that wait; called until they have ended. Never raises."""
        ...

    def close(self) -> None:
        """Drop what the driver holds and close. Never raises, never waits for the far side."""
        ...


class ThreadWire(Wire):
    """One thread listens, one speaks.

    Args:
        port: open; closed by `close`.
        chunk_bytes: the most that one `port.write` is given.
        byte_s: the time one byte takes on the line; 0 = none that counts.
        listens: False for a port that can only be written.
    """

    def __init__(self, port: Port, chunk_bytes: int, *, byte_s: float = 0.0, listens: bool = True) -> None:
        super().__init__()
        self._port, self._chunk_bytes, self._byte_s = port, chunk_bytes, byte_s
        self._line_free_at = 0.0
        self._loop = asyncio.get_running_loop()
        self._turn = threading.Condition()
        self._heard_bytes, self._unsent_bytes = bytearray(), bytearray()
        self._closing = self._abandoned = False
        works = [self._speak, self._listen] if listens else [self._speak]
        self._running = len(works)
        for work in works:
            threading.Thread(target=self._live, args=(work,), name=f"printer{work.__name__}", daemon=True).start()

    def put(self, data: bytes) -> None:
        """See `Wire`."""
        with self._turn:
            self._unsent_bytes += data
            self._turn.notify_all()

    def unsent(self) -> int:
        """See `Wire`; with what is under way beyond the lead."""
        return len(self._unsent_bytes) + self._under_way(_LEAD_S)

    def _under_way(self, lead_s: float = 0.0) -> int:
        """Bytes that the line cannot have carried yet."""
        left_s = self._line_free_at - time.monotonic() - lead_s
        return math.ceil(left_s / self._byte_s) if left_s > 0 else 0

    def undelivered(self) -> int:
        """See `Wire`."""
        try:
            held = self._port.out_waiting() if self.lost is None else 0
            return len(self._unsent_bytes) + max(held, self._under_way())
        except OSError as error:
            self._end(str(error))
            return len(self._unsent_bytes)

    def unread(self) -> int:
        """See `Wire`."""
        return len(self._heard_bytes)

    def take(self) -> bytes:
        """See `Wire`."""
        with self._turn:
            data = bytes(self._heard_bytes)
            self._heard_bytes.clear()
            self._turn.notify_all()
        return data

    async def gather(self) -> None:
        """See `Wire`."""
        if self._heard_bytes or self.lost is not None:
            return
        await asyncio.sleep(_SETTLE_S)
        with contextlib.suppress(OSError):
            if not self._heard_bytes and self._port.in_waiting():
                await asyncio.sleep(_SETTLE_S)

    async def close(self) -> None:
        """See `Wire`."""
        with self._turn:
            self._closing = True
            self._turn.notify_all()
        await asyncio.to_thread(self._shut)

    def _shut(self) -> None:
        self._let_go(lambda: not self._unsent_bytes and self.lost is None and self._held() > 0, _LAST_BYTES_S)
        self._let_go(self._still_running, _END_S)
        with self._turn:
            self._abandoned = self._running > 0
        if not self._abandoned:
            self._port.close()

    def _let_go(self, waits: Callable[[], bool], limit_s: float) -> None:
        deadline = time.monotonic() + limit_s
        while waits() and time.monotonic() < deadline:
            time.sleep(0.01)

    def _held(self) -> int:
        with contextlib.suppress(OSError):
            return self._port.out_waiting()
        return 0

    def _still_running(self) -> bool:
        if self._running:
            self._port.cancel()
        return self._running > 0

    def _live(self, work: Callable[[], None]) -> None:
        """A thread's life. Whatever ends it has ended the line: pyserial lets out more than its own errors."""
        try:
            work()
        except Exception as error:
            self._end(str(error) or type(error).__name__)
        with self._turn:
            self._running -= 1
            last = self._abandoned and not self._running
        if last:
            self._port.close()

    def _listen(self) -> None:
        while not self._closing:
            if data := self._port.read():
                self._hear(data)

    def _hear(self, data: bytes) -> None:
        with self._turn:
            self._turn.wait_for(lambda: len(self._heard_bytes) < UNREAD_LIMIT_BYTES or self._closing)
            self._heard_bytes += data
        self._tell(self.heard)

    def _speak(self) -> None:
        while chunk := self._next_chunk():
            self._line_free_at = max(self._line_free_at, time.monotonic()) + len(chunk) * self._byte_s
            taken = self._port.write(chunk)
            if taken != len(chunk) and not self._closing:
                raise OSError(f"a write that ended after {taken} of {len(chunk)} bytes")
            with self._turn:
                del self._unsent_bytes[:taken]
            if not self._unsent_bytes:
                self._tell(self.moved)

    def _next_chunk(self) -> bytes:
        with self._turn:
            self._turn.wait_for(lambda: self._unsent_bytes or self._closing or self.lost is not None)
            return b"" if self._closing or self.lost is not None else bytes(self._unsent_bytes[: self._chunk_bytes])

    def _end(self, reason: str) -> None:
        with self._turn:
            self.lost = self.lost or reason
            self._turn.notify_all()
        self._tell(self.heard)
        self._tell(self.moved)

    def _tell(self, event: asyncio.Event) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone, and with it whoever waited
            self._loop.call_soon_threadsafe(event.set)
