"""Leases: until when serials may be drawn under a key. What was drawn before is finished, proven, scanned as ever."""

from __future__ import annotations

from edge_agent.ledger.allotted.agent_time import AgentTime
from edge_agent.ledger.values import Lease
from edge_agent.messages import lease as words
from edge_agent.messages.text import Words


class Leases(AgentTime):
    """Asks for them."""

    def lease(self, quota_key: str) -> Lease | None:
        """The lease of a key; None: it has none, and is drawn on as before there were any."""
        row = self._one("lease", quota_key)
        return Lease(*row) if row else None

    def leases(self) -> tuple[Lease, ...]:
        """All that end or have ended, the earliest first."""
        return tuple(Lease(*row) for row in self._all("leases"))

    def lease_over(self, quota_key: str) -> Words | None:
        """Why nothing may be drawn under this key any more; None: it may, as far as its lease goes."""
        lease = self.lease(quota_key)
        if lease is None or not lease.ended(now := self.agent_time()):
            return None
        return words.over(str(lease.until), now, closed=lease.closed_at is not None)
