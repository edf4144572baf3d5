"""Counts what waits for a party beside its decisions: alarms, taken by nobody or in hand, and silent agents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from central_registry.db import Connection, Pool, sql
from central_registry.lists import Ask
from central_registry.oversight.alarm_work import list_alarms
from central_registry.parties.actor import Actor
from central_registry.parties.door import looking

SILENT_AFTER = timedelta(hours=24)
"""A machine that is switched off at night speaks each day; over a weekend it is named on Sunday."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """`silent_since`: since when the most silent agent has not spoken; None if all do."""

    alarms_open: int
    alarms_in_hand: int
    agents_silent: int
    silent_since: datetime | None


async def what_waits(pool: Pool, actor: Actor, at: datetime) -> Waiting:
    """What waits in the actor's party."""
    unseen = await list_alarms(pool, actor, Ask(filters={"state": "open"}, rows=1))
    in_hand = [await list_alarms(pool, actor, Ask(filters={"state": one}, rows=1)) for one in ("taken", "answered")]

    async def work(connection: Connection) -> tuple[int, datetime | None]:
        row = await sql.silent_agents(connection, since=at - SILENT_AFTER, kind=actor.kind.value, party=actor.party)
        return row["number"], row["longest"]

    number, longest = await looking(pool, actor, work)
    return Waiting(unseen.total, sum(one.total for one in in_hand), number, longest)
