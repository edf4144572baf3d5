"""One look at a source, and looks on schedule; what was found is kept for the doctor. Nothing is installed here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog

from edge_agent.clock import Clock
from edge_agent.errors import UpdateError
from edge_agent.ops.backups.aside import Aside
from edge_agent.ops.update import roots
from edge_agent.ops.update.here import Form
from edge_agent.ops.update.records import Heard, heard, keep_heard
from edge_agent.ops.update.release import Release, newest

RETRY_S = 3600.0
_STEP_S = 600.0
"""At most so long is slept at once: a computer that slept itself has a clock that jumped."""

_log = structlog.get_logger("edge_agent.updates")
Wait = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look, and the folder of what is kept of it."""

    source: str
    folder: Path
    form: Form

    @property
    def trusted(self) -> Path:
        """What is believed of the lists."""
        return self.folder / "trusted"

    @property
    def mirror(self) -> Path:
        """What was fetched, laid out as a source."""
        return self.folder / "mirror"


def look(place: Place, clock: Clock) -> Release | None:
    """The newest release for this computer, or None; what was found is kept, and so is why nothing was.

    Raises:
        UpdateError: the source is not to be believed or does not answer, or this build trusts nobody.
    """
    from edge_agent.ops.update.client import Client  # the library of updates lies in no agent's memory for nothing

    before = heard(place.folder)
    try:
        offer = Client(place.source, place.trusted, roots.shipped()).look()
    except UpdateError as cause:
        keep_heard(place.folder, replace(before, trouble=str(cause)))
        raise
    found = newest(offer.releases, place.form.kind, place.form.architecture)
    keep_heard(place.folder, Heard(clock(), offer.until, found.version if found else ""))
    return found


class UpdateWatch:
    """Looks every `every_h` hours, in a thread of its own; `wait` stands in for time, in seconds."""

    def __init__(self, place: Place, every_h: int, *, clock: Clock, aside: Aside, wait: Wait = asyncio.sleep) -> None:
        self._place, self._every_s = place, every_h * 3600.0
        self._clock, self._aside, self._wait = clock, aside, wait

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._wait(min(max(await self.turn(), 1.0), _STEP_S))

    async def turn(self) -> float:
        """Looks if it is time; seconds until the next look. Never raises for what a source or a disk does."""
        left_s = self._every_s - _age_s(heard(self._place.folder).at, self._clock())
        if 0 < left_s <= self._every_s:
            return left_s
        try:
            found = await self._aside.do(look, self._place, self._clock)
        except (UpdateError, OSError) as cause:
            _log.warning("update_check_failed", why=type(cause).__name__)
            await self._wait(RETRY_S)
            return 1.0
        _log.info("update_checked", newest=found.version if found else None)
        return self._every_s


def _age_s(at: str, now: str) -> float:
    """Seconds since `at`; without end for never."""
    return (datetime.fromisoformat(now) - datetime.fromisoformat(at)).total_seconds() if at else float("inf")
