"""This pack asks what a grade tag of the Pinghu scheme must show (平湖羽绒服产品质量分级). Scheme id `pinghu-down`.

The limits behind the levels are not public (status NP), so there is no number in this pack and there must be none: a
level is taken from the certificate, never computed, and a figure beside it decides nothing. Do not fill the gap from
another A–5A scale; there are four. What is asked of every scheme stands in `standards/grading`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from garment.facts import INDICATORS
from garment.finding import Finding
from garment.record import GarmentRecord, Grade, Lot
from garment.schemes import PINGHU, SCHEMES
from garment.standards.contract import CheckContext
from garment.standards.grading import grade_of, levels
from garment.standards.rules import Breach, RulePack, load_pack
from label_protocol.plain import plain

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether the label shows a grade of this scheme, or a record with one is checked alone."""
    return grade_of(record, context, PINGHU) is not None


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """D8, D9."""
    grade, lot = grade_of(record, context, PINGHU), record.lot
    if grade is None or lot is None:
        return ()
    pack = context.rules(PACK)
    stated = (*_notation(pack, grade), *_mixed(grade), *_worst(grade), *_age(pack, lot, context.on_date))
    return pack.findings((*stated, *_overall(grade), *_indicators(grade)), context.on_date)


def _notation(pack: RulePack, grade: Grade) -> Iterator[Breach]:
    pattern = pack.value("D8.notation")
    for path, level in levels(grade).items():
        if not re.fullmatch(pattern, level):
            yield Breach("D8.notation", f"lot.grade.{path}", level, "A … AAAAA | 1A … 5A")


def _rank(level: str) -> int | None:
    """How many A: 4 of `AAAA` and `4A`, None of what is no level. Compared, never derived."""
    level = plain(level)
    if re.fullmatch("[1-5]A", level):
        return int(level[0])
    return len(level) if re.fullmatch("A{1,5}", level) else None


def _mixed(grade: Grade) -> Iterator[Breach]:
    stated = levels(grade).values()
    if len({plain(level)[:1].isdecimal() for level in stated if _rank(level) is not None}) > 1:
        yield Breach("D8.one_notation", "lot.grade", " ".join(stated), "A … AAAAA | 1A … 5A")


def _worst(grade: Grade) -> Iterator[Breach]:
    """Whether the overall level is the lowest indicator's is not public: a better one is only doubted."""
    overall = _rank(grade.overall or "")
    beside = [one.level for one in grade.stated().values() if one.level]
    ranks = {level: rank for level in beside if (rank := _rank(level)) is not None}
    worst = min(ranks, key=lambda level: ranks[level], default=None)
    if overall is not None and worst is not None and overall > ranks[worst]:
        yield Breach("D8.worst", "lot.grade.overall", grade.overall or "", worst)


def _age(pack: RulePack, lot: Lot, on_date: str) -> Iterator[Breach]:
    days = pack.value("D8.age")
    if days is not None and lot.inspected_on is not None:
        age = date.fromisoformat(on_date).toordinal() - date.fromisoformat(lot.inspected_on).toordinal()
        if age > days:
            yield Breach("D8.age", "lot.inspected_on", lot.inspected_on, f"<= {days} d", {"age": str(age)})


def _overall(grade: Grade) -> Iterator[Breach]:
    if grade.overall is None:
        yield Breach("D9.overall", "lot.grade.overall", "", "the level of the certificate")


def _indicators(grade: Grade) -> Iterator[Breach]:
    stated = levels(grade)
    for key in SCHEMES[PINGHU].indicators:
        if f"indicators.{key}" not in stated:
            zh, en = INDICATORS[key]
            words = {"indicator_zh": zh, "indicator_en": en[:1].lower() + en[1:]}
            yield Breach("D9.indicator", f"lot.grade.indicators.{key}", "", "the level of the certificate", words)
