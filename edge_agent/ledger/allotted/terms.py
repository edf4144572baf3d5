"""Whose an allotment is, of which goods, on which certificate: as the feed told it, never read off the key's text."""

from __future__ import annotations

import json
from typing import Any

from edge_agent.ledger.core import Core
from edge_agent.ledger.values import AllottedTo, Certificate


class Terms(Core):
    """Asks for them."""

    def allotted_to(self, quota_key: str) -> AllottedTo | None:
        """Whose the allotment is; None: it is of before, and says nothing of it."""
        row = self._one("allotted_to", quota_key)
        return _allotted_to(row) if row else None

    def allotments_of(self, lot_no: str | None, style_no: str) -> tuple[AllottedTo, ...]:
        """Those of a lot, or of a style where there is none, of whichever firms; those that still allot something come
        first."""
        return tuple(_allotted_to(row) for row in self._named("allotted_to_any", lot_no=lot_no, style_no=style_no))

    def firms(self) -> dict[str, str]:
        """Firm → its name, of all firms that anything was allotted to."""
        return dict(self._all("firms"))

    def certificate(self, quota_key: str) -> Certificate | None:
        """What of the key's lot is certified; None: nothing, or it was allotted before certificates were."""
        row = self._one("certificate", quota_key)
        if row is None:
            return None
        key, version, scheme, valid_from, valid_to, facts, sha256, withdrawn, reason = row
        certified = json.loads(facts)
        return Certificate(key, version, scheme, valid_from, valid_to, certified, sha256, bool(withdrawn), reason)


def _allotted_to(row: tuple[Any, ...]) -> AllottedTo:
    quota_key, firm, firm_name, lot_no, style_no, gtins = row
    return AllottedTo(quota_key, firm, firm_name, lot_no, style_no, tuple(json.loads(gtins)))
