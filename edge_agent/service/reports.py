"""The shift report: read from the ledger a few hours at a time, so that no printer waits for it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edge_agent.access.asking import Asking
from edge_agent.clock import Clock, now_utc
from edge_agent.exports import as_csv, as_workbook
from edge_agent.ledger import Ledger
from edge_agent.model.report import DrawnLabels, JobFacts, JobMove, MovedLabels
from edge_agent.reports.paper import paper_pdf
from edge_agent.reports.report import CopiesOrdered, ShiftReport, moved, packed, printed
from edge_agent.reports.sheets import SHEETS, clock, sheet_of, sheets
from edge_agent.reports.shifts import Period, between, moment, read_moment, shift_at
from edge_agent.reports.stood import stood
from edge_agent.service.names import NameService
from edge_agent.service.parts import AgentParts
from label_protocol.errors import InputError

SLICE = timedelta(hours=3)
"""What one turn of the ledger's thread counts: five thousand labels take it some 8 ms."""
JOBS = 25
"""Jobs of which one turn reads: as long."""
OLDEST = timedelta(days=31)
"""Orders of before that are not looked at for how long they stood: what waits for a month stands nowhere."""
KEPT = 8
"""Times that people look at side by side; of a month some hundred kilobytes."""
TIMES_ITS_MAKING = 20
"""A report serves for so many times as long as it took to make: pages that look again every three seconds take a
twentieth of one processor at most, and a small site sees each label at once."""


class ReportService:
    """Answers what happened in a shift."""

    def __init__(
        self,
        parts: AgentParts,
        names: NameService,
        clock: Clock = now_utc,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parts, self._names = parts, names
        self._clock, self._now_s = clock, now_s
        self._kept: OrderedDict[Period, tuple[ShiftReport, float]] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()
        self._one_file_at_a_time = asyncio.Lock()

    def period(self, at: str = "", since: str = "", until: str = "") -> Period:
        """The shift that holds the moment `at` (empty: now), or the time from `since` to `until`.

        Raises:
            InputError: one that is no moment, half of a time, or a time that is no report's.
        """
        if not since and not until:
            at_ = read_moment(at, "at") if at else datetime.fromisoformat(self._clock())
            return shift_at(at_, self._parts.shifts)
        if at or not (since and until):
            raise InputError(
                "报表：写 from 和 to 两个时间，或者只写 at · report: expected from and to, or at alone, got another; "
                "correct it"
            )
        return between(read_moment(since, "from"), read_moment(until, "to"))

    async def shift(self, period: Period) -> ShiftReport:
        """All of it, as it is known now, or was a moment ago."""
        async with self._one_at_a_time:
            report, good_until_s = self._kept.pop(period, (None, 0.0))
            if report is None or self._now_s() >= good_until_s:
                begun = self._now_s()
                report = await self._made(period)
                good_until_s = (done := self._now_s()) + TIMES_ITS_MAKING * (done - begun)
            self._kept[period] = report, good_until_s
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return report

    async def csv(self, period: Period, table: str, asking: Asking) -> bytes:
        """One table of the report. Raises InputError: there is none of this name."""
        if table not in SHEETS:
            raise InputError(f"table: expected one of {', '.join(SHEETS)}, got {table[:40]!r}; correct it")
        report, shown = await self.shift(period), await self._names.shown(asking)
        return await self._beside(lambda: as_csv(sheet_of(table, report, shown)))

    async def workbook(self, period: Period, asking: Asking) -> bytes:
        """The report as a workbook, a tab for each table."""
        report, shown = await self.shift(period), await self._names.shown(asking)
        made_at = datetime.fromisoformat(report.as_of)
        return await self._beside(lambda: as_workbook(sheets(report, shown), made_at))

    async def paper(self, period: Period, asking: Asking) -> bytes:
        """The report as a PDF of A4 pages. Raises RenderError."""
        report, shown = await self.shift(period), await self._names.shown(asking)
        return await self._beside(lambda: paper_pdf(report, shown, self._parts.packing.sender))

    async def _beside(self, write: Callable[[], bytes]) -> bytes:
        """One file at a time: anybody may ask, and who logs in needs the threads beside the loop, too."""
        async with self._one_file_at_a_time:
            return await asyncio.to_thread(write)

    async def _made(self, period: Period) -> ShiftReport:
        do, (since, until), as_of = self._parts.ledger.do, period.moments, self._clock()
        found = _Found()
        for one in _slices(period, as_of):
            await self._read(*one, found)
        jobs = {row.job_id for row in found.drawn} | {row.job_id for row in found.moved}
        facts = await self._facts(sorted(jobs))
        return ShiftReport(
            since=since,
            until=until,
            as_of=as_of,
            printed=printed(found.drawn, facts, _hour),
            moved=moved(found.moved, facts),
            packed=packed(found.garments, found.cartons),
            copies=await self._copies(since, until),
            stood=stood(await self._moves(since, until), since, min(until, as_of)),
            in_doubt=await do(Ledger.labels_in_doubt),
        )

    async def _read(self, since: str, until: str, found: _Found) -> None:
        do = self._parts.ledger.do
        found.drawn += await do(Ledger.labels_drawn, since, until)
        found.moved += await do(Ledger.labels_moved, since, until)
        found.garments.update(await do(Ledger.garments_packed, since, until))
        found.cartons.update(await do(Ledger.cartons_closed, since, until))

    async def _facts(self, jobs: Sequence[str]) -> Mapping[str, JobFacts]:
        facts: dict[str, JobFacts] = {}
        for first in range(0, len(jobs), JOBS):
            facts |= await self._parts.ledger.do(Ledger.facts_of_jobs, jobs[first : first + JOBS])
        return facts

    async def _moves(self, since: str, until: str) -> Sequence[JobMove]:
        do, moves = self._parts.ledger.do, list[JobMove]()
        oldest = moment(datetime.fromisoformat(since) - OLDEST)
        jobs = await do(Ledger.jobs_not_over, oldest, since, until)
        for first in range(0, len(jobs), JOBS):
            moves += await do(Ledger.job_moves, jobs[first : first + JOBS])
        return moves

    async def _copies(self, since: str, until: str) -> tuple[CopiesOrdered, ...]:
        do = self._parts.ledger.do
        orders = await do(Ledger.copies_ordered, since, until)
        goods = {digest: await do(Ledger.goods, digest) for digest in {one.snapshot_hash for one in orders}}
        return tuple(CopiesOrdered(one, goods[one.snapshot_hash]) for one in orders)


@dataclass(slots=True)
class _Found:
    """What the turns of the ledger's thread have brought so far."""

    drawn: list[DrawnLabels] = field(default_factory=list)
    moved: list[MovedLabels] = field(default_factory=list)
    garments: Counter[str] = field(default_factory=Counter)
    cartons: Counter[str] = field(default_factory=Counter)


def _slices(period: Period, as_of: str) -> Iterator[tuple[str, str]]:
    """The time in parts, up to now: what happens meanwhile is the next report's."""
    begin, end = period.since, min(period.until, datetime.fromisoformat(as_of))
    while begin < end:
        yield moment(begin), moment(min(begin + SLICE, end))
        begin += SLICE


def _hour(at: str) -> str:
    return clock(at, "%Y-%m-%d %H")
