"""A window printer brings a printer to quiet, sends it one window, and watches until there is something to judge.

It knows nothing of the ledger. It reports what it saw; `proof.py` judges and `worker.py` records. Every wait
ends by the printer, by a broken link, or because nobody wants the job any more: never by a resend.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from edge_agent.clock import Probe, no_probe
from edge_agent.errors import LinkBlockedError, LinkError
from edge_agent.messages.printer import BLOCKED, BUSY, OVERDUE, SILENT, STORAGE, of_faults
from edge_agent.messages.text import Words
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.printer import Health, Observation, ProofLevel
from edge_agent.printers.link import Link
from edge_agent.printing.imposition import Imposition, Row
from edge_agent.printing.printer_session import PrinterSession, SessionSettings
from edge_agent.printing.proof import Expectation, Trace, complete, holds_background, is_baseline
from edge_agent.printing.watchdog import Limits, Watchdog

UNSEEN_S = 1.5
"""So long at most a window's bytes may crawl unwatched; no hand opens a head, changes a roll and closes it in less."""

SLOWEST_LABEL_S = 10.0  # 300 mm at 2 in/s take 6 s

Wanted = Callable[[], Awaitable[bool]]
"""Whether anyone still waits for this; asked in every wait."""
Tell = Callable[[Words | None], Awaitable[None]]
"""Shows the operator what is waited for; None: nothing, all is well."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Whoever ordered the printing: asked whether it is still wanted, told what is waited for. `title` names a window
    in an operating system's print queue."""

    wanted: Wanted
    tell: Tell
    title: str = "test"


