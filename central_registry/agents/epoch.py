"""Keeps the epoch, which changes when an agent proves that the registry lost data (a restored dump, a failed disk).

An allotment is a promise about the sum of a lot, and what an agent that has not checked in drew of it is not known. So
under a new epoch the lots are withheld in which such an agent holds an allotment, until it has checked in or was
declared lost; all others go on. An agent has checked in once the registry holds all events it once acknowledged to it,
which is what the receipt says that the agent showed when it met the gap. A claim without such a receipt is an alarm
about the claimant, and nobody waits for it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from central_registry.agents.lineage import Life
from central_registry.alarms import REGISTRY, AlarmKind, Note, close_alarm, raise_alarm
from central_registry.db import Connection, sql
from label_protocol.wire import Batch, Sealed

_PASSED = 1_000_000
"""Numbers of items that are passed over with each claim of a loss: more than any registry gives within a loss."""


async def current(connection: Connection) -> str:
    """The epoch's name; the very first is made when it is first asked for, and with it the key that seals what is
    distributed, so that every dump holds it."""
    name = await sql.meta(connection, key="epoch")
    if name is None:
        await sql.put_meta_once(connection, key="feed", value="0")
        await sql.put_meta_once(connection, key="seal", value=secrets.token_hex(32))
        await sql.put_meta_once(connection, key="epoch", value=secrets.token_hex(8))
        name = await sql.meta(connection, key="epoch")
    return str(name)


async def missing(connection: Connection) -> list[str]:
    """Agents that have not yet checked in under this epoch: what they hold is withheld."""
    epoch = await current(connection)
    return [row["agent"] async for row in sql.unchecked_agents(connection, epoch=epoch)]


async def withheld(connection: Connection) -> set[str]:
    """The quota keys of which nothing is handed out now."""
    away = await missing(connection)
    return await _held_by(connection, away) if away else set()


async def waited_for(connection: Connection, key: str) -> list[str]:
    """The agents on whose account `key` is withheld."""
    return [agent for agent in await missing(connection) if key in await _held_by(connection, [agent])]


async def data_lost(connection: Connection, agent: Any, lost: Sealed, why: str, at: datetime) -> None:
    """Begin a new epoch, unless this one's loss explains it: an agent has shown our receipt for what we do not hold."""
    epoch = await current(connection)
    if agent["checked_epoch"] == epoch:
        epoch = secrets.token_hex(8)
        await sql.put_meta(connection, key="epoch", value=epoch)
    await sql.next_feed_numbers(connection, count=_PASSED)
    await sql.claim(connection, agent=agent["agent"], incarnation=lost.incarnation, seq=lost.seq)
    detail = (
        f"agent {agent['agent']}: {why}; lots in which an agent that has not checked in holds an allotment are withheld"
    )
    await raise_alarm(connection, REGISTRY, Note(AlarmKind.REGISTRY_RESTORED, epoch, detail), at)


async def cried_loss(connection: Connection, agent: Any, batch: Batch, why: str, at: datetime) -> None:
    """Tell people that an agent says that we lost events and shows no receipt for them; nobody waits. What
    it tells again may hold sealed pages that we did lose (an agent of an older release has no receipts). In case we
    did, what is ordered from now on bears numbers above all cursors that were lost, and above what is taken back."""
    name = agent["agent"]
    await sql.next_feed_numbers(connection, count=_PASSED)
    await sql.claim_unproven(connection, agent=name, incarnation=batch.incarnation, seq=batch.last_seq)
    detail = f"agent {name}: {why}, and it showed no receipt of this registry for them; nobody waits for it"
    await raise_alarm(connection, name, Note(AlarmKind.CLAIM_WITHOUT_RECEIPT, name, detail), at)


def recovers(agent: Any, epoch: str) -> bool:
    """Whether what this agent tells now may be what the registry lost."""
    return agent["checked_epoch"] != epoch or agent["claimed_incarnation"] is not None


async def check_in(connection: Connection, agent: Any, lives: Sequence[Life], began: bool, at: datetime) -> None:
    """Note that an agent's history is whole here; `began` says that a new incarnation voided what it claimed before."""
    epoch = await current(connection)
    reached = {life.incarnation: life.seq for life in lives}
    claim = agent["claimed_incarnation"]
    whole = claim is None or began or reached.get(claim, 0) >= agent["claimed_seq"]
    if whole and claim is not None:
        await sql.drop_claim(connection, agent=agent["agent"])
    if agent["checked_epoch"] != epoch and (whole or not agent["claim_proven"]):
        await sql.mark_checked(connection, agent=agent["agent"], epoch=epoch)
        await release(connection, agent["agent"], at)


async def declare_lost(connection: Connection, agent: str, at: datetime) -> None:
    """Wait for this agent no more. If nobody did, nothing was withheld for it and nothing is released."""
    was_waited_for = agent in await missing(connection)
    await sql.mark_lost(connection, agent=agent, at=at)
    if was_waited_for:
        await release(connection, agent, at)


async def release(connection: Connection, agent: str, at: datetime) -> None:
    """Give what was withheld for `agent` alone a new number, since cursors have passed it: nobody waits for it now."""
    keys = await _held_by(connection, [agent]) - await withheld(connection)
    for row in [row async for row in sql.allotments(connection, keys=sorted(keys))]:
        number = await sql.next_feed_number(connection)
        await sql.renumber_allotment(connection, agent=row["agent"], key=row["key"], n=number)
    if not await missing(connection):
        await close_alarm(connection, REGISTRY, AlarmKind.REGISTRY_RESTORED, await current(connection), at)


async def _held_by(connection: Connection, agents: Sequence[str]) -> set[str]:
    return {row["key"] async for row in sql.keys_held(connection, agents=list(agents))}
