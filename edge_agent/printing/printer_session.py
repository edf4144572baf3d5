"""One printer as a thing that is connected and looked at: what it is doing, in words, and since when it cannot print.

It knows nothing of labels and serials; `window_printer.py` prints with it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from edge_agent.errors import LinkError, RefusedError
from edge_agent.messages import refusal
from edge_agent.messages.printer import DOWN, ONE_WAY, of_link, of_status
from edge_agent.messages.text import Words
from edge_agent.model.media import ReportedSettings, Setup
from edge_agent.model.printer import Fault, Health, Observation, PrinterStatus, PrintMode, ProofLevel
from edge_agent.model.printer_identity import Likeness, PrinterIdentity, compare
from edge_agent.printers.link import LEARN_TRIES, Link
from edge_agent.printers.ports import usb_of
from edge_agent.printers.status import SILENCE
from edge_agent.printing.imposition import Imposition
from edge_agent.printing.line_keeper import LineKeeper
from edge_agent.printing.printer_log import PrinterLog

EDGES = frozenset({Fault.MEDIA_OUT, Fault.RIBBON_OUT, Fault.HEAD_OPEN, Fault.PAPER_JAM, Fault.MEDIA_NOT_FOUND})
"""Faults that go with a hand in the printer: counts after one are paper fed, not duplicates."""


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How one printer is driven. Times in seconds."""

    level: ProofLevel
    accepted: ProofLevel
    mode: PrintMode
    poll_interval_s: float
    stall_timeout_s: float
    silence_limit_s: float
    setup: Setup


