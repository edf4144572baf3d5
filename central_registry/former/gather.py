"""Reads a file once: its serials go into the database as they come, all else is gathered.

Lines are read in a thread, some thousand at a time, so that a service goes on answering.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from central_registry.db import Connection, sql
from central_registry.former.lines import (
    Beside,
    Certificate,
    Firm,
    Flaw,
    Goods,
    Header,
    Label,
    Line,
    Staged,
    read_lines,
)
from central_registry.former.report import Report
from central_registry.former.source import Source

GATHERED_MOST = 50_000
"""Lines of a file beside its serials: what is gathered is held in memory."""

COPY_S = 600.0
_AT_ONCE = 2_000
_COLUMNS = list(Staged._fields)


@dataclass(slots=True)
class Gathered:
    """The lines of a file by kind, beside its serials; `report` has the flaws."""

    report: Report
    firms: list[Line[Firm]] = field(default_factory=list)
    goods: list[Line[Goods]] = field(default_factory=list)
    certificates: list[Line[Certificate]] = field(default_factory=list)
    labels: list[Line[Label]] = field(default_factory=list)
    serials: int = 0

    def take(self, one: Line[Beside] | Staged | Flaw) -> None:
        """Put a line where it belongs."""
        self.report.lines += 1
        if isinstance(one, Staged):
            self.serials += 1
        elif isinstance(one, Flaw):
            self.report.refuse("line", *one)
        elif self.report.lines - self.serials > GATHERED_MOST:
            self.report.refuse("line", one.number, _TOO_MANY)
        else:
            self._keep(one)

    def _keep(self, one: Line[Beside]) -> None:
        row = one.row
        if isinstance(row, Header):
            self.report.platform, self.report.exported_on = row.platform, row.exported_on
        elif isinstance(row, Firm):
            self.firms.append(Line(one.number, row, one.body))
        elif isinstance(row, Goods):
            self.goods.append(Line(one.number, row, one.body))
        elif isinstance(row, Certificate):
            self.certificates.append(Line(one.number, row, one.body))
        else:
            self.labels.append(Line(one.number, row, one.body))


_TOO_MANY = (
    f"除序列号外行数太多 · line: expected at most {GATHERED_MOST} lines beside serials, got more; split the file"
)


async def gather(connection: Connection, source: Source) -> Gathered:
    """Read all of it; serials are staged in the transaction of `connection`."""
    found = Gathered(Report(sha256=await asyncio.to_thread(source.sha256)))
    await sql.stage_former(connection)
    records = _serials(source, found)
    await connection.copy_records_to_table("former_staged", records=records, columns=_COLUMNS, timeout=COPY_S)
    await sql.analyze_staged(connection)
    return found


async def _serials(source: Source, found: Gathered) -> AsyncIterator[tuple[Any, ...]]:
    lines = read_lines(source.lines())
    while part := await asyncio.to_thread(lambda: list(islice(lines, _AT_ONCE))):
        for one in part:
            found.take(one)
            if isinstance(one, Staged):
                yield one
