"""A spooler in memory: what it reports next is set by the test, what it is asked stands in `asked`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from edge_agent.errors import LinkBrokenError, LinkDownError
from edge_agent.printers.transports.queue.contract import JobReport, Phase

DONE = JobReport(Phase.DONE, "completed")


@dataclass
class SpoolerDouble:
    """Jobs are numbered from 1 and go through at once, unless the test says otherwise."""

    queue: str = "lab"
    reports: list[JobReport] = field(default_factory=list)
    """Told one after the other; the last one stays."""
    left: list[int] = field(default_factory=list)
    obstacle: str = ""
    refusal: str = ""
    silent: bool = False
    jobs: list[tuple[str, bytes]] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def check(self) -> None:
        self.asked.append("check")
        if self.obstacle:
            raise LinkDownError(self.obstacle)

    async def stale(self) -> list[int]:
        self.asked.append("stale")
        return [job for job in self.left if job not in self.cancelled]

    async def submit(self, title: str, data: bytes) -> int:
        self.asked.append("submit")
        self.jobs.append((title, data))
        self.left.append(len(self.jobs))
        if self.silent:
            await asyncio.Event().wait()
        if self.refusal:
            raise LinkBrokenError(self.refusal)
        return len(self.jobs)

    async def state(self, job: int) -> JobReport:
        self.asked.append("state")
        if len(self.reports) > 1:
            return self.reports.pop(0)
        return self.reports[0] if self.reports else DONE

    async def cancel(self, job: int) -> None:
        self.asked.append("cancel")
        self.cancelled.append(job)
