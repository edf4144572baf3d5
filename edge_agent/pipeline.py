"""One worker per printer: draws serials, has them printed, records the verdict. Reads like ARCHITECTURE section 2.

    quiet, baseline ─► SENDING committed ─► bytes ─► quiet again ─► verdict ─► PRINTED | IN_DOUBT committed

Windows on one printer never overlap because there is one worker per printer and it does one thing after the other. A
window that ends in doubt pauses its job: what happens next is an operator's decision. A worker outlives what goes wrong
in it: one that ended would leave its printer standing, and nobody would know why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import structlog

from edge_agent import words
from edge_agent.bell import Bell
from edge_agent.errors import AgentError, ConflictError, IssuingError, LedgerError, LinkError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.model import Job, JobState, Observation, Verdict, Window
from edge_agent.press import Press, Sheet
from edge_agent.proof import Trace, between_windows, judge
from edge_agent.words import Words

TEST_TRIES = 20  # looks at a printer that is not ready before a test label is given up: somebody waits
ACTIVE = frozenset({JobState.RUNNING, JobState.WAITING})
POWER_UP_LABELS = 8
"""A printer that was switched off and on may feed some 200 mm to find its gap; more counts need another explanation."""

_log = structlog.get_logger("edge_agent.pipeline")

Artist = Callable[[Job], Awaitable[Sheet]]
"""Draws what a job prints from its snapshot; raises an `AgentError` if the template is not the promised one."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """`window_labels` serials at most are in flight; `counts_as` is what a printed label is for the registry."""

    window_labels: int = 8
    counts_as: str = "printed"
    idle_poll_s: float = 2.0


class Worker:
    """The one owner of a printer."""

    def __init__(
        self,
        printer_id: str,
        press: Press,
        ledger: LedgerThread,
        artist: Artist,
        bell: Bell,
        settings: WorkerSettings | None = None,
    ) -> None:
        self.printer_id = printer_id
        self.press = press
        self.job_id: str | None = None
        self._ledger = ledger
        self._artist = artist
        self._bell = bell
        self._settings = settings or WorkerSettings()
        self._stopping = False
        self._first_contact = True
        self._last_counter: int | None = None
        self._doubted = 0
        self._tests: list[tuple[Sheet, asyncio.Future[Words]]] = []

    async def run(self) -> None:
        """Print jobs until `stop`; ends only between windows."""
        self._last_counter = await self._ledger.do(Ledger.printer_counter, self.printer_id)
        self._doubted = await self._ledger.do(Ledger.printer_doubt, self.printer_id)
        try:
            while not self._stopping:
                heard = self._bell.count
                try:
                    await self._turn(heard)
                except Exception:
                    _log.exception("worker_stumbled", printer=self.printer_id)
                    await self.press.link.close()
                    await self._bell.wait(heard, self._settings.idle_poll_s)
        finally:
            await self.press.link.close()

    async def _turn(self, heard: int) -> None:
        await self._doubt_leftover()
        job = await self._next_job()
        if job is None and self._tests:
            await self._print_test(*self._tests.pop(0))
        elif job is None:
            await self._idle(heard)
        else:
            await self._print(job)

    async def _doubt_leftover(self) -> None:
        """A window without a verdict between two windows: the disk took the draw and not the verdict. The job first, so
        that no serial is drawn for it before an operator looked."""
        for window in await self._ledger.do(Ledger.open_windows):
            if window.printer == self.printer_id:
                await self._pause(window.job_id, words.UNRECORDED)
                await self._ledger.do(Ledger.doubt_window, window.window_id, words.UNRECORDED.en)

    def stop(self) -> None:
        """Ask the worker to end after the window it is in."""
        self._stopping = True
        self._bell.ring()

    async def test(self, sheet: Sheet) -> Words:
        """Print one label without a serial; returns what was seen. Raises ConflictError while a job is printing."""
        if self.job_id is not None:
            raise ConflictError(f"printer {self.printer_id}: expected no job on it, got {self.job_id}; pause it first")
        answer: asyncio.Future[Words] = asyncio.get_running_loop().create_future()
        self._tests.append((sheet, answer))
        self._bell.ring()
        return await answer

    async def _print_test(self, sheet: Sheet, answer: asyncio.Future[Words]) -> None:
        """The counter moves by one label nobody will ask for; the ledger notes it as feed."""
        tries = count()

        async def wanted() -> bool:
            return next(tries) < TEST_TRIES and not self._stopping

        async def tell(_what: Words | None) -> None:
            return

        try:
            before = await self.press.baseline(sheet, wanted, tell)
            if before is not None:
                await self._account(before)
                want, first = self.press.expect(sheet, before, 1), self.press.encode(sheet, "")
                self._doubted += 1
                await self.press.print_window(sheet, ("",), first, want, wanted, tell)
        finally:
            if not answer.done():
                answer.set_result(self.press.status_words)

    async def _next_job(self) -> Job | None:
        return await self._ledger.do(Ledger.next_job, self.printer_id)

    async def _idle(self, heard: int) -> None:
        """Nothing to print: watch the printer, so that the page is true and a roll change is not missed."""
        try:
            await self.press.ensure_connected()
            await self.press.look()
        except LinkError:
            self.press.relinked = True
            self.press.status_words = words.DOWN
            await self.press.link.close()
        await self._bell.wait(heard, self._settings.idle_poll_s)

    # --- a job -------------------------------------------------------------------------------------------------

    async def _print(self, job: Job) -> None:
        self.job_id = job.job_id
        self.press.start_afresh()
        try:
            sheet = await self._artist(job)
            while job.state in ACTIVE and job.left and not self._stopping:
                if not await self._one_window(job, sheet):
                    break
                job = await self._job(job.job_id)
            await self._finish(job.job_id)
        except (IssuingError, LedgerError) as cause:
            await self._pause(job.job_id, words.cannot_issue(str(cause)))
        except Exception as cause:
            await self._pause(job.job_id, words.cannot_print(_said(cause)))
        finally:
            self.job_id = None

    async def _one_window(self, job: Job, sheet: Sheet) -> bool:
        """Print one window; False when the job is to stop here."""
        before = await self.press.baseline(sheet, self._wanted(job.job_id), self._tell(job.job_id))
        if before is None:
            return False
        await self._account(before)
        window = await self._ledger.do(
            Ledger.begin_window, job.job_id, limit=self._settings.window_labels, counter=before.counter
        )
        verdict = await self._send(job, sheet, window, before)
        if verdict is None:
            return False
        await self._record(job, window, verdict)
        return verdict.printed

    async def _send(self, job: Job, sheet: Sheet, window: Window, before: Observation) -> Verdict | None:
        """Bytes out, eyes open; None if no byte was begun because the label could not be drawn."""
        try:
            first = self.press.encode(sheet, window.serials[0])
        except Exception as cause:
            await self._ledger.do(Ledger.never_sent, window.window_id, _said(cause))
            await self._pause(job.job_id, words.cannot_print(_said(cause)))
            return None
        self._doubted += len(window.serials)
        want = self.press.expect(sheet, before, len(window.serials))
        try:
            after, trace = await self.press.print_window(
                sheet, window.serials, first, want, self._wanted(job.job_id), self._tell(job.job_id)
            )
        except Exception as cause:  # a later label could not be drawn, or the ledger failed while bytes were out
            await self.press.link.close()
            after, trace = None, Trace(link_trouble=f"stopped in the middle: {_said(cause)}")
        return judge(want, after, trace)

    async def _record(self, job: Job, window: Window, verdict: Verdict) -> None:
        if verdict.printed:
            await self._ledger.do(Ledger.print_window, window.window_id, verdict, self._settings.counts_as)
            self._know(verdict.evidence.get("counter_after"))
        else:
            await self._ledger.do(Ledger.doubt_window, window.window_id, verdict.reason, verdict.evidence)
            await self._alarm_if_more(verdict)
            await self._pause(job.job_id, words.in_doubt(self.press.status_words, verdict))
        self._bell.ring()

    async def _alarm_if_more(self, verdict: Verdict) -> None:
        """More paper than serials in one window: one of them may be there twice (F3)."""
        before, after = verdict.evidence.get("counter_before"), verdict.evidence.get("counter_after")
        if before is not None and after is not None and after - before > verdict.evidence["labels"]:
            detail = {"before": before, "after": after, "labels": verdict.evidence["labels"]}
            await self._ledger.do(Ledger.raise_alarm, "possible_duplicate", self.printer_id, detail)
            self._know(after)

    async def _finish(self, job_id: str) -> None:
        job = await self._job(job_id)
        if job.state in ACTIVE and not job.left:
            await self._move(job_id, JobState.DONE, words.finished(job))

    # --- counts between windows --------------------------------------------------------------------------------

    def _know(self, counter: int | None) -> None:
        """A reading that is accounted for. None tells nothing: what was known before is still the last that was."""
        if counter is not None:
            self._last_counter, self._doubted = counter, 0

    async def _account(self, before: Observation) -> None:
        """Explain what the counter did since the last verdict; raises `HeldError` later, through the hold it places."""
        if before.counter is None:
            return
        power_up = POWER_UP_LABELS if self.press.relinked and not self._first_contact else 0
        change = between_windows(
            self._last_counter,
            before.counter,
            edge=self.press.edge and not self._first_contact,
            first_contact=self._first_contact,
            doubted=self._doubted + power_up,
        )
        detail: dict[str, Any] = {"before": change.before, "after": change.after}
        if change.kind == "feed":
            await self._ledger.do(Ledger.feed_noted, self.printer_id, change.before or 0, change.after or 0)
        elif change.kind == "duplicate":
            await self._ledger.do(Ledger.raise_alarm, "possible_duplicate", self.printer_id, detail)
        elif change.kind == "reset":
            await self._ledger.do(Ledger.raise_alarm, "counter_reset", self.printer_id, detail)
        elif change.kind == "ahead":
            await self._ledger.do(Ledger.raise_alarm, "counter_ahead", self.printer_id, detail)
            await self._ledger.do(Ledger.place_hold, "counter_ahead", {"printer": self.printer_id, **detail})
        self._first_contact = False
        self._know(before.counter)

    # --- orders and words --------------------------------------------------------------------------------------

    def _wanted(self, job_id: str) -> Callable[[], Awaitable[bool]]:
        async def wanted() -> bool:
            return not self._stopping and (await self._job(job_id)).state in ACTIVE

        return wanted

    def _tell(self, job_id: str) -> Callable[[Words | None], Awaitable[None]]:
        async def tell(what: Words | None) -> None:
            state, reason = (JobState.WAITING, what) if what else (JobState.RUNNING, words.STARTED)
            job = await self._job(job_id)
            calm = what in (words.BUSY, words.IDLE)
            if job.state in ACTIVE and not calm and (job.state, job.reason) != (state, str(reason)):
                await self._move(job_id, state, reason)

        return tell

    async def _pause(self, job_id: str, why: Words) -> None:
        if (await self._job(job_id)).state in ACTIVE:
            await self._move(job_id, JobState.PAUSED, why)

    async def _move(self, job_id: str, state: JobState, why: Words) -> None:
        await self._ledger.do(Ledger.advance_job, job_id, state, str(why))
        self._bell.ring()

    async def _job(self, job_id: str) -> Job:
        return await self._ledger.do(Ledger.job, job_id)


def _said(cause: Exception) -> str:
    """An error of ours says what to do; one that nobody planned is named, and the log has the rest."""
    if isinstance(cause, AgentError):
        return str(cause)
    _log.error("job_failed", exc_info=cause)
    return repr(cause)
