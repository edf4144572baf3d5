"""Lists code orders and shows one with its checks, for whoever may see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.distribution.keys import Goods
from central_registry.issuing.checks import Check, check
from central_registry.issuing.evidence import gather
from central_registry.issuing.sight import associations_seen, unseen
from central_registry.lists import Ask, Found
from central_registry.parties.actor import Actor, PartyKind
from central_registry.parties.door import looking


async def list_orders(pool: Pool, actor: Actor, ask: Ask) -> Found:
    """Orders that this person may see, the newest first. Filters: `state`, `firm`, `agent`, `lot_no`; sorts:
    `asked_at`, `quantity`; each row has `failed`, the rules that did not pass when they were last asked."""

    async def work(connection: Connection) -> Found:
        filters = {name: ask.filters.get(name, "") for name in ("state", "firm", "agent", "lot_no")}
        rows = sql.orders(
            connection,
            **await _sight(connection, actor),
            **filters,
            like=ask.like,
            sort=ask.sort,
            sign=-1 if ask.descending else 1,
            rows=ask.rows,
            skipped=ask.skipped,
        )
        found = [dict(row) async for row in rows]
        total = found[0]["total"] if found else 0
        return Found([{name: value for name, value in row.items() if name != "total"} for row in found], total)

    return await looking(pool, actor, work)


async def show_order(pool: Pool, actor: Actor, code_order: str) -> dict[str, Any]:
    """One order with `checks`: of when it was asked for, and of when it was approved.

    Raises:
        ProblemError: 404.
    """

    async def work(connection: Connection) -> dict[str, Any]:
        row = await sql.code_order(connection, code_order=code_order)
        sight = await _sight(connection, actor)
        parties = {actor.party, *sight["associations"]}
        if row is None or not (sight["everything"] or parties & {row["firm"], row["association"]}):
            raise unseen("申请 · order", code_order)
        checks = [dict(one) async for one in sql.order_checks(connection, code_order=code_order)]
        return {**row, "checks": checks}

    return await looking(pool, actor, work)


async def checks_now(pool: Pool, actor: Actor, order: Mapping[str, Any], at: datetime) -> list[Check]:
    """What the checks of an order that waits would answer at this moment; nothing is kept. `order`: as `show_order`."""
    goods = Goods(order["firm"], order["style_no"], order["lot_no"])

    async def work(connection: Connection) -> list[Check]:
        return check(await gather(connection, goods, order["agent"], order["quantity"], at))

    return await looking(pool, actor, work)


async def _sight(connection: Connection, actor: Actor) -> dict[str, Any]:
    return {
        "everything": actor.kind is PartyKind.OPERATOR,
        "party": actor.party,
        "associations": await associations_seen(connection, actor),
    }
