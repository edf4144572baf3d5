"""The registry's epoch: changes when an agent proves that the registry lost data (a restored dump, a failed disk).

Until every agent has checked in under the new epoch, or was declared lost, nothing is allotted: an allotment is a
promise about sums, and the sums are not known. An agent has checked in once the registry holds all events it once
acknowledged to it, which is what the agent claimed when it met the gap.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from central_registry.alarms import REGISTRY, close_alarm, raise_alarm
from central_registry.db import Connection, sql
from central_registry.lineage import Life
from central_registry.project import Note
from edge_agent.sync.wire import Batch


async def current(connection: Connection) -> str:
    """The epoch's name; the very first is made when it is first asked for, and with it the key that seals the feed, so
    that every dump holds it."""
    name = await sql.meta(connection, key="epoch")
    if name is None:
        await sql.put_meta_once(connection, key="feed", value="0")
        await sql.put_meta_once(connection, key="seal", value=secrets.token_hex(32))
        await sql.put_meta_once(connection, key="epoch", value=secrets.token_hex(8))
        name = await sql.meta(connection, key="epoch")
    return str(name)


async def missing(connection: Connection) -> list[str]:
    """Agents that have not yet checked in under this epoch: while there are any, nothing is allotted."""
    epoch = await current(connection)
    return [row["agent"] async for row in sql.unchecked_agents(connection, epoch=epoch)]


async def data_lost(connection: Connection, agent: Any, batch: Batch, why: str, at: datetime) -> None:
    """An agent was told once that we hold what we do not: begin a new epoch, unless this one's loss explains it."""
    epoch = await current(connection)
    if agent["checked_epoch"] == epoch:
        epoch = secrets.token_hex(8)
        await sql.put_meta(connection, key="epoch", value=epoch)
    await sql.claim(connection, agent=agent["agent"], incarnation=batch.incarnation, seq=batch.last_seq)
    detail = f"agent {agent['agent']}: {why}; nothing is allotted until all agents have checked in"
    await raise_alarm(connection, REGISTRY, Note("registry_restored", epoch, detail), at)


async def check_in(connection: Connection, agent: Any, lives: Sequence[Life], began: bool, at: datetime) -> None:
    """Note that an agent's history is whole here; `began` says that a new incarnation voided what it claimed before."""
    epoch = await current(connection)
    if agent["checked_epoch"] == epoch:
        return
    reached = {life.incarnation: life.seq for life in lives}
    claim = agent["claimed_incarnation"]
    if claim is None or began or reached.get(claim, 0) >= agent["claimed_seq"]:
        await sql.mark_checked(connection, agent=agent["agent"], epoch=epoch)
        await settle(connection, at)


async def declare_lost(connection: Connection, agent: str, at: datetime) -> None:
    """Nobody waits for this agent any more."""
    await sql.mark_lost(connection, agent=agent, at=at)
    await settle(connection, at)


async def settle(connection: Connection, at: datetime) -> None:
    """Once nobody is missing, feed all allotments anew: they were held back, and cursors have moved past them."""
    if await missing(connection):
        return
    for row in [row async for row in sql.allotments(connection)]:
        number = await sql.next_feed_number(connection)
        await sql.renumber_allotment(connection, agent=row["agent"], key=row["key"], n=number)
    await close_alarm(connection, REGISTRY, "registry_restored", await current(connection), at)
