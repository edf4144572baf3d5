"""Frozen values that cross rooms. They know their own shape and nothing else.

Bitmaps hold one bit per dot, 1 = black, most significant bit leftmost, every row padded to a whole byte with 0.
Times are ISO 8601 strings in UTC with milliseconds; the clock is always an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum, StrEnum
from typing import Any

Clock = Callable[[], str]
"""Returns now as `2026-11-20T09:15:03.120Z`."""

Probe = Callable[[str], None]
"""Called by name where a crash would hurt most. Does nothing in production; tests kill the process there."""


def no_probe(_name: str) -> None:
    """The probe of production."""


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A 1-bit picture: `rows` is `height_dots * stride` bytes, 1 = black, MSB leftmost, pad bits 0."""

    width_dots: int
    height_dots: int
    rows: bytes

    @property
    def stride(self) -> int:
        """Bytes per row."""
        return (self.width_dots + 7) // 8

    def __post_init__(self) -> None:
        if len(self.rows) != self.stride * self.height_dots:
            raise ValueError(
                f"bitmap {self.width_dots}×{self.height_dots}: expected {self.stride * self.height_dots} bytes, "
                f"got {len(self.rows)}"
            )


@dataclass(frozen=True, slots=True)
class Patch:
    """What differs from label to label: drawn over the background at (`x_dots`, `y_dots`), black on white."""

    x_dots: int
    y_dots: int
    bitmap: Bitmap


class PrintMode(StrEnum):
    """How a label travels: `run` recalls a stored background, `full` carries every dot."""

    RUN = "run"
    FULL = "full"


class ProofLevel(IntEnum):
    """What a verdict rests on, weakest first (ARCHITECTURE section 4)."""

    SENT = 0
    IDLE = 1
    RESPONSE = 2
    COUNTER = 3
    SCAN = 4

    @property
    def word(self) -> str:
        """The level as events and files write it."""
        return self.name.lower()


class Health(Enum):
    """Three values, never two: silence is not health."""

    OK = "ok"
    FAULT = "fault"
    UNKNOWN = "unknown"


class Fault(StrEnum):
    """What stops a printer, in the words of the field."""

    MEDIA_OUT = "media_out"
    RIBBON_OUT = "ribbon_out"
    HEAD_OPEN = "head_open"
    PAUSED = "paused"
    CUTTER = "cutter"
    HEAD_HOT = "head_hot"
    MOTOR_HOT = "motor_hot"
    HEAD_COLD = "head_cold"
    HEAD_ELEMENT = "head_element"
    RAM_CORRUPT = "ram_corrupt"
    BUFFER_FULL = "buffer_full"
    PAPER_JAM = "paper_jam"
    MEDIA_NOT_FOUND = "media_not_found"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """One answer to one status query.

    `idle` is True only if the printer said that nothing is buffered, half received or printing; None = it did not say.
    """

    health: Health
    faults: frozenset[Fault] = frozenset()
    idle: bool | None = None
    label_waiting: bool = False
    label_length_dots: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """All that was read from a printer at one moment. None means: not answered or not asked."""

    status: PrinterStatus
    counter: int | None = None
    objects: Mapping[str, int | None] | None = None
    """Stored name → size in bytes; the size None where a printer lists names only."""
    responses: int | None = None
    """Labels the printer confirmed one by one since the window began; None: it does not confirm."""

    @property
    def quiet(self) -> bool:
        """Idle and without fault, by the printer's own word."""
        return self.status.health is Health.OK and self.status.idle is True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `proof.py` says of a whole window. `evidence` is JSON without floats and goes into the event.

    `awaits_scan`: nothing went wrong, but what this printer can show is less than the site accepts.
    """

    printed: bool
    level: ProofLevel
    reason: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    awaits_scan: bool = False


class JobState(StrEnum):
    """Where a job stands. `waiting`: the printer is not ready; `paused`: the operator's turn."""

    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class JobOrder:
    """What is asked for. `quota_key`: `lot:<lot_no>` or `style:<style_no>`; `replaces` names serials, oldest first."""

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


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the ledger holds it. `drawn` counts serials, whatever became of them."""

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

    @property
    def left(self) -> int:
        """Serials still to be drawn."""
        return self.quantity - self.drawn


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


class Severity(StrEnum):
    """BLOCK refuses the label; WARN is shown and printed all the same."""

    BLOCK = "BLOCK"
    WARN = "WARN"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: field names are the outside contract of `edge-agent check` (ARCHITECTURE 7.2)."""

    rule: str
    severity: Severity
    clause: str
    status: str
    source: str
    path: str
    expected: str
    got: str
    zh: str
    en: str
