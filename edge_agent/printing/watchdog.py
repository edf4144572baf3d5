"""How long a printer is waited for. Pure: the time is an argument."""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.model.printer import Health, Observation


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: of silence, of standing still with a short count, and that the slowest printer takes for the window."""

    silence_s: float
    stall_s: float
    window_s: float


@dataclass(slots=True)
class Watchdog:
    """Says when silence, or a quiet printer with a short count, has been borne for long enough, and when a busy one is
    past belief."""

    limits: Limits
    started_s: float
    _silent_since_s: float | None = None
    _still_since_s: float | None = None
    _still_count: int | None = None
    _untaken_since_s: float | None = None

    def spent(self, seen: Observation, now_s: float) -> str:
        """A sentence when the wait is over, else empty."""
        if seen.status.label_waiting:  # it waits for a hand, however long (F16)
            self._silent_since_s = self._still_since_s = None
            self._untaken_since_s = self._untaken_since_s or now_s
            self.started_s = now_s
            return ""
        self._untaken_since_s = None
        silent = seen.status.health is Health.UNKNOWN
        self._silent_since_s = (self._silent_since_s or now_s) if silent else None
        if self._silent_since_s is not None and now_s - self._silent_since_s >= self.limits.silence_s:
            return f"the printer has not answered for {self.limits.silence_s:g} s"
        count = seen.counter if seen.responses is None else seen.responses
        if not seen.quiet or count != self._still_count or self._still_since_s is None:
            self._still_since_s, self._still_count = now_s, count
        elif now_s - self._still_since_s >= self.limits.stall_s:
            return f"the printer is quiet and its count stands at {count}"
        return ""

    def untaken(self, now_s: float) -> bool:
        """Whether one label has waited so long to be taken that nobody seems to be there. Until then a window goes on:
        in peel mode a label waits between any two, and a job that is paused ends behind the window in hand."""
        return self._untaken_since_s is not None and now_s - self._untaken_since_s >= self.limits.silence_s

    def overdue(self, now_s: float) -> bool:
        """Longer than any printer takes: from here on people may give up (half a format keeps one busy for ever)."""
        return now_s - self.started_s > self.limits.silence_s + self.limits.window_s
