"""Keeps a line to its confirmed printer: at each connection whoever answers says who it is, and another one is let in
only by a lead's answer.

    connected ─► who? ─► same ─────────────────────────► printed on
                     └─► another ─► question (ledger) ─► answered: another ─► printed on, counter read anew
                                                      └► the confirmed one is back ─► printed on

What tells no serial number cannot be told from its like; then the counter decides (`odometer.py`).
"""

from __future__ import annotations

import structlog

from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.messages.line import of_question
from edge_agent.messages.text import Words
from edge_agent.model.printer_identity import Likeness, PrinterIdentity, PrinterQuestion, compare
from edge_agent.printing.odometer import Odometer
from label_protocol.kinds import LineQuestion

_log = structlog.get_logger("edge_agent.printing.printer")


class LineKeeper:
    """Lets the printer of one line in, and nobody else. `known` is the confirmed one, None: none was met that told."""

    def __init__(self, printer_id: str, ledger: LedgerThread, odometer: Odometer) -> None:
        self._printer_id = printer_id
        self._ledger = ledger
        self._odometer = odometer
        self.known: PrinterIdentity | None = None
        self._let_in: PrinterIdentity | None = None

    async def open(self) -> None:
        """Take over what the ledger remembers, the counter's books first."""
        await self._odometer.open()
        self.known = await self._ledger.do(Ledger.printer_identity, self._printer_id)
        self._odometer.held = await self._open_question() is not None

    async def meet(self, found: PrinterIdentity, counter: int | None) -> Words | None:
        """What has to be answered before anything is printed on the printer `found`; None: nothing, it is the one."""
        asked = await self._open_question()
        if asked is not None:
            self._odometer.held = True
            if not await self._ended(asked, found, counter):
                return await self._ask_on(asked, found, counter)
        elif self._odometer.held:
            await self._answered()
        if found != self._let_in:
            if self._likeness(found) is Likeness.ANOTHER:
                return await self._ask(found, counter)
            await self._take_in(found, counter)
        return None

    async def _open_question(self) -> PrinterQuestion | None:
        return await self._ledger.do(Ledger.printer_question, self._printer_id)

    def _likeness(self, found: PrinterIdentity) -> Likeness:
        return Likeness.UNSURE if self.known is None else compare(self.known, found)

    async def _ask(self, found: PrinterIdentity, counter: int | None) -> Words:
        self._odometer.held, self._let_in = True, None
        before = self._odometer.last_counter
        asked = await self._ledger.do(
            Ledger.question_printer, self._printer_id, LineQuestion.IDENTITY, found, before, counter
        )
        _log.warning("another_printer", known=str(asked.known), found=str(found))
        return of_question(asked)

    async def _ask_on(self, asked: PrinterQuestion, found: PrinterIdentity, counter: int | None) -> Words:
        """An answer is about the printer that it was asked of: a third one is a question of its own."""
        if found != asked.found and self._likeness(found) is Likeness.ANOTHER:
            return await self._ask(found, counter)
        return of_question(asked)

    async def _ended(self, asked: PrinterQuestion, found: PrinterIdentity, counter: int | None) -> bool:
        """Whether the confirmed printer is back: its own word, or a count that goes on where it stood."""
        fits, likeness = self._odometer.fits(counter), self._likeness(found)
        back = fits is True
        if asked.question == LineQuestion.IDENTITY:
            back = likeness is Likeness.SAME or fits is not False
        if likeness is Likeness.ANOTHER or not back:
            return False
        await self._ledger.do(Ledger.printer_returned, self._printer_id)
        self._odometer.held, self._let_in = False, None
        _log.info("confirmed_printer_back", found=str(found))
        return True

    async def _answered(self) -> None:
        """Somebody has confirmed the printer that was found: what another one counted is no measure for it."""
        self._odometer.held, self._let_in = False, None
        self.known = await self._ledger.do(Ledger.printer_identity, self._printer_id)
        self._odometer.forget()
        _log.info("another_printer_confirmed", known=str(self.known))

    async def _take_in(self, found: PrinterIdentity, counter: int | None) -> None:
        """The first of a line is learnt without a question; of the same one, what it tells anew. What cannot be told
        apart adds nothing to what is known while its count speaks against it."""
        first, same = self.known is None, self._likeness(found) is Likeness.SAME
        self._odometer.met(found, sure=found.serial_number is not None and (first or same))
        more = found if self.known is None else found.over(self.known)
        if more not in (self.known, PrinterIdentity()) and (first or same or self._odometer.fits(counter) is not False):
            await self._ledger.do(Ledger.identify_printer, self._printer_id, more, first=first)
            _log.info("identity_learnt", was=str(self.known) if self.known else None, found=str(more))
            self.known = more
        self._let_in = found
