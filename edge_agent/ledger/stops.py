"""What may not go out: a lot (or style) that the registry's feed suspended or recalled, and a lot put onto other goods.

Asked inside the transaction that would order a label or put one onto its garment, so that a recall which arrives a
moment before holds. What is already on paper stays the truth: a scan, a settlement and a scrapping are recorded as
ever.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from edge_agent.errors import LotStoppedError
from edge_agent.ledger.allotted.terms import Terms
from edge_agent.ledger.values import Stop
from edge_agent.messages import refusal
from edge_agent.messages.text import Words
from label_protocol.errors import RecordError


class Stops(Terms):
    """Suspensions and recalls as the feed told them, and the guards that ask for them."""

    def stop(self, quota_key: str) -> Stop | None:
        """Why nothing of this allotment may go out; None: it may."""
        row = self._one("allotment", quota_key)
        return stop_of(quota_key, *row[2:]) if row else None

    def stops(self) -> dict[str, Stop]:
        """All of them, by quota key."""
        return {key: Stop(key, bool(recalled), reason) for key, recalled, reason in self._all("stopped")}

    def stopped_lots(self) -> dict[str, Stop]:
        """Lot number → why nothing of it may go out, whichever firm's it is."""
        stops, of_lot = self.stops(), dict[str, list[str]]()
        described = self._all("keys_of_lots")
        for key, lot_no in described:
            of_lot.setdefault(lot_no, []).append(key)
        found = {no: stops[keys[0]] for no, keys in of_lot.items() if all(key in stops for key in keys)}
        of_before = stops.keys() - {key for key, _ in described}
        return {key.removeprefix("lot:"): stops[key] for key in of_before if key.startswith("lot:")} | found

    def distributed_styles(self) -> dict[str, str]:
        """Lot number → style number, of the lots whose record the registry fed with its product; not of a number that
        two firms have on two styles."""
        found = dict[str, set[str]]()
        for no, _, record in self._all("fed_records", "lot"):
            found.setdefault(no, set()).update(filter(None, [_style_of(json.loads(record))]))
        return {no: next(iter(styles)) for no, styles in found.items() if len(styles) == 1}

    def _require_going(self, quota_key: str, what: str, advice: Words) -> None:
        """Raises LotStoppedError: suspended or recalled. `advice` is what to do."""
        if stop := self.stop(quota_key):
            raise LotStoppedError(refusal.stopped(quota_key, stop.words, what, advice))

    def _require_orderable(self, quota_key: str, snapshot: Mapping[str, Any], what: str) -> None:
        """What labels are ordered of.

        Raises:
            LotStoppedError: the lot is suspended or recalled.
            RecordError: the registry fed this lot with another style.
        """
        self._require_going(quota_key, what, refusal.NO_ORDER)
        lot_no, style_no = (snapshot.get("lot") or {}).get("lot_no"), (snapshot.get("product") or {}).get("style_no")
        firm = allotted.firm if (allotted := self.allotted_to(quota_key)) else ""
        row = self._one("fed_record", "lot", lot_no, firm) if lot_no and style_no else None
        fed = _style_of(json.loads(row[0])) if row else None
        if fed and fed != style_no:
            raise RecordError(refusal.another_style(str(lot_no), fed, str(style_no), what))


def stop_of(quota_key: str, suspended: Any, recalled: Any, reason: str) -> Stop | None:
    """A row of the allotments as a stop; None: it goes on."""
    return Stop(quota_key, bool(recalled), reason) if suspended or recalled else None


def _style_of(record: Any) -> str | None:
    """The style number of a fed lot's product; None if it came without one."""
    product = record.get("product") if isinstance(record, dict) else None
    style_no = product.get("style_no") if isinstance(product, dict) else None
    return style_no if isinstance(style_no, str) else None
