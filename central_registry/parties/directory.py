"""Shows the parties that somebody sees, and lets an association keep its setting."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.lists import Ask, Found, picked
from central_registry.parties.actor import Actor, PartyKind
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.parties.statuses import require_seen
from central_registry.problems import ProblemError


async def list_parties(pool: Pool, actor: Actor, wanted: Ask, on: date) -> Found:
    """The actor's party, those that their association admitted, or all for the operator, as they stand on a day:
    `{party, kind, name, short_name, address, contact, sandbox, code, status, provisional, status_since, reason, people,
    made_at}`. Filters: `kind`, `status`, `sandbox`."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        rows = sql.parties_of(connection, party=actor.party, kind=actor.kind.value, day=on)
        return [dict(row) async for row in rows]

    rows = await looking(pool, actor, work)
    return picked(
        rows, wanted, searched=("party", "name", "short_name", "code"), filtered=("kind", "status", "sandbox")
    )


async def list_firms(pool: Pool, actor: Actor) -> list[tuple[str, str]]:
    """The firms whose goods somebody may look at, by name: `(party, name)`."""

    async def work(connection: Connection) -> list[tuple[str, str]]:
        rows = sql.firms_looked_at(connection, party=actor.party, kind=actor.kind.value)
        return [(row["party"], row["name"]) async for row in rows]

    return await looking(pool, actor, work)


async def show_party(pool: Pool, actor: Actor, party: str, on: date) -> dict[str, Any]:
    """One party as `list_parties` shows it, with `associations` (`{association, name, since}`), `four_eyes`.

    Raises:
        ProblemError: 404; it is none that they see.
    """
    found = await list_parties(pool, actor, Ask(rows=100_000), on)
    row = next((row for row in found.rows if row["party"] == party), None)
    if row is None:
        raise ProblemError("not-found", f"没有这个主体 · party {party[:40]!r}: expected one that you see, got none")

    async def work(connection: Connection) -> dict[str, Any]:
        await require_seen(connection, actor, party)
        return {
            "associations": [dict(one) async for one in sql.associations_of(connection, party=party)],
            "four_eyes": await sql.setting(connection, party=party, key="four_eyes") or "on",
        }

    return {**row, **await looking(pool, actor, work)}


async def set_four_eyes(pool: Pool, actor: Actor, *, on: bool, at: datetime) -> None:
    """Let one person decide alone what two should, in an association that has but one; or have it as it should be.

    Raises:
        ProblemError: 403; 409 where there are two people who could watch each other.
    """

    async def work(connection: Connection) -> tuple[None, Entry]:
        await sql.lock_party(connection, party=actor.party)
        deciders = await sql.count_deciders(connection, party=actor.party)
        if not on and (actor.kind is not PartyKind.ASSOCIATION or deciders > 1):
            raise ProblemError(
                "refused",
                f"只有一名办事人员的协会才能关闭双人复核 · four_eyes: expected an association of one who decides, got "
                f"{deciders} of {actor.kind}; let the other one approve",
            )
        value = "on" if on else "off"
        await sql.put_setting(connection, party=actor.party, key="four_eyes", value=value, at=at, person=actor.person)
        return None, Entry("set_four_eyes", actor.party, value, actor.party, "" if on else "off")

    await acting(pool, actor, Act.SET_PARTY, work, at)
