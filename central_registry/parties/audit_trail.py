"""Reads the audit: lists it for who may see it, and walks its chain to find what was altered or taken out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.lists import Ask, Found
from central_registry.parties.actor import Actor, PartyKind
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry, link_of
from central_registry.parties.door import looking
from central_registry.problems import ProblemError

COLUMNS = (
    "n", "at", "person", "name", "party", "party_name", "how", "act", "about", "concerns", "detail", "four_eyes"
)  # fmt: skip
"""Of a row that is listed, and of the CSV."""

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n\0]")
"""How a cell begins that a spreadsheet calculates, or one that strips blanks or takes wide signs does (OWASP ASVS 5.0,
1.2.10)."""

_WALK = 5_000
"""Rows of the chain read at once."""


@dataclass(frozen=True, slots=True)
class Walked:
    """`rows` that hold, and the hash of the last of them, `end`; `flaw`: None, or the first thing that does not; `own`:
    how many of them the asker may read, None for all."""

    rows: int
    end: str
    flaw: str | None
    own: int | None = None


async def list_audit(pool: Pool, actor: Actor, wanted: Ask) -> Found:
    """What was done by the actor's party, to it, or to those that their association admitted; by all for the operator.
    The newest first, rows as `COLUMNS`. Filters: `person`, `party`, `concerns`, `act`, `about`, `four_eyes`, `since`,
    `until` (days of Beijing, both of it).

    Raises:
        ProblemError: 403; 422 for a filter that is no day.
    """
    asked = {
        name: wanted.filters.get(name, "") for name in ("person", "party", "concerns", "act", "about", "four_eyes")
    }
    days = {name: _day(name, wanted.filters.get(name, "")) for name in ("since", "until")}

    async def work(connection: Connection) -> Found:
        limits = {"kind": actor.kind.value, "own": actor.party, "search": wanted.like, **asked, **days}
        rows = sql.audit_rows(connection, **limits, most=wanted.rows, skipped=wanted.skipped)
        found = [dict(row) async for row in rows]
        return Found(found, int(await sql.count_audit(connection, **limits)))

    return await looking(pool, actor, work)


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as CSV; a text that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(row[name]) for name in COLUMNS] for row in rows)
    return out.getvalue()


async def verify(pool: Pool, actor: Actor) -> Walked:
    """Walk the whole chain. The operator sees all of it; an association learns that every link holds, how many there
    are, the last hash, and how many of the rows are its own: of others' rows it reads nothing.

    Raises:
        ProblemError: 403 for other parties.
    """
    if actor.kind not in (PartyKind.OPERATOR, PartyKind.ASSOCIATION):
        raise ProblemError(
            "forbidden",
            "整条记录由运营方或协会校验 · audit: expected a person of the operator or of an association; ask them",
        )
    if actor.kind is PartyKind.OPERATOR:
        return await looking(pool, actor, walk, Act.EXPORT)
    return await looking(pool, actor, lambda connection: _walked_unseen(connection, actor), Act.EXPORT)


async def _walked_unseen(connection: Connection, actor: Actor) -> Walked:
    """Walked by the database, in whose function no row is shown."""
    row = await sql.audit_walk(connection, own=actor.party)
    end = row["last"].hex()
    flaw = None
    if row["flaw"] is not None:
        flaw = f"row {row['flaw']}: expected it to follow the one before it as it was written, got another or a gap"
    elif row["kept"] not in (None, f"{row['links']}:{end}"):
        flaw = (
            f"end: expected row {row['kept'].partition(':')[0]} to be the last, got {row['links']}: the end is missing"
        )
    return Walked(row["links"], end, flaw, row["own"])


async def walk(connection: Connection) -> Walked:
    """Hash every row anew after the one before it, and hold the end against the one that is kept apart: what was
    altered, taken out in between, put in, or cut off at the end is found."""
    previous, n = bytes(32), 0
    while rows := [dict(row) async for row in sql.audit_chain(connection, after=n, most=_WALK)]:
        for row in rows:
            if row["n"] != n + 1:
                return Walked(n, previous.hex(), f"row {n + 1}: expected it to be there, got row {row['n']} next")
            entry = Entry(row["act"], row["about"], row["detail"], row["concerns"], row["four_eyes"])
            right = link_of(previous, row, entry)
            if right != row["hash"]:
                return Walked(n, previous.hex(), f"row {row['n']}: expected the hash of what stands in it, got another")
            previous, n = right, row["n"]
    end = str(await sql.meta(connection, key="audit") or f"0:{bytes(32).hex()}")
    if end != f"{n}:{previous.hex()}":
        told = f"end: expected row {end.partition(':')[0]} to be the last, got {n}: the end is missing"
        return Walked(n, previous.hex(), told)
    return Walked(n, previous.hex(), None)


def _cell(value: Any) -> str:
    text = value.isoformat() if isinstance(value, datetime) else "" if value is None else str(value)
    return "'" + text if _FORMULA.match(text) else text


def _day(name: str, text: str) -> date | None:
    """The day of a filter, None for none: one that is no day would show everything as if it were asked for."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as cause:
        raise ProblemError(
            "unprocessable",
            f"日期不对 · {name}: expected a day such as 2026-12-31, got {text[:30]!r}; correct it",
            field=name,
        ) from cause
