"""The books of one printer's counter: every count between two windows is explained, or somebody is told."""

from __future__ import annotations

from edge_agent.errors import HeldError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.messages import refusal
from edge_agent.messages.line import of_question
from edge_agent.model.printer import Observation, Verdict
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printing.proof import CountChange, between_windows
from label_protocol.details import AheadDetail, CounterDetail
from label_protocol.kinds import AlarmKind, HoldKind, LineQuestion

PAPER_FED_LABELS = 8
"""A printer that was switched off and on, or calibrates, may feed some 200 mm to find its gap; more counts need another
explanation."""


class Odometer:
    """Knows what a printer's counter should say, and raises the alarm when it says something else."""

    def __init__(self, printer_id: str, ledger: LedgerThread) -> None:
        self._printer_id = printer_id
        self._ledger = ledger
        self._first_contact = True
        self.last_counter: int | None = None
        """The last reading that is accounted for."""
        self._doubted = 0
        self._confirmed: int | None = None
        self.held = False
        """It was asked whose counter this is, and no answer was heard yet."""
        self._found: PrinterIdentity | None = None
        self._sure = True
        """The printer that answers has shown that it is the one of these counts."""

    async def open(self) -> None:
        """Take over what the ledger remembers."""
        self.last_counter = await self._ledger.do(Ledger.printer_counter, self._printer_id)
        self._doubted = await self._ledger.do(Ledger.printer_doubt, self._printer_id)

    def met(self, found: PrinterIdentity, *, sure: bool) -> None:
        """Whose counter it is from here on, as far as it tells; `sure`: its own word shows that it is the same."""
        self._found, self._sure = found, sure

    def forget(self) -> None:
        """Another printer stands here now, by a person's word: its first reading is taken as it is."""
        self.last_counter, self._doubted, self._confirmed = None, 0, None

    def fits(self, counter: int | None) -> bool | None:
        """Whether a reading goes on where the last one stood; None: nothing can be said."""
        if counter is None or self.last_counter is None:
            return None
        return 0 <= counter - self.last_counter <= self._doubted + PAPER_FED_LABELS

    def sent(self, rows: int) -> None:
        """So many counts may come, whatever becomes of what was sent."""
        self._doubted += rows
        self._confirmed = None

    def know(self, counter: int | None) -> None:
        """A reading that is accounted for. None tells nothing: what was known before is still the last that was."""
        if counter is not None:
            self.last_counter, self._doubted = counter, 0

    def proven(self, verdict: Verdict) -> None:
        """A window is proven: its counts and confirmations are accounted for."""
        self.know(verdict.evidence.get("counter_after"))
        self._confirmed, self._doubted = verdict.evidence.get("confirmed"), 0

    async def alarm_if_more(self, verdict: Verdict) -> None:
        """More paper than serials in one window: one of them may be there twice (F3)."""
        evidence = verdict.evidence
        before, after, rows = evidence.get("counter_before"), evidence.get("counter_after"), evidence["rows"]
        if before is not None and after is not None and after - before > rows:
            await self._alarm(
                AlarmKind.POSSIBLE_DUPLICATE, {"before": before, "after": after, "labels": evidence["labels"]}
            )
            self.know(after)
        elif (evidence.get("confirmed") or 0) > rows:
            detail = CounterDetail(before=0, after=evidence["confirmed"], labels=evidence["labels"])
            await self._alarm(AlarmKind.POSSIBLE_DUPLICATE, detail)

    async def account(self, before: Observation, *, edge: bool, relinked: bool) -> None:
        """Explain what the counter did since the last verdict. What it places a hold for is refused when serials are
        issued.

        Args:
            edge: a hand was in the printer since.
            relinked: the link was lost or made anew since; the printer may have been switched off and on.

        Raises:
            HeldError: it may be another printer's counter, and a person has to say.
        """
        await self._account_for_confirmations(before, relinked=relinked)
        if before.counter is None:
            return
        power_up = PAPER_FED_LABELS if relinked and not self._first_contact else 0
        change = between_windows(
            self.last_counter,
            before.counter,
            edge=edge and not self._first_contact,
            first_contact=self._first_contact,
            doubted=self._doubted + power_up,
        )
        detail = CounterDetail(before=change.before, after=change.after)
        if change.kind == "paper_fed":
            await self._ledger.do(Ledger.note_paper_fed, self._printer_id, change.before or 0, change.after or 0)
        elif change.kind == "duplicate":
            await self._alarm(AlarmKind.POSSIBLE_DUPLICATE, detail)
        elif change.kind == "reset":
            await self._alarm(AlarmKind.COUNTER_RESET, detail)
        elif change.kind == "ahead":
            await self._alarm(AlarmKind.COUNTER_AHEAD, detail)
            await self._ledger.do(
                Ledger.place_hold,
                HoldKind.COUNTER_AHEAD,
                AheadDetail(printer=self._printer_id, before=change.before, after=change.after),
            )
        self._first_contact = False
        if (question := self._question_of(change)) is not None:
            await self._ask(question, change)
        self.know(before.counter)

    def _question_of(self, change: CountChange) -> LineQuestion | None:
        """No printer counts backwards, whatever it calls itself. A jump is a stranger's if nothing shows that it is the
        same printer; a hand that opened the head explains some paper and no more."""
        if change.kind == "reset":
            return LineQuestion.COUNT_BACK
        jumped = change.kind != "none" and self.fits(change.after) is False
        unexplained = change.kind in ("duplicate", "ahead")
        return LineQuestion.COUNT_JUMPED if not self._sure and (jumped or unexplained) else None

    async def _ask(self, question: LineQuestion, change: CountChange) -> None:
        asked = await self._ledger.do(
            Ledger.question_printer, self._printer_id, question, self._found, change.before, change.after
        )
        self.held = True
        raise HeldError(refusal.line_held(self._printer_id, of_question(asked)))

    async def _account_for_confirmations(self, before: Observation, *, relinked: bool) -> None:
        """A label confirmed between two windows is one that nobody sent: a panel key printed it again."""
        known, now = self._confirmed, before.responses
        if known is not None and now is not None and now > known and not relinked:
            await self._alarm(AlarmKind.POSSIBLE_DUPLICATE, {"before": known, "after": now})
        self._confirmed = None

    async def _alarm(self, kind: AlarmKind, detail: CounterDetail) -> None:
        await self._ledger.do(Ledger.raise_alarm, kind, self._printer_id, detail)
