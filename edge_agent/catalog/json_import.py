"""This file takes garment records, and what `Catalog.export` gave, out of JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edge_agent.catalog.documents import KINDS, LOTS, STYLES
from edge_agent.catalog.identifiers import require_same
from edge_agent.catalog.sheets import Intake
from garment.record import Product, record_from
from garment.strict_json import parse_json
from label_protocol.errors import RecordError


def read_json(data: bytes) -> Intake:
    """The documents of one garment record, of a list of them, or of an export.

    Raises:
        RecordError: no such JSON; names the record and its first wrong field. A style and size with two GTINs.
    """
    value = parse_json(data)
    if isinstance(value, dict) and "product" not in value:
        return _exported(value)
    return _of_records(value if isinstance(value, list) else [value])


def _of_records(values: Sequence[Any]) -> Intake:
    taken = Intake()
    for number, value in enumerate(values, start=1):
        place = f"第 {number} 条 · record {number}"
        try:
            record = record_from(value)
        except RecordError as cause:
            raise RecordError(f"record {number} of {len(values)}: {cause}; nothing was imported") from cause
        _put_style(taken, place, record.product)
        if record.lot is not None:
            taken.put(place, LOTS, record.lot)
        taken.pairs.append((place, record.product, record.lot.lot_no if record.lot else None))
    return taken


def _exported(value: Mapping[str, Any]) -> Intake:
    unknown = sorted(set(value) - set(KINDS))
    if unknown:
        raise RecordError(f"import: expected a garment record or {', '.join(KINDS)}, got {unknown[0][:40]!r}")
    taken = Intake()
    for name, rows in value.items():
        taken.documents[name] = {}
        for number, row in enumerate(rows if isinstance(rows, list) else [rows], start=1):
            document = KINDS[name].document(row)
            if name == STYLES.name:
                _put_style(taken, f"{name} {number}", document)
            else:
                taken.put(f"{name} {number}", KINDS[name], document)
    return taken


def _put_style(taken: Intake, place: str, product: Product) -> None:
    """Raises RecordError: the style and size stands in the file with another GTIN."""
    require_same(taken.documents.get(STYLES.name, {}).get(STYLES.key_of(product), (place, product)), (place, product))
    taken.put(place, STYLES, product)
