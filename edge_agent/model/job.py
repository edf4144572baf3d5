"""Jobs, windows and labels, as the ledger holds them. Frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from label_protocol.details import WorkOrderPlace


class JobState(StrEnum):
    """Where a job stands. `waiting`: the printer is not ready; `paused`: the operator's turn."""

    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


MOST_WINDOWS_UNSCANNED = 1_000
"""Sampled scans are no further apart; a slip of the keyboard is."""


@dataclass(frozen=True, slots=True)
class JobOrder:
    """What is asked for. `quota_key`: the name of the allotment that it draws on; `replaces` names serials, oldest
    first; `scan_every`: after so many windows a label of the last one is scanned, 0: never."""

    key: str
    request_hash: str
    template: str
    printer: str
    quantity: int
    snapshot: Mapping[str, Any]
    gtin: str
    lot_no: str | None
    quota_key: str
    replaces: tuple[str, ...] = ()
    operator: str = ""
    work_order: WorkOrderPlace | None = None
    scan_every: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the ledger holds it. `drawn` counts serials, whatever became of them; `unscanned` the windows that were
    printed since a label of the then last one was scanned, where that is asked for after each `scan_every`."""

    job_id: str
    state: JobState
    reason: str
    template: str
    printer: str
    quantity: int
    drawn: int
    printed: int
    in_doubt: int
    invalid: int
    scrapped: int
    snapshot_hash: str
    gtin: str
    lot_no: str | None
    quota_key: str
    opened_at: str
    replaces: tuple[str, ...] = ()
    scan_every: int = 0
    unscanned: int = 0

    @property
    def sample_due(self) -> bool:
        """Whether a label of the last window has to be scanned before it goes on."""
        return 0 < self.scan_every <= self.unscanned

    @property
    def left(self) -> int:
        """Serials still to be issued."""
        return self.quantity - self.drawn


WINDOW_LABELS = 8
"""So many labels a window has at most, unless a site sets another number."""


@dataclass(frozen=True, slots=True)
class Window:
    """A few labels that are sent and judged together."""

    window_id: str
    job_id: str
    printer: str
    snapshot_hash: str
    serials: tuple[str, ...]
    counter_before: int | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A serial and all that is known of it."""

    serial: str
    state: str
    level: str | None
    window_id: str
    job_id: str
    printer: str
    snapshot_hash: str
    gtin: str
    lot_no: str | None
    replaces: str | None
    replaced_by: str | None
    operator: str | None
    reason: str | None
    sent_at: str
    changed_at: str
