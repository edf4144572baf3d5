"""How many batches are worked on at once, how much of others is kept meanwhile, and for how long.

Taking in a batch is work for one processor and one database: of eighty at once each would take as long as all of them,
longer than an agent waits, and be sent again. So a few are at work, others wait their turn for some seconds, and who
would wait longer is told at once when to come back (503, Retry-After): before the line has ended, so that nobody at
work ever waits for work. Scans never pass here, and small batches that nothing speaks against need no seat: they are
taken in together (central_registry/ingest/turns.py).

One agent has one batch at work or in the line. What it sends again, because an answer was lost or late, would wait for
its own agent's row in a seat of its own, and two such agents would keep out all others.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from central_registry.problems import ProblemError
from label_protocol import wire

_FIRST_GUESS_S = 0.25
"""What a batch takes, until some were seen."""


class Gate:
    """`at_work` batches at once; of all that are here at most `bytes_most`; none waits longer than `wait_s`."""

    def __init__(
        self, at_work: int, bytes_most: int, wait_s: float, *, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._seats = asyncio.Semaphore(at_work)
        self._at_work = at_work
        self._bytes_most = bytes_most
        self._wait_s = wait_s
        self._here: set[str] = set()
        self._waiting = 0
        self._bytes = 0
        self._clock_s = clock_s
        self._usual_s = _FIRST_GUESS_S

    @asynccontextmanager
    async def room(self, declared: int | None) -> AsyncIterator[None]:
        """Room for a body of so many bytes, before it is read; None: no length was declared. It lies here packed, as it
        came, until it has its turn.

        Raises:
            ProblemError: 503 `busy`; the body was not read.
        """
        size = min(self._bytes_most, wire.MAX_UNPACKED if declared is None else declared)
        if self._bytes + size > self._bytes_most:
            raise self._busy()
        self._bytes += size
        try:
            yield
        finally:
            self._bytes -= size

    @asynccontextmanager
    async def turn(self, agent: str) -> AsyncIterator[None]:
        """A seat for a batch of `agent`, in the order of coming. Raises ProblemError as `alone` and `seat`."""
        async with self.alone(agent), self.seat():
            yield

    @asynccontextmanager
    async def alone(self, agent: str) -> AsyncIterator[None]:
        """As long as it lasts no other batch of `agent` is taken in.

        Raises:
            ProblemError: 503 `busy`: one is here.
        """
        if agent in self._here:
            raise self._busy()
        self._here.add(agent)
        try:
            yield
        finally:
            self._here.discard(agent)

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[None]:
        """A seat, in the order of coming.

        Raises:
            ProblemError: 503 `busy`: at once if the line is too long, and after `wait_s` if it was longer than thought.
        """
        if self._seats.locked() and (self._waiting + 1) * self._usual_s / self._at_work > self._wait_s:
            raise self._busy()
        self._waiting += 1
        try:
            await asyncio.wait_for(self._seats.acquire(), self._wait_s)
        except TimeoutError as cause:
            raise self._busy() from cause
        finally:
            self._waiting -= 1
        begun_s = self._clock_s()
        try:
            yield
        finally:
            self._usual_s += (self._clock_s() - begun_s - self._usual_s) / 8
            self._seats.release()

    def _busy(self) -> ProblemError:
        again_s = max(1, int(self._wait_s / 3))
        return ProblemError("busy", "batches: more at once than can be taken in", retry_after_s=again_s)
