"""Labels that were found, and the life of one, as tables for a spreadsheet."""

from __future__ import annotations

import asyncio
from datetime import datetime

from edge_agent.access.asking import Asking
from edge_agent.clock import Clock, now_utc
from edge_agent.exports import Sheet, Value, as_file
from edge_agent.messages.job import LABEL_STATES
from edge_agent.messages.life import LifeRow
from edge_agent.messages.printer import PROOFS
from edge_agent.messages.report import COLUMNS, LABELS, LIFE, cut_off
from edge_agent.model.printer import ProofLevel
from edge_agent.model.search import FoundLabel, LabelSearch
from edge_agent.model.shown import Shown
from edge_agent.reports.sheets import clock
from edge_agent.service.find import FindService
from edge_agent.service.names import NameService
from label_protocol.states import SerialState

ROWS_MOST = 20_000
"""Labels of one table: a shift's. What more was found is said in the last row."""
PAGE = 200
"""Labels that one turn of the ledger's thread reads, some 10 ms."""


class LabelTables:
    """Makes tables of what `FindService` finds; `form` is `csv` or `xlsx`. One at a time: each of a shift takes ten
    megabytes and more, and anybody may ask for it."""

    def __init__(self, find: FindService, names: NameService, clock: Clock = now_utc) -> None:
        self._find, self._names, self._clock = find, names, clock
        self._one_at_a_time = asyncio.Lock()

    async def labels(self, wanted: LabelSearch, form: str, asking: Asking) -> bytes:
        """Labels that have all that is wanted, the newest first. Raises as `FindService.labels`."""
        async with self._one_at_a_time:
            return await self._labels(wanted, form, asking)

    async def _labels(self, wanted: LabelSearch, form: str, asking: Asking) -> bytes:
        shown, rows, after = await self._names.shown(asking), list[tuple[Value, ...]](), ""
        while True:
            page = await self._find.labels(wanted, PAGE, after)
            rows += (_label(one, shown) for one in page.labels)
            if page.next is None or len(rows) >= ROWS_MOST:
                break
            after = page.next
        if page.next is not None:
            rows.append((str(cut_off(len(rows))), *("" for _ in LABELS[1][1:])))
        return await self._file(LABELS, rows, form)

    async def life(self, serial: str, form: str, asking: Asking) -> bytes:
        """What happened to a serial, oldest first. Raises CodeError, NotFoundError."""
        shown = await self._names.shown(asking)
        return await self._file(LIFE, [_moment(row, shown) for row in await self._find.life(serial)], form)

    async def _file(self, of: tuple[str, tuple[str, ...]], rows: list[tuple[Value, ...]], form: str) -> bytes:
        sheet = Sheet(of[0], tuple(COLUMNS[one] for one in of[1]), rows)
        return await asyncio.to_thread(as_file, [sheet], form, datetime.fromisoformat(self._clock()))


def _label(found: FoundLabel, shown: Shown) -> tuple[Value, ...]:
    one, goods = found.label, found.goods
    return (
        one.serial,
        LABEL_STATES[SerialState(one.state)].zh,
        one.reason or "",
        one.lot_no or "",
        goods.style_no,
        goods.name,
        goods.size,
        shown.printer(one.printer),
        shown.person(found.ordered_by),
        clock(one.sent_at, _SECONDS),
        one.replaces or "",
        one.replaced_by or "",
    )


def _moment(row: LifeRow, shown: Shown) -> tuple[Value, ...]:
    level = PROOFS[ProofLevel[row.level.upper()]].zh if row.level else ""
    return (
        clock(row.at, _SECONDS),
        row.words.zh,
        shown.person(row.operator),
        row.reason,
        level,
        shown.printer(row.printer),
        row.other,
    )


_SECONDS = "%Y-%m-%d %H:%M:%S"
