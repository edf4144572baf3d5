"""GB/T 5296.4-2012 instructions for use of textiles: what must be there, and what each label kind needs besides.

Name, size, composition list and standard are not asked for again: a record without them does not parse
(`edge_agent.record`). Items of the standard are asked of every record, because tag, wash label and scan page come from
one snapshot; items of a label kind only when that kind is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from edge_agent.model import Finding
from edge_agent.record import GarmentRecord, Part
from edge_agent.standards import gb_t_14272
from edge_agent.standards.contract import CheckContext
from edge_agent.standards.rules import Breach, load_pack

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Always: every garment label is under this standard."""
    return True


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """L1."""
    kinds = PACK.facts["kinds"]
    wanted = [*kinds["all"], *kinds.get(context.kind, [])]
    asked = PACK.facts["asked_by_gb_t_14272"] if gb_t_14272.applies(record, context) else []
    breaches = (breach for item in wanted if item not in asked for breach in ITEMS[item](record))
    return PACK.findings(breaches, context.on_date)


def _maker(record: GarmentRecord) -> Iterator[Breach]:
    if record.product.maker is None:
        yield Breach("L1.maker", "product.maker", "", "name and address")


def _composition(record: GarmentRecord) -> Iterator[Breach]:
    parts = record.product.composition
    if not parts:
        yield Breach("L1.composition", "product.composition", "", "at least one part", {"part": "—"})
    for at, part in enumerate(parts):
        if part.fibres is None and part.down is None:
            words = {"part": part.part}
            yield Breach("L1.composition", f"product.composition.{at}", "", "fibres or down", words)


def _care(record: GarmentRecord) -> Iterator[Breach]:
    if not record.product.care:
        yield Breach("L1.care", "product.care", "", "care codes, washing first")


def _safety(record: GarmentRecord) -> Iterator[Breach]:
    if record.product.safety is None:
        yield Breach("L1.safety", "product.safety", "", "GB 18401-2010 B类, GB 31701 …")


def _grade(record: GarmentRecord) -> Iterator[Breach]:
    if record.lot is None or record.lot.grade is None:
        yield Breach("L1.grade", "lot.grade", "", "the grade of the certificate")


def _down(record: GarmentRecord) -> Iterator[Breach]:
    if not any(map(_is_down, record.product.composition)):
        yield Breach("L1.down", "product.composition", "", "a part with down")


def _fill_weight(record: GarmentRecord) -> Iterator[Breach]:
    if record.fill_weight is None:
        size = record.product.size
        yield Breach("L1.fill_weight", "product.fill_weight_g", "", f"grams for {size}", {"size": size})


def _is_down(part: Part) -> bool:
    return part.down is not None


ITEMS: Mapping[str, Callable[[GarmentRecord], Iterator[Breach]]] = {
    "maker": _maker,
    "composition": _composition,
    "care": _care,
    "safety": _safety,
    "grade": _grade,
    "down": _down,
    "fill_weight": _fill_weight,
}
