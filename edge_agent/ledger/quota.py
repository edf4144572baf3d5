"""How many labels an allotment still allows: arithmetic over the counts of the books."""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.ledger.allotted.leases import Leases
from edge_agent.ledger.stops import Stops, stop_of
from edge_agent.ledger.values import Balance, Quota
from label_protocol.answers import SPOILAGE_PERMILLE
from label_protocol.states import SerialState

NO_ALLOTMENT = (0, SPOILAGE_PERMILLE, 0, 0, "")
"""allotted, spoilage per mille, suspended, recalled, reason: of a lot the registry has not fed."""


def balance(quota_key: str, allotted: int, spoilage_limit: int, counts: Mapping[str, int]) -> Balance:
    """One line of the books. Invalid labels free quota; scrapped ones only up to `spoilage_limit`."""
    columns = {state.value: counts.get(state, 0) for state in SerialState}
    drawn = sum(columns.values())
    freed = columns["invalid"] + min(columns["scrapped"], spoilage_limit)
    used = drawn - freed
    return Balance(quota_key, allotted, drawn=drawn, used=used, free=max(0, allotted - used), **columns)


def spoilage_limit(allotted: int, permille: int) -> int:
    """Whole labels, rounded down: the limit is never passed."""
    return allotted * permille // 1000


class Quotas(Stops, Leases):
    """Allotments against what was issued."""

    def quota(self, quota_key: str) -> Quota:
        """What this lot or style may still issue now; all zero if the registry never distributed it."""
        allotted, permille, suspended, recalled, reason = self._one("allotment", quota_key) or NO_ALLOTMENT
        limit = spoilage_limit(allotted, permille)
        line = balance(quota_key, allotted, limit, dict(self._all("tally", quota_key)))
        stop = stop_of(quota_key, suspended, recalled, reason)
        words = stop.words if stop else self.lease_over(quota_key)
        blocked = str(words) if words else ""
        return Quota(
            quota_key, allotted, line.used, 0 if blocked else line.free, line.scrapped, line.invalid, limit, blocked
        )
