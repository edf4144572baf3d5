"""Moves the status of parties: events with author, reason, evidence and day, none of which is ever changed.

What protects (suspended, barred) takes one person and works at once; a second confirms or undoes it. What lifts that is
asked by one and decided by another. Only who stopped a party may let it go on: two associations may know one firm.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.parties import decisions
from central_registry.parties.actor import Actor, PartyKind, PartyStatus
from central_registry.parties.acts import Act, require, require_second
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.parties.people import line
from central_registry.parties.standing import last_event, status_of
from central_registry.problems import ProblemError

_WEIGHT = {PartyStatus.SUSPENDED: 1, PartyStatus.BARRED: 2}
"""How much a status holds a party back; all others not at all."""

_FAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Move:
    """A status that a party is to have from `effective_on` on (None: from today)."""

    status: PartyStatus
    reason: str
    evidence: str = ""
    effective_on: date | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """`n`: the event that was written, None if a second person has to decide first; `decision`: what waits for them."""

    n: int | None
    provisional: bool
    decision: str | None


async def set_status(pool: Pool, actor: Actor, party: str, move: Move, at: datetime) -> Moved:
    """Set the status of a party that the actor's association admitted.

    Raises:
        ProblemError: 403; 404 for a party that is not its; 409 if it stands so already, if another association stopped
            it, or if the same is asked already; 422 without a reason, or for a day too far away.
    """

    async def work(connection: Connection) -> tuple[Moved, Entry]:
        await require_member(connection, actor, party)
        now = await status_of(connection, party, at.date())
        heavier = _WEIGHT.get(move.status, 0) - await _held(connection, party, now)
        _require_sound(move, now, at, protects=heavier > 0)
        if heavier > 0:
            return await _protect(connection, actor, party, move, at)
        if heavier < 0:
            return await _lift(connection, actor, party, move, at)
        n = await _write(connection, actor, party, move, at)
        return Moved(n, False, None), _entry("set_status", party, move)

    return await acting(pool, actor, Act.SET_STATUS, work, at)


async def _held(connection: Connection, party: str, now: PartyStatus) -> int:
    """How much holds it back, counting a stop whose day is still to come: a newer event would take that away."""
    last = await last_event(connection, party)
    coming = _WEIGHT.get(PartyStatus(last["status"]), 0) if last is not None else 0
    return max(coming, _WEIGHT.get(now, 0))


async def _protect(connection: Connection, actor: Actor, party: str, move: Move, at: datetime) -> tuple[Moved, Entry]:
    n = await _write(connection, actor, party, move, at, provisional=actor.four_eyes)
    if not actor.four_eyes:
        return Moved(n, False, None), _entry("set_status", party, move, "off")
    asked = {"n": n, "status": move.status.value, "reason": move.reason}
    question = decisions.Question(Act.SET_STATUS, party, actor.party, party, asked, at + decisions.DUE)
    return Moved(n, True, await decisions.ask(connection, actor, question, at)), _entry("set_status", party, move)


async def _lift(connection: Connection, actor: Actor, party: str, move: Move, at: datetime) -> tuple[Moved, Entry]:
    await _require_own_stop(connection, actor, party)
    if await decisions.standing_question(connection, Act.LIFT_STATUS, party):
        raise ProblemError(
            "refused", f"已有人申请解除，等待批准 · {party}: expected no open question, got one; decide it"
        )
    if not actor.four_eyes:
        require(actor, Act.LIFT_STATUS)
        n = await _write(connection, actor, party, move, at)
        return Moved(n, False, None), _entry("lift_status", party, move, "off")
    asked = {
        "status": move.status.value,
        "reason": move.reason,
        "evidence": move.evidence,
        "effective_on": move.effective_on.isoformat() if move.effective_on else None,
    }
    question = decisions.Question(Act.LIFT_STATUS, party, actor.party, party, asked)
    return Moved(None, False, await decisions.ask(connection, actor, question, at)), _entry("ask_lift", party, move)


async def decide(pool: Pool, actor: Actor, name: str, *, agreed: bool, reason: str, at: datetime) -> None:
    """Confirm or undo a provisional status, or grant or refuse a lifting that somebody asked for.

    Raises:
        ProblemError: 403, also for who asked; 404, 409 for no open question of this kind; 422 without a reason.
    """
    row = await looking(pool, actor, lambda connection: decisions.open_decision(connection, actor, name))
    act = _deciding(row["act"])

    async def work(connection: Connection) -> tuple[None, Entry]:
        row = await decisions.open_decision(connection, actor, name)
        four_eyes = require_second(actor, act, row["maker"])
        do = _confirm if act is Act.CONFIRM else _grant
        await do(connection, actor, row, agreed, line("理由 reason", reason), at)
        outcome = decisions.CONFIRMED if agreed else decisions.REJECTED
        await decisions.close(connection, actor, name, outcome, at, reason)
        return None, Entry(f"{row['act']}_{outcome}", row["about"], reason, row["concerns"], four_eyes)

    await acting(pool, actor, act, work, at)


def _deciding(act: str) -> Act:
    if act not in (Act.SET_STATUS, Act.LIFT_STATUS):
        raise ProblemError("refused", f"请在提出它的页面办理 · decision: expected one about a status, got {act}")
    return decisions.deciding(act)


async def _confirm(
    connection: Connection, actor: Actor, row: dict[str, Any], agreed: bool, reason: str, at: datetime
) -> None:
    """Write the event that ends the provisional one: the same status for good, or the one before it."""
    party, n = row["about"], row["asked"]["n"]
    last = await last_event(connection, party)
    if last is None or last["n"] != n:
        return  # the status moved on meanwhile; what is left is to close the question
    before = await sql.status_before(connection, party=party, n=n) or PartyStatus.CANDIDATE
    day = last["effective_on"] if agreed else None
    status = PartyStatus(last["status"] if agreed else before)
    await _write(connection, actor, party, Move(status, reason, last["evidence"], day), at)


async def _grant(
    connection: Connection, actor: Actor, row: dict[str, Any], agreed: bool, reason: str, at: datetime
) -> None:
    if not agreed:
        return
    await _require_own_stop(connection, actor, row["about"])
    asked = row["asked"]
    day = date.fromisoformat(asked["effective_on"]) if asked["effective_on"] else None
    move = Move(PartyStatus(asked["status"]), f"{asked['reason']}；{reason}", asked["evidence"], day)
    await _write(connection, actor, row["about"], move, at)


async def history(pool: Pool, actor: Actor, party: str) -> list[dict[str, Any]]:
    """Every event of a party's status with its appeals, the newest first: `{n, status, reason, evidence, effective_on,
    provisional, at, person, by_party, by_name, appeals}`. Raises ProblemError (404) for a party they do not see."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        await require_seen(connection, actor, party)
        return [
            {**dict(row), "appeals": json.loads(row["appeals"])}
            async for row in sql.status_history(connection, party=party)
        ]

    return await looking(pool, actor, work)


async def require_member(connection: Connection, actor: Actor, party: str) -> None:
    """Raises ProblemError (404) unless the actor's association admitted that party."""
    if not await sql.is_member(connection, association=actor.party, party=party):
        raise ProblemError(
            "not-found", f"本协会没有准入 · party {party[:40]!r}: expected one that you admitted, got none"
        )


async def require_seen(connection: Connection, actor: Actor, party: str) -> None:
    """Raises ProblemError (404) unless it is the actor's own party, one that their association admitted, or the actor
    is the operator's."""
    if actor.kind is not PartyKind.OPERATOR and party != actor.party:
        await require_member(connection, actor, party)


async def _require_own_stop(connection: Connection, actor: Actor, party: str) -> None:
    last = await last_event(connection, party)
    if last is not None and last["by_party"] != actor.party:
        raise ProblemError(
            "refused",
            f"这一状态由另一协会作出，只有它能解除 · {party}: expected a status set by your association, got one set "
            f"by {last['by_party']}; ask them",
        )


def _require_sound(move: Move, now: PartyStatus, at: datetime, *, protects: bool) -> None:
    line("理由 reason", move.reason)
    if move.status is now:
        raise ProblemError("refused", f"状态已是如此 · status: expected another than {now}, got the same")
    day = move.effective_on
    if day is not None and abs(day - at.date()) > _FAR:
        raise ProblemError(
            "unprocessable",
            f"生效日期太远 · effective_on: expected a day within a year of today, got {day}; correct it",
        )
    if day is not None and day < at.date() and not protects:
        raise ProblemError(
            "unprocessable",
            f"只有停用、黑名单可以追溯 · effective_on: expected today or later, got {day}; only what holds a party "
            "back may be dated back, or the past could be made better than it was",
        )


async def _write(
    connection: Connection, actor: Actor, party: str, move: Move, at: datetime, *, provisional: bool = False
) -> int:
    last = await sql.lock_last_status(connection, party=party)
    n = (last or 0) + 1
    await sql.add_status(
        connection,
        party=party,
        n=n,
        status=move.status,
        reason=move.reason.strip(),
        evidence=move.evidence.strip(),
        effective_on=move.effective_on or at.date(),
        provisional=provisional,
        at=at,
        person=actor.person,
        by_party=actor.party,
    )
    return n


def _entry(act: str, party: str, move: Move, four_eyes: str = "") -> Entry:
    day = f" ({move.effective_on})" if move.effective_on else ""
    return Entry(act, party, f"{move.status}{day}: {move.reason}", party, four_eyes)
