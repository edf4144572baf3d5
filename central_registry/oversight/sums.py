"""Lists the running sums of labels: per firm, lot, agent or day, what was allotted, drawn, and became of it.

A row says of labels what they are now, by the day on which they were drawn (central_registry/ingest/sums.py), so each
adds up: drawn = sending + printed + in_doubt + commissioned + scrapped + invalid + conflicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.ingest.sums import COLUMNS as COUNTED
from central_registry.lists import MOST_ROWS, Ask, Found
from central_registry.parties.actor import Actor
from central_registry.parties.door import looking

BY = ("lot", "firm", "agent", "day")
"""What rows are of; the filter `by` names one, the first if it does not."""

FIGURES = ("allotted", *COUNTED, "packed", "shipped", "returned", "by_roll")
FILTERS = ("firm", "lot_no", "agent", "quota_key", "since", "until")
"""Beside `by`; `since` and `until` are days, `2026-11-20`, and let the allotments of all days through."""


async def list_sums(pool: Pool, actor: Actor, ask: Ask) -> Found:
    """What the actor's party may see; a row is `{what, firm, firm_name, lot_no, style_no}` and `FIGURES`, where `what`
    is the quota key, the firm, the agent or the day, and the words of other groupings are empty.

    Raises:
        ProblemError: 403.
    """
    return await looking(pool, actor, lambda connection: _found(connection, actor, ask))


async def _found(connection: Connection, actor: Actor, ask: Ask) -> Found:
    by = ask.filters.get("by", BY[0])
    filters = {name: ask.filters.get(name, "") for name in FILTERS}
    by_figure = ask.sort in FIGURES
    rows = [
        dict(row)
        async for row in sql.sums_asked(
            connection,
            **filters,
            by=by if by in BY else BY[0],
            kind=actor.kind.value,
            party=actor.party,
            like=ask.like,
            sort=ask.sort if by_figure else "",
            descending=ask.descending and by_figure,
            backwards=ask.descending and not by_figure,
            rows=min(ask.rows, MOST_ROWS),
            skipped=ask.skipped,
        )
    ]
    total = max((row.pop("total") for row in rows), default=0)
    return Found(rows, total)


def chart(rows: Sequence[Mapping[str, Any]], figures: Sequence[str] = ("printed", "commissioned", "scrapped")) -> Any:
    """Series for a chart of the rows as they stand: `{labels, series: [{figure, values}], most}`; `most` is the highest
    stack, so that an axis ends there."""
    stacks = [sum(row[figure] for figure in figures) for row in rows]
    return {
        "labels": [row["what"] for row in rows],
        "series": [{"figure": figure, "values": [row[figure] for row in rows]} for figure in figures],
        "most": max(stacks, default=0),
    }
