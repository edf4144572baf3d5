"""This file takes orders out of JSON: a list of rows, or an object with `orders`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edge_agent.model.work_order import MAX_ROWS, ReadRow, Source
from edge_agent.work_orders.reading.row import read_row
from garment.strict_json import parse_json
from label_protocol.errors import RecordError


def read_json(data: bytes, source: Source) -> Sequence[ReadRow]:
    """The rows of a JSON text. Raises RecordError: no JSON, or no list of orders."""
    value = parse_json(data, "work orders")
    return rows_of(value.get("orders") if isinstance(value, dict) else value, source)


def rows_of(orders: Any, source: Source) -> Sequence[ReadRow]:
    """The rows of a list. Raises RecordError: no list, an empty one, or one that is too long."""
    if not isinstance(orders, list) or not 1 <= len(orders) <= MAX_ROWS:
        got = f"{len(orders)} rows" if isinstance(orders, list) else type(orders).__name__
        raise RecordError(
            f"请发 1 到 {MAX_ROWS} 行生产单 · work orders: expected orders as a list of 1 to {MAX_ROWS} rows, got "
            f"{got}; send them in that form, a long list in parts"
        )
    return [read_row(f"第 {at} 条 · row {at}", one, source.source_id) for at, one in enumerate(orders, 1)]
