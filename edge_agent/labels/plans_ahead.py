"""Plans that were drawn to see whether a job can be printed, kept for the printer that prints it.

A job's label is drawn when it is ordered, since what cannot be printed later is refused now, and was drawn again from
the same bytes a moment later: a quarter of the time to the first byte. A plan is given away once, none is kept for a
next job. What may change in between is asked when it is printed: the template, the certificate, the check code's key.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from edge_agent.labels.prepare import Prepared
from edge_agent.render.page import Piece
from edge_agent.render.plan import LabelPlan
from label_protocol.chain import address, canonical, parse

MOST = 32
"""Of some 20 to 260 kB each; what is pushed out, or lost in a restart, is drawn again."""


def as_recorded(prepared: Prepared) -> Prepared:
    """Read back from the bytes that the ledger is about to keep, so that what is drawn ahead is what is recorded.

    Raises:
        FindingsError, RecordError: as `Prepared.require`; the snapshot is not canonical JSON.
    """
    return replace(prepared, snapshot=parse(canonical(dict(prepared.require()))))


class PlansAhead:
    """By snapshot and resolution. Used on the loop only."""

    def __init__(self) -> None:
        self._plans: OrderedDict[tuple[str, int], LabelPlan] = OrderedDict()

    def keep(self, prepared: Prepared, plan: LabelPlan) -> None:
        """`plan` is of `prepared`. One with a certified mark is not kept: its artwork must still be there, and be the
        same, when it is printed."""
        if any(one.piece is Piece.PICTURE for one in plan.painted):
            return
        self._plans[address(dict(prepared.require())), plan.media.dpi] = plan
        while len(self._plans) > MOST:
            self._plans.popitem(last=False)

    def take(self, snapshot_hash: str, dpi: int) -> LabelPlan | None:
        """The plan, which is not here any more then; None: it has to be drawn."""
        return self._plans.pop((snapshot_hash, dpi), None)
