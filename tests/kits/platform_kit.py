"""Parties and people for tests, put into the database directly: an association, firms, a lab, and who acts for them."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.parties.sessions import open_session
from label_protocol.codes.uscc import check_character
from tests.kits.registry_kit import AT

_numbers = itertools.count(1)


def a_uscc() -> str:
    """A new 统一社会信用代码 with its right check digit; of no company that exists."""
    body = f"91330482MA{next(_numbers):07d}"
    return f"{body}{check_character(body)}"


async def add_party(pool: Any, kind: PartyKind, name: str, *, of: str | None = None, at: datetime = AT) -> str:
    """A party that is active, admitted by the association `of`; its USCC."""
    party = a_uscc()
    await pool.execute(
        "INSERT INTO party (party, kind, name, made_at, made_by) VALUES ($1, $2, $3, $4, 'kit')", party, kind, name, at
    )
    await pool.execute(
        "INSERT INTO party_status (party, n, status, reason, effective_on, at, person, by_party) "
        "VALUES ($1, 1, 'active', 'kit', $2, $3, 'kit', 'kit')",
        party,
        at.date(),
        at,
    )
    await pool.execute("INSERT INTO party_code (code, party) VALUES ($1, $2)", f"F{next(_numbers):03d}", party)
    if of is not None:
        await pool.execute(
            "INSERT INTO membership (association, party, since, made_by) VALUES ($1, $2, $3, 'kit')", of, party, at
        )
    return party


async def add_person(pool: Any, party: str, *roles: Role, name: str = "示例甲", at: datetime = AT) -> Actor:
    """Somebody of that party, as they act."""
    person, login = f"p{next(_numbers):015d}", f"user{next(_numbers)}"
    await pool.execute(
        "INSERT INTO person (person, party, roles, login, must_change, made_at, made_by) "
        "VALUES ($1, $2, $3, $4, false, $5, 'kit')",
        person,
        party,
        [role.value for role in roles],
        login,
        at,
    )
    await pool.execute("INSERT INTO login (login, person) VALUES ($1, $2)", login, person)
    await pool.execute("INSERT INTO person_name (person, name) VALUES ($1, $2)", person, name)
    kind = await pool.fetchval("SELECT kind FROM party WHERE party = $1", party)
    return Actor(person, party, PartyKind(kind), frozenset(roles), "password")


async def token_of(pool: Any, actor: Actor, at: datetime = AT) -> str:
    """A session of theirs, to be shown as `Authorization: Bearer …`."""
    async with pool.acquire() as connection, connection.transaction():
        return await open_session(connection, actor.person, actor.how, at)
