"""This pack compares a record with the certificate of its lot (C1), which comes with the allotment.

What is compared, and in which form, is the table of `garment/certificate.py`, by which the registry judges too: so what
passes here is confirmed there. The values are the certificate's and the comparison is the platform's, so no site's
overrides reach these rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from garment.certificate import TABLE, differences, fact_words
from garment.finding import Finding
from garment.record import GarmentRecord
from garment.standards.contract import Certified, CheckContext
from garment.standards.rules import Breach, load_pack

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version

_PATHS = {row.fact: row.path for row in TABLE}
_LOT = "lot"


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether a certificate came with the allotment that the record draws on."""
    return context.certified is not None


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """C1."""
    certified = context.certified
    if certified is None:
        return ()
    breaches = [*_standing(certified, context.on_date), *_differing(record, certified)]
    return PACK.findings(breaches, context.on_date)


def _standing(certified: Certified, on_date: str) -> Iterator[Breach]:
    if certified.withdrawn:
        yield Breach("C1.withdrawn", _LOT, certified.reason, "", {"version": str(certified.version)})
    if on_date < certified.valid_from:
        yield Breach("C1.valid", _LOT, on_date, f">= {certified.valid_from}")
    if certified.valid_to is not None and certified.valid_to < on_date:
        yield Breach("C1.valid", _LOT, on_date, f"<= {certified.valid_to}")


def _differing(record: GarmentRecord, certified: Certified) -> Iterator[Breach]:
    for fact, label, expected in differences(record.facts(), certified.facts):
        zh, en = fact_words(fact)
        yield Breach("C1.differs", _path(fact), label, expected, {"fact_zh": zh, "fact_en": en or fact})


def _path(fact: str) -> str:
    """Where the fact stands in the record; of a composition, which is a list, the list."""
    head, _, entry = fact.partition(".")
    return f"{_PATHS[head]}.{entry}" if entry and head != "composition" else _PATHS[head]
