"""Lays the books side by side: per agent and quota key what was allotted, issued (`drawn`), and became of it.

drawn = sending + printed + in doubt + commissioned + scrapped + invalid + conflicts
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from central_registry import alarms
from central_registry.agents import epoch
from central_registry.db import Connection, Pool, sql
from central_registry.goods import lot_limit
from central_registry.ingest.states import FREED, State
from central_registry.ingest.sums import BECAME, CONFLICTS

COLUMNS = ("agent", "quota_key", "allotted", "drawn", *BECAME, "overdraft", "balanced")
_NOTHING = dict.fromkeys(BECAME, 0)
_FREED = [int(state) for state in FREED]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def reconcile(pool: Pool, quota_key: str | None = None, *, recount: bool = False) -> dict[str, Any]:
    """`{rows, alarms, missing, above, overrides}`; a row has `COLUMNS`. All from one snapshot of the database.

    Rows come from the sums that run with the events; with `recount`, from every label there is, and each row whose sums
    said something else is not `balanced`, nor one whose labels that use up nothing are others.
    """
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=False):
        await sql.lift_time_limit(connection)
        rows = await _rows(connection, quota_key, recount)
        return {
            "rows": rows,
            "alarms": await alarms.open_alarms(connection),
            "missing": await epoch.missing(connection),
            "above": await lot_limit.lots_above(connection, quota_key),
            "overrides": await lot_limit.overrides(connection, quota_key),
        }


async def _rows(connection: Connection, quota_key: str | None, recount: bool) -> list[dict[str, Any]]:
    rows = [dict(row) async for row in sql.books(connection, quota_key=quota_key)]
    if not recount:
        return [_with_sums(row) for row in rows]
    found = await _recounted(connection, quota_key)
    apart = {_key(row): row["labels"] async for row in sql.apart_counted(connection, freed=_FREED)}
    return [_beside(row, found.get(_key(row), _NOTHING), apart.get(_key(row), 0)) for row in rows]


def _with_sums(row: dict[str, Any]) -> dict[str, Any]:
    del row["apart"]
    return row


async def _recounted(connection: Connection, quota_key: str | None) -> dict[tuple[str, str], dict[str, int]]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    async for row in sql.labels_counted(connection, quota_key=quota_key):
        became = CONFLICTS if row["state"] is None else State(row["state"]).word
        found.setdefault((row["agent"], row["quota_key"]), dict(_NOTHING))[became] += row["labels"]
    return found


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["agent"], row["quota_key"]


def _beside(row: dict[str, Any], found: dict[str, int], apart: int) -> dict[str, Any]:
    """A row of the sums with what its labels are in truth, of which so many stand apart."""
    alike = all(row[word] == labels for word, labels in found.items()) and row.pop("apart") == apart
    return {**row, **found, "balanced": alike and sum(found.values()) == row["drawn"]}


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
