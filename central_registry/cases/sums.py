"""Adds up cases and spot checks by firm, style or lot, and says how many checks of a firm were passed in a month."""

from __future__ import annotations

from typing import Any, Literal

from central_registry.db import Connection, Pool, sql
from central_registry.parties.actor import Actor
from central_registry.parties.door import looking

By = Literal["firm", "style", "lot"]


async def case_sums(pool: Pool, actor: Actor, by: By) -> list[dict[str, Any]]:
    """Rows of `{firm, firm_name, style_no, lot_no, complaints, open, passed, failed, rate}` of what the actor sees,
    most complaints first; a firm's complaints are those about which it was asked. `rate`: see `qualified_rates`."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        rows = sql.case_sums(connection, by=by, party=actor.party, kind=actor.kind.value)
        return [{**row, "rate": _rate(row["passed"], row["failed"])} async for row in rows]

    return await looking(pool, actor, work)


async def qualified_rates(pool: Pool, actor: Actor) -> list[dict[str, Any]]:
    """Rows of `{firm, firm_name, month, passed, failed, rate}`, the newest month of Beijing first; `rate`: in percent
    with one digit, of spot checks that had their result in that month; None without any."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        rows = sql.qualified_rates(connection, party=actor.party, kind=actor.kind.value)
        return [{**row, "rate": _rate(row["passed"], row["failed"])} async for row in rows]

    return await looking(pool, actor, work)


def _rate(passed: int, failed: int) -> float | None:
    return round(100 * int(passed) / int(passed + failed), 1) if passed + failed else None
