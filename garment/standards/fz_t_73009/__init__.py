"""This pack checks cashmere knitwear (FZ/T 73009-2021): the grades it knows, and that it is about cashmere.

The grade itself comes from the inspection; it is never computed. Fibre content is GB/T 29862's affair.
"""

from __future__ import annotations

from collections.abc import Iterator

from garment.composition import fibres_of
from garment.finding import Finding
from garment.record import GarmentRecord
from garment.standards.contract import CheckContext
from garment.standards.designations import since
from garment.standards.rules import Breach, RulePack, load_pack
from label_protocol.plain import plain

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether the product says it follows FZ/T 73009, edition 2021 or no edition."""
    return since(record.product.standard, "FZ/T 73009", "2021")


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """F6."""
    pack = context.rules(PACK)
    return pack.findings((*_grade(pack, record), *_cashmere(pack, record)), context.on_date)


def _grade(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    grade, allowed = record.product.quality_class or "", pack.value("F6.grade")
    if plain(grade) not in map(plain, allowed):
        yield Breach("F6.grade", "product.quality_class", grade, " | ".join(allowed))


def _cashmere(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    fibres = [fibre.name for _, fibre in fibres_of(record)]
    word = pack.value("F6.cashmere")
    if not any(word in plain(fibre) for fibre in fibres):
        yield Breach("F6.cashmere", "product.composition", "、".join(fibres), word)
