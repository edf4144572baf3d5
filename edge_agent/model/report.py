"""What a shift is reported from: counted rows that cross from the ledger to the report. Frozen values.

Moments are as events write them (UTC). `printer` of labels is who printed them, of a job what it was ordered from.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.model.goods import Goods


@dataclass(frozen=True, slots=True)
class DrawnLabels:
    """Labels of one job whose serials were drawn within a quarter of an hour for a printer, and which stand in `state`
    now; `replacing` of them were printed for one that is void."""

    job_id: str
    printer: str
    quarter: str
    state: str
    count: int
    replacing: int


@dataclass(frozen=True, slots=True)
class MovedLabels:
    """Labels to which something happened alone, as they stand after it: by whom (empty: by nobody), and why."""

    job_id: str
    printer: str
    state: str
    operator: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What a job is of, and who ordered it."""

    operator: str
    lot_no: str
    goods: Goods


@dataclass(frozen=True, slots=True)
class JobMove:
    """A job went to `state` at `at`; `by_person`: somebody told it to."""

    job_id: str
    printer: str
    at: str
    state: str
    reason: str
    by_person: bool
