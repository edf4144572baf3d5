"""Reads the garment records that an operator of the registry hands in (docs/architecture.md, 7.1)."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from central_registry.distribution.items import MOST
from central_registry.problems import RefusedError
from label_protocol.codes.trade_items import garment_gtin
from label_protocol.errors import CodeError

_DEEPEST = 20
"""Levels; a garment record has five."""


def read_records(text: bytes, name: str = "lots") -> list[dict[str, Any]]:
    """The garment records in a JSON file, one or a list; decimals become strings: what is distributed has no floats.

    Raises:
        RefusedError: not JSON, a key twice, or a record without style, lot number, or the GTIN of a garment.
    """
    value = read_json(text, name)
    records = value if isinstance(value, list) else [value]
    return [checked(record, f"record {number}") for number, record in enumerate(records, 1)]


def read_json(text: bytes, name: str) -> Any:
    """What a JSON file says, its texts in NFC, its decimals as strings. Raises RefusedError: not JSON, a key twice."""
    try:
        value = json.loads(text, parse_float=str, parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as cause:
        raise RefusedError(f"{name}: expected JSON in UTF-8, got {str(cause)[:120]}; correct the file") from cause
    return _normal(value)


def checked(record: Any, where: str) -> dict[str, Any]:
    """The record, if it names style, GTIN and lot as it should. Raises RefusedError: what is missing, and `where`."""
    if not isinstance(record, dict) or not isinstance(record.get("product"), dict):
        raise RefusedError(f"{where}: expected an object with product, got something else; see the samples")
    product, lot = record["product"], record.get("lot")
    _require_text(product, "style_no", where)
    try:
        garment_gtin(str(product.get("gtin")))
    except CodeError as cause:
        raise RefusedError(f"{where}: {cause}") from cause
    if lot is not None:
        if not isinstance(lot, dict):
            raise RefusedError(f"{where}: expected lot to be an object, got something else; see the samples")
        _require_text(lot, "lot_no", where)
        _require_quantity(lot, where)
    return record


def _require_text(section: Mapping[str, Any], name: str, where: str) -> None:
    value = section.get(name)
    if not (isinstance(value, str) and 0 < len(value) <= 200 and "\0" not in value):
        raise RefusedError(f"{where}: expected text in {name}, got {str(value)[:40]!r}; correct the file")


def _require_quantity(lot: Mapping[str, Any], where: str) -> None:
    """It bounds what is allotted, so text that looks like a number is not one."""
    value = lot.get("quantity")
    if value is not None and not (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST):
        raise RefusedError(
            f"{where}: expected a whole number in lot.quantity, got {str(value)[:40]!r}; correct the file"
        )


def _normal(value: Any, depth: int = 0) -> Any:
    """Text in NFC, as the agents' ledgers want it. Raises RefusedError for what no agent could read."""
    if depth > _DEEPEST:
        raise RefusedError(f"JSON: expected records of at most {_DEEPEST} levels, got more; correct the file")
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {_text(key): _normal(item, depth + 1) for key, item in value.items()}
    return [_normal(item, depth + 1) for item in value] if isinstance(value, list) else value


def _text(value: str) -> str:
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise RefusedError(f"JSON: expected text, got a NUL or half a character in {value[:40]!r}; correct the file")
    return unicodedata.normalize("NFC", value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice in one object")
    return found


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"the number {text}")
