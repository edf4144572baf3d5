"""What a printer does between two jobs when somebody asks: a test label, a calibration."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count

from edge_agent.change_signal import Bell
from edge_agent.errors import LinkError, RefusedError
from edge_agent.messages.printer import CALIBRATING, UNFINISHED, counted, tested
from edge_agent.messages.text import Words, all_of
from edge_agent.model.printer import Observation, Verdict
from edge_agent.printing.imposition import Sheet
from edge_agent.printing.odometer import FED_LABELS, Accountant
from edge_agent.printing.print_and_judge import Outgoing, print_and_judge
from edge_agent.printing.window_printer import Ask, Press
from label_protocol.errors import AgentError, ConflictError

TRIES = 20
"""Looks at a printer that is not ready before a chore is given up: somebody stands there and waits."""

Chore = Callable[[], Awaitable[Words]]


class Chores:
    """A queue of one printer; its worker, woken by the bell, does the next one between two jobs. `job_id` is the job
    that it prints now."""

    def __init__(
        self, printer_id: str, press: Press, accountant: Accountant, bell: Bell, job_id: Callable[[], str | None]
    ) -> None:
        self._printer_id = printer_id
        self._press = press
        self._accountant = accountant
        self._bell = bell
        self._job_id = job_id
        self._waiting: list[tuple[Chore, asyncio.Future[Words]]] = []
        self._found: Words | None = None
        """What became of the test label in hand, once that is judged."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    async def test(self, sheet: Sheet) -> Words:
        """Print one row without serials; says how far it could be proven.

        Raises:
            ConflictError: a job is printing.
            RefusedError: the printer is not ready, and nothing was sent.
        """
        return await self._done(lambda: self._print_test(sheet))

    async def calibrate(self) -> Words:
        """Have the printer measure its roll, which feeds labels.

        Raises:
            ConflictError: a job is printing.
            RefusedError: its language cannot ask for it.
            LinkError: it cannot be reached.
        """
        return await self._done(self._measure_roll)

    async def _done(self, chore: Chore) -> Words:
        if (job_id := self._job_id()) is not None:
            raise ConflictError(f"printer {self._printer_id}: expected no job on it, got {job_id}; pause it first")
        answer: asyncio.Future[Words] = asyncio.get_running_loop().create_future()
        self._waiting.append((chore, answer))
        self._bell.ring()
        return await answer

    async def do_next(self) -> None:
        """Do the one that waits longest. What goes wrong is told to whoever asked for it."""
        chore, answer = self._waiting.pop(0)
        self._found = None
        try:
            found = await chore()
        except AgentError as cause:
            if isinstance(cause, LinkError):
                await self._press.lost(cause)
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
        if not await self._press.calibrate():
            raise RefusedError(
                f"printer {self._printer_id}: expected a language that can order a calibration, got "
                f"{self._press.link.language.name}; hold its feed key as its manual says"
            )
        self._accountant.sent(FED_LABELS)
        return CALIBRATING

    async def _print_test(self, sheet: Sheet) -> Words:
        """The counter moves by one row nobody will ask for; the ledger notes it as feed."""
        tries = count()

        async def wanted() -> bool:
            return next(tries) < TRIES

        async def tell(_what: Words | None) -> None:
            return

        ask = Ask(wanted, tell)
        before = await self._press.baseline(sheet, ask)
        if before is None:
            raise RefusedError(
                f"printer {self._printer_id}: expected one that is ready for a test label, got "
                f"{self._press.status_words}; no label was sent, order it again when it is ready"
            )
        untold = None if before.counter is not None else await self._untold_counter()
        begin = partial(self._begin, sheet, ask)
        verdict, after = await print_and_judge(self._press, self._accountant, sheet, before, begin)
        said = tested(verdict, self._press.status_words)
        if untold is None or after is None:
            return said
        return all_of([said, counted(untold, await self._untold_counter())])

    async def _begin(self, sheet: Sheet, ask: Ask, _before: Observation) -> Outgoing:
        row = ("",) * sheet.across
        return Outgoing([row], self._press.encode(sheet, row), ask, self._record, self._conclude)

    async def _record(self, verdict: Verdict, after: Observation | None) -> None:
        """Noted now if it is proven: after a restart nobody would know whose count it is."""
        if verdict.printed and after is not None:
            await self._accountant.account(after, edge=False, relinked=False)

    async def _conclude(self, verdict: Verdict) -> None:
        self._found = tested(verdict, self._press.status_words)

    async def _untold_counter(self) -> int | None:
        """A counter that the profile makes no use of, asked for all the same: somebody stands there and sees the paper,
        so that its word can be tried. None: the language has no such question, or nobody answers."""
        query = self._press.link.language.counter_query
        if query is None or self._press.blind:
            return None
        answers: list[int | None] = await self._press.link.ask_together([query])
        return answers[0]
