"""This pack checks fibre content (GB/T 29862-2013): sums, order, names, and what may be called cashmere.

Applies to every record with fibres, whatever the label shows: the scan page shows them all. Tolerances (F5) need the
report's figures, which a record does not hold. Names: `names.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate

from garment.composition import fibres_of, more_than_a_name
from garment.finding import Finding
from garment.record import Fibre, GarmentRecord
from garment.standards.contract import CheckContext
from garment.standards.gb_t_29862.names import base, name_breaches
from garment.standards.rules import Breach, RulePack, load_pack
from label_protocol.plain import letters, plain

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version

_WHOLE = Decimal(100)
_PURE_CASHMERE = re.compile(r"(?:100%|百分之百|纯)山?羊绒")


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether any part lists fibres."""
    return any(part.fibres is not None for part in record.product.composition)


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """F1, F2, F3, F4."""
    pack = context.rules(PACK)
    names = (breach for path, fibre in fibres_of(record) for breach in name_breaches(pack, path, fibre.name))
    claims = (*_called_cashmere(pack, record), *_pure(pack, record), *_report(pack, record))
    stated = (*_sums(pack, record), *_order(pack, record), *_parts(record), *names)
    return pack.findings((*stated, *claims), context.on_date)


def _parts(record: GarmentRecord) -> Iterator[Breach]:
    for at, part in enumerate(record.product.composition):
        if more_than_a_name(part.part.rstrip(":：")):
            yield Breach("F3.one_name", f"product.composition.{at}.part", part.part, "面料 | 里料 | 罗口")


def _sums(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    tolerance = pack.value("F1.sum")
    for at, part in enumerate(record.product.composition):
        totals = _totals(pack, part.fibres) if part.fibres is not None else [_WHOLE]
        if not any(abs(total - _WHOLE) <= tolerance for total in totals):
            path, got = f"product.composition.{at}.fibres", f"{totals[0]:f}"
            yield Breach("F1.sum", path, got, f"100 ± {tolerance}", {"part": part.part})


def _totals(pack: RulePack, fibres: tuple[Fibre, ...]) -> list[Decimal]:
    """The sum, then the sums that clause 7.5 allows: traces left out, smallest first, while together ≤ 0.5 %."""
    limit, everything = pack.tables["trace_percent"], sum((fibre.percent for fibre in fibres), Decimal(0))
    traces = accumulate(sorted(fibre.percent for fibre in fibres))
    return [everything, *(everything - trace for trace in traces if trace <= limit)]


def _order(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    pooled = pack.value("F2.others_last")
    for at, part in enumerate(record.product.composition):
        path, words, fibres = f"product.composition.{at}.fibres", {"part": part.part}, part.fibres or ()
        named = [fibre for fibre in fibres if plain(fibre.name) not in pooled]
        by_share = sorted(named, key=lambda fibre: fibre.percent, reverse=True)
        if named != by_share:
            yield Breach("F2.order", path, _shares(named), _shares(by_share), words)
        if any(plain(fibre.name) in pooled for fibre in fibres[: len(named)]):
            yield Breach("F2.others_last", path, _shares(fibres), pooled[0], words)


def _shares(fibres: tuple[Fibre, ...] | list[Fibre]) -> str:
    return " ".join(f"{fibre.name} {fibre.percent:f}%" for fibre in fibres)


def _called_cashmere(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    """A garment sold as 羊绒 that holds sheep's wool and no cashmere."""
    given = [fibre.name for _, fibre in fibres_of(record)]
    fibres = [_claimed(pack, one) for one in given]
    sheep = any(word in fibre for fibre in fibres for word in pack.tables["sheep"])
    text = _claimed(pack, record.product.name)
    if sheep and "羊绒" in text and not any("羊绒" in fibre for fibre in fibres):
        yield Breach("F3.called_cashmere", "product.name", record.product.name, "山羊绒", {"fibres": "、".join(given)})


def _claimed(pack: RulePack, text: str) -> str:
    """The letters of a text without the words that say themselves that it is no cashmere."""
    claimed = letters(text)
    for imitation in pack.tables["imitation"]:
        claimed = claimed.replace(imitation, "")
    return claimed


def _pure(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    """A name that says pure cashmere needs a part that is; a fibre with "no cashmere" has F3."""
    if _PURE_CASHMERE.search(plain(record.product.name)):
        least = pack.value("F4.pure")
        most = max((fibre.percent for _, fibre in fibres_of(record) if _is_cashmere(fibre)), default=Decimal(0))
        if most < least:
            words = {"most": f"{most:f}"}
            yield Breach("F4.pure", "product.name", record.product.name, f">= {least} %", words)


def _report(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    whole = [fibre for _, fibre in fibres_of(record) if _is_cashmere(fibre) and fibre.percent == _WHOLE]
    if whole and (record.lot is None or record.lot.report_no is None):
        least = pack.value("F4.pure")
        expected = f"a report with >= {least} % cashmere"
        yield Breach("F4.report", "lot.report_no", "", expected, {"least": f"{least}"})


def _is_cashmere(fibre: Fibre) -> bool:
    return base(fibre.name) in ("山羊绒", "羊绒")
