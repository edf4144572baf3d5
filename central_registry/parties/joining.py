"""Asks a party that is here already whether another association may have it, and takes in its answer.

Whoever is a member shows the association its rows. So a USCC typed in opens nothing: an officer of the party says yes,
and until then there is a question and no membership.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.lists import Ask, Found, picked
from central_registry.parties import decisions
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError


async def ask_to_join(connection: Connection, actor: Actor, party: str, reason: str, at: datetime) -> str:
    """Put the question to `party` for the actor's association; its name.

    Raises:
        ProblemError: 409; it was put already, and nobody answered yet.
    """
    about = f"{actor.party} {party}"
    if await decisions.standing_question(connection, Act.JOIN, about):
        raise ProblemError(
            "refused", f"已经问过，等对方答复 · {party}: expected no open question, got one; wait, or take it back"
        )
    asked = {"association": actor.party, "reason": reason.strip()}
    return await decisions.ask(connection, actor, decisions.Question(Act.JOIN, about, party, actor.party, asked), at)


async def answer_joining(pool: Pool, actor: Actor, name: str, *, agreed: bool, reason: str, at: datetime) -> None:
    """Say for one's own party whether the association that asked may have it; a yes is a membership from now on.

    Raises:
        ProblemError: 403; 404, 409 for no open question of the actor's party.
    """

    async def work(connection: Connection) -> tuple[None, Entry]:
        row = await decisions.open_decision(connection, actor, name)
        require_joining(row["act"])
        association = row["asked"]["association"]
        if agreed:
            of = {"association": association, "party": actor.party}
            await sql.add_member(connection, **of, at=at, person=actor.person)
            await sql.vouch_for_agents(connection, **of)
        outcome = decisions.CONFIRMED if agreed else decisions.REJECTED
        await decisions.close(connection, actor, name, outcome, at, reason.strip())
        return None, Entry(f"join_{outcome}", actor.party, reason.strip(), association)

    await acting(pool, actor, Act.JOIN, work, at)


async def take_back_joining(pool: Pool, actor: Actor, name: str, at: datetime) -> None:
    """Take back what the actor's association asked, as long as nobody answered.

    Raises:
        ProblemError: 403; 404, 409 for no open question of the actor's association.
    """

    async def work(connection: Connection) -> tuple[None, Entry]:
        row = await sql.lock_decision(connection, decision=name)
        if row is None or row["act"] != Act.JOIN or row["concerns"] != actor.party:
            raise ProblemError(
                "not-found", f"没有这件申请 · decision {name[:40]!r}: expected one that you asked, got none"
            )
        if row["outcome"] is not None:
            raise ProblemError(
                "refused", f"对方已答复 · decision {name}: expected an open one, got one that was {row['outcome']}"
            )
        await decisions.close(connection, actor, name, decisions.TAKEN_BACK, at)
        return None, Entry("join_taken_back", row["party"], "", row["party"])

    await acting(pool, actor, Act.ADMIT, work, at)


async def list_joinings(pool: Pool, actor: Actor, wanted: Ask) -> Found:
    """What the actor's association asked, or their party was asked, the newest first: `{decision, association,
    association_name, party, party_name, reason, made_at, outcome, answer, decided_at}`. Filter and value: `outcome`,
    'open' while it waits."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        rows = sql.joinings_of(connection, party=actor.party, kind=actor.kind.value)
        return [_listed(dict(row)) async for row in rows]

    rows = await looking(pool, actor, work)
    return picked(rows, wanted, searched=("party", "party_name", "association_name"), filtered=("outcome",))


def require_joining(act: str) -> None:
    """Raises ProblemError (409) for a question about something else."""
    if act != Act.JOIN:
        raise ProblemError("refused", f"请在提出它的页面办理 · decision: expected one about a membership, got {act}")


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    asked, answer = decisions.asked_of(row.pop("asked")), row["reason"]
    return {**row, "reason": asked.get("reason", ""), "answer": answer, "outcome": row["outcome"] or "open"}