class WindowPrinter(PrinterSession):
    """Prints one window at a time on one printer."""

    def __init__(self, link: Link, settings: SessionSettings, probe: Probe = no_probe) -> None:
        super().__init__(link, settings)
        self._probe = probe
        self._fresh: tuple[float, Observation] | None = None
        self._label_s = 0.0
        self._row_s = 0.0
        self._asked_s: float | None = None
        self.later_rows = asyncio.Lock()  # one for all printers of an agent

    # --- quiet -------------------------------------------------------------------------------------------------

    async def baseline(self, imposition: Imposition, ask: Ask) -> Observation | None:
        """The quiet observation a window starts from, background proven present; None if nobody wants it any more."""
        if (fresh := self._take_fresh()) is not None and self._has_background(imposition, fresh):
            await ask.tell(None)
            return fresh
        while await ask.wanted():
            try:
                found = await self._try_baseline(imposition, ask.tell)
            except LinkError as cause:
                await self._lost(ask.tell, cause)
                continue
            if found is not None:
                await ask.tell(None)
                return found
            await self._pause()
        return None

    async def _try_baseline(self, imposition: Imposition, tell: Tell) -> Observation | None:
        await self.ensure_connected()
        first = await self.look(imposition)
        if self.blind:
            return first
        if not first.quiet:
            await tell(self.status_words)
            return None
        if (question := await self.admit(first)) is not None:
            await tell(question)
            return None
        if self.runs and first.objects is None:
            return None  # asked again, until the answer comes or the link has learnt that this printer cannot tell
        if not self._has_background(imposition, first):
            await self._store(imposition.background, first)
            first = await self.look(imposition)
            if first.quiet and not self._has_background(imposition, first):
                await tell(STORAGE)
                return None
        second = await self.look(imposition)
        if second.quiet and second.counter is None and self.counter is not None:
            await tell(SILENT)  # it has told its counter before: no answer is silence, not a model without one
            return None
        return second if is_baseline(first, second) and self._has_background(imposition, second) else None

    async def _store(self, background: Bitmap, seen: Observation) -> None:
        """Put a background in, and take out what earlier jobs left there: a printer's RAM is small."""
        language = self.link.language
        name = language.object_name(background)
        left_over = {*(seen.objects or ()), *self._stored, *self._left_over} - {name}
        await self.link.send(language.forget(sorted(left_over)) + language.store(background))
        await self.link.commit("background")  # on a slow line the next answer can only come when all of it is out
        self._stored, self._left_over = {name}, set()

    async def _lost(self, tell: Tell, cause: LinkError) -> None:
        await self.lost(cause)
        await tell(self.status_words)
        await asyncio.sleep(min(1.0, 20 * self.settings.poll_interval_s))

    def start_afresh(self) -> None:
        """A new job begins: what was seen at the end of the last one is too old to start from, and its labels may have
        been of another length."""
        self._fresh, self._label_s = None, 0.0

    def _take_fresh(self) -> Observation | None:
        """The after-proof of the window before, if it is so young that nothing can have come between."""
        fresh, self._fresh = self._fresh, None
        known = self._found is not None or self.keeper is None
        if fresh is None or not self.link.connected or self.edge or self.relinked or not known:
            return None
        age_s = asyncio.get_running_loop().time() - fresh[0]
        return fresh[1] if age_s < 0.5 else None

    def _background(self, imposition: Imposition) -> tuple[str, int | None] | None:
        language = self.link.language
        return (
            (language.object_name(imposition.background), language.object_size(imposition.background))
            if self.runs
            else None
        )

    def _has_background(self, imposition: Imposition, seen: Observation) -> bool:
        """What an earlier connection stored is stored again: a download that was cut off may be listed at its full size
        with half a picture in it."""
        wanted = self._background(imposition)
        return holds_background(seen.objects, wanted) and (wanted is None or wanted[0] in self._stored)

    async def _pause(self) -> None:
        await asyncio.sleep(self.settings.poll_interval_s)

    # --- a window ----------------------------------------------------------------------------------------------

    def encode(self, imposition: Imposition, row: Row) -> bytes:
        """The bytes of exactly one physical row. A short row travels whole: over a stored background its empty places
        would come out without a code."""
        language = self.link.language
        if self.runs and len(row) == imposition.across:
            return language.run_label(imposition.background, imposition.patches(row))
        return language.full_label(imposition.full(row))

    def expect(self, imposition: Imposition, before: Observation, labels: int) -> Expectation:
        """What must be seen after a window of `labels`."""
        rows = -(-labels // imposition.across)
        return Expectation(
            labels, before, self._level(before), self.settings.accepted, self._background(imposition), rows
        )

    def _level(self, before: Observation) -> ProofLevel:
        """What can be proven now: the profile's level, or the next one below that this printer has shown to have."""
        if self.blind:
            return ProofLevel.SENT
        counts, confirms = before.counter is not None, before.responses is not None
        able = ProofLevel.COUNTER if counts else ProofLevel.RESPONSE if confirms else ProofLevel.IDLE
        return min(self.settings.level, able)

    async def send_window(
        self, imposition: Imposition, rows: Sequence[Row], first: bytes, want: Expectation, ask: Ask
    ) -> tuple[Observation | None, Trace]:
        """Send each row's bytes once and watch. `first` is the encoded first row: what can fail before the first byte
        has failed before this call. Returns the last quiet observation (or None) and all that was seen."""
        self.edge = self.relinked = False
        self._asked_s = None
        self.link.expect_labels()
        trace = Trace()
        try:
            trace = await self._send(imposition, rows, first, ask)
            if self.blind:
                return None, trace
            after, trace = await self._watch(imposition, want, trace, ask)
            trace = replace(trace, silent=trace.silent or self.link.unanswered)
        except LinkError as cause:
            await self.lost(cause)
            return None, replace(trace, link_trouble=f"link lost during the window: {cause}")
        if after is None:
            self._found = None
        else:
            self._fresh = (asyncio.get_running_loop().time(), after)
        return after, trace

    async def _send(self, imposition: Imposition, rows: Sequence[Row], first: bytes, ask: Ask) -> Trace:
        """Row by row. On a slow line the printer is looked at in between: a stop that begins and ends while bytes crawl
        would leave a torn label and a count that agrees. After a fault the rest stays unsent."""
        self._probe("before_write")
        trace = await self._push(self.link.send(self.preamble(imposition) + first), Trace(), ask)
        for row in rows[1:]:
            if trace.faults:
                break
            self._probe("mid_write")
            data = await self._encode_in_turn(imposition, row)
            trace = await self._push(self._hand_over(data, watched=not self.blind and not trace.silent), trace, ask)
        trace = await self._push(self.link.commit(ask.title), trace, ask)
        self._probe("after_write")
        return trace

    async def _encode_in_turn(self, imposition: Imposition, row: Row) -> bytes:
        """A later row, one of all printers' in a turn of the loop: eight at a stretch held up each turn of another job
        by 6 ms, and it takes 40 to its first byte. First rows wait for nobody; they print for a tenth of a second."""
        async with self.later_rows:
            await asyncio.sleep(0)
            return self.encode(imposition, row)

    async def _hand_over(self, data: bytes, *, watched: bool) -> None:
        """One row. A look that will be due behind it is asked for before it: its answers come while the bytes crawl,
        and not in a quarter of a second in which no label moves. One as long as a look may wait is not worth it."""
        now_s = asyncio.get_running_loop().time()
        if watched and self._row_s <= UNSEEN_S < now_s - self.seen_s + self._row_s:
            await self.link.pose_status()
            self._asked_s = now_s
        await self.link.send(data)
        self._row_s = asyncio.get_running_loop().time() - now_s

    async def _push(self, handing_over: Awaitable[None], trace: Trace, ask: Ask) -> Trace:
        """Write, and wait as long as the printer takes no bytes."""
        try:
            await handing_over
        except LinkBlockedError:
            await ask.tell(BLOCKED)
            trace = replace(trace, link_trouble=await self._push_on(ask))
        if self._asked_s is not None:
            trace = await self._glance(trace)
            self.seen_s, self._asked_s = self._asked_s, None
        unseen = asyncio.get_running_loop().time() - self.seen_s > UNSEEN_S
        return await self._glance(trace) if unseen and not self.blind and not trace.silent else trace

    async def _push_on(self, ask: Ask) -> str:
        while await ask.wanted():
            try:
                await self.link.flush()
                return "the printer stopped taking bytes during the window"
            except LinkBlockedError:
                continue
        raise LinkBlockedError("given up by the operator while the printer took no bytes")

    async def _glance(self, trace: Trace) -> Trace:
        """One look between two labels. Silence counts for nothing here, since some answer only when they have room; an
        answer that never came is remembered by the link."""
        status = await self.glance()
        return trace if status.health is Health.UNKNOWN else trace.seen(status, self.link.label_faults)

    async def _watch(
        self, imposition: Imposition, want: Expectation, trace: Trace, ask: Ask
    ) -> tuple[Observation | None, Trace]:
        """Look until quiet and complete, until a fault, until a short count has stood still, or until given up."""
        watchdog = Watchdog(self._limits(want.counts), asyncio.get_running_loop().time())
        expected_end_s = watchdog.started_s + self._label_s * want.counts
        while True:
            if trace.busy_seen or want.level is not ProofLevel.IDLE:  # an edge that is the proof is not slept over
                await asyncio.sleep(self._nap_s(expected_end_s - asyncio.get_running_loop().time()))
            looked_s = asyncio.get_running_loop().time()
            seen = await self.look()
            trace = trace.seen(seen.status, self.link.label_faults)
            if trace.faults:
                await ask.tell(of_faults(trace.faults))
                await self.link.cancel()
                return None, trace
            if complete(want, seen, trace):
                self._label_s = (looked_s - watchdog.started_s) / want.counts
                again = await self.look(imposition)
                if is_baseline(seen, again):
                    self._probe("before_verdict")
                    return again, trace
            now_s = asyncio.get_running_loop().time()
            trouble = watchdog.spent(seen, now_s)
            if trouble:
                return (seen if seen.quiet else None), replace(trace, link_trouble=trace.link_trouble or trouble)
            overdue, waits = watchdog.overdue(now_s), seen.status.label_waiting
            if overdue or waits or seen.status.health is not Health.OK:
                await ask.tell(OVERDUE if overdue and self.status_words is BUSY else self.status_words)
                if (not waits or watchdog.untaken(now_s)) and not await ask.wanted():
                    await self.link.cancel()
                    return None, replace(trace, link_trouble="given up by the operator during the window")

    def _limits(self, labels: int) -> Limits:
        settings = self.settings
        return Limits(settings.silence_limit_s, settings.stall_timeout_s, SLOWEST_LABEL_S * labels)

    def _nap_s(self, left_s: float) -> float:
        """Sleep through most of the expected rest; a status question costs the printer's CPU too. About the expected
        end look four times as often, because from the last label to the next window the engine stands still. Naps of
        nine tenths were tried: the expectation then feeds on its own lateness and shrinks by a tenth a window."""
        interval_s = self.settings.poll_interval_s
        if self._label_s and abs(left_s) <= interval_s:
            return interval_s / 4
        return max(interval_s, min(0.25, left_s * 0.75))
