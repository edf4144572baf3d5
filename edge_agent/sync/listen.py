"""A question for news that stands open: a registry that can holds its answer until there is something, so that an
allotment or a recall is here in the second in which it is given, and the pump's own turns stay as seldom as they are.

It takes nothing in: it rings, and the pump's next turn asks and records. A registry that cannot hold a question answers
at once; it is asked so again after ten minutes, when it may have been updated.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from edge_agent.errors import SyncError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.sync.contract import RegistryClient

HOLD_S = 25
"""Below the half minute after which proxies and routers drop a connection on which nothing moves."""
HELD_LEAST_S = 1.0
"""An empty answer that comes sooner was not held."""
ASK_AGAIN_S = 600.0


class Listener:
    """Asks while the registry answers the pump; `ring` is called for each answer that brings something."""

    def __init__(
        self,
        ledger: LedgerThread,
        client: RegistryClient,
        ring: Callable[[], None],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._client = client
        self._ring = ring
        self._clock_s = clock_s
        self._turned = asyncio.Event()
        self._not_before_s = float("-inf")

    def turned(self, *, answered: bool) -> None:
        """The pump has had a turn, and was answered or not."""
        if answered and self._clock_s() >= self._not_before_s:
            self._turned.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._turned.wait()
            self._turned.clear()
            await self._ask()

    async def _ask(self) -> None:
        """One question after the other, until one brings something or cannot be held."""
        while True:
            asked_s = self._clock_s()
            known = await self._ledger.do(Ledger.distribution_cursor)
            try:
                found = await self._client.distribution(known.cursor if known else None, HOLD_S)
            except SyncError:
                return  # the pump hears of it itself
            if found.items or known is None or known.epoch != found.epoch:
                self._ring()
                return
            if self._clock_s() - asked_s < HELD_LEAST_S:
                self._not_before_s = self._clock_s() + ASK_AGAIN_S
                return
