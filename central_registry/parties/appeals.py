"""Lets a party speak against an event of its status, and its association answer; neither changes the status."""

from __future__ import annotations

from datetime import datetime

from central_registry.db import Connection, Pool, sql
from central_registry.parties import decisions
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.problems import ProblemError

_MOST = 2_000
"""Characters of an appeal or an answer."""


async def appeal(pool: Pool, actor: Actor, n: int, said: str, at: datetime) -> str:
    """Appeal against event `n` of the actor's own party; the name of the question that its author has to answer.

    Raises:
        ProblemError: 403; 404 for no such event; 409 while an earlier appeal is unanswered; 422 for no words.
    """
    words = _words(said)

    async def work(connection: Connection) -> tuple[str, Entry]:
        event = await sql.status_event(connection, party=actor.party, n=n)
        if event is None:
            raise ProblemError("not-found", f"没有这条状态 · event {n}: expected one of your party's status, got none")
        about = _about(actor.party, n)
        if await decisions.standing_question(connection, Act.ANSWER_APPEAL, about):
            raise ProblemError(
                "refused", f"上一次申诉还没有答复 · event {n}: expected no open appeal, got one; wait for it"
            )
        await sql.add_appeal(connection, party=actor.party, n=n, said=words, at=at, person=actor.person)
        asked = {"n": n, "said_at": at.isoformat(), "said": words}
        question = decisions.Question(Act.ANSWER_APPEAL, about, event["by_party"], actor.party, asked)
        return await decisions.ask(connection, actor, question, at), Entry("appeal", about, words, actor.party)

    return await acting(pool, actor, Act.APPEAL, work, at)


async def answer(pool: Pool, actor: Actor, name: str, said: str, at: datetime) -> None:
    """Answer an appeal, by the question's name.

    Raises:
        ProblemError: 403; 404, 409 for no open appeal of the actor's association; 422 for no words.
    """
    words = _words(said)

    async def work(connection: Connection) -> tuple[None, Entry]:
        row = await decisions.open_decision(connection, actor, name)
        if row["act"] != Act.ANSWER_APPEAL:
            raise ProblemError("refused", f"这不是申诉 · decision {name}: expected an appeal, got {row['act']}")
        await sql.answer_appeal(
            connection,
            party=row["concerns"],
            n=row["asked"]["n"],
            said_at=datetime.fromisoformat(row["asked"]["said_at"]),
            answer=words,
            at=at,
            person=actor.person,
        )
        await decisions.close(connection, actor, name, decisions.CONFIRMED, at, words)
        return None, Entry("answer_appeal", row["about"], words, row["concerns"])

    await acting(pool, actor, Act.ANSWER_APPEAL, work, at)


def _about(party: str, n: int) -> str:
    return f"{party}#{n}"


def _words(said: str) -> str:
    words = said.strip()
    if not 0 < len(words) <= _MOST:
        raise ProblemError(
            "unprocessable", f"请写清楚 · text: expected 1 to {_MOST} characters, got {len(words)}; say what it is"
        )
    return words
