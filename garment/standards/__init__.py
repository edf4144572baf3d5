"""This table lists the label standards and grading schemes: a folder each, a line each.

A literal table, not discovery: the type checker proves that each module fits the contract, grep finds it, and a test
proves that folders and table agree. How to add one: `docs/add-a-standard.md`; all rules: `docs/rules.md`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from garment.finding import Finding
from garment.record import GarmentRecord
from garment.standards import (
    carbon_mark,
    ctes_1080,
    fz_t_73009,
    fz_t_73018,
    gb_18401,
    gb_31701,
    gb_t_1335,
    gb_t_5296_4,
    gb_t_6411,
    gb_t_8685,
    gb_t_14272,
    gb_t_29862,
    grading,
    gs1_digital_link,
    lot_certificate,
    pinghu_down,
)
from garment.standards.contract import Certified, CheckContext, Standard
from garment.standards.gb_t_5296_4 import check_shown, check_text
from garment.standards.gb_t_14272 import check_weight_named
from garment.standards.grading import check_scheme_named
from garment.standards.gs1_digital_link import check_symbol
from garment.standards.overrides import digest, parse_overrides
from garment.standards.rules import Override, Rule

STANDARDS: Mapping[str, Standard] = {
    "lot_certificate": lot_certificate,
    "gb_t_5296_4": gb_t_5296_4,
    "gb_18401": gb_18401,
    "gb_31701": gb_31701,
    "gb_t_29862": gb_t_29862,
    "gb_t_14272": gb_t_14272,
    "fz_t_73009": fz_t_73009,
    "fz_t_73018": fz_t_73018,
    "gb_t_1335": gb_t_1335,
    "gb_t_6411": gb_t_6411,
    "gb_t_8685": gb_t_8685,
    "grading": grading,
    "pinghu_down": pinghu_down,
    "ctes_1080": ctes_1080,
    "carbon_mark": carbon_mark,
    "gs1_digital_link": gs1_digital_link,
}
"""In the order an operator reads the findings: what the certificate says otherwise and what is missing first, codes
last."""

RULES: Mapping[str, Rule] = {key: row for standard in STANDARDS.values() for key, row in standard.PACK.rules.items()}
"""Every row of every pack as shipped; a key stands in one pack only."""

__all__ = [
    "RULES",
    "STANDARDS",
    "Certified",
    "CheckContext",
    "Override",
    "Standard",
    "applied_overrides",
    "check_named",
    "check_record",
    "check_shown",
    "check_symbol",
    "check_text",
    "parse_overrides",
    "rule_pack_versions",
]


def check_record(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """What every standard that applies says of the record, in the order of the table. Never raises."""
    return tuple(finding for standard in _applying(record, context) for finding in standard.check(record, context))


def check_named(record: GarmentRecord, named: Collection[str], context: CheckContext) -> tuple[Finding, ...]:
    """What D1 and D9 say of a label whose template names these facts, by their paths. Never raises."""
    return (*check_weight_named(record, named, context), *check_scheme_named(record, named, context))


def rule_pack_versions(record: GarmentRecord, context: CheckContext) -> dict[str, str]:
    """Which packs judged the record, and in which version: goes into the snapshot.

    A pack whose rows the site changed says so: `2026.11.2+override:` and the digest of who, why and what.
    """
    return {standard.name: _version(standard, context) for standard in _applying(record, context)}


def applied_overrides(record: GarmentRecord, context: CheckContext) -> tuple[Override, ...]:
    """The overrides that had a say about the record, in the order of the table."""
    packs = (standard.PACK for standard in _applying(record, context))
    return tuple(one for pack in packs for one in pack.touched(context.overrides, context.on_date))


def _version(standard: Standard, context: CheckContext) -> str:
    touched = standard.PACK.touched(context.overrides, context.on_date)
    return f"{standard.version}+override:{digest(touched)}" if touched else standard.version


def _applying(record: GarmentRecord, context: CheckContext) -> list[Standard]:
    return [standard for standard in STANDARDS.values() if standard.applies(record, context)]
