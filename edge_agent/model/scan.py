"""What was scanned, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ScanKind(StrEnum):
    """What a code is of."""

    LABEL = "label"
    BADGE = "badge"
    WORK_ORDER = "work_order"
    CARTON = "carton"
    STYLE = "style"


@dataclass(frozen=True, slots=True)
class ScannerTerms:
    """How this site's scanners play their keys. `prefix` is the key before each code, empty: none; without it a burst
    of `shortest` keys, one every `key_interval_ms` or faster, is a scan."""

    prefix: str = ""
    key_interval_ms: int = 30
    shortest: int = 6


@dataclass(frozen=True, slots=True)
class Scanned:
    """A code without what came around it on its way: the link of a label, the text of a badge, the number of a work
    order, an SSCC of 18 digits, a GTIN of 14."""

    kind: ScanKind
    text: str
