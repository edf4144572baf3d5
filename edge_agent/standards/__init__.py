"""Label standards and grading schemes: one folder each, one line each in the table below.

A literal table, not discovery: the type checker proves that each module fits the contract, grep finds it, and a test
proves that folders and table agree. How to add one: `docs/add-a-standard.md`.
"""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.model import Finding
from edge_agent.record import GarmentRecord
from edge_agent.standards import gb_t_5296_4, gb_t_14272, gb_t_29862, gs1_digital_link, pinghu_down
from edge_agent.standards.contract import CheckContext, Standard
from edge_agent.standards.gs1_digital_link import check_symbol

STANDARDS: Mapping[str, Standard] = {
    "gb_t_5296_4": gb_t_5296_4,
    "gb_t_29862": gb_t_29862,
    "gb_t_14272": gb_t_14272,
    "pinghu_down": pinghu_down,
    "gs1_digital_link": gs1_digital_link,
}
"""In the order an operator reads the findings: what is missing first, codes last."""

__all__ = ["STANDARDS", "CheckContext", "Standard", "check_record", "check_symbol", "rule_pack_versions"]


def check_record(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """What every standard that applies says of the record, in the order of the table. Never raises."""
    return tuple(finding for standard in _applying(record, context) for finding in standard.check(record, context))


def rule_pack_versions(record: GarmentRecord, context: CheckContext) -> dict[str, str]:
    """Which packs judged the record, and in which version: goes into the snapshot."""
    return {standard.name: standard.version for standard in _applying(record, context)}


def _applying(record: GarmentRecord, context: CheckContext) -> list[Standard]:
    return [standard for standard in STANDARDS.values() if standard.applies(record, context)]
