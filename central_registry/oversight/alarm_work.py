"""Lets people work on alarms: taken by somebody, answered in words, closed; each comes once for its cause and counts.

What the registry itself found (a forged grade, a conflict) a firm may take and answer, and its association closes: who
is asked does not say that it was answered. What a firm's own machine told, the firm closes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from central_registry.alarms import AlarmKind
from central_registry.db import Connection, Pool, sql
from central_registry.lists import MOST_ROWS, Ask, Found
from central_registry.parties.actor import Actor, PartyKind
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError

SORTS = ("first_at", "last_at", "times")
ANSWER_MOST = 2_000
"""Characters."""

_OF_REGISTRY = frozenset(kind.value for kind in AlarmKind)
_Row = Mapping[str, Any]
_Step = Callable[[_Row], tuple[dict[str, Any], str]]
"""Takes the alarm as it is; gives the columns that change, and what the audit says."""


async def list_alarms(pool: Pool, actor: Actor, ask: Ask) -> Found:
    """Alarms that the actor's party sees, standing ones first, the newest first: `{agent, id, kind, about, detail,
    first_at, last_at, times, state, agent_name, owner, owner_name, taken_by, taken_name, taken_at, answer, closed_by,
    closed_name, closed_at}`. `agent` is `*` for the registry itself. Filters: `state` (open, taken, answered, closed,
    standing: not closed), `kind`, `agent`. Sorts: `SORTS`."""

    async def work(connection: Connection) -> Found:
        rows = sql.alarms_asked(
            connection,
            kind=actor.kind.value,
            party=actor.party,
            state=ask.filters.get("state", ""),
            alarm_kind=ask.filters.get("kind", ""),
            agent=ask.filters.get("agent", ""),
            like=ask.like,
            sort=ask.sort if ask.sort in SORTS else "",
            descending=ask.descending,
            rows=min(ask.rows, MOST_ROWS),
            skipped=ask.skipped,
        )
        found = [dict(row) async for row in rows]
        return Found(found, max((row.pop("total") for row in found), default=0))

    return await looking(pool, actor, work)


async def show_alarm(pool: Pool, actor: Actor, agent: str, alarm: str) -> dict[str, Any]:
    """One, as `list_alarms` tells it. Raises ProblemError (404): it is none that they see."""
    found = await list_alarms(pool, actor, Ask(filters={"agent": agent}, rows=MOST_ROWS))
    row = next((dict(row) for row in found.rows if row["id"] == alarm), None)
    if row is None:
        raise _not_seen(alarm)
    return row


async def take(pool: Pool, actor: Actor, agent: str, alarm: str, at: datetime) -> None:
    """It is the actor's work from now on.

    Raises:
        ProblemError: 403; 404 for one that they do not see; 409 if it is closed, or somebody else's.
    """

    def step(row: _Row) -> tuple[dict[str, Any], str]:
        _require_standing(row)
        if row["taken_by"] not in (None, actor.person):
            raise ProblemError(
                "refused",
                "已经有人在处理 · alarm: expected one that nobody has taken, got one that somebody has; ask them",
            )
        return {"taken_by": actor.person, "taken_at": at}, "take_alarm"

    await _work(pool, actor, (agent, alarm), step, at)


async def give_back(pool: Pool, actor: Actor, agent: str, alarm: str, at: datetime) -> None:
    """It is nobody's work any more. Raises ProblemError: 403; 404; 409 if it is not the actor's, or closed."""

    def step(row: _Row) -> tuple[dict[str, Any], str]:
        _require_standing(row)
        if row["taken_by"] != actor.person:
            raise ProblemError("refused", "不是您在处理 · alarm: expected one that you took, got another")
        return {"taken_by": None, "taken_at": None}, "give_back_alarm"

    await _work(pool, actor, (agent, alarm), step, at)


async def answer(pool: Pool, actor: Actor, agent: str, alarm: str, said: str, at: datetime) -> None:
    """Say what it was and what was done; whoever answers has taken it.

    Raises:
        ProblemError: 403; 404; 409 if it is closed; 422 for no words.
    """
    words = _words(said)

    def step(row: _Row) -> tuple[dict[str, Any], str]:
        _require_standing(row)
        mine = {} if row["taken_by"] else {"taken_by": actor.person, "taken_at": at}
        return {"answer": words, **mine}, f"answer_alarm: {words}"

    await _work(pool, actor, (agent, alarm), step, at)


async def close(pool: Pool, actor: Actor, agent: str, alarm: str, at: datetime) -> None:
    """It is dealt with. The same cause, if it comes again, opens it again as nobody's.

    Raises:
        ProblemError: 403, also for a firm and what the registry found; 404; 409 if it is closed, or nobody answered it.
    """

    def step(row: _Row) -> tuple[dict[str, Any], str]:
        _require_standing(row)
        if actor.kind is PartyKind.FIRM and row["kind"] in _OF_REGISTRY:
            raise ProblemError(
                "forbidden",
                "平台发现的警报由协会关闭，请写明处理情况 · alarm: expected your association to close what the "
                "registry found, got a firm; answer it, they close it",
            )
        if not row["answer"]:
            raise ProblemError(
                "refused", "请先写明处理情况 · alarm: expected an answer before it is closed, got none; answer it"
            )
        return {"closed_by": actor.person, "closed_at": at}, "close_alarm"

    await _work(pool, actor, (agent, alarm), step, at)


async def reopen(pool: Pool, actor: Actor, agent: str, alarm: str, at: datetime) -> None:
    """It was closed too early. Raises ProblemError: 403; 404; 409 if it is not closed."""

    def step(row: _Row) -> tuple[dict[str, Any], str]:
        if row["closed_at"] is None:
            raise ProblemError("refused", "没有关闭 · alarm: expected a closed one, got one that stands")
        return {"closed_by": None, "closed_at": None}, "reopen_alarm"

    await _work(pool, actor, (agent, alarm), step, at)


async def _work(pool: Pool, actor: Actor, name: tuple[str, str], step: _Step, at: datetime) -> None:
    agent, alarm = name

    async def work(connection: Connection) -> tuple[None, Entry]:
        sees = await sql.sees_alarm_of(connection, agent=agent, kind=actor.kind.value, party=actor.party)
        row = await sql.lock_alarm(connection, agent=agent, id=alarm) if sees else None
        if row is None:
            raise _not_seen(alarm)
        changed, said = step(row)
        before = {name: row[name] for name in ("taken_by", "taken_at", "answer", "closed_by", "closed_at")}
        await sql.work_on_alarm(connection, agent=agent, id=alarm, **(before | changed))
        owner = await sql.alarm_owner(connection, agent=agent) or actor.party
        act, _, detail = said.partition(": ")
        return None, Entry(act, f"{agent}#{alarm}", f"{row['kind']} {row['about']} {detail}".strip(), owner)

    await acting(pool, actor, Act.ANSWER_ALARM, work, at)


def _require_standing(row: _Row) -> None:
    if row["closed_at"] is not None:
        raise ProblemError("refused", "已经关闭 · alarm: expected one that stands, got one that was closed; reopen it")


def _words(said: str) -> str:
    words = said.strip()
    if not 0 < len(words) <= ANSWER_MOST:
        raise ProblemError(
            "unprocessable",
            f"请写明处理情况 · answer: expected 1 to {ANSWER_MOST} characters, got {len(words)}",
            field="answer",
        )
    return words


def _not_seen(alarm: str) -> ProblemError:
    return ProblemError("not-found", f"没有这条警报 · alarm {alarm[:40]!r}: expected one that you see, got none")
