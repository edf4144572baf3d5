"""What labels are searched by, and what was found: values that cross from the ledger to page and API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge_agent.model.goods import Goods
from edge_agent.model.job import Job, Label


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSearch:
    """What a label must have, all of it; empty: anything. `style_no` and `lot_no` are fragments in either case of
    letters, `size` is whole. `since` and `until` are moments as events write them (UTC), `until` not included.
    `operator` is who ordered the job, `printer` where the label was sent."""

    job_id: str = ""
    style_no: str = ""
    size: str = ""
    lot_no: str = ""
    since: str = ""
    until: str = ""
    operator: str = ""
    printer: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class FoundLabel:
    """A label, what it is of, and who ordered it."""

    label: Label
    goods: Goods
    ordered_by: str


@dataclass(frozen=True, slots=True)
class MissingLabels:
    """Serials of one job that are void and that nothing replaces, in print order."""

    job: Job
    goods: Goods
    serials: Sequence[str]
