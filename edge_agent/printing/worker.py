"""One worker per printer: has serials issued and printed, records the verdict. Reads like the flow of docs/flow.md.

    quiet, baseline ─► SENDING committed ─► bytes ─► quiet again ─► verdict ─► PRINTED | IN_DOUBT committed

Windows on one printer never overlap because there is one worker per printer and it does one thing after the other. A
window that ends in doubt pauses its job: what happens next is an operator's decision. A worker outlives what goes wrong
in it: one that ended would leave its printer standing, and nobody would know why.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog
from structlog.contextvars import bind_contextvars, unbind_contextvars

from edge_agent.change_signal import ChangeSignal
from edge_agent.errors import IssuingError, LedgerFullError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.messages import job as job_words
from edge_agent.messages.error import of_class
from edge_agent.messages.printer import BUSY, IDLE, happened
from edge_agent.messages.text import Words
from edge_agent.model.job import Job, JobState, Window
from edge_agent.model.printer import Observation, Verdict
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printing.copy_worker import Copier, Inspect, RenderCopies, no_copies, no_inspection
from edge_agent.printing.imposition import Imposition
from edge_agent.printing.job_moves import ACTIVE, JobMoves
from edge_agent.printing.job_queue import JobQueue
from edge_agent.printing.line_keeper import LineKeeper
from edge_agent.printing.maintenance import Maintenance
from edge_agent.printing.odometer import Odometer
from edge_agent.printing.print_and_judge import Outgoing, print_and_judge, said
from edge_agent.printing.printer_groups import PrinterGroups
from edge_agent.printing.window_printer import Ask, WindowPrinter
from label_protocol.details import Evidence
from label_protocol.errors import LedgerError

_log = structlog.get_logger("edge_agent.printing.worker")

RenderJob = Callable[[Job], Awaitable[Imposition]]
"""Renders what a job prints from its snapshot; raises an `AgentError` if its template is not the promised one, or the
key of its check codes is not here."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """`window_labels` serials at most are in flight; `counts_as` is what a printed label is for the registry."""

    window_labels: int
    counts_as: str = "printed"
    idle_poll_s: float = 2.0


class Worker:
    """Owns one printer: what it prints, it prints one after the other."""

    def __init__(
        self,
        printer_id: str,
        window_printer: WindowPrinter,
        ledger: LedgerThread,
        render_job: RenderJob,
        changes: ChangeSignal,
        settings: WorkerSettings,
        *,
        printer_groups: PrinterGroups | None = None,
        inspect: Inspect = no_inspection,
        render_copies: RenderCopies = no_copies,
    ) -> None:
        self.printer_id = printer_id
        self.window_printer = window_printer
        self.job_id: str | None = None
        self._ledger = ledger
        self._render_job = render_job
        self._changes = changes
        self._settings = settings
        self._printer_groups = printer_groups or PrinterGroups((), lambda _printer: 0.0)
        self._jobs = JobMoves(ledger, changes)
        self.queue = JobQueue(printer_id, ledger, self._printer_groups, self._jobs.move)
        self._inspect = inspect
        self._inspected: set[tuple[str, PrinterIdentity | None]] = set()
        self._odometer = Odometer(printer_id, ledger)
        self._keeper = window_printer.keeper = LineKeeper(printer_id, ledger, self._odometer)
        self._stopping = False
        self._full = False
        self.maintenance = Maintenance(printer_id, window_printer, self._odometer, changes, lambda: self.job_id)
        self.copier = Copier(
            printer_id,
            window_printer,
            self._odometer,
            ledger,
            changes,
            render=render_copies,
            inspect=inspect,
            window_labels=self._settings.window_labels,
            called_away=self._called_away,
            stopping=lambda: self._stopping,
        )

    async def run(self) -> None:
        """Print jobs until `stop`; ends only between windows. A task of its own: all it logs names the printer."""
        bind_contextvars(printer=self.printer_id)
        await self._keeper.open()
        await self.queue.open()
        try:
            while not self._stopping:
                heard = self._changes.count
                try:
                    await self._turn(heard)
                except LedgerFullError as cause:
                    _log.warning("disk_full", cause=str(cause))
                    await self._changes.wait(self._changes.count, self._settings.idle_poll_s)
                except Exception:
                    _log.exception("worker_stumbled")
                    await self.window_printer.link.close()
                    await self._changes.wait(heard, self._settings.idle_poll_s)
        finally:
            self.maintenance.give_up()
            await self.window_printer.link.close()

    async def _turn(self, heard: int) -> None:
        await self._doubt_leftover()
        if self.maintenance:  # before a job that came meanwhile: somebody stands at the printer
            await self.maintenance.do_next()
            self.copier.put_down()
            return
        if await self._disk_is_full():
            await self._idle(heard)
            return
        job = await self.queue.next()
        if job is not None:
            await self._print(job)
            self.copier.put_down()
        elif await self.queue.hangs() or not await self.copier.print_some(heard):
            await self._idle(heard)

    async def _disk_is_full(self) -> bool:
        """Nothing is issued then, and no job is paused for it: what ends by itself needs nobody to resume it."""
        full = (await self._ledger.do(Ledger.disk)).full
        if full != self._full:
            self._full = full
            self._changes.tell()
        return full

    async def _doubt_leftover(self) -> None:
        """A window without a verdict between two windows: the disk took the serials and not the verdict. The job first,
        so that no serial is issued for it before an operator looked."""
        window = await self._ledger.do(Ledger.open_window_on, self.printer_id)
        if window is not None:
            await self._jobs.pause(window.job_id, job_words.UNRECORDED)
            await self._doubt(window, job_words.UNRECORDED.en)

    def stop(self) -> None:
        """Ask the worker to end after the window it is in."""
        self._stopping = True
        self._changes.tell()

    async def _called_away(self) -> bool:
        """Whether copies have to wait: a job's labels have garments that wait for them."""
        return bool(self.maintenance) or await self.queue.is_offered_one()

    async def _idle(self, heard: int) -> None:
        """Nothing to print: watch the printer, so that the page is true and a roll change is not missed."""
        left_s = await self.window_printer.watch_when_due(self._settings.idle_poll_s)
        await self._changes.wait(heard, left_s)

    # --- a job -------------------------------------------------------------------------------------------------

    async def _print(self, job: Job) -> None:
        self.job_id = job.job_id
        bind_contextvars(job=job.job_id)
        self.window_printer.start_afresh()
        try:
            imposition = await self._render_job(job)
            while job.state in ACTIVE and job.left and not self._stopping and await self._sampled(job):
                if not await self._one_window(job, imposition):
                    break
                job = await self._jobs.now(job.job_id)
            await self._finish(job.job_id)
        except LedgerFullError:  # no reason to pause: it ends by itself, and could not be recorded now
            raise
        except (IssuingError, LedgerError) as cause:
            await self._jobs.pause(job.job_id, job_words.cannot_issue(str(cause)), of_class(cause))
        except Exception as cause:
            await self._jobs.pause(job.job_id, job_words.cannot_print(said(cause)), of_class(cause))
        finally:
            self.job_id = None
            unbind_contextvars("job")
            self._printer_groups.release(job)
            self._changes.tell()

    async def _passes(self, job: Job, imposition: Imposition) -> bool:
        """The check before the first label of a job on a printer. What it finds pauses the job once; who resumes it has
        seen it."""
        finding = await self._inspect(self.window_printer, imposition)
        self._inspected.add((job.job_id, self._keeper.known))
        self.window_printer.start_afresh()
        if finding is not None:
            await self._jobs.pause(job.job_id, finding)
        return finding is None

    async def _one_window(self, job: Job, imposition: Imposition) -> bool:
        """Inspect, or print one window; False when the job is to stop here."""
        before = await self.window_printer.baseline(imposition, self._ask(job))
        if before is None:
            return False
        if (job.job_id, self._keeper.known) not in self._inspected:
            return await self._passes(job, imposition)
        imposition.require_still_valid()
        begin = partial(self._begin, job, imposition)
        verdict, _ = await print_and_judge(self.window_printer, self._odometer, imposition, before, begin)
        return verdict.printed

    async def _begin(self, job: Job, imposition: Imposition, before: Observation) -> Outgoing:
        """Serials issued and on disk; taken out of the world again if their label cannot be rendered, since no byte was
        begun."""
        limit = imposition.labels_within(self._settings.window_labels)
        window = await self._ledger.do(
            Ledger.begin_window, job.job_id, printer=self.printer_id, limit=limit, counter=before.counter
        )
        try:
            rows = imposition.rows(window.serials)
            first = self.window_printer.encode(imposition, rows[0])
        except Exception as cause:
            await self._ledger.do(Ledger.never_sent, window.window_id, said(cause))
            raise
        ends = partial(self._record, window), partial(self._conclude, job)
        return Outgoing(rows, first, self._ask(job, window.window_id), *ends)

    async def _record(self, window: Window, verdict: Verdict, _after: Observation | None) -> None:
        if verdict.printed:
            await self._ledger.do(Ledger.prove_window, window.window_id, verdict, self._settings.counts_as)
            self.queue.sent(window, proven=True)
        else:
            await self._doubt(window, verdict.reason, verdict.evidence)

    async def _doubt(self, window: Window, why: str, evidence: Evidence | None = None) -> None:
        await self._ledger.do(Ledger.doubt_window, window.window_id, why, evidence)
        self.queue.sent(window, proven=False)
        ids = {"job": window.job_id, "window": window.window_id}
        _log.warning("window_in_doubt", **ids, labels=len(window.serials), why=why)

    async def _conclude(self, job: Job, verdict: Verdict) -> None:
        if not (verdict.printed or (verdict.printer_failed and await self._moves_on(job.job_id, verdict))):
            await self._jobs.pause(job.job_id, job_words.in_doubt(self.window_printer.status_words, verdict))
        self._changes.tell()

    async def _moves_on(self, job_id: str, verdict: Verdict) -> bool:
        """Whether the rest of a group's job goes to another printer; what was drawn here stays here, in doubt."""
        job, why = await self._jobs.now(job_id), happened(self.window_printer.status_words, verdict)
        if not (job.left and self._printer_groups.leaves(self.printer_id, job, why)):
            return False
        await self._jobs.move(job_id, JobState.WAITING, job_words.moves_on(self.printer_id, why, job.left))
        return True

    async def _sampled(self, job: Job) -> bool:
        """Whether it may go on. One whose sampled scan is due stands until a label of its last window was scanned."""
        window = await self._ledger.do(Ledger.awaits_sample, job.job_id) if job.sample_due else None
        if window is not None:
            await self._jobs.pause(job.job_id, job_words.scan_sample(window.printer))
        return window is None

    async def _finish(self, job_id: str) -> None:
        job = await self._jobs.now(job_id)
        if job.state in ACTIVE and not job.left and await self._sampled(job):
            await self._jobs.move(job_id, JobState.DONE, job_words.finished(job))

    # --- orders and words --------------------------------------------------------------------------------------

    def _ask(self, job: Job, title: str = "") -> Ask:
        """`title` is that of a window: what was sent cannot move to another printer, so there it is kept."""
        return Ask(self._wanted(job, hands_over=not title), self._tell(job.job_id), f"{job.job_id} {title}".strip())

    def _wanted(self, job: Job, *, hands_over: bool) -> Callable[[], Awaitable[bool]]:
        async def wanted() -> bool:
            if self._stopping or (hands_over and not self._printer_groups.keeps(self.printer_id, job)):
                return False
            return (await self._jobs.now(job.job_id)).state in ACTIVE

        return wanted

    def _tell(self, job_id: str) -> Callable[[Words | None], Awaitable[None]]:
        async def tell(what: Words | None) -> None:
            state, reason = (JobState.WAITING, what) if what else (JobState.RUNNING, self._begun(job_id))
            job = await self._jobs.now(job_id)
            if what and what == self.window_printer.question and job.printer == self.printer_id:
                await self._jobs.pause(job_id, what)  # a group's job may go on at another printer
            elif job.state in ACTIVE and what not in (BUSY, IDLE) and (job.state, job.reason) != (state, str(reason)):
                await self._jobs.move(job_id, state, reason)

        return tell

    def _begun(self, job_id: str) -> Words:
        """Of a job that prints here: where it came from, while a strip of it hangs there."""
        left = self._printer_groups.left_at(job_id)
        return job_words.moved(self.printer_id, *left) if left else job_words.STARTED
