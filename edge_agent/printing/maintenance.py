"""What a printer does between two jobs when somebody asks: a test label, a calibration."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count

from edge_agent.change_signal import ChangeSignal
from edge_agent.errors import LinkError, RefusedError
from edge_agent.messages.printer import CALIBRATING, UNFINISHED, counted, tested
from edge_agent.messages.text import Words, all_of
from edge_agent.model.printer import Observation, Verdict
from edge_agent.printing.imposition import Imposition
from edge_agent.printing.odometer import PAPER_FED_LABELS, Odometer
from edge_agent.printing.print_and_judge import Outgoing, print_and_judge
from edge_agent.printing.window_printer import Ask, WindowPrinter
from label_protocol.errors import AgentError, ConflictError

TRIES = 20
"""Looks at a printer that is not ready before a task is given up: somebody stands there and waits."""

MaintenanceTask = Callable[[], Awaitable[Words]]


class Maintenance:
    """Queues what people ask of one printer; its worker, woken by a change, does the next between two jobs. `job_id` is
    the job that it prints now."""

    def __init__(
        self,
        printer_id: str,
        window_printer: WindowPrinter,
        odometer: Odometer,
        changes: ChangeSignal,
        job_id: Callable[[], str | None],
    ) -> None:
        self._printer_id = printer_id
        self._window_printer = window_printer
        self._odometer = odometer
        self._changes = changes
        self._job_id = job_id
        self._waiting: list[tuple[MaintenanceTask, asyncio.Future[Words]]] = []
        self._found: Words | None = None
        """What became of the test label in hand, once that is judged."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    async def test(self, imposition: Imposition) -> Words:
        """Print one row without serials; says how far it could be proven.

        Raises:
            ConflictError: a job is printing.
            RefusedError: the printer is not ready, and nothing was sent.
        """
        return await self._done(lambda: self._print_test(imposition))

    async def calibrate(self) -> Words:
        """Have the printer measure its roll, which feeds labels.

        Raises:
            ConflictError: a job is printing.
            RefusedError: its language cannot ask for it.
            LinkError: it cannot be reached.
        """
        return await self._done(self._measure_roll)

    async def _done(self, maintenance_task: MaintenanceTask) -> Words:
        if (job_id := self._job_id()) is not None:
            raise ConflictError(f"printer {self._printer_id}: expected no job on it, got {job_id}; pause it first")
        answer: asyncio.Future[Words] = asyncio.get_running_loop().create_future()
        self._waiting.append((maintenance_task, answer))
        self._changes.tell()
        return await answer

    async def do_next(self) -> None:
        """Do the one that waits longest. What goes wrong is told to whoever asked for it."""
        maintenance_task, answer = self._waiting.pop(0)
        self._found = None
        try:
            found = await maintenance_task()
        except AgentError as cause:
            if isinstance(cause, LinkError):
                await self._window_printer.lost(cause)
            if not answer.done():
                answer.set_exception(cause)
        except BaseException:
            if not answer.done():  # whoever asked must not wait for ever; the log has the rest
                answer.set_result(self._found or UNFINISHED)
            raise
        else:
            if not answer.done():
                answer.set_result(found)

    def give_up(self) -> None:
        """Nobody will do what still waits."""
        for _, answer in self._waiting:
            answer.cancel()
        self._waiting.clear()

    async def _measure_roll(self) -> Words:
        if not await self._window_printer.calibrate():
            raise RefusedError(
                f"printer {self._printer_id}: expected a language that can order a calibration, got "
                f"{self._window_printer.link.language.name}; hold its feed key as its manual says"
            )
        self._odometer.sent(PAPER_FED_LABELS)
        return CALIBRATING

    async def _print_test(self, imposition: Imposition) -> Words:
        """The counter moves by one row nobody will ask for; the ledger notes it as paper fed."""
        tries = count()

        async def wanted() -> bool:
            return next(tries) < TRIES

        async def tell(_what: Words | None) -> None:
            return

        ask = Ask(wanted, tell)
        before = await self._window_printer.baseline(imposition, ask)
        if before is None:
            raise RefusedError(
                f"printer {self._printer_id}: expected one that is ready for a test label, got "
                f"{self._window_printer.status_words}; no label was sent, order it again when it is ready"
            )
        untold = None if before.counter is not None else await self._untold_counter()
        begin = partial(self._begin, imposition, ask)
        verdict, after = await print_and_judge(self._window_printer, self._odometer, imposition, before, begin)
        said = tested(verdict, self._window_printer.status_words)
        if untold is None or after is None:
            return said
        return all_of([said, counted(untold, await self._untold_counter())])

    async def _begin(self, imposition: Imposition, ask: Ask, _before: Observation) -> Outgoing:
        row = ("",) * imposition.across
        return Outgoing([row], self._window_printer.encode(imposition, row), ask, self._record, self._conclude)

    async def _record(self, verdict: Verdict, after: Observation | None) -> None:
        """Noted now if it is proven: after a restart nobody would know whose count it is."""
        if verdict.printed and after is not None:
            await self._odometer.account(after, edge=False, relinked=False)

    async def _conclude(self, verdict: Verdict) -> None:
        self._found = tested(verdict, self._window_printer.status_words)

    async def _untold_counter(self) -> int | None:
        """A counter that the profile makes no use of, asked for all the same: somebody stands there and sees the paper,
        so that its word can be tried. None: the language has no such question, or nobody answers."""
        query = self._window_printer.link.language.counter_query
        if query is None or self._window_printer.blind:
            return None
        answers: list[int | None] = await self._window_printer.link.ask_together([query])
        return answers[0]
