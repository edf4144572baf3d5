"""Shows stops of labels: all of them, one with what became of its labels, its labels as rows; and closes one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.ingest.states import State
from central_registry.lists import Ask, Found, picked
from central_registry.oversight.chosen import counted
from central_registry.oversight.label_stops import PROVISIONAL, unknown
from central_registry.oversight.stops import STOPS, decider_of
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.decisions import asked_of
from central_registry.parties.door import acting, looking
from central_registry.place.custody import Kind
from central_registry.place.finding import last_of
from central_registry.problems import ProblemError

MOST_FOLDED = 2_000
"""Moved labels whose whereabouts one answer tells."""

_HOME = {Kind.RETURNED: "returned", Kind.INSPECTED: "returned", Kind.BACK: "back", Kind.DESTROYED: "destroyed"}


async def list_label_stops(pool: Pool, actor: Actor, wanted: Ask) -> Found:
    """Stops of labels of firms that the actor sees: `{stop, firm, firm_name, kind, chosen, reason, labels, state,
    made_at, decided_at, closed_at, report, decision, act, due_at}`. Filters: `firm`, `kind`, `state`."""
    rows = await looking(pool, actor, lambda connection: _seen(connection, actor, ""))
    return picked(rows, wanted, searched=("stop", "firm_name", "reason"), filtered=("firm", "kind", "state"))


async def show_label_stop(pool: Pool, actor: Actor, stop: str) -> dict[str, Any]:
    """One, as `list_label_stops` has it, and its progress: `states` (labels by what became of them), `scanned` (labels
    that anybody scanned), `returned`, `back`, `destroyed`, `elsewhere` (moved otherwise), `not_moved`.

    Raises:
        ProblemError: 404.
    """

    async def work(connection: Connection) -> dict[str, Any]:
        row = await _one(connection, actor, stop)
        labels = [one async for one in sql.labels_stopped(connection, stop=stop)]
        where = await _whereabouts(connection, stop)
        return {
            **row,
            "states": counted(one["state"] for one in labels),
            "scanned": sum(one["times"] is not None for one in labels),
            **{name: where[name] for name in ("returned", "back", "destroyed", "elsewhere")},
            "not_moved": len(labels) - where.total(),
        }

    return await looking(pool, actor, work)


async def labels_of_stop(pool: Pool, actor: Actor, stop: str) -> list[dict[str, Any]]:
    """Its labels, by serial: `{serial, state, lot_no, agent, window_id, sent_at, scans}`.

    Raises:
        ProblemError: 404.
    """

    async def work(connection: Connection) -> list[dict[str, Any]]:
        await _one(connection, actor, stop)
        return [
            {
                "serial": row["serial"], "state": State(row["state"]).word, "lot_no": row["lot_no"],
                "agent": row["agent"], "window_id": row["window_id"], "sent_at": row["sent_at"],
                "scans": row["times"] or 0,
            }
            async for row in sql.labels_stopped(connection, stop=stop)
        ]  # fmt: skip

    return await looking(pool, actor, work)


async def close_label_stop(pool: Pool, actor: Actor, stop: str, report: str, at: datetime) -> None:
    """End the work on a stop with a report. The labels stay stopped; what the report says is never changed.

    Raises:
        ProblemError: 403; 404; 409 for one that waits for a second person, or is closed; 422 without a report.
    """
    if not report.strip():
        raise ProblemError("unprocessable", "请写结案报告 · report: expected what was done and found, got nothing")

    async def work(connection: Connection) -> tuple[None, Entry]:
        row = await sql.lock_label_stop(connection, stop=stop)
        if row is None or await decider_of(connection, actor, row["firm"]) is None:
            raise unknown(stop)
        if row["closed_at"] is not None or row["state"] == PROVISIONAL:
            raise ProblemError(
                "refused",
                f"已经结案，或还在等第二人确认 · stop {stop}: expected a confirmed or lifted one that is open, got "
                "another; see the list",
            )
        await sql.close_label_stop(connection, stop=stop, at=at, person=actor.person, report=report.strip())
        return None, Entry("close_label_stop", stop, report.strip(), row["firm"])

    await acting(pool, actor, Act.SUSPEND, work, at)


async def _whereabouts(connection: Connection, stop: str) -> Counter[str]:
    found: Counter[str] = Counter()
    moved = [row["serial"] async for row in sql.stopped_and_moved(connection, stop=stop, most=MOST_FOLDED)]
    for serial in moved:
        last = await last_of(connection, serial)
        if last is not None:
            found[_HOME.get(last, "elsewhere")] += 1
    return found


async def _one(connection: Connection, actor: Actor, stop: str) -> Mapping[str, Any]:
    rows = await _seen(connection, actor, stop) if stop else []
    if not rows:
        raise unknown(stop)
    return rows[0]


async def _seen(connection: Connection, actor: Actor, stop: str) -> list[dict[str, Any]]:
    rows = sql.label_stops_seen(connection, party=actor.party, kind=actor.kind.value, stop=stop, acts=sorted(STOPS))
    return [{**row, "chosen": asked_of(row["chosen"])} async for row in rows]
