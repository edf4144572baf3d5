"""GB/T 29862-2013 fibre content: what the percents of each part must come to.

Applies to every record with fibres, whatever the label shows: the scan page shows them all. Order, names and
tolerances (F2, F3, F5) are for a later pack.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate

from edge_agent.model import Finding
from edge_agent.record import Fibre, GarmentRecord
from edge_agent.standards.contract import CheckContext
from edge_agent.standards.rules import Breach, load_pack

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version

_WHOLE = Decimal(100)


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether any part lists fibres."""
    return any(part.fibres is not None for part in record.product.composition)


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """F1."""
    return PACK.findings(_sums(record), context.on_date)


def _sums(record: GarmentRecord) -> Iterator[Breach]:
    tolerance = PACK.value("F1.sum")
    for at, part in enumerate(record.product.composition):
        totals = _totals(part.fibres) if part.fibres is not None else [_WHOLE]
        if not any(abs(total - _WHOLE) <= tolerance for total in totals):
            path, got = f"product.composition.{at}.fibres", f"{totals[0]:f}"
            yield Breach("F1.sum", path, got, f"100 ± {tolerance}", {"part": part.part})


def _totals(fibres: tuple[Fibre, ...]) -> list[Decimal]:
    """The sum, then the sums that clause 7.5 allows: traces left out, smallest first, while together ≤ 0.5 %."""
    limit, everything = PACK.facts["trace_percent"], sum((fibre.percent for fibre in fibres), Decimal(0))
    traces = accumulate(sorted(fibre.percent for fibre in fibres))
    return [everything, *(everything - trace for trace in traces if trace <= limit)]
