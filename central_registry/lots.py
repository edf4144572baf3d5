"""What the registry's operator orders: import lots, allot, suspend, recall. Agents hear of it by the feed alone."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from central_registry import epoch, feed
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.enrol import require_agent
from central_registry.problems import RefusedError
from edge_agent.codes.gs1 import gtin14
from edge_agent.errors import CodeError

SPOILAGE_PERMILLE = 30
"""How much of an allotment scrapping may free again at the edge, unless said otherwise (ARCHITECTURE section 3)."""

_MOST = 1_000_000_000


def read_records(text: bytes, name: str = "lots") -> list[dict[str, Any]]:
    """Garment records (ARCHITECTURE 7.1) in a JSON file, one or a list; decimals become strings, a feed has no floats.

    Raises:
        RefusedError: not JSON, a key twice, or a record without style, valid GTIN or lot number.
    """
    try:
        value = json.loads(text, parse_float=str, parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as cause:
        raise RefusedError(f"{name}: expected JSON in UTF-8, got {str(cause)[:120]}; correct the file") from cause
    records = value if isinstance(value, list) else [value]
    return [_checked(_normal(record), number) for number, record in enumerate(records, 1)]


def _checked(record: Any, number: int) -> dict[str, Any]:
    where = f"record {number}"
    if not isinstance(record, dict) or not isinstance(record.get("product"), dict):
        raise RefusedError(f"{where}: expected an object with product, got something else; see the samples")
    product, lot = record["product"], record.get("lot")
    _require_text(product, "style_no", where)
    try:
        gtin14(str(product.get("gtin")))
    except CodeError as cause:
        raise RefusedError(f"{where}: {cause}") from cause
    if lot is not None:
        if not isinstance(lot, dict):
            raise RefusedError(f"{where}: expected lot to be an object, got something else; see the samples")
        _require_text(lot, "lot_no", where)
    return record


async def import_lots(pool: Pool, records: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Feed each record's style, and its lot if it has one, to all agents; how many of each."""
    await in_transaction(pool, lambda connection: _import(connection, records))
    styles = {str(row["product"]["style_no"]) for row in records}
    return {"styles": len(styles), "lots": sum(row.get("lot") is not None for row in records)}


async def _import(connection: Connection, records: Sequence[Mapping[str, Any]]) -> None:
    for record in records:
        style = {"kind": "style", "style_no": record["product"]["style_no"], "record": {"product": record["product"]}}
        await feed.put(connection, feed.EVERYBODY, style)
        if record.get("lot"):
            lot = {"kind": "lot", "lot_no": record["lot"]["lot_no"], "record": dict(record)}
            await feed.put(connection, feed.EVERYBODY, lot)


def quota_key(lot: str | None, style: str | None) -> str:
    """`lot:<lot_no>` or `style:<style_no>`. Raises RefusedError unless exactly one is given."""
    if bool(lot) == bool(style):
        raise RefusedError("quota: expected exactly one of --lot and --style, got both or none; name one")
    return f"lot:{lot}" if lot else f"style:{style}"


async def allot(pool: Pool, agent: str, key: str, quantity: int, *, spoilage_permille: int = SPOILAGE_PERMILLE) -> None:
    """`agent` may have `quantity` labels in all under `key`: the new total, not an addition.

    Raises:
        RefusedError: unknown or lost agent, a number out of bounds, or a restored registry still misses agents.
    """
    row = await require_agent(pool, agent)
    if row["lost_at"] is not None:
        raise RefusedError(f"agent {agent}: expected a live one, got one declared lost; enrol it again first")
    if not (0 <= quantity <= _MOST and 0 <= spoilage_permille <= 1000):
        raise RefusedError(
            f"quantity: expected 0 to {_MOST} and 0 to 1000 per mille spoilage, "
            f"got {quantity} and {spoilage_permille}; correct it"
        )
    item = {"kind": "allotment", "quota_key": key, "quantity": quantity, "spoilage_permille": spoilage_permille}
    await in_transaction(pool, lambda connection: _allot(connection, agent, item))


async def _allot(connection: Connection, agent: str, item: Mapping[str, Any]) -> None:
    missing = await epoch.missing(connection)
    if missing:
        raise RefusedError(
            "allot: expected all agents to have checked in since the registry was restored, "
            f"missing {', '.join(missing)}; wait for them or declare them lost"
        )
    await feed.put(connection, agent, item)


async def suspend(pool: Pool, key: str, suspended: bool, reason: str) -> None:
    """Stop drawing on `key` everywhere, or let it go on."""
    item = {"kind": "suspension", "quota_key": key, "suspended": suspended, "reason": _said(reason)}
    await in_transaction(pool, lambda connection: feed.put(connection, feed.EVERYBODY, item))


async def recall(pool: Pool, key: str, reason: str) -> None:
    """Recall all labels of `key`: agents stop drawing, scan pages show the notice. There is no way back."""
    item = {"kind": "recall", "quota_key": key, "reason": _said(reason)}
    await in_transaction(pool, lambda connection: feed.put(connection, feed.EVERYBODY, item))


async def is_known(pool: Pool, key: str) -> bool:
    """Whether anybody has imported, been allotted or drawn anything under `key`; if not, it may be mistyped."""
    return bool(await sql.knows_quota_key(pool, quota_key=key))


def _said(reason: str) -> str:
    """A reason that operators and consumers will read. Raises RefusedError if there is none."""
    if not reason.strip():
        raise RefusedError("reason: expected one that can be read later, got none; say why")
    return str(_normal(reason))


def _require_text(facts: Mapping[str, Any], name: str, where: str) -> None:
    value = facts.get(name)
    if not (isinstance(value, str) and 0 < len(value) <= 200 and "\0" not in value):
        raise RefusedError(f"{where}: expected text in {name}, got {str(value)[:40]!r}; correct the file")


def _normal(value: Any) -> Any:
    """Text in NFC, as the agents' ledgers want it."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", key): _normal(item) for key, item in value.items()}
    return [_normal(item) for item in value] if isinstance(value, list) else value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice in one object")
    return found


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"the number {text}")
