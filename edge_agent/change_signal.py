"""The change signal tells all who wait *that* something changed, never what. Readers look at the ledger."""

from __future__ import annotations

import asyncio
import contextlib


class ChangeSignal:
    """Rings wake every waiter; none is missed between two waits, because each waits for more than it has heard."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = asyncio.Event()

    def tell(self) -> None:
        """Wake all who wait."""
        self.count += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait(self, heard: int, timeout_s: float) -> int:
        """Return once `count` is above `heard`, or after `timeout_s`; gives the count now. Not by `asyncio.wait_for`,
        which before Python 3.12 loses a cancel that comes together with the ring, so that the task never ends."""
        if self.count <= heard:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._changed.wait()
        return self.count
