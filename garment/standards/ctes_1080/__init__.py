"""This pack asks what a grade by T/CTES 1080-2025 must show (羽绒服装保暖性能质量分级). Scheme id `ctes-1080`.

Its levels are AAAAA, AAAA and AAA; beside them stands a class of warmth. The limits of AAAAA were read on secondary
pages (C2), and a level is doubted where a figure is below them: it is the certificate's, never computed. The limits of
AAAA and AAA were not seen: their rows sleep until a site that has the standard supplies them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal

from garment.composition import downs_of
from garment.finding import Finding
from garment.record import GarmentRecord, Grade
from garment.schemes import CTES_1080
from garment.standards.contract import CheckContext
from garment.standards.grading import grade_of, levels
from garment.standards.rules import Breach, RulePack, load_pack
from label_protocol.plain import plain

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version

_ROWS = {"AAAAA": "", "AAAA": "_4a", "AAA": "_3a"}
"""Levels, the best first, and what ends the ids of their rows."""
_LIMITED = ("cluster_content", "fill_power", "turbidity")
_WARMTH = "warmth"
_GOOSE = "鹅绒"


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether the label shows a grade of this scheme, or a record with one is checked alone."""
    return grade_of(record, context, CTES_1080) is not None


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """D8, D9."""
    grade = grade_of(record, context, CTES_1080)
    if grade is None:
        return ()
    pack = context.rules(PACK)
    stated = (*_levels(pack, grade), *_class(pack, grade), *_overall(grade))
    return pack.findings((*stated, *_limits(pack, record, grade)), context.on_date)


def _levels(pack: RulePack, grade: Grade) -> Iterator[Breach]:
    for path, level in levels(grade).items():
        if path != f"indicators.{_WARMTH}" and not re.fullmatch(pack.value("D8.ctes_level"), level):
            yield Breach("D8.ctes_level", f"lot.grade.{path}", level, "AAA | AAAA | AAAAA")


def _class(pack: RulePack, grade: Grade) -> Iterator[Breach]:
    classes, stated = pack.value("D8.ctes_warmth"), grade.stated().get(_WARMTH)
    if stated is not None and plain(stated.level or "") not in map(plain, classes):
        yield Breach("D8.ctes_warmth", f"lot.grade.indicators.{_WARMTH}", stated.level or "", " | ".join(classes))


def _overall(grade: Grade) -> Iterator[Breach]:
    if grade.overall is None:
        yield Breach("D9.ctes_overall", "lot.grade.overall", "", "the level of the certificate")


def _limits(pack: RulePack, record: GarmentRecord, grade: Grade) -> Iterator[Breach]:
    """Figures below what their level asks for, where somebody knows what that is. A level is doubted by what is stated
    beside it, and never worked out."""
    goose = any(plain(down.species) == _GOOSE for _, down in downs_of(record))
    for key in _LIMITED:
        stated = grade.stated().get(key)
        if stated and stated.measured and "-" not in stated.measured and (goose or key != "fill_power"):
            yield from _below(pack, key, Decimal(stated.measured), {grade.overall, stated.level})


def _below(pack: RulePack, key: str, figure: Decimal, claimed: Collection[str | None]) -> Iterator[Breach]:
    """The best of the levels claimed decides what is asked."""
    level = next((one for one in _ROWS if one in claimed), None)
    if level is not None:
        row = pack.rules[f"D8.ctes_{key}{_ROWS[level]}"]
        if row.value is not None and figure < row.value:
            path = f"lot.grade.indicators.{key}.measured"
            yield Breach(row.key, path, f"{figure:f}", f">= {row.value} {row.unit}")
