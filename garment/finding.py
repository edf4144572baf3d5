"""A finding says what a rule found in a record: a frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """BLOCK refuses the label; WARN is shown and printed all the same."""

    BLOCK = "BLOCK"
    WARN = "WARN"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: field names are the outside contract of `edge-agent check` (docs/architecture.md, 7.2)."""

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
