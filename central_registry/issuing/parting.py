"""Ends a membership: either side says why and from which day; what the association gave the firm ends with it.

Nothing of a label changes, and what is printed may be told as ever. Open orders are rejected. Leases that only this
association stands behind run out at once, so an agent in contact draws no more and gives back what it did not use; an
agent without leases is fed no more than it used. The association's agents print for the firm no more; the firm's own
stay its own, and another association of the firm vouches for them, if there is one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import partial
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.distribution import items
from central_registry.issuing.leases import put
from central_registry.issuing.orders import decide
from central_registry.lists import Ask, Found, picked
from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.parties.people import line
from central_registry.problems import ProblemError

_BEIJING = timezone(timedelta(hours=8))
_FAR = timedelta(days=366)
_WORDS = "准入已终止 the membership ended"


async def end_membership(
    pool: Pool,
    actor: Actor,
    association: str,
    party: str,
    reason: str,
    at: datetime,
    *,
    ends_on: date | None = None,
) -> dict[str, Any]:
    """End the membership of `party` in `association`, one of which is the actor's, at once or from a later day on:
    `{association, party, ends_on, ended}`.

    Raises:
        ProblemError: 403; 404 for no membership of theirs; 409 if it is to end already; 422 without a reason, or for a
            day that is past or more than a year away.
    """
    said, today = line("理由 reason", reason), _day(at)
    day = ends_on or today
    _require_sound(day, today)

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        await items.lock(connection)
        await _require_open(connection, actor, association, party)
        of = {"association": association, "party": party}
        await sql.add_end(connection, **of, at=at, ends_on=day, reason=said, person=actor.person, by_party=actor.party)
        if day == today:
            await _carry_out(connection, actor, association, party, at)
        done = {**of, "ends_on": day, "ended": day == today}
        other = party if actor.party == association else association
        return done, Entry(Act.END_MEMBERSHIP, party, f"{association} ({day}): {said}", other)

    return await acting(pool, actor, Act.END_MEMBERSHIP, work, at)


async def take_back_end(pool: Pool, actor: Actor, association: str, party: str, at: datetime) -> dict[str, Any]:
    """Let a membership go on whose end the actor's party asked for, as long as its day has not come:
    `{association, party, taken_back}`, the day that is none any more. The other side's word is theirs to take back.

    Raises:
        ProblemError: 403; 404 for no membership of theirs; 409 if none of their own ends is to come.
    """

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        of = {"association": association, "party": party}
        if actor.party not in (association, party) or not await sql.is_member(connection, **of):
            raise _unknown(party)
        day = await sql.take_back_end(connection, **of, own=actor.party, at=at, person=actor.person)
        if day is None:
            raise ProblemError(
                "refused",
                f"没有本单位提出、尚未到期的终止 · {party}: expected an end to come that your party asked for, got "
                "none; who asked for it takes it back",
            )
        other = party if actor.party == association else association
        done = {**of, "taken_back": day}
        return done, Entry("membership_end_taken_back", party, f"{association} ({day})", other)

    return await acting(pool, actor, Act.END_MEMBERSHIP, work, at)


async def end_due(everything: Pool, people: Pool, at: datetime) -> int:
    """Carry out the ends whose day has come, each as who asked for it; how many. `everything`: connections that see all
    parties' rows."""
    due = [dict(row) async for row in sql.ends_due(everything, day=_day(at))]
    for row in due:
        actor = Actor(row["person"], row["by_party"], PartyKind(row["kind"]), frozenset({Role.OFFICER}), "due")
        work = partial(_end_one, actor=actor, association=row["association"], party=row["party"], at=at)
        await acting(people, actor, Act.END_MEMBERSHIP, work, at)
    return len(due)


async def what_ends(pool: Pool, actor: Actor, association: str, party: str) -> dict[str, Any]:
    """A membership of the actor's, and how much would end with it: `{association, association_name, party, party_name,
    since, ends_on, ended_by, orders, leases, agents}`; `ends_on` and who asked for it: None while it is to go on.

    Raises:
        ProblemError: 404 for none that stands and is theirs.
    """

    async def work(connection: Connection) -> dict[str, Any] | None:
        row = await sql.what_ends(connection, association=association, party=party)
        return None if row is None else dict(row)

    found = await looking(pool, actor, work)
    if found is None or actor.party not in (association, party):
        raise _unknown(party)
    return found


async def list_ends(pool: Pool, actor: Actor, wanted: Ask) -> Found:
    """Ends of memberships of the actor's party, the newest first: `{association, association_name, party, party_name,
    asked_at, ends_on, reason, by_party, done_at, taken_back_at}`. Filters: `party`, `association`."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        return [dict(row) async for row in sql.ends_of(connection, party=actor.party, kind=actor.kind.value)]

    rows = await looking(pool, actor, work)
    return picked(rows, wanted, searched=("party_name", "association_name"), filtered=("party", "association"))


async def _end_one(
    connection: Connection, actor: Actor, association: str, party: str, at: datetime
) -> tuple[None, Entry]:
    await items.lock(connection)
    await _carry_out(connection, actor, association, party, at)
    other = party if actor.party == association else association
    return None, Entry(Act.END_MEMBERSHIP, party, f"{association}: 到期终止 its day has come", other)


async def _carry_out(connection: Connection, actor: Actor, association: str, party: str, at: datetime) -> None:
    of = {"association": association, "party": party}
    for row in [row async for row in sql.orders_open_between(connection, **of)]:
        await decide(connection, actor, row["code_order"], "rejected", _WORDS, at)
    for row in [row async for row in sql.leases_between(connection, **of)]:
        until = min(row["until"], at.replace(microsecond=0))
        await sql.part_lease(connection, agent=row["agent"], quota_key=row["quota_key"], until=until, at=at)
        await put(connection, row["agent"], row["quota_key"], until)
    await sql.print_no_more_between(connection, **of, at=at)
    await sql.vouch_by_another(connection, **of)
    await sql.end_member(connection, **of, at=at)
    await sql.finish_end(connection, **of, at=at)


async def _require_open(connection: Connection, actor: Actor, association: str, party: str) -> None:
    of = {"association": association, "party": party}
    if actor.party not in (association, party) or not await sql.is_member(connection, **of):
        raise _unknown(party)
    if (row := await sql.open_end(connection, **of)) is not None:
        raise ProblemError(
            "refused", f"已定于 {row['ends_on']} 终止 · {party}: expected one that is to go on, got one that ends then"
        )


def _unknown(party: str) -> ProblemError:
    return ProblemError(
        "not-found", f"没有这份准入 · party {party[:40]!r}: expected a membership of yours that stands, got none"
    )


def _require_sound(day: date, today: date) -> None:
    if not today <= day <= today + _FAR:
        raise ProblemError(
            "unprocessable", f"终止日期 · ends_on: expected today or a day within a year, got {day}; correct it"
        )


def _day(at: datetime) -> date:
    return at.astimezone(_BEIJING).date()
