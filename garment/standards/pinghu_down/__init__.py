"""This pack asks what a grade tag of the Pinghu scheme must show (平湖羽绒服产品质量分级). Scheme id `pinghu-down`.

The limits behind the levels are not public (status NP), so there is no number in this pack and there must be none: a
level is taken from the certificate, never computed. Do not fill the gap from another A–5A scale; there are three.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from garment.finding import Finding
from garment.record import GarmentRecord, Grade, Lot
from garment.standards.contract import CheckContext
from garment.standards.rules import Breach, RulePack, load_pack
from label_protocol.plain import plain

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether the label is a grade tag, or the grade is of this scheme (a near miss such as `Pinghu` too) and either
    the label has room for it or the data is checked alone."""
    if record.lot is None or record.lot.grade is None:
        return False
    if context.kind in PACK.tables["tag_kinds"]:
        return True
    return context.kind in (None, *PACK.tables["kinds_with_room"]) and _near(record.lot.grade.scheme)


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """D8, D9."""
    lot = record.lot
    if lot is None or lot.grade is None:
        return ()
    pack = context.rules(PACK)
    levels = (*_notation(pack, lot.grade), *_mixed(lot.grade), *_worst(lot.grade))
    tag = (*_scheme(pack, lot.grade), *_overall(lot.grade), *_indicators(pack, lot.grade))
    return pack.findings((*levels, *_report(lot), *_age(pack, lot, context.on_date), *tag), context.on_date)


def _near(scheme: str) -> bool:
    scheme = plain(scheme).casefold()
    return "pinghu" in scheme or "平湖" in scheme


def _notation(pack: RulePack, grade: Grade) -> Iterator[Breach]:
    pattern = pack.value("D8.notation")
    for path, level in _levels(grade).items():
        if not re.fullmatch(pattern, level):
            yield Breach("D8.notation", f"lot.grade.{path}", level, "A … AAAAA | 1A … 5A")


def _levels(grade: Grade) -> dict[str, str]:
    """Every level that is stated, by its path."""
    levels = {"overall": grade.overall} | {f"indicators.{key}": level for key, level in grade.indicators.items()}
    return {path: level for path, level in levels.items() if level is not None}


def _rank(level: str) -> int | None:
    """How many A: 4 of `AAAA` and `4A`, None of what is no level. Compared, never derived."""
    level = plain(level)
    if re.fullmatch("[1-5]A", level):
        return int(level[0])
    return len(level) if re.fullmatch("A{1,5}", level) else None


def _mixed(grade: Grade) -> Iterator[Breach]:
    levels = _levels(grade)
    if len({plain(level)[:1].isdecimal() for level in levels.values() if _rank(level) is not None}) > 1:
        yield Breach("D8.one_notation", "lot.grade", " ".join(levels.values()), "A … AAAAA | 1A … 5A")


def _worst(grade: Grade) -> Iterator[Breach]:
    """Whether the overall level is the lowest indicator's is not public: a better one is only doubted."""
    overall = _rank(grade.overall or "")
    ranks = {level: rank for level in grade.indicators.values() if level and (rank := _rank(level)) is not None}
    worst = min(ranks, key=lambda level: ranks[level], default=None)
    if overall is not None and worst is not None and overall > ranks[worst]:
        yield Breach("D8.worst", "lot.grade.overall", grade.overall or "", worst)


def _report(lot: Lot) -> Iterator[Breach]:
    if lot.report_no is None:
        yield Breach("D8.report", "lot.report_no", "", "the number of the report or certificate")


def _age(pack: RulePack, lot: Lot, on_date: str) -> Iterator[Breach]:
    days = pack.value("D8.age")
    if days is not None and lot.inspected_on is not None:
        age = date.fromisoformat(on_date).toordinal() - date.fromisoformat(lot.inspected_on).toordinal()
        if age > days:
            yield Breach("D8.age", "lot.inspected_on", lot.inspected_on, f"<= {days} d", {"age": str(age)})


def _scheme(pack: RulePack, grade: Grade) -> Iterator[Breach]:
    expected = pack.value("D9.scheme")
    if grade.scheme != expected:
        yield Breach("D9.scheme", "lot.grade.scheme", grade.scheme, expected)


def _overall(grade: Grade) -> Iterator[Breach]:
    if grade.overall is None:
        yield Breach("D9.overall", "lot.grade.overall", "", "the level of the certificate")


def _indicators(pack: RulePack, grade: Grade) -> Iterator[Breach]:
    for key, names in pack.tables["indicators"].items():
        if grade.indicators.get(key) is None:
            path = f"lot.grade.indicators.{key}"
            yield Breach("D9.indicator", path, "", "the level of the certificate", names)
