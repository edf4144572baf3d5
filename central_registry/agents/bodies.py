"""Keeps what was distributed by its hash, as agents name it in their events, and asks an agent for what was lost here.

A body is written down before the answer that holds it leaves, so a registry that lost no data has them all. An agent
that is asked for one and does not have it either says so with its batch: the digest stays in the history, and says
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from central_registry.alarms import AlarmKind, Note, raise_alarm
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.problems import ProblemError
from label_protocol.chain import canonical
from label_protocol.digests import digest_of, digested

WANTED_MOST = 500
"""Hashes in one question."""

BODIES_A_DAY, BYTES_A_DAY = 100_000, 200 * 1024 * 1024
"""What one agent may hand in that is not here: the largest site that was measured has 15 000 bodies of 15 MB, and is
asked for them once, when a registry lost its data."""

_BEIJING = timezone(timedelta(hours=8))
_TOO_MANY = (
    f"今天补交的下发内容太多 · agent {{}}: expected at most {BODIES_A_DAY} bodies and {BYTES_A_DAY >> 20} MiB a day "
    "that are not here yet, got more; nothing of this request was kept, see whether it is the agent that it says it is"
)


async def keep_sent(pool: Pool, page: Mapping[str, Any]) -> None:
    """Keep the bodies of a page that is told by their hash."""
    if page.get("digests"):
        whole = {digest_of(told): item for item in page["items"] if digest_of(told := digested(item))}
        await keep(pool, {name: canonical(item) for name, item in whole.items()})


async def keep_told(pool: Pool, agent: str, bodies: Mapping[str, bytes], at: datetime) -> None:
    """Keep what an agent hands in, within what it may of a day: whoever has one secret could fill the disk with objects
    that nobody was ever fed. What is here already costs nothing.

    Raises:
        ProblemError: 503; nothing of it is kept, and one alarm says so.
    """
    day = at.astimezone(_BEIJING).date()

    async def work(connection: Connection) -> None:
        names = sorted(bodies)
        rows = sql.keep_told_bodies(connection, hashes=names, bodies=[bodies[name].decode() for name in names])
        sizes = [row["bytes"] async for row in rows]
        if sizes:
            now = await sql.count_bodies(connection, agent=agent, day=day, bodies=len(sizes), bytes=sum(sizes))
            if now["bodies"] > BODIES_A_DAY or now["bytes"] > BYTES_A_DAY:
                raise ProblemError("busy", _TOO_MANY.format(agent), retry_after_s=3600)

    try:
        await in_transaction(pool, work)
    except ProblemError:
        note = Note(AlarmKind.MANY_BODIES, f"{agent} {day}", _TOO_MANY.format(agent))
        await in_transaction(pool, lambda connection: raise_alarm(connection, agent, note, at))
        raise


async def keep(pool: Pool, bodies: Mapping[str, bytes]) -> None:
    """Keep bodies by their hash; what is there stays."""
    if bodies:
        names = sorted(bodies)
        await sql.keep_fed_bodies(pool, hashes=names, bodies=[bodies[name].decode() for name in names])


async def held(connection: Connection, names: Iterable[str]) -> dict[str, Any]:
    """The bodies that are here, by hash."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    rows = sql.fed_bodies(connection, hashes=wanted)
    return {row["sha256"]: json.loads(row["body"]) async for row in rows}


def whole(items: Sequence[Any], bodies: Mapping[str, Any]) -> list[Any]:
    """Items of an event with the bodies in the place of their hashes; without those that are not known."""
    found = [(bodies.get(name) if (name := digest_of(item)) else item) for item in items]
    return [item for item in found if item is not None]
