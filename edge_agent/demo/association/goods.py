"""What is labelled: garments of two firms with one lot and one style number, and some without a certificate. Pure.

Days are counted back from today: nothing here lies in the future, whenever it is played.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from edge_agent.demo.association.cast import BY_KEY, FIRM_A, FIRM_B, LAB
from garment.record import GarmentRecord

SCHEME = "pinghu-down"
_AFTER = timedelta(days=1)
"""From the inspection to the report, and to the certificate."""


@dataclass(frozen=True, slots=True)
class Goods:
    """A firm's lot as a garment record; `grade` None: it has no certificate and needs none."""

    firm: str
    record: Mapping[str, Any]

    @property
    def lot(self) -> Mapping[str, Any]:
        """Its part of the record."""
        found: Mapping[str, Any] = self.record["lot"]
        return found

    @property
    def lot_no(self) -> str:
        """The firm's own number; another firm may have the same."""
        return str(self.lot["lot_no"])

    @property
    def graded(self) -> bool:
        """Whether its labels bear a grade, which needs a certificate."""
        return bool(self.lot.get("grade"))

    def forged(self, overall: str) -> dict[str, Any]:
        """The record with another grade than it was certified with."""
        found = copy.deepcopy(dict(self.record))
        found["lot"]["grade"]["overall"] = overall
        return found

    def filing(self, today: date) -> dict[str, Any]:
        """The certificate that the lab files for it (`POST /v1/admin/certificates`)."""
        lot, product = self.lot, self.record["product"]
        levels = {name: lot["grade"][name] for name in ("scheme", "overall", "indicators")}
        stated = ("standard", "quality_class", "safety", "composition", "fill_weight_g")
        return {
            "firm": BY_KEY[self.firm].uscc,
            "lot_no": self.lot_no,
            "scheme": SCHEME,
            "grade": levels,
            "product": {name: product[name] for name in stated if product.get(name)},
            "quantity": lot["quantity"],
            "valid_from": (today - _AFTER).isoformat(),
            "valid_to": today.replace(year=today.year + 1, day=min(today.day, 28)).isoformat(),
            "report_no": lot["report_no"],
            "inspected_on": lot["inspected_on"],
        }

    def report(self) -> dict[str, str]:
        """The lab's report behind it, but for its file (`POST /v1/admin/reports`)."""
        issued_on = date.fromisoformat(self.lot["inspected_on"]) + _AFTER
        return {
            "firm": BY_KEY[self.firm].uscc,
            "lot_no": self.lot_no,
            "report_no": str(self.lot["report_no"]),
            "issued_on": issued_on.isoformat(),
            "covers": str(self.lot["quantity"]),
            "file_name": f"{self.lot['report_no']}.pdf",
        }


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """`first` and `second` have one lot number and one style number; `old` and `lost` are printed by old agents;
    `plain` is not graded; `next` waits for its certificate."""

    first: Goods
    second: Goods
    old: Goods
    lost: Goods
    plain: Goods
    next: Goods

    def all(self) -> tuple[Goods, ...]:
        """Every one of them."""
        return self.first, self.second, self.old, self.lost, self.plain, self.next


def wardrobe(samples: Mapping[str, GarmentRecord], today: date) -> Wardrobe:
    """Made of the sample records, by their names."""
    jacket, knit = (_plain(samples[name]) for name in ("down_graded", "knit_cashmere"))
    inspected = (today - 4 * _AFTER).isoformat()

    def graded(firm: str, gtin: str, overall: str, **lot: Any) -> Goods:
        found = _of(firm, jacket, gtin, inspected_on=inspected, lab=BY_KEY[LAB].name, **lot)
        found["lot"]["grade"]["overall"] = overall
        return Goods(firm, found)

    return Wardrobe(
        first=graded(FIRM_A, "06901234567892", "AAAA", report_no="JC-A-0801", quantity=5000),
        second=graded(FIRM_B, "06901234567915", "AAA", report_no="JC-B-0801", quantity=3000),
        old=graded(FIRM_B, "06901234567915", "AAA", lot_no="B20261105", report_no="JC-B-0805", quantity=800),
        lost=graded(FIRM_A, "06901234567892", "AAAA", lot_no="A20261103", report_no="JC-A-0803", quantity=600),
        plain=Goods(FIRM_B, _of(FIRM_B, knit, knit["product"]["gtin"], inspected_on=inspected, lab=BY_KEY[LAB].name)),
        next=graded(FIRM_A, "06901234567892", "AAAA", lot_no="A20261122", report_no="JC-A-0822", quantity=1200),
    )


def _plain(record: GarmentRecord) -> dict[str, Any]:
    found: dict[str, Any] = record.model_dump(mode="json", exclude_none=True)
    return found


def _of(firm: str, record: Mapping[str, Any], gtin: str, **lot: Any) -> dict[str, Any]:
    """The same garment, made by another firm."""
    found, party = copy.deepcopy(dict(record)), BY_KEY[firm]
    found["product"] |= {"gtin": gtin}
    found["product"]["maker"] |= {"name": party.name, "uscc": party.uscc}
    found["lot"] |= lot
    return found
