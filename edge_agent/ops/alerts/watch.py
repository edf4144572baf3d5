"""What one robot has been told, and what it is to be told next. Pure: time is an argument.

There is no queue. What has to be said is the difference between what stands and what was said, so nothing is lost when
a message fails, nothing piles up while a robot is away, and a cause that comes and goes is not a message each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from edge_agent.config.alerts import AlertRow
from edge_agent.ops.alerts.cause import Cause, Notice

PASSED_MOST = 50
"""Causes that came and went untold and are kept for the next message; a night has not more that anybody would read."""
BACKOFF_FIRST_S, BACKOFF_MOST_S = 30.0, 3600.0


class Watch:
    """Follows the causes for one row of the configuration."""

    def __init__(self, row: AlertRow) -> None:
        self._row = row
        self._standing: dict[tuple[str, str], Notice] = {}
        self._told: dict[tuple[str, str], Notice] = {}
        self._passed: dict[tuple[str, str], Notice] = {}
        self._sent_at: datetime | None = None
        self._failures = 0

    def see(self, causes: Sequence[Cause], now: datetime) -> None:
        """What stands now. What is gone and was never told is kept as passed, if it stood long enough to be told."""
        found = {one.name: one for one in causes if one.event in self._row.events}
        for name, notice in list(self._standing.items()):
            if name not in found:
                del self._standing[name]
                if name not in self._told and self._long_enough(notice, now):
                    self._passed[name] = Notice("passed", notice.cause, notice.since)
        for name, cause in found.items():
            known = self._standing.get(name)
            self._standing[name] = Notice("stands", cause, known.since if known else now)
        while len(self._passed) > PASSED_MOST:
            del self._passed[next(iter(self._passed))]

    def due(self, now: datetime, local: time) -> tuple[Notice, ...]:
        """What to send now; nothing in quiet hours, too soon after the last message, or while a failure is waited out.
        `local`: the time on this computer's own clock."""
        if in_quiet(self._row.quiet, local) or self._too_soon(now):
            return ()
        stands = [one for name, one in self._standing.items() if name not in self._told and self._long_enough(one, now)]
        over = [Notice("over", one.cause, one.since) for name, one in self._told.items() if name not in self._standing]
        return (*stands, *over, *self._passed.values())

    def sent(self, notices: Sequence[Notice], now: datetime) -> None:
        """The robot took these."""
        for one in notices:
            if one.state == "stands":
                self._told[one.cause.name] = one
            elif one.state == "over":
                self._told.pop(one.cause.name, None)
            else:
                self._passed.pop(one.cause.name, None)
        self._sent_at, self._failures = now, 0

    def failed(self, now: datetime) -> None:
        """It did not take them: later, with what is true then."""
        self._sent_at, self._failures = now, self._failures + 1

    def _long_enough(self, notice: Notice, now: datetime) -> bool:
        return (now - notice.since).total_seconds() >= self._after_s(notice.cause.event)

    def _after_s(self, event: str) -> float:
        if event in ("printer_fault", "doubt"):
            return self._row.fault_after_s
        return self._row.registry_after_s if event == "registry_lost" else 0.0

    def _too_soon(self, now: datetime) -> bool:
        if self._sent_at is None:
            return False
        waited_s = (now - self._sent_at).total_seconds()
        if waited_s < 0:  # a clock that was set back must not silence anybody
            return False
        return waited_s < max(self._row.min_interval_s, self._backoff_s())

    def _backoff_s(self) -> float:
        return min(BACKOFF_MOST_S, BACKOFF_FIRST_S * 2 ** (self._failures - 1)) if self._failures else 0.0


def in_quiet(hours: str, local: time) -> bool:
    """Whether `22:00-06:30` holds this time of day; its end is no longer quiet, and it may go over midnight."""
    if not hours:
        return False
    begin, end = (time.fromisoformat(one) for one in hours.split("-"))
    inside = begin <= local < end
    return inside if begin <= end else not end <= local < begin
