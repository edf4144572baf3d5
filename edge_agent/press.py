"""One printer at work: brings it to quiet, prints one window, watches until there is something to judge.

The press knows nothing of the ledger. It reports what it saw; `proof.py` judges and `pipeline.py` records. Every wait
ends by the printer, by a broken link, or because nobody wants the job any more: never by a resend.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from edge_agent import words
from edge_agent.errors import LinkBlockedError, LinkError
from edge_agent.model import Bitmap, Fault, Health, Observation, Patch, PrintMode, Probe, ProofLevel, no_probe
from edge_agent.patience import Limits, Patience
from edge_agent.printers.link import Link
from edge_agent.proof import Expectation, Trace, complete, holds_background, is_baseline
from edge_agent.stock import Media
from edge_agent.words import Words

EDGES = frozenset({Fault.MEDIA_OUT, Fault.RIBBON_OUT, Fault.HEAD_OPEN, Fault.PAPER_JAM})
"""Faults that go with a hand in the printer: counts after one are feed, not duplicates."""

SLOWEST_LABEL_S = 10.0
"""300 mm at 2 in/s take 6 s."""


@dataclass(frozen=True, slots=True)
class PressSettings:
    """How one printer is driven. Times in seconds."""

    level: ProofLevel = ProofLevel.COUNTER
    accepted: ProofLevel = ProofLevel.IDLE
    mode: PrintMode = PrintMode.RUN
    poll_interval_s: float = 0.02
    stall_timeout_s: float = 3.0
    silence_limit_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a window prints: the stock, what all labels share, and what each serial adds."""

    media: Media
    background: Bitmap
    patches: Callable[[str], Sequence[Patch]]
    full: Callable[[str], Bitmap]


Wanted = Callable[[], Awaitable[bool]]
"""Whether anyone still waits for this; asked in every wait."""
Tell = Callable[[Words | None], Awaitable[None]]
"""Shows the operator what is waited for; None: nothing, all is well."""


