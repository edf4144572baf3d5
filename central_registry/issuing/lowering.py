"""Lowers what an agent may have under a key, by a person's word.

An agent with a lease may draw without a network, so what it has left is not known here. Its lease is ended, and at its
next contact it says itself what it did not use; the rest goes back then, up to what it is to keep, which it is leased
anew. Until it has said so nothing is another's to order, and what it drew meanwhile stays registered: its allotment was
what it held (docs/flow.md, promises 5 and 8).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.distribution import items
from central_registry.distribution.forms import Can
from central_registry.distribution.keys import goods_of
from central_registry.issuing.leases import put
from central_registry.issuing.moves import Move, promise, promised
from central_registry.issuing.sight import require_vouched
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.parties.people import line
from central_registry.problems import ProblemError


async def lower(
    pool: Pool, actor: Actor, agent: str, quota_key: str, quantity: int, reason: str, at: datetime
) -> dict[str, Any]:
    """Let `agent` have `quantity` in all: `{agent, quota_key, quantity, waits}`; `waits`: for its own word. An agent
    without leases keeps at least the part that it was fed.

    Raises:
        ProblemError: 403; 404, none of theirs; 409 for less than it has drawn, no less than it has, or a lease that is
            closed or of a revoked agent, whose rest is written off; 422 without a reason.
    """
    said = line("理由 reason", reason)

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        await items.lock(connection)
        goods = await goods_of(connection, quota_key)
        firm = "" if goods is None else goods.firm
        await require_vouched(connection, actor, firm)
        of = {"agent": agent, "quota_key": quota_key}
        await _require_between(connection, agent, quota_key, quantity)
        lease = await sql.lease(connection, **of)
        row = await sql.agent(connection, agent=agent)
        _require_going(agent, row, lease)
        waits = lease is not None and Can.of(row["can"]).leases
        if waits:
            until = at.replace(microsecond=0)
            await sql.keep_of_lease(connection, **of, keep=quantity, at=at, until=until)
            await put(connection, agent, quota_key, until)
            left = quantity
        else:
            left = max(quantity, int(await sql.fed_of(connection, **of) or 0)) if lease is not None else quantity
            move = Move("lowered", at, actor.person, reason=said)
            await promise(connection, agent, quota_key, left, move, in_parts=lease is not None)
        told = f"{agent} {quota_key}: = {left}; {said}"
        done = {**of, "quantity": left, "waits": waits}
        return done, Entry(Act.LOWER_ALLOTMENT, f"{agent} {quota_key}", told, firm)

    return await acting(pool, actor, Act.LOWER_ALLOTMENT, work, at)


async def _require_between(connection: Connection, agent: str, quota_key: str, quantity: int) -> None:
    used = int(await sql.standing(connection, agent=agent, quota_key=quota_key) or 0)
    total = await promised(connection, agent, quota_key)
    if not used <= quantity < total:
        raise ProblemError(
            "refused",
            f"数量不对 · {quota_key}: expected at least the {used} that {agent} has drawn and not scrapped, and less "
            f"than the {total} that it may have, got {quantity}; correct it, or order more",
            field="quantity",
        )


def _require_going(agent: str, row: Any, lease: Any) -> None:
    over = lease is not None and (lease["closed_at"] is not None or lease["written_off_at"] is not None)
    if row is None or row["lost_at"] is not None or over:
        raise ProblemError(
            "refused",
            f"它不再打印，余量请核销 · agent {agent}: expected one that goes on under this key, got one that is "
            "revoked, or a lease that is over; write its rest off",
        )
