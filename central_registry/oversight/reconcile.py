"""Lays the books side by side: per agent and quota key what was allotted, issued (`drawn`), and became of it.

drawn = sending + printed + in doubt + commissioned + scrapped + invalid + conflicts
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from central_registry import alarms
from central_registry.agents import epoch
from central_registry.db import Connection, Pool, sql
from central_registry.goods import lot_limit
from central_registry.ingest.states import State

BECAME = (*(state.word for state in State), "conflicts")
"""What became of serials: these add up to what was drawn."""

COLUMNS = ("agent", "quota_key", "allotted", "drawn", *BECAME, "overdraft", "balanced")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def reconcile(pool: Pool, quota_key: str | None = None) -> dict[str, Any]:
    """`{rows, alarms, missing, above, overrides}`; a row has `COLUMNS`. All from one snapshot of the database."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=False):
        await sql.lift_time_limit(connection)
        rows = await _rows(connection, quota_key)
        return {
            "rows": rows,
            "alarms": await alarms.open_alarms(connection),
            "missing": await epoch.missing(connection),
            "above": await lot_limit.lots_above(connection, quota_key),
            "overrides": await lot_limit.overrides(connection, quota_key),
        }


async def _rows(connection: Connection, quota_key: str | None) -> list[dict[str, Any]]:
    states: dict[tuple[str, str], dict[str, int]] = {}
    async for row in sql.states_by_book(connection, quota_key=quota_key):
        states.setdefault((row["agent"], row["quota_key"]), {})[State(row["state"]).word] = row["labels"]
    conflicts: dict[tuple[str, str], int] = {}
    async for row in sql.conflicts_by_book(connection, quota_key=quota_key):
        key = (row["agent"], row["quota_key"])
        conflicts[key] = conflicts.get(key, 0) + row["labels"]
    books = [row async for row in sql.books(connection, quota_key=quota_key)]
    return [_row(row, states.get(_key(row), {}), conflicts.get(_key(row), 0)) for row in books]


def _key(row: Any) -> tuple[str, str]:
    return row["agent"], row["quota_key"]


def _row(row: Any, states: dict[str, int], conflicts: int) -> dict[str, Any]:
    standing = row["drawn"] - row["freed"]
    by_state = {state.word: states.get(state.word, 0) for state in State}
    return {
        "agent": row["agent"],
        "quota_key": row["quota_key"],
        "allotted": row["allotted"],
        "drawn": row["drawn"],
        **by_state,
        "conflicts": conflicts,
        "overdraft": max(0, standing - row["allotted"]),
        "balanced": sum(by_state.values()) + conflicts == row["drawn"],
    }


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    """CSV with a header. A text that a spreadsheet would run as a formula is led by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_harmless(row[column]) for column in COLUMNS])
    return out.getvalue()


def _harmless(value: Any) -> Any:
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value
