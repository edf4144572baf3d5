"""These functions hold an item of the feed to docs/ledger-format.md before it becomes an event. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from edge_agent.clock import in_full
from label_protocol.answers import SPOILAGE_PERMILLE
from label_protocol.chain import address
from label_protocol.errors import RecordError
from label_protocol.kinds import ITEM_KEY, ItemKind

MOST = 2**53 - 1
"""The largest number that canonical JSON takes (RFC 8785, section 3.2.2.3)."""
MOST_WARN_DAYS = 366
"""A lease is warned of at most a year ahead."""

_TEXT: Mapping[str, tuple[str, ...]] = {kind: (key,) for kind, key in ITEM_KEY.items()} | {
    ItemKind.SUSPENSION: ("quota_key", "reason"),
    ItemKind.RECALL: ("quota_key", "reason"),
    ItemKind.CERTIFICATE: ("quota_key", "firm", "lot_no", "scheme", "valid_from", "sha256"),
}
"""Fields of each known kind of item that must be text."""
_GTIN = re.compile(r"[0-9]{14}")


def checked(item: Mapping[str, Any]) -> dict[str, Any]:
    """The item as it is recorded. Raises RecordError: a known kind whose fields are others."""
    kind, fields = item.get("kind"), dict(item)
    if not isinstance(kind, str):
        raise RecordError(f"feed item: expected a kind, got {fields!r:.80}; the registry speaks another dialect")
    for name in _TEXT.get(kind, ()):
        _require(isinstance(fields.get(name), str), kind, name, "text", fields)
    if (check := _CHECKS.get(kind)) is not None:
        check(fields)
    return fields


def _allotment(fields: dict[str, Any]) -> None:
    fields.setdefault("spoilage_permille", SPOILAGE_PERMILLE)
    _require_number(fields, "quantity", MOST)
    _require_number(fields, "spoilage_permille", 1000)
    for name in ("firm", "firm_name", "lot_no", "style_no"):
        _require(isinstance(fields.get(name), str | None), "allotment", name, "text or nothing", fields)
    gtins = fields.get("gtins")
    whole = gtins is None or (isinstance(gtins, list) and all(_is_gtin(one) for one in gtins))
    _require(whole, "allotment", "gtins", "a list of GTINs of 14 digits", fields)


def _suspension(fields: dict[str, Any]) -> None:
    _require(isinstance(fields.get("suspended"), bool), "suspension", "suspended", "true or false", fields)


def _of_firm(fields: dict[str, Any]) -> None:
    _require(isinstance(fields.get("firm"), str | None), fields["kind"], "firm", "text or nothing", fields)


def _lease(fields: dict[str, Any]) -> None:
    until = fields.get("until")
    _require(until is None or _is_moment(until), "lease", "until", "a moment in UTC or nothing", fields)
    if "warn_days" in fields:
        _require_number(fields, "warn_days", MOST_WARN_DAYS)


def _certificate(fields: dict[str, Any]) -> None:
    _require_number(fields, "version", MOST)
    _require(isinstance(fields.get("withdrawn"), bool), "certificate", "withdrawn", "true or false", fields)
    _require(isinstance(fields.get("reason"), str | None), "certificate", "reason", "text or nothing", fields)
    _require(_is_day(fields["valid_from"]), "certificate", "valid_from", "a day as YYYY-MM-DD", fields)
    ends = fields.get("valid_to")
    _require(ends is None or _is_day(ends), "certificate", "valid_to", "a day as YYYY-MM-DD or nothing", fields)
    _require(isinstance(fields.get("facts"), dict), "certificate", "facts", "an object", fields)
    digest = address(fields["facts"])
    _require(digest == fields["sha256"], "certificate", "sha256", f"that of its facts, {digest}", fields)


_CHECKS: Mapping[str, Callable[[dict[str, Any]], None]] = {
    ItemKind.ALLOTMENT: _allotment,
    ItemKind.SUSPENSION: _suspension,
    ItemKind.LOT: _of_firm,
    ItemKind.STYLE: _of_firm,
    ItemKind.LEASE: _lease,
    ItemKind.CERTIFICATE: _certificate,
}


def _require_number(fields: Mapping[str, Any], name: str, most: int) -> None:
    value = fields.get(name)
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
    _require(whole, fields["kind"], name, f"a whole number from 0 to {most}", fields)


def _require(fits: bool, kind: str, name: str, expected: str, fields: Mapping[str, Any]) -> None:
    if not fits:
        raise RecordError(f"feed item {kind}: expected {expected} in {name}, got {fields.get(name)!r:.80}")


def _is_gtin(value: Any) -> bool:
    return isinstance(value, str) and _GTIN.fullmatch(value) is not None


def _is_moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(in_full(value))
    except ValueError:
        return False


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
