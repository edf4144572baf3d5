"""This pack checks sizes of knitwear (GB/T 6411): 号 and 型 in steps of five, no body type letter.

It speaks of adults' knitwear sized 号/型 without a letter; with a letter the size is GB/T 1335's. Steps of children's
sizes were not found (status U).
"""

from __future__ import annotations

from collections.abc import Iterator

from garment.finding import Finding
from garment.record import GarmentRecord
from garment.standards import gb_t_1335
from garment.standards.contract import CheckContext
from garment.standards.rules import Breach, RulePack, load_pack
from garment.standards.sizes import sizes

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether knitwear is sized this way."""
    return gb_t_1335.is_knit_size(record)


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """S1."""
    pack = context.rules(PACK)
    return pack.findings(_grid(pack, record.product.size), context.on_date)


def _grid(pack: RulePack, text: str) -> Iterator[Breach]:
    heights, girths = pack.value("S1.knit_height"), pack.value("S1.knit_girth")
    if any(size.height_cm % heights for size in sizes(text)):
        yield Breach("S1.knit_height", "product.size", text, f"号 = {heights} × n")
    if any(size.girth_cm % girths for size in sizes(text)):
        yield Breach("S1.knit_girth", "product.size", text, f"型 = {girths} × n")
