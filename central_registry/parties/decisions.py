"""Keeps what waits for a second person: one row for each, asked by one, decided by another, kept when decided.

Who puts a question (`ask`) also has the service that decides it: it locks the row (`open_decision`), asks whether this
person may, does what was decided, and closes the row (`close`), all in one transaction.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.lists import Ask, Found, picked
from central_registry.parties.actor import Actor
from central_registry.parties.acts import TABLE, Act, may
from central_registry.parties.door import looking
from central_registry.problems import ProblemError

DUE = timedelta(hours=72)
"""Within so long a second person confirms or lifts what one did to protect. It stays as it is when nobody does."""

CONFIRMED = "confirmed"
REJECTED = "rejected"
TAKEN_BACK = "taken_back"

_PROVISIONAL = frozenset({Act.SET_STATUS, Act.SUSPEND, Act.RECALL, Act.STOP_CERTIFICATE})
"""Acts that work at once: what waits is their confirmation."""


@dataclass(frozen=True, slots=True)
class Question:
    """`about`: what it is done to; `party`: whose person may decide; `concerns`: the party that it is done to; `asked`:
    all that the deciding service needs; `due_at`: None, or when it is late."""

    act: Act
    about: str
    party: str
    concerns: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None


async def ask(connection: Connection, actor: Actor, question: Question, at: datetime) -> str:
    """Put a question; the name of its row."""
    name = "d" + secrets.token_hex(8)
    await sql.add_decision(
        connection,
        decision=name,
        party=question.party,
        act=question.act.value,
        about=question.about,
        concerns=question.concerns,
        asked=json.dumps(dict(question.asked), ensure_ascii=False),
        maker=actor.person,
        at=at,
        due_at=question.due_at,
    )
    return name


async def open_decision(connection: Connection, actor: Actor, name: str) -> dict[str, Any]:
    """The row, locked, with `asked` as it was put.

    Raises:
        ProblemError: 404 for one that this person's party has not, 409 if it was decided.
    """
    row = await sql.lock_decision(connection, decision=name)
    if row is None or row["party"] != actor.party:
        raise ProblemError("not-found", f"没有这件待办 · decision {name[:40]!r}: expected one of your party, got none")
    if row["outcome"] is not None:
        raise ProblemError(
            "refused", f"已经有人办了 · decision {name}: expected an open one, got one that was {row['outcome']}"
        )
    return {**dict(row), "asked": asked_of(row["asked"])}


async def question_of(pool: Pool, actor: Actor, name: str) -> dict[str, Any]:
    """The row of an open question. Raises ProblemError, as `open_decision`."""
    return await looking(pool, actor, lambda connection: open_decision(connection, actor, name))


async def close(connection: Connection, actor: Actor, name: str, outcome: str, at: datetime, reason: str = "") -> None:
    """Close it: `CONFIRMED`, `REJECTED` or `TAKEN_BACK`."""
    await sql.close_decision(connection, decision=name, outcome=outcome, reason=reason, decided_by=actor.person, at=at)


async def standing_question(connection: Connection, act: Act, about: str) -> str | None:
    """The name of an open question of that act about that thing; None: there is none."""
    found: str | None = await sql.open_decision_about(connection, act=act.value, about=about)
    return found


def deciding(act: str) -> Act:
    """What a person must be allowed to do to decide about `act`."""
    return Act.CONFIRM if Act(act) in _PROVISIONAL else Act(act)


async def list_decisions(pool: Pool, actor: Actor, wanted: Ask, at: datetime) -> Found:
    """What waits in the actor's party, the most urgent first: `{decision, act, act_zh, act_en, about, concerns,
    concerns_name, asked, maker, maker_name, made_at, due_at, late, hours_left, mine}`; `mine`: this person may decide
    it. Filters: `act`, `mine` ('true'), `outcome` ('decided': those that were)."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        decided = wanted.filters.get("outcome") == "decided"
        rows = sql.decisions_of(
            connection, party=actor.party, everybody=actor.kind.value == "operator", decided=decided
        )
        return [_listed(dict(row), actor, at) async for row in rows]

    rows = await looking(pool, actor, work)
    return picked(rows, wanted, searched=("about", "concerns", "concerns_name", "maker_name"), filtered=("act", "mine"))


def asked_of(text: str) -> dict[str, Any]:
    """What was asked; of a room that wrote a sentence in place of facts, `{words}`."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"words": text}


def _listed(row: dict[str, Any], actor: Actor, at: datetime) -> dict[str, Any]:
    act, due = deciding(row["act"]), row["due_at"]
    another = row["maker"] != actor.person or not actor.four_eyes or not TABLE[act].four_eyes
    return {
        **row,
        "asked": asked_of(row["asked"]),
        "act_zh": TABLE[Act(row["act"])].zh,
        "act_en": TABLE[Act(row["act"])].en,
        "late": due is not None and at > due,
        "hours_left": None if due is None else int((due - at).total_seconds() // 3600),
        "mine": row["outcome"] is None and row["party"] == actor.party and may(actor, act) and another,
    }
