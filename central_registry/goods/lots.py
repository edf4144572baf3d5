"""What the registry's operator orders: import lots, allot, suspend, recall. Agents hear of it by the feed alone."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from central_registry.agents import epoch
from central_registry.agents.enrolment import require_agent
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.distribution import feed
from central_registry.goods.lot_import import import_lots
from central_registry.issuing.allotments import Excess, Override, excess, keep, require_override
from central_registry.problems import RefusedError
from label_protocol.codes.gs1 import gtin14
from label_protocol.errors import CodeError

__all__ = ["allot", "import_lots", "quota_key", "read_records", "recall", "suspend"]

SPOILAGE_PERMILLE = 30
"""How much of an allotment scrapping may free again at the edge, unless said otherwise (docs/flow.md, promise 5)."""


def read_records(text: bytes, name: str = "lots") -> list[dict[str, Any]]:
    """Garment records (docs/architecture.md, 7.1) in a JSON file, one or a list; decimals become strings, a feed has no
    floats.

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
        _require_quantity(lot, where)
    return record


def quota_key(lot: str | None, style: str | None) -> str:
    """`lot:<lot_no>` or `style:<style_no>`, in NFC as imported. Raises RefusedError unless exactly one is given."""
    if bool(lot) == bool(style):
        raise RefusedError("quota: expected exactly one of --lot and --style, got both or none; name one")
    return str(_normal(f"lot:{lot}" if lot else f"style:{style}"))


async def allot(
    pool: Pool,
    agent: str,
    key: str,
    quantity: int,
    *,
    spoilage_permille: int = SPOILAGE_PERMILLE,
    override: Override | None = None,
) -> Excess | None:
    """`agent` may have `quantity` labels in all under `key`: the new total, not an addition. Gives what `override` let
    be, None if it was not needed.

    Raises:
        RefusedError: unknown agent, a lost one that would get more, unknown lot, a number out of bounds, more than the
            lot has over all agents, less than the agent has drawn, or a restored registry still misses agents.
    """
    await require_agent(pool, agent)
    if not (0 <= quantity <= feed.MOST and 0 <= spoilage_permille <= 1000):
        raise RefusedError(
            f"quantity: expected 0 to {feed.MOST} and 0 to 1000 per mille spoilage, "
            f"got {quantity} and {spoilage_permille}; correct it"
        )
    item = {"kind": "allotment", "quota_key": key, "quantity": quantity, "spoilage_permille": spoilage_permille}
    return await in_transaction(pool, lambda connection: _allot(connection, agent, item, override))


async def _allot(
    connection: Connection, agent: str, item: Mapping[str, Any], override: Override | None
) -> Excess | None:
    await feed.lock(connection)
    missing = await epoch.waited_for(connection, str(item["quota_key"]))
    if missing:
        raise RefusedError(
            f"allot: expected all agents that hold {item['quota_key']} to have checked in since the registry was "
            f"restored, missing {', '.join(missing)}; wait for them or declare them lost"
        )
    key, quantity = item["quota_key"], item["quantity"]
    await _require_not_drawn(connection, agent, key, quantity)
    before = await sql.feed_item(connection, agent=agent, kind="allotment", key=key)
    lowered = before is not None and quantity <= before["quantity"]
    if not lowered:
        await _require_live(connection, agent)
    found = None if lowered else await excess(connection, key, agent, quantity)
    said = require_override(found, override) if found else None
    number = await feed.put(connection, agent, item)
    if found and said:
        await keep(connection, found, said, agent, number)
    return found


async def _require_live(connection: Connection, agent: str) -> None:
    """A lost agent gets no more; what it can no longer use may be taken back, or the rest of a lot would lie idle."""
    if (await sql.agent(connection, agent=agent))["lost_at"] is not None:
        raise RefusedError(
            f"agent {agent}: expected a live one, got one declared lost; enrol it again first, or lower what it has"
        )


async def _require_not_drawn(connection: Connection, agent: str, key: str, quantity: int) -> None:
    """What is drawn cannot be taken back; a number below it would only look as if it were."""
    standing = await sql.standing(connection, agent=agent, quota_key=key) or 0
    if quantity < standing:
        raise RefusedError(
            f"少于已发数 · {key}: expected at least the {standing} that {agent} has drawn and not scrapped, "
            f"got {quantity}; allot {standing} to give no more, or suspend it"
        )


async def suspend(pool: Pool, key: str, suspended: bool, reason: str) -> None:
    """Stop drawing on `key` everywhere, or let it go on.

    Raises:
        RefusedError: nobody ever heard of `key`, it is recalled, or it is to go on and nothing stopped it.
    """
    item = {"kind": "suspension", "quota_key": key, "suspended": suspended, "reason": _said(reason)}
    await in_transaction(pool, lambda connection: _notify(connection, item))


async def recall(pool: Pool, key: str, reason: str) -> None:
    """Recall all labels of `key`: agents stop drawing, scan pages show the notice. There is no way back.

    Raises:
        RefusedError: nobody ever heard of `key`.
    """
    item = {"kind": "recall", "quota_key": key, "reason": _said(reason)}
    await in_transaction(pool, lambda connection: _notify(connection, item))


async def _notify(connection: Connection, item: Mapping[str, Any]) -> None:
    """Refused rather than warned about: whoever mistypes a lot believes that the lot that was meant has stopped."""
    await feed.lock(connection)
    key = item["quota_key"]
    if not await sql.knows_quota_key(connection, quota_key=key):
        raise RefusedError(
            f"平台没有此批次或款号 · {key}: expected what was imported, allotted or drawn under, got an unknown one; "
            "correct the number"
        )
    if item["kind"] == "suspension":
        await _require_suspendable(connection, key, item["suspended"])
    await feed.put(connection, feed.EVERYBODY, item)


async def _require_suspendable(connection: Connection, key: str, suspended: bool) -> None:
    """A recall stays whatever is said of a suspension, whose reason would stand in place of the recall's at agents."""
    if await feed.held(connection, "recall", key) is not None:
        raise RefusedError(
            f"已经召回，不能再暂停或恢复 · {key}: expected what is not recalled, got a recalled one, "
            "from which there is no way back; correct the number"
        )
    standing = await feed.held(connection, "suspension", key) or {}
    if not suspended and not standing.get("suspended"):
        raise RefusedError(
            f"没有暂停，不用恢复 · {key}: expected what is suspended, got one that is not; correct the number"
        )


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


def _require_quantity(lot: Mapping[str, Any], where: str) -> None:
    """It bounds what is allotted, so text that looks like a number is not one."""
    value = lot.get("quantity")
    if value is not None and not (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= feed.MOST):
        raise RefusedError(
            f"{where}: expected a whole number in lot.quantity, got {str(value)[:40]!r}; correct the file"
        )


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
