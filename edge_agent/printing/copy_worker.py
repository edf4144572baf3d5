"""Copies on one printer: labels that carry no code, printed window by window while no job and nobody waits for it.

    quiet, baseline ─► window noted ─► bytes ─► quiet again ─► verdict ─► proven | not proven noted

It is the way of a job without the serials: what is proven is proven as there, and nothing is sent twice. What differs
follows from there being no serial to decide about: a window that went wrong ends the order, and a person who has seen
the paper orders what is missing; a printer that can prove nothing goes on to the end, and not one copy is called
printed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from edge_agent.change_signal import ChangeSignal
from edge_agent.errors import HeldError, LinkError, RefusedError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.messages import job as job_words
from edge_agent.messages.error import of_class
from edge_agent.messages.text import Words
from edge_agent.model.copies import Copies, CopiesState
from edge_agent.model.printer import Observation, ProofLevel, Verdict
from edge_agent.printing.imposition import Imposition
from edge_agent.printing.odometer import Odometer
from edge_agent.printing.print_and_judge import Outgoing, print_and_judge, said
from edge_agent.printing.window_printer import Ask, WindowPrinter
from label_protocol.errors import LedgerError, StateError

_log = structlog.get_logger("edge_agent.printing.copies")

RenderCopies = Callable[[Copies], Awaitable[Imposition]]
"""Renders what every copy of an order shows; raises an `AgentError` if its template is coded, or not the promised
one."""
Inspect = Callable[[WindowPrinter, Imposition], Awaitable[Words | None]]
"""Looks at printer and label before the first label of an order; says what does not fit, or None."""


async def no_copies(order: Copies) -> Imposition:
    """For an agent that prints none. Raises RefusedError, always."""
    raise RefusedError(f"copies {order.copies_id}: expected a printer that prints copies, got one that does not")


async def no_inspection(_window_printer: WindowPrinter, _imposition: Imposition) -> Words | None:
    """For whoever knows that the label fits."""
    return None


class Copier:
    """Takes the oldest order of its printer. `called_away`: whether something else is to be done first; `stopping`:
    whether the worker is to end."""

    def __init__(
        self,
        printer_id: str,
        window_printer: WindowPrinter,
        odometer: Odometer,
        ledger: LedgerThread,
        changes: ChangeSignal,
        *,
        render: RenderCopies,
        inspect: Inspect,
        window_labels: int,
        called_away: Callable[[], Awaitable[bool]],
        stopping: Callable[[], bool],
    ) -> None:
        self._printer_id = printer_id
        self._window_printer = window_printer
        self._odometer = odometer
        self._ledger = ledger
        self._changes = changes
        self._render = render
        self._inspect = inspect
        self._window_labels = window_labels
        self._called_away = called_away
        self._stopping = stopping
        self._heard = 0
        self._in_hand: tuple[str, Imposition] | None = None
        self.copies_id: str | None = None
        """The order that is being printed now."""

    def put_down(self) -> None:
        """Something else was printed: roll and settings may be others now, so the order is rendered and inspected
        anew."""
        self._in_hand = None

    async def print_some(self, heard: int) -> bool:
        """At most one window of the oldest order; False if there is none. `heard`: the count of changes when the
        worker found nothing else to do."""
        self._heard = heard
        order = await self._ledger.do(Ledger.next_copies, self._printer_id)
        if order is None:
            return False
        self.copies_id = order.copies_id
        try:
            await self._go_on(order)
        except LinkError as cause:  # before a byte of the window: it is tried again, as a job's is
            await self._window_printer.lost(cause)
        except HeldError:
            self.put_down()  # it waits for a lead's answer; what is printed then is inspected anew
        except LedgerError:
            raise
        except Exception as cause:  # it cannot be rendered, or was ended meanwhile: nothing of this window was sent
            await self._end(order, CopiesState.ENDED, job_words.cannot_print(said(cause)), of_class(cause))
        finally:
            self.copies_id = None
        return True

    async def _go_on(self, order: Copies) -> None:
        if order.sending:  # the disk took the window and not its verdict
            unrecorded = Verdict(False, ProofLevel.SENT, job_words.UNRECORDED_COPIES.en)
            await self._record(order, unrecorded)
            await self._conclude(order, unrecorded)
            return
        imposition = await self._imposition(order)
        if imposition is None:
            return
        before = await self._window_printer.baseline(imposition, self._ask(order, waiting=True))
        if before is not None:
            await self._one_window(order, imposition, before)

    async def _imposition(self, order: Copies) -> Imposition | None:
        """What the order prints, rendered and inspected; None if it is not to be printed now."""
        if self._in_hand is not None and self._in_hand[0] == order.copies_id:
            return self._in_hand[1]
        self._window_printer.start_afresh()
        imposition = await self._render(order)
        if await self._window_printer.baseline(imposition, self._ask(order, waiting=True)) is None:
            return None
        finding = None if order.unchecked else await self._inspect(self._window_printer, imposition)
        self._window_printer.start_afresh()
        if finding is not None:
            await self._end(order, CopiesState.ENDED, job_words.unfit_for_copies(finding))
            return None
        self._in_hand = order.copies_id, imposition
        return imposition

    async def _one_window(self, order: Copies, imposition: Imposition, before: Observation) -> None:
        imposition.require_still_valid()
        begin = partial(self._begin, order, imposition)
        await print_and_judge(self._window_printer, self._odometer, imposition, before, begin)

    async def _begin(self, order: Copies, imposition: Imposition, before: Observation) -> Outgoing:
        """Encoded before it is noted, the other way round than a job's: no serial is needed to render it, so that what
        cannot be rendered leaves nothing behind to be taken back."""
        rows = imposition.rows([""] * min(order.left, imposition.labels_within(self._window_labels)))
        first, labels = self._window_printer.encode(imposition, rows[0]), sum(map(len, rows))
        await self._ledger.do(Ledger.begin_copies, order.copies_id, labels, rows=len(rows), counter=before.counter)
        ask = self._ask(order, waiting=False)
        return Outgoing(rows, first, ask, partial(self._record, order), partial(self._conclude, order))

    async def _record(self, order: Copies, verdict: Verdict, _after: Observation | None = None) -> None:
        await self._ledger.do(Ledger.judge_copies, order.copies_id, verdict)

    async def _conclude(self, order: Copies, verdict: Verdict) -> None:
        """The order's end if the verdict is one."""
        order = await self._ledger.do(Ledger.copies, order.copies_id)
        self._changes.tell()
        if order.printed == order.quantity:
            await self._end(order, CopiesState.PRINTED, job_words.FINISHED)
        elif not (verdict.printed or verdict.awaits_scan):
            await self._end(
                order, CopiesState.ENDED, job_words.copies_stopped(self._window_printer.status_words, verdict)
            )
        elif not order.left:
            await self._end(order, CopiesState.ENDED, job_words.UNPROVEN_COPIES)

    async def _end(self, order: Copies, state: CopiesState, why: Words, logged: str = "") -> None:
        """`logged` as `JobMoves.move`."""
        try:
            await self._ledger.do(Ledger.end_copies, order.copies_id, state, str(why))
        except StateError:  # an operator's cancel, or a recovery, was first
            return
        _log.info(f"copies_{state}", copies=order.copies_id, why=logged or str(why))
        self._changes.tell()

    def _ask(self, order: Copies, *, waiting: bool) -> Ask:
        """`waiting`: nothing of the window was sent yet, so whoever else wants the printer may have it."""

        async def wanted() -> bool:
            if waiting and self._heard == self._changes.count:
                return True
            self._heard = self._changes.count
            if self._stopping() or (waiting and await self._called_away()):
                return False
            return (await self._ledger.do(Ledger.copies, order.copies_id)).state is CopiesState.OPEN

        async def tell(_what: Words | None) -> None:
            """The printer's own words say what is waited for."""

        return Ask(wanted, tell, f"copies {order.copies_id}")
