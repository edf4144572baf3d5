"""Who makes backup sets when they are due, and tells when one failed.

What is due follows from the sets that are there, so a restart neither forgets one nor makes one too many.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from edge_agent.clock import Clock
from edge_agent.messages.error import of_class
from edge_agent.ops.backups.sets import BackupSet, age_h, prune, sets_in

RETRY_S = 900.0
"""After a failure: soon enough for a share that comes back, rare enough for a disk that stays full."""
_STEP_S = 600.0
"""At most so long is slept at once: a computer that slept itself has a clock that jumped."""

_log = structlog.get_logger("edge_agent.backups")

Make = Callable[[str], Awaitable[BackupSet]]
"""Makes a set, at the time it is told."""

Wait = Callable[[float], Awaitable[None]]


class BackupKeeper:
    """`make` makes a set in `folder`, every `every_h` hours; `wait` stands in for time, in seconds."""

    def __init__(
        self,
        make: Make,
        folder: Path,
        *,
        every_h: float,
        keep: int,
        clock: Clock,
        wait: Wait = asyncio.sleep,
    ) -> None:
        self._make, self._folder = make, folder
        self._every_h, self._keep = every_h, keep
        self._clock, self._wait = clock, wait
        self.trouble = ""
        """Why the last set was not made; empty once one was."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause_s = self.due_in_s()
            if pause_s <= 0:
                await self.turn()
                pause_s = RETRY_S if self.trouble else self.due_in_s()
            await self._wait(min(max(pause_s, 1.0), RETRY_S if self.trouble else _STEP_S))

    def due_in_s(self) -> float:
        """Seconds until the next set; 0 if there is none yet. A set of a time that has not come counts for nothing."""
        now = self._clock()
        ages = [age for one in sets_in(self._folder) if (age := age_h(one, now)) >= 0]
        return max(0.0, (self._every_h - min(ages, default=self._every_h)) * 3600)

    async def turn(self) -> None:
        """Makes a set and lets old ones go. Never raises for what a disk or a ledger does: printing goes on."""
        try:
            made = await self._make(self._clock())
            gone = prune(self._folder, self._keep, made=made.folder)
        except Exception as cause:
            self.trouble = of_class(cause)
            _log.warning("backup_failed", why=self.trouble)
        else:
            self.trouble = ""
            _log.info("backup_made", set=made.folder.name, pruned=gone)