class Press:
    """A link, and the skill to print one window over it."""

    def __init__(self, link: Link, settings: PressSettings, probe: Probe = no_probe) -> None:
        self.link = link
        self.settings = settings
        self.edge = False
        """A hand was in the printer since the last verdict: any count may be feed."""
        self.relinked = False
        """The link was lost or made anew since the last verdict: the printer may have been switched off and on."""
        self.status_words: Words = words.DOWN
        self.counter: int | None = None
        self._probe = probe
        self._stored: set[str] = set()
        self._fresh: tuple[float, Observation] | None = None
        self._label_s = 0.0

    # --- quiet -------------------------------------------------------------------------------------------------

    async def baseline(self, sheet: Sheet, wanted: Wanted, tell: Tell) -> Observation | None:
        """The quiet observation a window starts from, background proven present; None if nobody wants it any more."""
        if (fresh := self._take_fresh()) is not None and self._has_background(sheet, fresh):
            await tell(None)
            return fresh
        while await wanted():
            try:
                found = await self._try_baseline(sheet, tell)
            except LinkError as cause:
                await self._lost(tell, cause)
                continue
            if found is not None:
                await tell(None)
                return found
            await self._pause()
        return None

    async def _try_baseline(self, sheet: Sheet, tell: Tell) -> Observation | None:
        await self.ensure_connected()
        first = await self.look(objects=self._runs)
        if not first.quiet:
            await tell(self.status_words)
            return None
        if not self._has_background(sheet, first):
            await self._store(sheet.background, first)
            first = await self.look(objects=True)
            if first.quiet and not self._has_background(sheet, first):
                await tell(words.STORAGE)
                return None
        second = await self.look(objects=self._runs)
        if second.quiet and second.counter is None and self.counter is not None:
            await tell(words.SILENT)  # it has told its counter before: no answer is silence, not a model without one
            return None
        return second if is_baseline(first, second) and self._has_background(sheet, second) else None

    async def _store(self, background: Bitmap, seen: Observation) -> None:
        """Put a background in, and take out what earlier jobs left there: a printer's RAM is small."""
        language = self.link.language
        name = language.object_name(background)
        left_over = [other for other in seen.objects or () if other != name]
        await self.link.send(language.forget(left_over) + language.store(background))
        self._stored = {name}

    async def ensure_connected(self) -> None:
        """Connect if needed, and cancel what an earlier connection may have left in the printer."""
        if not self.link.connected:
            await self.link.connect()
            self.relinked = True
            self._stored.clear()
            await self.link.send(self.link.language.cancel())

    async def look(self, *, objects: bool = False) -> Observation:
        """One observation; keeps the words, the counter and the edge for whoever asks."""
        seen = await self.link.observe(objects=objects)
        status = seen.status
        if status.faults:
            self.status_words = words.of_faults(status.faults)
        elif status.health is Health.UNKNOWN:
            self.status_words = words.SILENT
        else:
            self.status_words = words.IDLE if status.idle else words.BUSY
        self.edge = self.edge or bool(status.faults & EDGES)
        self.counter = seen.counter if seen.counter is not None else self.counter
        return seen

    async def _lost(self, tell: Tell, cause: LinkError) -> None:
        await self.link.close()
        self.relinked = True
        self.status_words = words.BLOCKED if isinstance(cause, LinkBlockedError) else words.DOWN
        await tell(self.status_words)
        await asyncio.sleep(min(1.0, 20 * self.settings.poll_interval_s))

    def start_afresh(self) -> None:
        """A new job begins: what was seen at the end of the last one is too old to start from, and its labels may have
        been of another length."""
        self._fresh, self._label_s = None, 0.0

    def _take_fresh(self) -> Observation | None:
        """The after-proof of the window before, if it is so young that nothing can have come between."""
        fresh, self._fresh = self._fresh, None
        if fresh is None or not self.link.connected or self.edge or self.relinked:
            return None
        age_s = asyncio.get_running_loop().time() - fresh[0]
        return fresh[1] if age_s < 0.5 else None

    @property
    def _runs(self) -> bool:
        return self.settings.mode is PrintMode.RUN and self.link.language.stores_background

    def _background(self, sheet: Sheet) -> tuple[str, int | None] | None:
        language = self.link.language
        return (language.object_name(sheet.background), language.object_size(sheet.background)) if self._runs else None

    def _has_background(self, sheet: Sheet, seen: Observation) -> bool:
        """What an earlier connection stored is stored again: a download that was cut off may be listed at its full size
        with half a picture in it."""
        wanted = self._background(sheet)
        return holds_background(seen.objects, wanted) and (wanted is None or wanted[0] in self._stored)

    async def _pause(self) -> None:
        await asyncio.sleep(self.settings.poll_interval_s)

    # --- a window ----------------------------------------------------------------------------------------------

    def encode(self, sheet: Sheet, serial: str) -> bytes:
        """The bytes of exactly one physical label."""
        language = self.link.language
        if self._runs:
            return language.run_label(sheet.background, sheet.patches(serial))
        return language.full_label(sheet.full(serial))

    def expect(self, sheet: Sheet, before: Observation, labels: int) -> Expectation:
        """What must be seen after a window of `labels`."""
        level = self.settings.level if before.counter is not None else min(self.settings.level, ProofLevel.IDLE)
        return Expectation(labels, before, level, self.settings.accepted, self._background(sheet))

    async def print_window(
        self, sheet: Sheet, serials: Sequence[str], first: bytes, want: Expectation, wanted: Wanted, tell: Tell
    ) -> tuple[Observation | None, Trace]:
        """Send each serial's bytes once and watch. `first` is the encoded first label: what can fail before the first
        byte has failed before this call. Returns the last quiet observation (or None) and all that was seen."""
        self.edge = self.relinked = False
        trace = Trace()
        started_s = asyncio.get_running_loop().time()
        try:
            blocked = await self._send(sheet, serials, first, wanted, tell)
            trace = replace(trace, link_trouble=blocked)
            after, trace = await self._watch(want, trace, wanted, tell)
        except LinkError as cause:
            await self.link.close()
            self.relinked, self.status_words = True, words.DOWN
            return None, replace(trace, link_trouble=f"link lost during the window: {cause}")
        now_s = asyncio.get_running_loop().time()
        if after is not None:
            self._label_s = (now_s - started_s) / len(serials)
            self._fresh = (now_s, after)
        return after, trace

    async def _send(self, sheet: Sheet, serials: Sequence[str], first: bytes, wanted: Wanted, tell: Tell) -> str:
        self._probe("before_write")
        trouble = await self._push(self.link.language.preamble(sheet.media) + first, wanted, tell)
        for serial in serials[1:]:
            self._probe("mid_write")
            trouble = await self._push(self.encode(sheet, serial), wanted, tell) or trouble
        self._probe("after_write")
        return trouble

    async def _push(self, data: bytes, wanted: Wanted, tell: Tell) -> str:
        """Write, and wait as long as the printer takes no bytes; returns a sentence if it ever refused them."""
        try:
            await self.link.send(data)
            return ""
        except LinkBlockedError:
            await tell(words.BLOCKED)
        while await wanted():
            try:
                await self.link.flush()
                return "the printer stopped taking bytes during the window"
            except LinkBlockedError:
                continue
        raise LinkBlockedError("given up by the operator while the printer took no bytes")

    async def _watch(
        self, want: Expectation, trace: Trace, wanted: Wanted, tell: Tell
    ) -> tuple[Observation | None, Trace]:
        """Look until quiet and complete, until a fault, until a short count has stood still, or until given up."""
        patience = Patience(self._limits(want.labels), asyncio.get_running_loop().time())
        expected_end_s = patience.started_s + self._label_s * want.labels
        while True:
            await asyncio.sleep(self._nap_s(expected_end_s - asyncio.get_running_loop().time()))
            seen = await self.look()
            trace = trace.seen(seen.status)
            if trace.faults:
                await tell(self.status_words)
                await self.link.cancel()
                return None, trace
            if complete(want, seen, trace):
                again = await self.look(objects=want.background is not None)
                if is_baseline(seen, again):
                    self._probe("before_verdict")
                    return again, trace
            trouble = patience.spent(seen, asyncio.get_running_loop().time())
            if trouble:
                return (seen if seen.quiet else None), replace(trace, link_trouble=trace.link_trouble or trouble)
            overdue = patience.overdue(asyncio.get_running_loop().time())
            if overdue or Fault.PAUSED in seen.status.faults or seen.status.health is Health.UNKNOWN:
                await tell(words.OVERDUE if overdue and self.status_words is words.BUSY else self.status_words)
                if not await wanted():
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
