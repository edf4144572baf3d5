"""Lets a person tell two machines of one identity apart: the one that spoke a short while ago, and a newcomer.

The newcomer's events are kept off the line, its labels are shown as being verified, and it is answered `cloned`, on
which an agent issues nothing and goes on telling. One person with the role `it` says which machine goes on; either way
that one gets a one-time token, and the secret that both have ends when it is spent. A machine that continues a
superseded incarnation is answered and kept in the same way: the line has gone on without it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from central_registry.agents.enrolment import require_not_barred
from central_registry.agents.lineage import Doorway, Life, head_of
from central_registry.alarms import AlarmKind, Note, close_alarm, raise_alarm
from central_registry.db import Connection, Pool, sql
from central_registry.lists import Ask, Found
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError

WAITS, OTHER = "waits", "other"
"""How it stands for a machine that is answered `cloned`: a person has yet to say, or the other one goes on."""

_DUE = timedelta(hours=24)
_LOOKED_AT = 300
"""Newest events of a machine in which its printers are looked for."""


async def doorway(
    connection: Connection, agent: Mapping[str, Any], lives: Sequence[Life], incarnation: str, at: datetime
) -> Doorway:
    """By what a newcomer of this agent is looked at; without people nobody could decide, and nobody waits. Who is known
    already is not looked at."""
    if any(life.incarnation == incarnation for life in lives):
        return Doorway(at)
    watched = bool(await sql.may_tell_apart(connection, agent=agent["agent"]))
    return Doorway(at, watched, agent["fingerprint"], agent["enrolled_at"])


async def off_the_line(
    connection: Connection, agent: Mapping[str, Any], lives: Sequence[Life], incarnation: str, why: str, at: datetime
) -> ProblemError:
    """What a machine beside the line reads: how far it is kept (`kept`), and how it stands (`standing`)."""
    life = next(one for one in lives if one.incarnation == incarnation)
    if life.waits:
        return await _ask(connection, agent, lives, life, at)
    return await _superseded(connection, agent, lives, life, why, at)


async def _ask(
    connection: Connection, agent: Mapping[str, Any], lives: Sequence[Life], newcomer: Life, at: datetime
) -> ProblemError:
    """Put the question to a person, once, unless somebody has decided for the other one; make the newcomer's answer."""
    name = agent["agent"]
    head = head_of(lives)
    incarnation = newcomer.incarnation
    living = next(life for life in lives if life.incarnation == head.incarnation)
    prints = [living.fingerprint, newcomer.fingerprint]
    detail = (
        f"agent {name}: {newcomer.incarnation} (fingerprint {prints[1]}) began beside {living.incarnation} "
        f"(fingerprint {prints[0]}), which spoke at {living.heard_at:%Y-%m-%d %H:%M} UTC; a person says which goes on"
    )
    decision = _name_of(name, incarnation)
    decided = await sql.decided_for_other(connection, decision=decision)
    if not decided:
        more = {"agent": name, "act": Act.DECIDE_CLONE.value, "at": at, "due_at": at + _DUE}
        await sql.ask_which_goes_on(connection, decision=decision, maker=incarnation, asked=detail, **more)
        await sql.mark_cloned(connection, agent=name, at=at)
        await raise_alarm(connection, name, Note(AlarmKind.CLONED, incarnation, detail), at)
    more = {"kept": _kept(newcomer), "standing": OTHER if decided else WAITS}
    return ProblemError("cloned", detail, head=head.as_json(), agent=name, fingerprints=prints, **more)


async def _superseded(
    connection: Connection, agent: Mapping[str, Any], lives: Sequence[Life], life: Life, why: str, at: datetime
) -> ProblemError:
    """Note that a machine went on behind the place where the line left it, and make its answer; `why` is for people."""
    name, prints = agent["agent"], [life.fingerprint for life in lives]
    detail = f"agent {name}: {why} (fingerprints {', '.join(prints)})"
    await sql.mark_cloned(connection, agent=name, at=at)
    await raise_alarm(connection, name, Note(AlarmKind.CLONED, life.incarnation, detail), at)
    more = {"head": head_of(lives).as_json(), "kept": _kept(life), "standing": OTHER}
    return ProblemError("cloned", detail, agent=name, fingerprints=prints, **more)


