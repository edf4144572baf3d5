"""What is known of a printer and of what it printed. Frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum, StrEnum

from label_protocol.details import Evidence


class PrintMode(StrEnum):
    """How a label travels: `run` recalls a stored background, `full` carries every dot."""

    RUN = "run"
    FULL = "full"


class ProofLevel(IntEnum):
    """What a verdict rests on, weakest first (docs/architecture.md, section 4)."""

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

    `awaits_scan`: nothing went wrong, but what this printer can show is less than the site accepts. `broken_off`: it
    was this program that stopped in the middle, and nothing is said against the printer.
    """

    printed: bool
    level: ProofLevel
    reason: str
    evidence: Evidence = field(default_factory=Evidence)
    awaits_scan: bool = False
    broken_off: bool = False

    @property
    def printer_failed(self) -> bool:
        """Whether another printer may do better."""
        return not (self.printed or self.awaits_scan or self.broken_off)
