"""This pack checks the 号型 of garments (GB/T 1335): how a size is written, and the grid of adults' sizes.

The bands of chest minus waist behind the letters, and the steps of children's sizes, were not found (status U) and are
not here. Knitwear in 号/型 without a letter is GB/T 6411's.
"""

from __future__ import annotations

from collections.abc import Iterator

from garment.finding import Finding
from garment.record import GarmentRecord
from garment.standards.contract import CheckContext
from garment.standards.designations import squeezed
from garment.standards.rules import Breach, RulePack, load_pack
from garment.standards.sizes import Size, sizes
from label_protocol.plain import plain

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whatever is not sized by GB/T 6411."""
    return not is_knit_size(record)


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """S1."""
    pack, found = context.rules(PACK), sizes(record.product.size)
    breaches = tuple(_grid(pack, record, found) if found else _form(record))
    return pack.findings(breaches, context.on_date)


def is_knit_size(record: GarmentRecord) -> bool:
    """Whether an adult's knitwear is sized 号/型 without a body type, as GB/T 6411 does."""
    found = sizes(record.product.size)
    knit = any(prefix in squeezed(record.product.standard) for prefix in PACK.tables["knit_standards"])
    return knit and record.product.wearer == "adult" and bool(found) and not any(size.body for size in found)


def _form(record: GarmentRecord) -> Iterator[Breach]:
    yield Breach("S1.form", "product.size", record.product.size, "175/92A | 120/60")


def _grid(pack: RulePack, record: GarmentRecord, found: tuple[Size, ...]) -> Iterator[Breach]:
    if record.product.wearer != "adult":
        return
    text, heights = record.product.size, pack.value("S1.height")
    # A set states its top first; what follows is a waist.
    keys = [_girth_key(pack, record.product.name), *["S1.waist"] * (len(found) - 1)]
    if any(size.height_cm % heights for size in found):
        yield Breach("S1.height", "product.size", text, f"号 = {heights} × n")
    wrong = [key for key, size in zip(keys, found, strict=True) if size.girth_cm % pack.value(key)]
    for key in dict.fromkeys(wrong):
        yield Breach(key, "product.size", text, f"型 = {pack.value(key)} × n")
    if not all(size.body for size in found):
        yield Breach("S1.body_type", "product.size", text, "175/92A: Y | A | B | C")


def _girth_key(pack: RulePack, product: str) -> str:
    """Chest or waist: what the product's name tells; if it tells nothing, the finer steps of a waist hold."""
    product = plain(product)
    lower = any(word in product for word in pack.tables["lower"])
    return "S1.chest" if not lower and any(word in product for word in pack.tables["upper"]) else "S1.waist"
