"""Whose an allotment is, of which goods, on which certificate: as the feed told it, never read off the key's text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from edge_agent.errors import FirmNeededError
from edge_agent.ledger.core import Core
from edge_agent.ledger.values import AllottedTo, Certificate, Goods
from edge_agent.messages import firm as words
from label_protocol.errors import RecordError


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

    def allotment_for(self, goods: Goods) -> AllottedTo:
        """The allotment that labels of these goods draw on. One of before says nothing of itself: its key is made of
        the lot, or of the style without one.

        Raises:
            RecordError: the lot is allotted to no such firm, or for another style.
            FirmNeededError: several firms have it, and nobody said for whom.
        """
        known = self.allotments_of(goods.lot_no, goods.style_no)
        if not known and not goods.firm:
            return _of_before(goods)
        fitting = [one for one in known if goods.firm in ("", one.firm) and one.style_no in ("", goods.style_no)]
        if not fitting:
            raise RecordError(words.not_allotted(goods.lot_no, goods.style_no, goods.firm, _named(known)))
        named = [one for one in fitting if goods.gtin in one.gtins] or fitting
        if len(firms := _named(named)) > 1:
            raise FirmNeededError(words.for_whom(goods.lot_no, goods.style_no, firms), firms)
        return named[0]

    def firms(self) -> dict[str, str]:
        """Firm → its name, of all firms that anything was allotted to."""
        return dict(self._all("firms"))

    def called(self, quota_key: str) -> str:
        """An allotment as people know it: its lot, or style, and the firm where it names one."""
        if (allotted := self.allotted_to(quota_key)) is None:
            return quota_key.partition(":")[2]
        number = allotted.style_no if allotted.lot_no is None else allotted.lot_no
        return f"{number}（{allotted.firm_name or allotted.firm}）" if allotted.firm else number

    def certificate(self, quota_key: str) -> Certificate | None:
        """What of the key's lot is certified; None: nothing, or it was allotted before certificates were."""
        row = self._one("certificate", quota_key)
        if row is None:
            return None
        key, version, scheme, valid_from, valid_to, facts, sha256, withdrawn, reason = row
        certified = json.loads(facts)
        return Certificate(key, version, scheme, valid_from, valid_to, certified, sha256, bool(withdrawn), reason)


def _named(allotted: Iterable[AllottedTo]) -> dict[str, str]:
    return {one.firm: one.firm_name for one in allotted}


def _of_before(goods: Goods) -> AllottedTo:
    key = f"style:{goods.style_no}" if goods.lot_no is None else f"lot:{goods.lot_no}"
    return AllottedTo(key, "", "", goods.lot_no, goods.style_no, ())


def _allotted_to(row: tuple[Any, ...]) -> AllottedTo:
    quota_key, firm, firm_name, lot_no, style_no, gtins = row
    return AllottedTo(quota_key, firm, firm_name, lot_no, style_no, tuple(json.loads(gtins)))
