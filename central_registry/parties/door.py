"""Lets people change or read the registry: asks whether they may, fences the rows, keeps what was done.

Every service for people takes `(pool, actor, …, at)` and does its work in `acting` (changes) or `looking` (reads).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from central_registry.alarms import AlarmKind, Note, of_party, raise_alarm
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act, require
from central_registry.parties.audit import Entry, write

_Result = TypeVar("_Result")
_FRESH = timedelta(hours=24)
"""After four eyes were switched off; until then somebody notices."""


async def acting(
    pool: Pool,
    actor: Actor,
    act: Act,
    work: Callable[[Connection], Awaitable[tuple[_Result, Entry]]],
    at: datetime,
) -> _Result:
    """Do `work` as `actor`; the entry it gives is kept in the same transaction. `work` may run again from its start.

    Raises:
        ProblemError: 403, and what `work` raises; nothing was changed then.
    """
    require(actor, act)

    async def whole(connection: Connection) -> _Result:
        await fence(connection, actor)
        result, entry = await work(connection)
        await write(connection, actor, entry, at)
        if entry.four_eyes == "off":
            await _tell_alone(connection, actor, entry, at)
        elif entry.four_eyes == "one_hand":
            await _tell_one_hand(connection, actor, entry, at)
        return result

    return await in_transaction(pool, whole)


async def _tell_alone(connection: Connection, actor: Actor, entry: Entry, at: datetime) -> None:
    """An association of one may work so for years. What is decided alone shortly after four eyes were switched off, and
    that they were, is for somebody else to hear."""
    since = await sql.off_since(connection, party=actor.party)
    if since is not None and at - since <= _FRESH:
        detail = f"{actor.person}: {entry.act} {entry.about} {entry.detail}"
        note = Note(AlarmKind.FOUR_EYES_OFF, f"{actor.party} {since.isoformat()}", detail)
        await raise_alarm(connection, of_party(actor.party), note, at)


async def _tell_one_hand(connection: Connection, actor: Actor, entry: Entry, at: datetime) -> None:
    """One for each person who decides so: whoever looks asks whether there are two people, once."""
    detail = f"{actor.person}: {entry.act} {entry.about} {entry.detail}"
    note = Note(AlarmKind.ONE_HAND, f"{actor.party} {actor.person}", detail)
    await raise_alarm(connection, of_party(actor.party), note, at)


async def looking(
    pool: Pool, actor: Actor, work: Callable[[Connection], Awaitable[_Result]], act: Act = Act.LOOK
) -> _Result:
    """Do `work`, which only reads, as `actor`, in one snapshot.

    Raises:
        ProblemError: 403.
    """
    require(actor, act)

    async def whole(connection: Connection) -> _Result:
        await fence(connection, actor)
        return await work(connection)

    return await in_transaction(pool, whole, "repeatable_read")


async def fence(connection: Connection, actor: Actor) -> Any:
    """Tell the database for whom it works until this transaction ends: row-level security reads it."""
    return await sql.set_party(connection, party=actor.party, kind=actor.kind.value, person=actor.person)


async def fence_out(connection: Connection) -> Any:
    """Tell the database that nobody is known yet: log-in finds a person by what they show."""
    return await sql.set_party(connection, party="", kind="door", person="")
