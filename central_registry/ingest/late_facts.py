"""Judges labels anew whose facts came after them: a window may be told before the snapshot that it names.

Unread, its facts are called the maker's own statement. Without a second look an agent that holds the snapshot back for
one batch would have a forged grade shown so, and no difference named.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from central_registry.alarms import AlarmKind, Note, alarm_id, raise_alarm
from central_registry.db import Connection, sql
from central_registry.ingest.behind_facts import read_behind
from central_registry.ingest.compare import in_words
from central_registry.ingest.verdict import Against


async def judge_late(connection: Connection, names: Sequence[str], at: datetime) -> None:
    """Judge the windows that named these snapshots before anybody sent them, whoever sends them now. `names`: of
    snapshots that are new here."""
    ids = [alarm_id(Note(AlarmKind.SNAPSHOT_MISSING, name, "")) for name in names]
    if not ids:
        return
    for row in [row async for row in sql.waited_for_facts(connection, ids=ids)]:
        await _judge(connection, row["agent"], names, at)


async def _judge(connection: Connection, agent: str, names: Sequence[str], at: datetime) -> None:
    rows = [row async for row in sql.drawings_without_facts(connection, agent=agent, names=list(names))]
    keys = sorted({(agent, row["quota_key"]) for row in rows})
    behind = await read_behind(connection, keys, list(names))
    for row in rows:
        found = behind[agent].rule(row["snapshot"], row["quota_key"], row["lot_no"])
        differs = json.dumps(found.differences, ensure_ascii=False) if found.differences else None
        await sql.judge_facts_late(
            connection,
            draw=row["draw"],
            facts=int(found.verdict),
            certificate=found.version,
            differs=differs,
            against=int(Against.FACTS_DIFFER) if found.differences else 0,
        )
        if found.differences:
            detail = (
                f"{row['quota_key']}, window {row['window_id']}, its facts came late: {in_words(found.differences)}"
            )
            await raise_alarm(connection, agent, Note(AlarmKind.FACTS_DIFFER, row["quota_key"], detail), at)