def _kept(life: Life) -> dict[str, Any]:
    """How far a machine's events are kept beside the line."""
    return {"incarnation": life.incarnation, "seq": life.seq, "hash": life.hash.hex()}


def twin_of(agent: Mapping[str, Any], lives: Sequence[Life]) -> dict[str, str]:
    """What the machine that goes on is told of the other one, while that is an open question; empty: nothing."""
    living = head_of(lives).incarnation
    others = [life for life in lives if life.incarnation != living]
    if agent["cloned_at"] is None or not others:
        return {}
    other = max(others, key=lambda life: life.heard_at)
    return {"fingerprint": other.fingerprint, "heard_at": other.heard_at.isoformat(timespec="seconds")}


async def list_clones(pool: Pool, actor: Actor, _: Ask) -> Found:
    """Questions nobody has answered yet; a row is `{decision, agent, asked, made_at, due_at, living, newcomer}`, each
    machine `{incarnation, fingerprint, heard_at, address, seq, printers}`.

    Raises:
        ProblemError: 403.
    """

    async def work(connection: Connection) -> Found:
        rows = sql.clones_asked(connection, kind=actor.kind.value, party=actor.party)
        found = [dict(row) async for row in rows]
        for row in found:
            both = [dict(one) async for one in sql.both_machines(connection, agent=row["agent"], newcomer=row["maker"])]
            for one in both:
                one["printers"] = await _printers(connection, row["agent"], one["incarnation"])
                row["newcomer" if one["incarnation"] == row["maker"] else "living"] = one
        return Found(found, len(found))

    return await looking(pool, actor, work)


async def decide_clone(
    pool: Pool, actor: Actor, decision: str, newcomer_goes_on: bool, reason: str, at: datetime
) -> str:
    """Say which machine goes on; its one-time token, which is not kept in clear.

    Raises:
        ProblemError: 403; 404, no open question of theirs; 409, its association stopped the agent; 422, no reason.
    """
    said = reason.strip()
    if not said:
        raise ProblemError(
            "unprocessable", "请写明理由 · reason: expected how you know which machine it is, got nothing"
        )
    token = secrets.token_urlsafe(32)

    async def work(connection: Connection) -> tuple[str, Entry]:
        row = await sql.clone_asked(connection, decision=decision, kind=actor.kind.value, party=actor.party)
        if row is None:
            raise ProblemError(
                "not-found", "没有待裁定的两台打印端 · decision: expected an open one of yours, got none"
            )
        agent, incarnation = row["about"], row["maker"]
        require_not_barred(await sql.lock_agent(connection, agent=agent), actor.kind)
        if newcomer_goes_on:
            await sql.put_on_line(connection, agent=agent, incarnation=incarnation)
        outcome = "newcomer" if newcomer_goes_on else "living"
        answer = {"outcome": outcome, "reason": said, "person": actor.person, "at": at}
        await sql.answer_clone(connection, decision=decision, agent=agent, **answer)
        await sql.renew_token(connection, agent=agent, token_hash=hashlib.sha256(token.encode()).digest(), at=at)
        await close_alarm(connection, agent, AlarmKind.CLONED, incarnation, at)
        detail = f"{outcome} of {agent} goes on ({incarnation}): {said}"
        return token, Entry(Act.DECIDE_CLONE.value, agent, detail, concerns=row["concerns"])

    return await acting(pool, actor, Act.DECIDE_CLONE, work, at)


async def _printers(connection: Connection, agent: str, incarnation: str) -> list[str]:
    """Those that its newest events name."""
    rows = sql.newest_events(connection, agent=agent, incarnation=incarnation, limit=_LOOKED_AT)
    named = [json.loads(row["body"]).get("printer") async for row in rows]
    return sorted({name for name in named if isinstance(name, str)})


def _name_of(agent: str, incarnation: str) -> str:
    return hashlib.sha256(f"clone:{agent}:{incarnation}".encode()).hexdigest()[:32]
