"""Allots labels of a lot or a style to agents, within what the goods allow.

Agents hear of it by what is distributed alone, so an allotment works whether or not an agent is in contact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.agents import epoch
from central_registry.agents.enrolment import require_agent
from central_registry.db import Connection, Pool, in_transaction, now, sql
from central_registry.distribution import items
from central_registry.goods.lot_limit import Excess, Override, excess, keep_override, overrides, require_override
from central_registry.goods.quota_keys import lot_of
from central_registry.issuing.moves import Move, promise
from central_registry.problems import RefusedError
from label_protocol.answers import SPOILAGE_PERMILLE


async def allot(
    pool: Pool,
    agent: str,
    key: str,
    quantity: int,
    *,
    spoilage_permille: int = SPOILAGE_PERMILLE,
    override: Override | None = None,
    at: datetime | None = None,
) -> Excess | None:
    """Let `agent` have `quantity` labels in all under `key`: the new total, not an addition. Gives what `override` let
    be, None if it was not needed.

    Raises:
        RefusedError: unknown agent, a lost one that would get more, unknown lot, a number out of bounds, more than the
            lot has over all agents, less than the agent has issued, or a restored registry still misses agents.
    """
    await require_agent(pool, agent)
    _require_bounds(quantity, spoilage_permille)
    order = _Order(agent, key, quantity, spoilage_permille)
    return await in_transaction(pool, lambda connection: _allot(connection, order, override, at or now()))


@dataclass(frozen=True, slots=True)
class _Order:
    agent: str
    key: str
    quantity: int
    spoilage_permille: int


def _require_bounds(quantity: int, spoilage_permille: int) -> None:
    if not (0 <= quantity <= items.MOST and 0 <= spoilage_permille <= 1000):
        raise RefusedError(
            f"quantity: expected 0 to {items.MOST} and 0 to 1000 per mille spoilage, "
            f"got {quantity} and {spoilage_permille}; correct it"
        )


async def _allot(connection: Connection, order: _Order, override: Override | None, at: datetime) -> Excess | None:
    await items.lock(connection)
    agent, key, quantity = order.agent, order.key, order.quantity
    missing = await epoch.waited_for(connection, key)
    if missing:
        raise RefusedError(
            f"allot: expected all agents that hold {key} to have checked in since the registry was "
            f"restored, missing {', '.join(missing)}; wait for them or declare them lost"
        )
    await _require_not_issued(connection, agent, key, quantity)
    before = await sql.promised(connection, agent=agent, quota_key=key)
    lowered = before is not None and quantity <= before
    if not lowered:
        await _require_live(connection, agent)
    found = None if lowered else await excess(connection, key, agent, quantity)
    said = require_override(found, override) if found else None
    move = Move("command", at, reason=override.reason if found and override else "")
    number = await promise(connection, agent, key, quantity, move, spoilage=order.spoilage_permille)
    if found and said:
        await keep_override(connection, found, said, agent, number)
    return found


async def _require_live(connection: Connection, agent: str) -> None:
    """A lost agent gets no more; what it can no longer use may be taken back, or the rest of a lot would lie idle."""
    if (await sql.agent(connection, agent=agent))["lost_at"] is not None:
        raise RefusedError(
            f"agent {agent}: expected a live one, got one declared lost; enrol it again first, or lower what it has"
        )


async def _require_not_issued(connection: Connection, agent: str, key: str, quantity: int) -> None:
    """What is issued cannot be taken back; a number below it would only look as if it were."""
    standing = await sql.standing(connection, agent=agent, quota_key=key) or 0
    if quantity < standing:
        raise RefusedError(
            f"少于已发数 · {key}: expected at least the {standing} that {agent} has drawn and not scrapped, "
            f"got {quantity}; allot {standing} to give no more, or suspend it"
        )


async def is_known(pool: Pool, key: str) -> bool:
    """Whether anybody has imported, been allotted or issued anything under `key`; if not, it may be mistyped."""
    return bool(await sql.knows_quota_key(pool, quota_key=key))


async def show_lot(pool: Pool, key: str) -> dict[str, Any]:
    """The lot of a quota key as an officer asks for it: `lot_no, style_no, quantity, allotted, above, agents,
    overrides, suspended, recalled, record`; `above`: how much more is allotted than was inspected, None if unknown.

    Raises:
        RefusedError: a lot that nobody imported.
    """
    lot_no = lot_of(key)
    async with pool.acquire() as connection:
        lot = None if lot_no is None else await items.held(connection, "lot", lot_no)
        if lot is None:
            raise RefusedError(f"没有此批次 · lot {lot_no}: expected one that was imported, got an unknown one")
        agents = [dict(row) async for row in sql.allotted_of(connection, quota_key=key)]
        suspension = await items.held(connection, "suspension", key) or {}
        recall = await items.held(connection, "recall", key) or {}
        said = await overrides(connection, key)
    quantity, allotted = items.quantity_of(lot), sum(row["allotted"] for row in agents)
    return {
        "lot_no": lot_no,
        "style_no": lot["record"]["product"]["style_no"],
        "quantity": quantity,
        "allotted": allotted,
        "above": None if quantity is None else max(0, allotted - quantity),
        "agents": agents,
        "overrides": said,
        "suspended": suspension.get("reason") if suspension.get("suspended") else None,
        "recalled": recall.get("reason"),
        "record": lot["record"],
    }
