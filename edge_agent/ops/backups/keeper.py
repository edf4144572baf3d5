"""Who makes backup sets when they are due, and tells when one failed.

What is due follows from the sets that are there, so a restart neither forgets one nor makes one too many.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import structlog

from edge_agent.clock import Clock
from edge_agent.messages.error import of_class
from edge_agent.ops.backups.aside import Aside
from edge_agent.ops.backups.sets import BackupSet, age_h, prune, sets_in

GIVE_UP_S = 3600.0
"""A set of a large ledger on a slow share takes minutes; one that takes an hour has nobody at its other end."""
RETRY_S = 900.0
"""After a failure: soon enough for a share that comes back, rare enough for a disk that stays full."""
_STEP_S = 600.0
"""At most so long is slept at once: a computer that slept itself has a clock that jumped."""

_log = structlog.get_logger("edge_agent.backups")

Make = Callable[[str], Awaitable[BackupSet]]
"""Makes a set, at the time it is told."""

Wait = Callable[[float], Awaitable[None]]


class BackupKeeper:
    """`make` makes a set in `folder`, every `every_h` hours; `wait` stands in for time, in seconds. The folder may be
    on a share that went away, so it is looked at `aside`, and nobody waits longer than `GIVE_UP_S`."""

    def __init__(
        self,
        make: Make,
        folder: Path,
        *,
        every_h: float,
        keep: int,
        clock: Clock,
        aside: Aside,
        wait: Wait = asyncio.sleep,
    ) -> None:
        self._make, self._folder = make, folder
        self._every_h, self._keep = every_h, keep
        self._clock, self._aside, self._wait = clock, aside, wait
        self.trouble = ""
        """Why the last set was not made; empty once one was."""
        self.free_mb: int | None = None
        """What the disk of the sets had free when it was last looked at; None: not yet."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause_s = await self.turn()
            await self._wait(min(max(pause_s, 1.0), RETRY_S if self.trouble else _STEP_S))

    async def turn(self) -> float:
        """Makes a set if one is due; seconds until there is something to do again. Never raises for what a disk or a
        ledger does: printing goes on."""
        try:
            async with asyncio.timeout(GIVE_UP_S):
                return await self._look_and_make()
        except Exception as cause:
            self.trouble = _why(cause)
            _log.warning("backup_failed", why=self.trouble)
            return RETRY_S

    async def _look_and_make(self) -> float:
        ages, self.free_mb = await self._aside.do(_seen, self._folder, self._clock())
        left_s = (self._every_h - min(ages, default=self._every_h)) * 3600
        if left_s > 0:
            return left_s
        made = await self._make(self._clock())
        gone = await self._aside.do(partial(prune, self._folder, self._keep, made=made.folder))
        self.trouble = ""
        _log.info("backup_made", set=made.folder.name, pruned=gone)
        return self._every_h * 3600


def _seen(folder: Path, now: str) -> tuple[list[float], int]:
    """The ages of the sets in hours, and what their disk has free. A set of a time that has not come counts for
    nothing."""
    ages = [age for one in sets_in(folder) if (age := age_h(one, now)) >= 0]
    there = next(one for one in (folder, *folder.parents) if one.is_dir())
    return ages, shutil.disk_usage(there).free // 1_000_000


def _why(cause: Exception) -> str:
    """A sentence of the system may hold a folder's name; its class does not."""
    if isinstance(cause, OSError):
        return f"放备份的文件夹不能用 · the folder of the backups cannot be used ({type(cause).__name__})"
    return of_class(cause)
