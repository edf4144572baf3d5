"""How things stand, in the five looks that a person has to tell apart: each is a colour, an icon and a word. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from central_registry.console.pieces.words import Words


class Look(StrEnum):
    """How it looks. `REST`: over, nothing to do; `UNKNOWN` is grey with a hatched edge, and never green."""

    GOOD = "good"
    ATTENTION = "attention"
    STOP = "stop"
    UNKNOWN = "unknown"
    REST = "rest"


ICONS = {
    Look.GOOD: "check",
    Look.ATTENTION: "look",
    Look.STOP: "stop",
    Look.UNKNOWN: "unknown",
    Look.REST: "done",
}
"""An icon each, by its name in `templates/pieces/icon.html`: who cannot tell the colours tells the shapes."""


@dataclass(frozen=True, slots=True)
class State:
    """How one thing stands, for the pill."""

    look: Look
    words: Words

    @property
    def icon(self) -> str:
        """The name of its icon."""
        return ICONS[self.look]


UNKNOWN = State(Look.UNKNOWN, Words("未知", "unknown"))
