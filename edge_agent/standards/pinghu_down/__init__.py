"""Pinghu grading of down garments (平湖羽绒服产品质量分级): what a grade tag must show. Scheme id `pinghu-down`.

The limits behind the levels are not public (status NP), so there is no number in this pack and there must be none: a
level is taken from the certificate, never computed. Do not fill the gap from another A–5A scale; there are three.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from edge_agent.model import Finding
from edge_agent.record import GarmentRecord, Grade
from edge_agent.standards.contract import CheckContext
from edge_agent.standards.rules import Breach, load_pack

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version

TAG_KIND = "down_grade"


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether the label is a grade tag, or the data alone names this scheme (a near miss such as `Pinghu` too)."""
    if record.lot is None or record.lot.grade is None:
        return False
    return context.kind == TAG_KIND or (context.kind is None and _near(record.lot.grade.scheme))


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """D8 (notation), D9."""
    if record.lot is None or record.lot.grade is None:
        return ()
    grade = record.lot.grade
    return PACK.findings((*_notation(grade), *_scheme(grade), *_overall(grade), *_indicators(grade)), context.on_date)


def _near(scheme: str) -> bool:
    return "pinghu" in scheme.casefold() or "平湖" in scheme


def _notation(grade: Grade) -> Iterator[Breach]:
    pattern = PACK.value("D8.notation")
    levels = {"overall": grade.overall} | {f"indicators.{key}": level for key, level in grade.indicators.items()}
    for path, level in levels.items():
        if level is not None and not re.fullmatch(pattern, level):
            yield Breach("D8.notation", f"lot.grade.{path}", level, "A … AAAAA | 1A … 5A")


def _scheme(grade: Grade) -> Iterator[Breach]:
    expected = PACK.value("D9.scheme")
    if grade.scheme != expected:
        yield Breach("D9.scheme", "lot.grade.scheme", grade.scheme, expected)


def _overall(grade: Grade) -> Iterator[Breach]:
    if grade.overall is None:
        yield Breach("D9.overall", "lot.grade.overall", "", "the level of the certificate")


def _indicators(grade: Grade) -> Iterator[Breach]:
    for key, names in PACK.facts["indicators"].items():
        if grade.indicators.get(key) is None:
            path = f"lot.grade.indicators.{key}"
            yield Breach("D9.indicator", path, "", "the level of the certificate", names)
