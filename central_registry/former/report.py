"""Says what an import does, line by line: the counts of a preview, what is refused, what differs. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

SHOWN = 200
"""Refused and differing lines that are named; all are counted."""

NEW, SAME, DIFFERS, REFUSED = "new", "same", "differs", "refused"


@dataclass(slots=True)
class Report:
    """`counts`: (kind, state) → lines; `refused`: (line, why); `differs`: (line, what, old → new); `notices`: what an
    officer should know of it all."""

    platform: str = ""
    exported_on: date | None = None
    sha256: str = ""
    lines: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: list[tuple[int, str]] = field(default_factory=list)
    differs: list[tuple[int, str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    _came_out: dict[int, tuple[str, str]] = field(default_factory=dict, repr=False)

    def took(self, kind: str, state: str, lines: int = 1, line: int = 0) -> None:
        """So many lines of a kind came out so; `line`: the one, which may yet be refused."""
        self.counts[kind, state] += lines
        if line:
            self._came_out[line] = kind, state

    def refuse(self, kind: str, line: int, reason: str, lines: int = 1) -> None:
        """A line cannot be taken; `lines`: it stands for so many."""
        self.counts[kind, REFUSED] += lines
        if (before := self._came_out.pop(line, None)) is not None:
            self.counts[before] -= 1
        if len(self.refused) < SHOWN:
            self.refused.append((line, reason))

    def differ(self, kind: str, line: int, what: str, told: Iterable[str]) -> None:
        """A line says something else than what was brought before."""
        self.took(kind, DIFFERS, line=line)
        if len(self.differs) < SHOWN:
            self.differs.append((line, what, "; ".join(told)))

    def all(self, state: str) -> int:
        """Lines of every kind that came out so."""
        return sum(lines for (_, one), lines in self.counts.items() if one == state)

    @property
    def words(self) -> str:
        """The counts in a line: `firm new 2, serial same 5`."""
        return ", ".join(f"{kind} {state} {lines}" for (kind, state), lines in sorted(self.counts.items()) if lines)

    def as_json(self) -> dict[str, Any]:
        """As programs are told."""
        counts: dict[str, dict[str, int]] = {}
        for (kind, state), lines in sorted(self.counts.items()):
            if lines:
                counts.setdefault(kind, {})[state] = lines
        return {
            "platform": self.platform,
            "exported_on": self.exported_on.isoformat() if self.exported_on else None,
            "sha256": self.sha256,
            "lines": self.lines,
            "counts": counts,
            "refused": [{"line": line, "reason": reason} for line, reason in sorted(self.refused)],
            "differs": [{"line": line, "what": what, "told": told} for line, what, told in self.differs],
            "notices": list(self.notices),
        }
