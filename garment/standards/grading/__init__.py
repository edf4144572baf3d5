"""This pack asks what every grade must show, whichever scheme it is of: a scheme that is known, its own indicators, a
figure in its unit, a report behind it, and the scheme's name where the grade stands.

Four A–5A scales exist side by side, and AAAA of one is not AAAA of the next. So nothing is taken over from one to the
other: an indicator that a scheme does not have is refused by name, and a scheme nobody described here is refused
whole. What a scheme asks for itself stands in its own folder (`pinghu_down`, `ctes_1080`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from garment.facts import INDICATORS
from garment.finding import Finding
from garment.record import GarmentRecord, Grade, Indicator, Lot
from garment.schemes import HALF_GRADES, MEASURES, PINGHU, SCHEMES, scheme_names
from garment.standards.contract import CheckContext
from garment.standards.rules import Breach, load_pack

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version

_PATH = "lot.grade."
_NAMING = frozenset({f"{_PATH}scheme", f"{_PATH}scheme_name"})


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether the lot has a grade: the page behind every code shows it, whatever the label does."""
    return record.lot is not None and record.lot.grade is not None


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """D8, D9 of all schemes."""
    lot = record.lot
    if lot is None or lot.grade is None:
        return ()
    pack = context.rules(PACK)
    behind = _report(lot) if shows_grade(context.kind) else ()
    return pack.findings((*behind, *_figures(lot.grade), *_scheme(lot.grade), *_foreign(lot.grade)), context.on_date)


def check_scheme_named(record: GarmentRecord, named: Collection[str], context: CheckContext) -> tuple[Finding, ...]:
    """D9 for a label whose template names these facts, by their paths: a grade stands beside the name of its scheme.

    Pinghu's are asked for none: their tags were the only ones before there was another scheme here.
    """
    grade = record.lot.grade if record.lot else None
    if grade is None or grade.scheme == PINGHU or _NAMING & set(named):
        return ()
    if not any(path.startswith(_PATH) for path in named):
        return ()
    words = {"scheme": scheme_names(grade.scheme)[0]}
    breach = Breach("D9.named", "lot.grade.scheme", grade.scheme, "lot.grade.scheme_name", words)
    return context.rules(PACK).findings([breach], context.on_date)


def grade_of(record: GarmentRecord, context: CheckContext, scheme: str) -> Grade | None:
    """The grade of this scheme that the label shows, or that is checked as data alone; else None."""
    grade = record.lot.grade if record.lot else None
    return grade if grade is not None and grade.scheme == scheme and shows_grade(context.kind) else None


def shows_grade(kind: str | None) -> bool:
    """Whether labels of this kind show a grade, or only data is checked."""
    return kind is None or kind in PACK.tables["kinds"]


def levels(grade: Grade) -> dict[str, str]:
    """Every level that is stated, by its path within the grade."""
    stated = {"overall": grade.overall} | {f"indicators.{key}": one.level for key, one in grade.stated().items()}
    return {path: level for path, level in stated.items() if level is not None}


def _report(lot: Lot) -> Iterator[Breach]:
    if lot.report_no is None:
        yield Breach("D8.report", "lot.report_no", "", "the number of the report or certificate")


def _scheme(grade: Grade) -> Iterator[Breach]:
    if grade.scheme not in SCHEMES:
        yield Breach("D9.scheme", "lot.grade.scheme", grade.scheme, " | ".join(SCHEMES))


def _foreign(grade: Grade) -> Iterator[Breach]:
    scheme = SCHEMES.get(grade.scheme)
    for key in grade.stated() if scheme else ():
        if scheme is not None and key not in scheme.indicators:
            zh, en = INDICATORS.get(key, (key, key))
            words = {"indicator_zh": zh, "indicator_en": en, "scheme": grade.scheme, "owner": _owner(key)}
            yield Breach("D9.foreign", f"{_PATH}indicators.{key}", key, "、".join(scheme.indicators), words)


def _owner(key: str) -> str:
    return "、".join(one for one, scheme in SCHEMES.items() if key in scheme.indicators) or "–"


def _figures(grade: Grade) -> Iterator[Breach]:
    for key, one in grade.stated().items():
        if one.measured is not None and not _is_measured_so(key, one):
            unit = MEASURES[key].unit if key in MEASURES else "–"
            zh, en = INDICATORS.get(key, (key, key))
            words = {"indicator_zh": zh, "indicator_en": en}
            yield Breach("D8.figure", f"{_PATH}indicators.{key}.measured", f"{one.measured} {one.unit}", unit, words)


def _is_measured_so(key: str, one: Indicator) -> bool:
    """In the unit of its property; a half grade such as 4-5 only where there are grades."""
    unit = MEASURES[key].unit if key in MEASURES else None
    return one.unit == unit and ("-" not in (one.measured or "") or unit == HALF_GRADES)
