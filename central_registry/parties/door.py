"""Lets people change or read the registry: asks whether they may, fences the rows, keeps what was done.

Every service for people takes `(pool, actor, …, at)` and does its work in `acting` (changes) or `looking` (reads).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act, require
from central_registry.parties.audit import Entry, write

_Result = TypeVar("_Result")


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
        return result

    return await in_transaction(pool, whole)


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
