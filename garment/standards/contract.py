"""This protocol says what every label standard or grading scheme promises. Pure: a record in, findings out.

Rules are rows of `rules.toml` beside the code: id (docs/rules.md), clause, value, unit, severity,
status mark, source, effective from/to. Implementations pass `tests/garment/test_standard_conformance.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from garment.finding import Finding
from garment.record import GarmentRecord
from garment.standards.rules import Override, RulePack


@dataclass(frozen=True, slots=True)
class Certified:
    """What of the record's lot is certified, as it came with the allotment: `facts` in the form of a garment record,
    days as `YYYY-MM-DD`, `valid_to` None: it does not end; `withdrawn`, for a time or for good, with its `reason`."""

    facts: Mapping[str, Any]
    version: int
    valid_from: str
    valid_to: str | None = None
    withdrawn: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a rule may know besides the record.

    `kind` is the template's label kind (`down_grade`, `composition_card`), or None when only data is checked;
    `on_date` is today as `YYYY-MM-DD`, for rules that come into force. `overrides` is what the site knows better.
    `artwork`: the SHA-256 of artwork that the site holds, found whole; None where the label shows no mark. `certified`:
    what of its lot is certified; None where nothing came with the allotment.
    """

    kind: str | None
    on_date: str
    overrides: tuple[Override, ...] = ()
    artwork: frozenset[str] | None = frozenset()
    certified: Certified | None = None

    def rules(self, pack: RulePack) -> RulePack:
        """`pack` as it holds on this day at this site: what `check` reads its values from."""
        return pack.amended(self.overrides, self.on_date)


class Standard(Protocol):
    """One standard. `name` is its folder and its line in the table of `standards/__init__.py`."""

    name: str
    title: str
    version: str
    """Version of the rule pack; goes into the snapshot of every label it checked."""
    PACK: RulePack
    """Its rows as shipped; `check` asks `context.rules(PACK)` instead, so that a site's overrides reach it."""

    def applies(self, record: GarmentRecord, context: CheckContext) -> bool:
        """Whether the standard speaks about this record and label kind."""
        ...

    def check(self, record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
        """All findings, in the order of the rules. Never raises for a record that parsed."""
        ...
