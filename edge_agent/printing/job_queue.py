"""Which job a printer prints next: the oldest that is offered to it, as long as no strip hangs from it.

A strip hangs while the printer's last window is in doubt and nobody has named a good label of it. Labels behind it
would be counted and cut off with it, and whoever looks for its last good label would find one of theirs; so all jobs
wait, its own as well, and are told for what: who resumes a job says that it may go on, and not what became of a strip.
Only the last window counts: behind an older one there are labels already, and holding a line for a strip that was
thrown away weeks ago would only teach people to void labels that nobody looked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.messages import job as job_words
from edge_agent.messages.text import Words
from edge_agent.model.job import Job, JobState, Window
from edge_agent.printing.printer_groups import PrinterGroups

Move = Callable[[str, JobState, Words], Awaitable[None]]


class JobQueue:
    """The jobs of one printer. `move` tells a job what it waits for."""

    def __init__(self, printer_id: str, ledger: LedgerThread, groups: PrinterGroups, move: Move) -> None:
        self._printer_id = printer_id
        self._ledger = ledger
        self._groups = groups
        self._move = move
        self._strip: Window | None = None

    async def open(self) -> None:
        """Ask the ledger what the printer printed last."""
        self._strip = await self._ledger.do(Ledger.last_window, self._printer_id)

    @property
    def strip(self) -> Window | None:
        """What hangs, as far as was looked; None: nothing."""
        return self._strip

    def sent(self, window: Window, *, proven: bool) -> None:
        """This window is now the printer's last one."""
        self._strip = None if proven else window

    async def next(self) -> Job | None:
        """The job to print now, held for this printer; None: there is none, or a strip hangs."""
        hangs = await self.hangs()
        for job in await self._jobs():
            if hangs and job.left:
                await self._tell(job)
            elif self._groups.take(self._printer_id, job):
                return job
        return None

    async def is_offered_one(self) -> bool:
        """Whether a job could be printed here; nothing is held by asking."""
        return any(self._groups.offers(self._printer_id, job) for job in await self._jobs())

    async def hangs(self) -> bool:
        """Whether a strip still waits for its last good label; asked of the ledger, since it is settled elsewhere."""
        if self._strip and not await self._ledger.do(Ledger.awaits_last_good, self._strip.window_id):
            self._strip = None
        return self._strip is not None

    async def _jobs(self) -> tuple[Job, ...]:
        return await self._ledger.do(Ledger.next_jobs, self._groups.targets(self._printer_id))

    async def _tell(self, job: Job) -> None:
        why = job_words.behind_a_strip(self._printer_id)
        told = (job.state, job.reason) == (JobState.WAITING, str(why)) or self._groups.left_at(job.job_id) is not None
        if not told and self._groups.offers(self._printer_id, job):
            await self._move(job.job_id, JobState.WAITING, why)
