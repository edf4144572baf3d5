"""Writes off what a silent agent holds: its unused codes are another's to order, and what it tells of them later is not
allotted, with that reason (`lease.written_off_at`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.distribution import items
from central_registry.distribution.keys import goods_of
from central_registry.issuing.evidence import last_word
from central_registry.issuing.leases import put, text_of
from central_registry.issuing.moves import Move, promise, promised
from central_registry.issuing.sight import require_vouched
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.problems import ProblemError

SILENT = timedelta(hours=24)
"""An agent that spoke later than that says itself what it has left."""


async def write_off(pool: Pool, actor: Actor, agent: str, quota_key: str, reason: str, at: datetime) -> dict[str, Any]:
    """Take back what `agent` was promised and has not told of: `{agent, quota_key, given_back, left}`.

    Raises:
        ProblemError: 403; 409 for no reason, no lease, one that is closed or still runs, or an agent in contact.
    """
    if not reason.strip():
        raise ProblemError("refused", "核销原因 · reason: expected words that can be read later, got none; say why")

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        await items.lock(connection)
        goods = await goods_of(connection, quota_key)
        await require_vouched(connection, actor, "" if goods is None else goods.firm)
        row = await sql.agent(connection, agent=agent)
        lease = await sql.lease(connection, agent=agent, quota_key=quota_key)
        used = int(await sql.standing(connection, agent=agent, quota_key=quota_key) or 0)
        back = max(0, await promised(connection, agent, quota_key) - used)
        _require_over(agent, row, lease, back, at)
        await sql.write_off_lease(connection, agent=agent, quota_key=quota_key, at=at)
        await promise(connection, agent, quota_key, used, Move("write_off", at, actor.person, reason=reason.strip()))
        await put(connection, agent, quota_key, min(lease["until"], at))
        told = f"{agent} {quota_key}: {back} given back, {used} left; {reason.strip()}"
        done = {"agent": agent, "quota_key": quota_key, "given_back": back, "left": used}
        return done, Entry(Act.WRITE_OFF, f"{agent} {quota_key}", told, "" if goods is None else goods.firm)

    return await acting(pool, actor, Act.WRITE_OFF, work, at)


def _require_over(
    agent: str, row: Mapping[str, Any] | None, lease: Mapping[str, Any] | None, back: int, at: datetime
) -> None:
    """While a lease runs its agent may draw without a network; and who is in contact gives back by itself. One that
    closed its lease and gave back less than it has left said all that it will say of it."""
    closed = lease is not None and lease["closed_at"] is not None
    if row is None or lease is None or lease["written_off_at"] is not None or (closed and not back):
        raise ProblemError(
            "refused",
            f"没有可核销的余量 · agent {agent}: expected a lease that is not written off and has a rest, got none",
        )
    if row["lost_at"] is not None or closed:
        return
    if lease["until"] > at:
        raise ProblemError(
            "refused",
            f"租期未到 · agent {agent}: expected a lease that has ended, got one until {text_of(lease['until'])}; "
            "wait until then, or revoke the agent first",
        )
    last = last_word(row)
    if last is not None and last > at - SILENT:
        raise ProblemError(
            "refused",
            f"打印端仍有联系 · agent {agent}: expected silence for 24 h, got its last word at "
            f"{text_of(last)}; it gives back by itself what it did not use",
        )
