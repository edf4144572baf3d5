"""What time it is for a lease: the latest that is known from the clock, the ledger's own events and the registry.

So a clock that is set back, or a computer whose battery is empty, lets nobody draw longer. A clock that is behind by an
hour is asked about: it stops issuing where a lease runs, until it is set, or a lead says that it is right and what
stands in the ledger was wrong. The clock decides nothing else: no label's state follows from it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from edge_agent.ledger.core import Core
from edge_agent.ledger.sql import Q
from label_protocol.details import ClockDetail

BEHIND = timedelta(hours=1)
"""No clock that is kept right jumps by more: summer time does, but events are in UTC."""
HEARD_EVERY = timedelta(minutes=10)
"""The registry's time is kept no more finely: each keeping is a write to the disk."""


class AgentTime(Core):
    """Asks clock, events and the registry's last word."""

    def agent_time(self) -> str:
        """The moment that leases are held to, as `clock.now_utc` writes it."""
        return max(self._log.clock(), self._newest(), self.heard_time())

    def heard_time(self) -> str:
        """What time the registry said it was, last, to ten minutes; empty: it never did."""
        row = self._one("heard")
        return str(row[0]) if row else ""

    def clock_behind(self) -> ClockDetail | None:
        """The clock, if it is an hour or more behind what is known while a lease runs; None: it is not, or nobody
        minds."""
        if self._one("a_lease_runs") is None:
            return None
        known, now = max(self._newest(), self.heard_time()), self._log.clock()
        return ClockDetail(last_event_at=known, now=now) if is_behind(now, known) else None

    def _keep_heard(self, at: str) -> None:
        """The registry's word replaces what it said before, also where that was later."""
        kept = self.heard_time()
        if kept and not at < kept and _read(at) - _read(kept) < HEARD_EVERY:
            return
        with self._commit("heard"):
            self._db.execute(Q["hear"], (at,))

    def _newest(self) -> str:
        row = self._one("newest")
        return str(row[0]) if row else ""


def is_behind(now: str, known: str) -> bool:
    """Whether `now` is behind `known` by an hour or more; nothing is known where that is empty."""
    return bool(known) and _read(known) - _read(now) >= BEHIND


def _read(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
