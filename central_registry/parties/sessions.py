"""Knows who is logged in: sessions in the database, named by the hash of a random token that only its owner has."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.parties.door import fence_out

LIFE = timedelta(hours=12)
"""A working day; a session ends sooner if nobody uses it for `IDLE`."""

IDLE = timedelta(hours=2)

ONE_HAND = timedelta(days=30)
"""So long after somebody gave a one-time word, what one of these two logins asks and the other decides is marked. Whose
password was taken away notices within days that they cannot come in; nobody can tell a newcomer from a second login."""


async def open_session(connection: Connection, person: str, how: str, at: datetime, life: timedelta = LIFE) -> str:
    """A new session of `person`; its token, which is not kept in clear. Those that are over are swept out."""
    token = secrets.token_urlsafe(32)
    await sql.drop_old_sessions(connection, at=at)
    await sql.add_session(connection, session=_digest(token), person=person, how=how, at=at, ends_at=at + life)
    return token


async def actor_of(pool: Pool, token: str, at: datetime) -> Actor | None:
    """Whose session that is; None if it ended, was closed, or never was one of ours."""

    async def work(connection: Connection) -> Any:
        await fence_out(connection)
        found = await sql.session_actor(
            connection, session=_digest(token), at=at, idle_since=at - IDLE, hand_since=at - ONE_HAND
        )
        if found is not None:
            await sql.touch_session(connection, session=_digest(token), at=at)
        return found

    row = await in_transaction(pool, work)
    return None if row is None else actor_from(row, row["how"])


def actor_from(row: Mapping[str, Any], how: str) -> Actor:
    """The actor of a row with a person, their party and its settings."""
    return Actor(
        person=row["person"],
        party=row["party"],
        kind=PartyKind(row["kind"]),
        roles=frozenset(Role(role) for role in row["roles"]),
        how=how,
        four_eyes=row["four_eyes"] != "off",
        sandbox=row["sandbox"],
        one_hand=frozenset(row["one_hand"]),
    )


async def close_session(pool: Pool, token: str) -> None:
    """Log out."""

    async def work(connection: Connection) -> None:
        await fence_out(connection)
        await sql.end_session(connection, session=_digest(token))

    await in_transaction(pool, work)


async def close_others(connection: Connection, person: str, token: str = "") -> None:
    """End all sessions of `person` but the one of `token`."""
    await sql.end_other_sessions(connection, person=person, session=_digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