class PrinterSession:
    """Keeps a link, and what was seen over it last."""

    def __init__(self, link: Link, settings: SessionSettings) -> None:
        self.link = link
        self.settings = settings
        self.edge = False
        """A hand was in the printer since the last verdict: any count may be paper fed."""
        self.relinked = False
        """The link was lost or made anew since the last verdict: the printer may have been switched off and on."""
        self.status_words: Words = DOWN
        self.trouble = ""
        """Why the link is down, by the transport's own sentence: which queue policy, which permission. Not among the
        words, since it may change at every attempt, and a job's reason goes into the ledger."""
        self.warnings: tuple[str, ...] = ()
        """What it warned of when it was last looked at; it prints on all the same."""
        self.counter: int | None = None
        self.unready_since_s: float | None = 0.0
        """Since when it has not been able to print, by the loop's clock; None: it can."""
        self.seen_s = 0.0
        """When it was looked at last, by the loop's clock."""
        self._watch_at_s = self._watched_s = 0.0
        self.keeper: LineKeeper | None = None
        """Says whether the printer that answers is the one of this line; None: nobody asks."""
        self.question: Words | None = None
        """What a lead has to answer before anything goes to the printer that answers."""
        self._found: PrinterIdentity | None = None
        """Who answers over this connection, by its own word; None: it was not asked since, or fell silent."""
        self._cleared = False
        """What was left in the printer was dropped over this connection."""
        self._told = PrinterLog(settings.silence_limit_s)
        self._stored: set[str] = set()
        """Backgrounds that went out whole over this connection."""
        self._left_over: set[str] = set()
        """Those of earlier ones, which the printer may still hold; not every list shows what it is not asked for."""

    @property
    def blind(self) -> bool:
        """Nothing is heard from this printer: labels go out, and an operator's scan is all there is to know."""
        return self.settings.level is ProofLevel.SENT or not self.link.two_way

    @property
    def identity(self) -> PrinterIdentity | None:
        """Who answers, by its own word; while nobody does, the printer that was confirmed for this line."""
        return self._found or (self.keeper.known if self.keeper else None)

    @property
    def provable(self) -> ProofLevel:
        """What it can prove as far as it has shown: its profile's level, or the next one below."""
        if self.blind:
            return ProofLevel.SENT
        confirms = self.link.confirmed is not None
        able = ProofLevel.COUNTER if self.link.counts else ProofLevel.RESPONSE if confirms else ProofLevel.IDLE
        return min(self.settings.level, able)

    @property
    def runs(self) -> bool:
        """Whether a stored background is used: full mode for whoever cannot show that it is still there."""
        run = self.settings.mode is PrintMode.RUN and self.link.language.stores_background
        return run and self.link.lists_objects and not self.blind

    async def ensure_connected(self) -> None:
        """Connect if needed, and cancel what an earlier connection may have left in the printer; not in another
        printer's, whose work is somebody else's."""
        if not self.link.connected:
            await self.link.connect()
            self.relinked, self._found = True, None
            self._left_over |= self._stored
            self._stored.clear()
            self._cleared = self.blind  # what cannot be heard may still hold a window that somebody is about to scan
            if not self._cleared and not await self._meets_another():
                await self._clear()

    async def _meets_another(self) -> bool:
        """Whether another printer than the confirmed one answers. Silence is no sign of that: what was half received
        must be ended before any question can be heard."""
        if self.keeper is None or self.keeper.known is None:
            return False
        heard = await self._heard()
        if heard == self.keeper.known:
            self._found = heard
        elif compare(self.keeper.known, heard) is Likeness.ANOTHER:
            return compare(self.keeper.known, await self._who(self.keeper)) is Likeness.ANOTHER
        return False

    async def _clear(self) -> None:
        await self.link.send(self.link.language.cancel())
        await self.link.commit("cancel")
        self._cleared = True

    async def look(self, imposition: Imposition | None = None) -> Observation:
        """One observation, of the background of `imposition` too if one is given; keeps the words, the counter and the
        edge for whoever asks."""
        if self.blind:
            await self.link.overhear()  # for one thing is heard all the same: that it has hung up
            self._is(ONE_WAY, ready=True)
            self._told.heard(frozenset())
            return Observation(SILENCE)
        names = [self.link.language.object_name(imposition.background)] if imposition and self.runs else []
        seen = await self.link.observe(names)
        self._note(seen.status)
        self.counter = seen.counter if seen.counter is not None else self.counter
        return seen

    async def watch(self) -> None:
        """Connect if needed, look, and ask whoever can answer who it is. Raises LinkError."""
        await self.ensure_connected()
        seen = await self.look()
        if seen.quiet:
            await self.admit(seen)

    async def watch_when_due(self, interval_s: float) -> float:
        """Watch one that has nothing to print, and note a lost link; gives the seconds until it is due again. One that
        is well and was watched last is left alone till then, whatever changes at other printers: a job that came
        meanwhile had to wait until all questions were answered."""
        clock = asyncio.get_running_loop().time
        well = self.unready_since_s is None and self.seen_s == self._watched_s
        if clock() >= self._watch_at_s or not well:
            try:
                await self.watch()
            except LinkError as cause:
                await self.lost(cause)
            self._watch_at_s, self._watched_s = clock() + interval_s, self.seen_s
        return max(0.0, self._watch_at_s - clock())

    async def glance(self) -> PrinterStatus:
        """Only the status: on a slow line every question more is time in which no label moves."""
        status = await self.link.status()
        self._note(status)
        return status

    def _note(self, status: PrinterStatus) -> None:
        self.seen_s = asyncio.get_running_loop().time()
        if status.health is Health.UNKNOWN:
            self._told.silent(self.seen_s)
            self._found = None  # on a line that stays open a silence is all that is seen of a cable that moved
        else:
            takes = status.label_waiting and status.faults <= {Fault.PAUSED}  # peel mode's rhythm, of every label
            self._told.heard(frozenset() if takes else status.faults)
        self._show(status)
        self.warnings = status.warnings
        self.edge = self.edge or bool(status.faults & EDGES)

    def _show(self, status: PrinterStatus) -> None:
        """A question hides what the printer is doing: it is not ours to say."""
        self._is(self.question or of_status(status), ready=self.question is None and status.health is Health.OK)

    async def admit(self, seen: Observation) -> Words | None:
        """What has to be answered before anything goes to the printer that is `seen`; None: nothing.

        Raises:
            LinkError: it cannot be asked who it is.
        """
        if self.keeper is None or self.blind:
            return None
        if self._found is None:
            self._found = await self._who(self.keeper)
        before, self.question = self.question, await self.keeper.meet(self._found, seen.counter)
        if self.question != before:
            self._show(seen.status)
        if self.question is None and not self._cleared:
            await self._clear()
        return self.question

    async def _who(self, keeper: LineKeeper) -> PrinterIdentity:
        """Anything but the known answer is asked for again: one damaged letter would be another printer."""
        heard = await self._heard()
        for _ in range(LEARN_TRIES):
            if heard == keeper.known:
                return heard
            before, heard = heard, await self._heard()
            if heard == before:
                return heard
        return PrinterIdentity(port=heard.port)

    async def _heard(self) -> PrinterIdentity:
        return replace(await self.link.who(), port=await asyncio.to_thread(usb_of, self.link.transport.url))

    def _is(self, what: Words, *, ready: bool, trouble: str = "") -> None:
        self.status_words, self.trouble = what, trouble
        if ready:
            self.unready_since_s = None
        elif self.unready_since_s is None:
            self.unready_since_s = asyncio.get_running_loop().time()

    async def reported(self, imposition: Imposition) -> tuple[PrinterStatus, ReportedSettings | None]:
        """What the printer says it is set to, after it was told how to print `imposition`; moves no paper.

        Raises:
            LinkError: it cannot be asked now.
        """
        if self.blind:
            return SILENCE, None
        self.link.expect_labels()
        await self.link.send(self.preamble(imposition))
        found = await self.link.status(), await self.link.settings()
        self.link.disbelieve_early_confirmations()
        return found

    async def calibrate(self) -> bool:
        """Have the printer measure its roll, which feeds labels; False if its language cannot ask for it.

        Raises:
            LinkError: it cannot be reached.
            RefusedError: it may be another printer, and nobody has answered yet.
        """
        await self.ensure_connected()
        if (question := await self.admit(await self.look())) is not None:
            raise RefusedError(refusal.line_held(self.link.transport.url, question))
        order = self.link.language.calibrate(self.settings.setup)
        if order:
            await self.link.send(order)
            await self.link.commit("calibrate")
            self.edge = True
        return bool(order)

    def preamble(self, imposition: Imposition) -> bytes:
        """What leads every window."""
        return self.link.language.preamble(imposition.media, self.settings.setup)

    async def lost(self, cause: LinkError) -> None:
        """The link failed: close it, and say what an operator can see of that."""
        await self.link.close()
        self.relinked, self.warnings, self._found = True, (), None
        self._is(of_link(cause), ready=False, trouble=str(cause))
        self._told.lost(str(cause))
