"""Lets people see and steer their agents: add one, give a new token, say for whom it prints, revoke it.

An agent is its owner's; the owner's association vouches for it. What prints for several firms is for the association to
say, since each of them must be its member. Revocation ends what an agent may get and not what it may tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from central_registry.agents import enrolment, epoch
from central_registry.db import Connection, Pool, sql
from central_registry.lists import Ask, Found
from central_registry.parties.actor import Actor, PartyKind
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError, RefusedError

SILENT = timedelta(hours=24)
"""An agent that asks twice a minute and has not for so long is named."""


class Why(StrEnum):
    """Why an agent is revoked: its machine is gone, its secret is with somebody else, its firm is barred."""

    LOST = "lost"
    COPIED = "copied"
    BARRED = "barred"


@dataclass(frozen=True, slots=True)
class NewAgent:
    """`owner` '' is the asker's own party; `firms` for whom it prints, without any: its owner."""

    name: str
    owner: str = ""
    firms: tuple[str, ...] = ()
    association: str = ""


async def add(pool: Pool, actor: Actor, new: NewAgent, at: datetime) -> dict[str, Any]:
    """Make an agent: `{agent, token, until}`; the token is shown once.

    Raises:
        ProblemError: 403; 409 for a name that does not fit or is taken, or a firm that is not theirs.
    """
    owner = new.owner or actor.party

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        association = await _association(connection, actor, owner, new.association)
        firms = new.firms or ((owner,) if await _is_firm(connection, owner) else ())
        await _require_firms(connection, actor, firms)
        if await sql.agent_named(connection, agent=new.name):
            raise ProblemError(
                "refused", f"名称已被占用 · agent {new.name[:40]}: expected a new name, got a known one; choose another"
            )
        token = await _token(connection, new.name, at, owner, association)
        await sql.print_for(connection, agent=new.name, firms=list(firms), at=at)
        return _told(new.name, token, at), Entry(Act.ADD_AGENT, new.name, f"for {', '.join(firms) or 'nobody'}", owner)

    return await acting(pool, actor, Act.ADD_AGENT, work, at)


async def new_token(pool: Pool, actor: Actor, agent: str, at: datetime) -> dict[str, Any]:
    """Give an agent a new token, as `add`; its old secret ends when that is spent, and a revoked one is back then.

    Raises:
        ProblemError: 403; 404; 409 for a firm's person where the association stopped the agent.
    """

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        row = await theirs(connection, actor, agent)
        enrolment.require_not_barred(row, actor.kind)
        token = await _token(connection, agent, at, row["owner"], row["association"])
        return _told(agent, token, at), Entry(Act.ADD_AGENT, agent, "new token", row["owner"])

    return await acting(pool, actor, Act.ADD_AGENT, work, at)


async def set_firms(pool: Pool, actor: Actor, agent: str, firms: Sequence[str], at: datetime) -> dict[str, Any]:
    """Say for whom an agent prints from now on: `{agent, firms}`; what it was allotted stays.

    Raises:
        ProblemError: 403; 404; 409 for a firm that is not theirs.
    """

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        row = await theirs(connection, actor, agent)
        await _require_firms(connection, actor, firms)
        await sql.print_no_more(connection, agent=agent, firms=list(firms), at=at)
        await sql.print_for(connection, agent=agent, firms=list(firms), at=at)
        told = f"prints for {', '.join(firms) or 'nobody'}"
        return {"agent": agent, "firms": list(firms)}, Entry(Act.ADD_AGENT, agent, told, row["owner"])

    return await acting(pool, actor, Act.ADD_AGENT, work, at)


async def revoke(pool: Pool, actor: Actor, agent: str, why: Why, reason: str, at: datetime) -> dict[str, Any]:
    """End what an agent may get: `{agent, state, why}`. It may still tell, and reads why it gets nothing.

    Raises:
        ProblemError: 403; 404; 409 without a reason, or where a firm's person would bar, or the association has.
    """
    if not reason.strip():
        raise ProblemError("refused", "停用原因 · reason: expected words that can be read later, got none; say why")
    if why is Why.BARRED and actor.kind is not PartyKind.ASSOCIATION:
        raise ProblemError("refused", "只有协会能列入 · why: expected lost or copied, got barred; correct it")

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        row = await theirs(connection, actor, agent)
        enrolment.require_not_barred(row, actor.kind)
        await epoch.declare_lost(connection, agent, at)
        await sql.revoke_agent(connection, agent=agent, why=why.value, reason=reason.strip())
        done = {"agent": agent, "state": "revoked", "why": why.value}
        return done, Entry(Act.REVOKE_AGENT, agent, f"{why}: {reason.strip()}", row["owner"])

    return await acting(pool, actor, Act.REVOKE_AGENT, work, at)


