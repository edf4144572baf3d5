"""Keeps rows as they were brought, and says whether a line brings something new, the same, or something else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from central_registry.db import Connection, sql
from central_registry.former.lines import Beside, Certificate, Firm, Goods, Header, Label, Line
from central_registry.former.report import NEW, SAME, Report
from central_registry.goods.differences import differences

_Row = TypeVar("_Row", Header, Firm, Goods, Certificate, Label, Beside)


class Key(NamedTuple):
    """What a row is of: a firm's, of which kind, under which number."""

    firm: str
    kind: str
    number: str


@dataclass(frozen=True, slots=True)
class Change(Generic[_Row]):
    """A line that changes something: `old` is what was brought before, None if it is new."""

    key: Key
    line: Line[_Row]
    old: Mapping[str, Any] | None


async def changes(
    connection: Connection, placed: Sequence[tuple[Key, Line[_Row]]], report: Report
) -> list[Change[_Row]]:
    """Those of the lines that are new or say something else; counted in `report`. A line whose key stands in the file
    twice is refused."""
    known = await _known(connection, [key for key, _ in placed])
    found, seen = [], set()
    for key, line in placed:
        body, old = dict(line.body), known.get(key)
        if key in seen:
            report.refuse(key.kind, line.number, f"{key.number or key.firm}: expected once in a file, got it again")
        elif old == body:
            report.took(key.kind, SAME, line=line.number)
        else:
            if old is None:
                report.took(key.kind, NEW, line=line.number)
            else:
                report.differ(key.kind, line.number, f"{key.kind} {key.number or key.firm}", differences(old, body))
            found.append(Change(key, line, old))
        seen.add(key)
    return found


async def keep(connection: Connection, rows: Sequence[tuple[Key, Mapping[str, Any]]], import_id: int) -> None:
    """Write them down as they were brought, in place of what was brought before."""
    if rows:
        bodies = [json.dumps(body, ensure_ascii=False) for _, body in rows]
        await sql.put_former_rows(connection, **_columns([key for key, _ in rows]), bodies=bodies, import_id=import_id)


async def known_keys(connection: Connection, keys: Sequence[Key]) -> set[Key]:
    """Those of the rows that were brought, by this file or before."""
    return set(await _known(connection, keys))


async def _known(connection: Connection, keys: Sequence[Key]) -> dict[Key, Any]:
    rows = sql.former_rows(connection, **_columns(keys))
    return {Key(row["firm"], row["kind"], row["number"]): json.loads(row["body"]) async for row in rows}


def _columns(keys: Sequence[Key]) -> dict[str, list[str]]:
    return {
        "firms": [key.firm for key in keys],
        "kinds": [key.kind for key in keys],
        "numbers": [key.number for key in keys],
    }
