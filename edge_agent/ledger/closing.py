"""Tells of leases that end, and closes those that have ended, by the registry's own time and no other.

A clock that is wrong stops drawing, which a later moment undoes; codes that were given back are gone. So they go back
only at a contact, after the feed was asked, where a lease that was renewed meanwhile has arrived.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from edge_agent.ledger.allotted.agent_time import is_behind
from edge_agent.ledger.holds import Holds, append_release
from edge_agent.ledger.quota import Quotas
from edge_agent.ledger.values import EndingLease
from label_protocol.events import EventType, LeaseClosed
from label_protocol.kinds import HoldKind


class Closing(Holds, Quotas):
    """What follows from hearing the registry's time."""

    def hear(self, at: str) -> tuple[str, ...]:
        """The registry, asked for news and having none left, said that it is `at`. Gives the keys whose leases were
        closed for it; the event about each is told like any other."""
        self._keep_heard(at)
        self._believe_clock(at)
        ended = self._all("leases_ended", at)
        if not ended:
            return ()
        with self._commit(EventType.LEASE_CLOSED) as log:
            for quota_key, until in ended:
                log.append(self._closed(quota_key, until))
        return tuple(quota_key for quota_key, _ in ended)

    def ending_leases(self) -> tuple[EndingLease, ...]:
        """Leases that end soon or have ended, with codes left that would be lost for now; the earliest first."""
        now, found = datetime.fromisoformat(self.agent_time()), list[EndingLease]()
        for lease in self.leases():
            left = datetime.fromisoformat(str(lease.until)) - now
            if lease.closed_at is not None or left > timedelta(days=lease.warn_days):
                continue
            quota = self.quota(lease.quota_key)
            if unused := max(0, quota.allotted - quota.used):
                called = self.called(lease.quota_key)
                found.append(EndingLease(lease.quota_key, called, str(lease.until), left.days, unused))
        return tuple(found)

    def _closed(self, quota_key: str, until: str) -> LeaseClosed:
        quota, drawn = self.quota(quota_key), sum(number for _, number in self._all("tally", quota_key))
        unused = max(0, quota.allotted - quota.used)
        return LeaseClosed(
            type=EventType.LEASE_CLOSED,
            quota_key=quota_key,
            until=until.replace(".000Z", "Z"),
            drawn=drawn,
            unused=unused,
        )

    def _believe_clock(self, at: str) -> None:
        """A clock that agrees with the registry's is right, and what stands ahead of both in the ledger was not."""
        if self.clock_behind() is None or is_behind(self._log.clock(), at):
            return
        with self._commit(EventType.HOLD_RELEASED) as log:
            append_release(log, HoldKind.CLOCK_BEHIND, "registry", "", "the registry tells the same time")