async def list_fleet(pool: Pool, actor: Actor, ask: Ask, at: datetime) -> Found:
    """The agents that this person may see, by name: `agent, issuer, name, owner, owner_name, association, version, can,
    firms, state, why, reason, last_at, quota_left, lease_until, seq, head`; `state`: new, enrolled, silent, revoked,
    cloned. Filters: `state`, `firm`; sorts: `agent`, `last_at`, `quota_left`, `lease_until`."""

    async def work(connection: Connection) -> Found:
        rows = sql.fleet(
            connection,
            **await _sight(connection, actor),
            agent=ask.filters.get("agent", ""),
            state=ask.filters.get("state", ""),
            firm=ask.filters.get("firm", ""),
            like=ask.like,
            sort=ask.sort,
            sign=-1 if ask.descending else 1,
            silent_since=at - SILENT,
            rows=ask.rows,
            skipped=ask.skipped,
        )
        found = [dict(row) async for row in rows]
        total = found[0]["total"] if found else 0
        return Found([{name: value for name, value in row.items() if name != "total"} for row in found], total)

    return await looking(pool, actor, work)


async def show_agent(pool: Pool, actor: Actor, agent: str, at: datetime) -> dict[str, Any]:
    """One agent as in the list, with `held`: `quota_key, firm, lot_no, style_no, promised, used, until, closed_at,
    written_off_at` of each key.

    Raises:
        ProblemError: 404.
    """
    found = await list_fleet(pool, actor, Ask(filters={"agent": agent}), at)
    if not found.rows:
        raise _unseen(agent)

    async def work(connection: Connection) -> list[dict[str, Any]]:
        return [
            dict(row) async for row in sql.held_by_agent(connection, agent=agent, **await _sight(connection, actor))
        ]

    return {**found.rows[0], "held": await looking(pool, actor, work)}


async def _token(connection: Connection, name: str, at: datetime, owner: str, association: str) -> str:
    try:
        return await enrolment.give_token(connection, name, at, owner, association)
    except RefusedError as cause:
        raise ProblemError("refused", str(cause)) from cause


def _told(agent: str, token: str, at: datetime) -> dict[str, Any]:
    until = (at + enrolment.TOKEN_LIFE).isoformat(timespec="minutes")
    return {"agent": agent, "token": token, "until": until}


async def theirs(connection: Connection, actor: Actor, agent: str) -> Mapping[str, Any]:
    """An agent, locked, that this person's party may change. Raises ProblemError (404)."""
    row: Mapping[str, Any] | None = await sql.lock_agent(connection, agent=agent)
    if row is None or actor.party not in (row["owner"], row["association"]):
        raise _unseen(agent)
    return row


def _unseen(agent: str) -> ProblemError:
    return ProblemError(
        "not-found", f"打印端 · agent {agent[:40]}: expected one of yours, got an unknown one; see the list"
    )


async def _association(connection: Connection, actor: Actor, owner: str, named: str) -> str:
    """Who vouches. Raises ProblemError (409): the owner is not theirs, or has several associations, none named."""
    found = [row["association"] async for row in sql.associations_of(connection, party=owner)]
    if actor.kind is PartyKind.ASSOCIATION and (owner == actor.party or actor.party in found):
        return actor.party
    if owner == actor.party and (named in found or (len(found) == 1 and not named)):
        return named or found[0]
    known = ", ".join(found) if owner == actor.party else ""
    raise ProblemError(
        "refused",
        f"主体、协会 · owner and association: expected your own party and one of {known or 'its own'}, got "
        f"{owner[:40]} and {named[:40] or 'none'}; correct them",
    )


async def _is_firm(connection: Connection, party: str) -> bool:
    return bool(await sql.kind_of_party(connection, party=party) == PartyKind.FIRM)


async def _require_firms(connection: Connection, actor: Actor, firms: Sequence[str]) -> None:
    """A firm's agent prints for that firm; for others if the association of them all says so."""
    for firm in firms:
        found = [row["association"] async for row in sql.associations_of(connection, party=firm)]
        mine = firm == actor.party if actor.kind is PartyKind.FIRM else actor.party in found
        if not mine:
            raise ProblemError(
                "refused",
                f"为哪家打印 · firm {firm[:40]}: expected your own firm, or a member of your association, got another; "
                "for several firms ask the association",
            )


async def _sight(connection: Connection, actor: Actor) -> dict[str, Any]:
    of = sql.associations_of(connection, party=actor.party)
    inspects = [row["association"] async for row in of] if actor.kind is PartyKind.INSPECTOR else []
    return {"everything": actor.kind is PartyKind.OPERATOR, "party": actor.party, "associations": inspects}
