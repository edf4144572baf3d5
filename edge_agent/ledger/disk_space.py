"""Whether the disk takes the ledger's next writes: asked before labels are issued, and told to whoever looks.

A disk is full here a little before it is: the verdict of a window whose bytes are out has to fit, and so has what a
person scans meanwhile. A write that was refused counts as full until a trial write went through, because what ran out
may be a quota that the free bytes of the disk say nothing of.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from edge_agent.model.disk import Disk

RESERVE_BYTES = 50_000_000
"""Below this nothing is issued. A window costs some 2 kB and SQLite's log 4 MB, so doubts, scans and settlements of
many days still fit into it."""
_TRIAL_BYTES = 256 * 1024
"""More than any commit of the ledger but an import."""


def free_bytes(folder: Path) -> int:
    """What this user may still write on the folder's disk."""
    return shutil.disk_usage(folder).free


def try_write(folder: Path) -> None:
    """Writes a little, durably, and takes it away again. Raises OSError."""
    trial = folder / ".room-trial"
    try:
        with trial.open("wb") as file:
            file.write(bytes(_TRIAL_BYTES))
            file.flush()
            os.fsync(file.fileno())
    finally:
        with contextlib.suppress(OSError):
            trial.unlink(missing_ok=True)


class Room:
    """Remembers whether the last write was refused. `free` and `trial` ask the system."""

    def __init__(
        self,
        folder: Path,
        free: Callable[[Path], int] = free_bytes,
        trial: Callable[[Path], None] = try_write,
    ) -> None:
        self._folder = folder
        self._free = free
        self._trial = trial
        self.refused = False
        self.since = ""
        """When it was first seen full; empty while it is not."""

    def look(self, now: Callable[[], str]) -> Disk:
        """The disk now."""
        if self.refused and self._free(self._folder) >= RESERVE_BYTES:
            self.refused = not self._takes_a_write()
        disk = Disk(self._free(self._folder), RESERVE_BYTES, self.refused)
        self.since = (self.since or now()) if disk.full else ""
        return disk

    def _takes_a_write(self) -> bool:
        try:
            self._trial(self._folder)
        except OSError:
            return False
        return True
