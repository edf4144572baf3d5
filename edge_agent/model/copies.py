"""Copies: labels without a code, as they are ordered and as the ledger holds them. Frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CopiesState(StrEnum):
    """Where an order of copies stands. `printed`: every one is proven; `ended`: over, and not every one is."""

    OPEN = "open"
    PRINTED = "printed"
    ENDED = "ended"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class CopiesOrder:
    """What is asked for: equal labels without a code. `unchecked`: print though the check before the first label finds
    something. `carton`: they are the label of that carton, printed for the `nth` time."""

    key: str
    request_hash: str
    template: str
    printer: str
    quantity: int
    snapshot: Mapping[str, Any]
    operator: str = ""
    unchecked: bool = False
    carton: str | None = None
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Copies:
    """An order of copies as the ledger holds it. `printed` are proven, at `level` or better; `unproven` were sent and
    no more is known; `sending` are on their way."""

    copies_id: str
    state: CopiesState
    reason: str
    template: str
    printer: str
    quantity: int
    printed: int
    unproven: int
    sending: int
    level: str | None
    snapshot_hash: str
    operator: str
    opened_at: str
    changed_at: str
    unchecked: bool = False

    @property
    def left(self) -> int:
        """Never sent."""
        return self.quantity - self.printed - self.unproven - self.sending
