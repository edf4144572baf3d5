"""Lets an approver say what becomes of labels that an agent first told of after it was revoked, window by window.

Revocation ends what an agent may get and not what it may tell: such labels are kept and shown as being verified, until
a person admits or rejects them with a reason. Whatever else speaks against a label stays as it was judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.alarms import AlarmKind, close_alarm
from central_registry.db import Connection, Pool, sql
from central_registry.ingest.states import FREED
from central_registry.ingest.verdict import APART, TOLD_AFTER, Against, reasons
from central_registry.lists import MOST_ROWS, Ask, Found
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError

STATES = ("open", "rejected", "admitted")
"""Of a window: nobody has decided yet; what was decided last."""

_MOST_REASON = 400


@dataclass(frozen=True, slots=True)
class Decided:
    """How many windows and labels an order was about."""

    windows: int
    labels: int


async def list_told(pool: Pool, actor: Actor, ask: Ask) -> Found:
    """Windows told after a revocation, or by a second machine, that the actor's party may see; filters `state` (one of
    `STATES`, else `open`) and `agent`. A row is `{agent, window_id, quota_key, firm, firm_name, lot_no, sent_at,
    labels, why, admitted, reason, decided_at}`; `why` says why its agent was revoked, or that there were two machines.

    Raises:
        ProblemError: 403.
    """
    return await looking(pool, actor, lambda connection: _found(connection, actor, ask))


async def _found(connection: Connection, actor: Actor, ask: Ask) -> Found:
    state = ask.filters.get("state", "")
    rows = sql.told_after_windows(
        connection,
        state=state if state in STATES else STATES[0],
        agent=ask.filters.get("agent", ""),
        like=ask.like,
        kind=actor.kind.value,
        party=actor.party,
        rows=min(ask.rows, MOST_ROWS),
        skipped=ask.skipped,
    )
    found = [dict(row) async for row in rows]
    total = max((row.pop("total") for row in found), default=0)
    return Found([_listed(row) for row in found], total)


def _listed(row: Mapping[str, Any]) -> Mapping[str, Any]:
    kinds = reasons(row["against"] & TOLD_AFTER)
    return {name: value for name, value in row.items() if name != "against"} | {"why": kinds[0] if kinds else ""}


async def admit(
    pool: Pool, actor: Actor, agent: str, window: str | None, admitted: bool, reason: str, at: datetime
) -> Decided:
    """Admit or reject one window, or all of an agent (None) that nobody has decided yet; a rejected one may be admitted
    later, by its name.

    Raises:
        ProblemError: 403; 422, no reason; 404, nothing of that agent waits for a decision.
    """
    said = reason.strip()
    if not said:
        raise ProblemError("unprocessable", "请写明理由 · reason: expected why, got nothing; say how you know")
    if len(said) > _MOST_REASON:
        raise ProblemError("unprocessable", f"reason: expected at most {_MOST_REASON} characters, got {len(said)}")

    async def work(connection: Connection) -> tuple[Decided, Entry]:
        await sql.lock_agent(connection, agent=agent)  # it may be telling what becomes of these labels just now
        found = await _to_decide(connection, actor, agent, window)
        decided = Decided(len(found), sum(row["labels"] for row in found))
        await _decide(connection, actor, found, admitted, said, at)
        if not await sql.told_after_left(connection, agent=agent):
            await close_alarm(connection, agent, AlarmKind.LOST_AGENT_RETURNED, agent, at)
        verb = "admitted" if admitted else "rejected"
        about = agent if window is None else f"{agent} {window}"
        detail = f"{verb} {decided.labels} labels of {decided.windows} windows: {said}"
        return decided, Entry(Act.ADMIT_TOLD.value, about, detail, concerns=found[0]["firm"])

    return await acting(pool, actor, Act.ADMIT_TOLD, work, at)


async def _to_decide(
    connection: Connection, actor: Actor, agent: str, window: str | None
) -> Sequence[Mapping[str, Any]]:
    rows = sql.told_after_locked(
        connection,
        agent=agent,
        window=window,
        against=int(TOLD_AFTER if window is None else APART),
        kind=actor.kind.value,
        party=actor.party,
    )
    found = [row async for row in rows]
    if not found:
        raise ProblemError(
            "not-found",
            f"没有待裁定的标签 · {agent} {window or ''}: expected labels told after a revocation that nobody has "
            "decided yet, got none; see the list",
        )
    return found


async def _decide(
    connection: Connection,
    actor: Actor,
    found: Sequence[Mapping[str, Any]],
    admitted: bool,
    reason: str,
    at: datetime,
) -> None:
    draws = [row["draw"] for row in found]
    against = 0 if admitted else int(Against.REJECTED)
    await sql.decide_told(connection, draws=draws, told=int(APART), against=against)
    if admitted:
        await sql.count_in(connection, draws=draws, freed=[int(state) for state in FREED])
    await sql.note_told_decisions(
        connection,
        draws=draws,
        agents=[row["agent"] for row in found],
        admitted=admitted,
        reason=reason,
        at=at,
        person=actor.person,
    )
