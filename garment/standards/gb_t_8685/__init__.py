"""This pack checks care symbols (GB/T 8685-2008): their order, one of each kind, and all five groups.

Which codes exist is the record's affair (`garment.record`). Which symbols contradict each other is not confirmed by
any source seen, so nothing is refused for that. The symbols are trade marks in China too: see `docs/rules.md`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from garment.finding import Finding
from garment.record import GarmentRecord
from garment.standards.contract import CheckContext
from garment.standards.rules import Breach, RulePack, load_pack

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether there are care codes; that there are some is L1 of GB/T 5296.4."""
    return bool(record.product.care)


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """L1 (care)."""
    pack, care = context.rules(PACK), record.product.care
    return pack.findings((*_order(pack, care), *_once(care), *_missing(pack, care)), context.on_date)


def _family(code: str) -> str:
    return code.partition("_")[0]


def _order(pack: RulePack, care: tuple[str, ...]) -> Iterator[Breach]:
    order = pack.value("L1.care_order")
    sorted_codes = sorted(care, key=lambda code: order.index(pack.tables["group"][_family(code)]))
    if list(care) != sorted_codes:
        yield Breach("L1.care_order", "product.care", " ".join(care), " ".join(sorted_codes))


def _once(care: tuple[str, ...]) -> Iterator[Breach]:
    for family, count in Counter(map(_family, care)).items():
        if count > 1:
            several = " ".join(code for code in care if _family(code) == family)
            yield Breach("L1.care_once", "product.care", several, f"1 × {family}")


def _missing(pack: RulePack, care: tuple[str, ...]) -> Iterator[Breach]:
    there = {pack.tables["group"][_family(code)] for code in care}
    if missing := [group for group in pack.value("L1.care_missing") if group not in there]:
        yield Breach("L1.care_missing", "product.care", " ".join(care), " ".join(missing))
