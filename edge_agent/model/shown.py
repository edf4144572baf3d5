"""Names as far as whoever asks may know them. A frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Shown:
    """Id → name of people and of printers; the id where there is none, or none that may be known."""

    people: Mapping[str, str] = field(default_factory=dict)
    printers: Mapping[str, str] = field(default_factory=dict)

    def person(self, who: str) -> str:
        """A name, or the id of somebody whose name is not shown, or is forgotten."""
        return self.people.get(who) or who

    def printer(self, printer: str) -> str:
        """A name."""
        return self.printers.get(printer) or printer
