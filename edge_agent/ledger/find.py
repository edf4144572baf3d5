"""Labels found by what people know of them, newest first, page by page: no page skips a label, none shows one twice.

The labels of a window share job, printer and time, so windows are searched and not labels: eight times fewer rows. What
a label is of stands in its job's snapshot; how many of a job stand in a state, in the tally. A page goes on after a
serial that is newer than all that is still to come: what is printed meanwhile moves nothing.
"""

from __future__ import annotations

from dataclasses import asdict

from edge_agent.errors import NotFoundError
from edge_agent.ledger.queries import Reading
from edge_agent.messages.carton import CARTON_LABEL
from edge_agent.model.goods import Goods
from edge_agent.model.search import FoundLabel, LabelSearch
from label_protocol.chain import canonical, parse

_NO_END = "~"
"""Sorts behind every moment."""


class Find(Reading):
    """Searches; reads only."""

    def find_labels(self, wanted: LabelSearch, limit: int = 100, after: str = "") -> tuple[FoundLabel, ...]:
        """Labels that have all that is wanted, the newest first, after the serial `after`.

        Raises:
            NotFoundError: `after` is no serial of this ledger.
        """
        if after:
            self.label(after)
        by = asdict(wanted) | {
            "style_no": wanted.style_no.lower(),
            "lot_no": wanted.lot_no.lower(),
            "until": wanted.until or _NO_END,
            "operator": _as_written(wanted.operator),
        }
        rows = self._named("find_labels", **by, after=after, limit=limit)
        labels = [self.label(serial) for (serial,) in rows]
        goods = {digest: self.goods(digest) for digest in {label.snapshot_hash for label in labels}}
        people = {job_id: self.ordered_by(job_id) for job_id in {label.job_id for label in labels}}
        return tuple(FoundLabel(label, goods[label.snapshot_hash], people[label.job_id]) for label in labels)

    def found_label(self, serial: str) -> FoundLabel:
        """One label, as a search gives it. Raises NotFoundError."""
        label = self.label(serial)
        return FoundLabel(label, self.goods(label.snapshot_hash), self.ordered_by(label.job_id))

    def goods(self, snapshot_hash: str) -> Goods:
        """For which garment, or carton, the labels of this snapshot are; empty where only the registry has it. Raises
        LedgerDamagedError."""
        try:
            snapshot = parse(self.snapshot(snapshot_hash))
        except NotFoundError:
            return Goods()
        if carton := snapshot.get("carton"):
            return Goods(CARTON_LABEL.zh, str(carton.get("number") or ""))
        product = snapshot.get("product") or {}
        return Goods(*(str(product.get(name) or "") for name in ("style_no", "size", "name")))

    def ordered_by(self, job_id: str) -> str:
        """Who ordered a job; empty where nobody was named, or no such job is known."""
        row = self._one("who_ordered", job_id)
        return str(row[0] or "") if row else ""


def _as_written(operator: str) -> bytes:
    """As it stands in the canonical bytes of an event, whatever characters it has; empty: anybody."""
    return canonical({"operator": operator})[1:-1] if operator else b""
