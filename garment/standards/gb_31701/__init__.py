"""This pack checks textiles for infants and children (GB 31701-2015): the words on the label, and whom a size is for.

Who is an infant is decided once, in `gb_18401`. Cords, attachments and the rest are test matters, not label matters.
"""

from __future__ import annotations

from collections.abc import Iterator

from garment.finding import Finding
from garment.record import GarmentRecord
from garment.standards import gb_18401
from garment.standards.contract import CheckContext
from garment.standards.designations import edition
from garment.standards.rules import Breach, RulePack, load_pack
from garment.standards.sizes import height_cm

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether wearer, size or label kind says infant or child; an adult's garment in a small child's size is doubted
    here too."""
    pack, adult = context.rules(PACK), record.product.wearer == "adult"
    if not adult or context.kind in pack.tables["tag_kinds"]:
        return True
    return gb_18401.is_infant(record, context) or any(_adult(pack, record))


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """K1, K2."""
    pack, infant = context.rules(PACK), gb_18401.is_infant(record, context)
    if record.product.wearer == "adult" and not infant:
        breaches = (*_adult(pack, record), *_child_tag(pack, record, context.kind))
    else:
        breaches = (*_words(record, infant=infant), *_height(pack, record), *_excluded(pack, record, infant=infant))
        breaches += tuple(_wearer(record)) if infant else tuple(_child_class(pack, record))
    return pack.findings(breaches, context.on_date)


def _words(record: GarmentRecord, *, infant: bool) -> Iterator[Breach]:
    safety = record.product.safety
    if safety is None:
        return
    if edition(safety, "GB 31701") is None:
        expected = "GB 31701 婴幼儿用品" if infant else "GB 31701 B类"
        yield Breach("K1.designation", "product.safety", safety, expected)
    if not infant and gb_18401.has_infant_words(safety):
        yield Breach("K1.child_words", "product.safety", safety, "GB 31701 B类")


def _child_class(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    safety = record.product.safety or ""
    if gb_18401.classes(safety) & set(pack.value("K1.child_class")):
        yield Breach("K1.child_class", "product.safety", safety, "GB 31701 A类 | B类")


def _wearer(record: GarmentRecord) -> Iterator[Breach]:
    if record.product.wearer != "infant":
        words = {"size": record.product.size}
        yield Breach("K1.infant_wearer", "product.wearer", record.product.wearer, "infant", words)


def _height(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    key = {"infant": "K1.infant_tall", "child": "K1.child_tall"}.get(record.product.wearer)
    height = height_cm(record.product.size, bare=True)
    if key is not None and height is not None and height > pack.value(key):
        yield Breach(key, "product.size", record.product.size, f"<= {pack.value(key)} cm")


def _adult(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    tallest, height = pack.value("K1.adult_small"), height_cm(record.product.size, bare=False)
    if height is not None and height <= tallest:
        yield Breach("K1.adult_small", "product.size", record.product.size, f"> {tallest} cm")


def _child_tag(pack: RulePack, record: GarmentRecord, kind: str | None) -> Iterator[Breach]:
    if kind in pack.tables["tag_kinds"]:
        yield Breach("K1.child_tag", "product.wearer", record.product.wearer, "child | infant")


def _excluded(pack: RulePack, record: GarmentRecord, *, infant: bool) -> Iterator[Breach]:
    for code in pack.value("K2.excludes_infant") if infant else ():
        if edition(record.product.standard, code) is not None:
            expected = "a standard that includes infants"
            yield Breach("K2.excludes_infant", "product.standard", record.product.standard, expected)
