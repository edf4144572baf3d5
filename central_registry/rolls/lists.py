"""Lists rolls with their sums: labels = commissioned + returned + lost + still on the roll."""

from __future__ import annotations

from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.issuing.sight import unseen
from central_registry.lists import Ask, Found
from central_registry.parties.actor import Actor
from central_registry.parties.door import looking


async def list_rolls(pool: Pool, actor: Actor, ask: Ask, roll: str = "") -> Found:
    """Rolls of the firms that the actor sees, the newest first: `{roll, agent, firm, firm_name, association, quota_key,
    lot_no, style_no, first_serial, last_serial, labels, commissioned, returned, lost, still, state, handed_at,
    closed_at, handed_by}`; `state`: 'open' while labels are on it, then 'closed'. Filters: `state`, `firm`."""

    async def work(connection: Connection) -> Found:
        rows = sql.rolls_seen(
            connection, party=actor.party, kind=actor.kind.value, roll=roll, state=ask.filters.get("state", ""),
            firm=ask.filters.get("firm", ""), like=ask.like, rows=ask.rows, skipped=ask.skipped,
        )  # fmt: skip
        found = [dict(row) async for row in rows]
        total = max((row.pop("total") for row in found), default=0)
        return Found(found, total)

    return await looking(pool, actor, work)


async def show_roll(pool: Pool, actor: Actor, roll: str) -> dict[str, Any]:
    """One, as `list_rolls` has it.

    Raises:
        ProblemError: 404.
    """
    found = await list_rolls(pool, actor, Ask(rows=1), roll)
    if not found.rows or not roll:
        raise unseen("成卷标签 · roll", roll)
    return dict(found.rows[0])
