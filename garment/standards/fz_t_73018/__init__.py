"""This pack checks wool knitwear (FZ/T 73018-2021): how much wool it is about, and that it is not for infants.

Its grade names were not seen in the text (status U), so no grade is refused here.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from garment.finding import Finding
from garment.record import GarmentRecord, Part
from garment.standards import gb_18401
from garment.standards.contract import CheckContext
from garment.standards.designations import since
from garment.standards.rules import Breach, RulePack, load_pack
from label_protocol.plain import plain

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether the product says it follows FZ/T 73018, edition 2021 or no edition."""
    return since(record.product.standard, "FZ/T 73018", "2021")


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """F7, K2."""
    pack = context.rules(PACK)
    infants = _infants(pack, record) if gb_18401.is_infant(record, context) else ()
    return pack.findings((*_wool(pack, record), *infants), context.on_date)


def _wool(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    """The part with the most wool decides: ribs and linings may hold none."""
    least, words = pack.value("F7.wool"), pack.tables["wool"]
    most = max((_share(part, words) for part in record.product.composition), default=Decimal(0))
    if most < least:
        yield Breach("F7.wool", "product.composition", f"{most:f}", f">= {least}")


def _share(part: Part, words: list[str]) -> Decimal:
    fibres = part.fibres or ()
    return sum((fibre.percent for fibre in fibres if any(word in plain(fibre.name) for word in words)), Decimal(0))


def _infants(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    if pack.tables["excludes_infant"]:
        expected = "a standard that includes infants"
        yield Breach("K2.wool_infant", "product.standard", record.product.standard, expected)
