"""The books of one printer's counter: every count between two windows is explained, or somebody is told."""

from __future__ import annotations

from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.model.printer import Observation, Verdict
from edge_agent.printing.proof import between_windows
from label_protocol.details import AheadDetail, CounterDetail
from label_protocol.kinds import AlarmKind, HoldKind

PAPER_FED_LABELS = 8
"""A printer that was switched off and on, or calibrates, may feed some 200 mm to find its gap; more counts need another
explanation."""


class Odometer:
    """Knows what a printer's counter should say, and raises the alarm when it says something else."""

    def __init__(self, printer_id: str, ledger: LedgerThread) -> None:
        self._printer_id = printer_id
        self._ledger = ledger
        self._first_contact = True
        self._last_counter: int | None = None
        self._doubted = 0
        self._confirmed: int | None = None

    async def open(self) -> None:
        """Take over what the ledger remembers."""
        self._last_counter = await self._ledger.do(Ledger.printer_counter, self._printer_id)
        self._doubted = await self._ledger.do(Ledger.printer_doubt, self._printer_id)

    def sent(self, rows: int) -> None:
        """So many counts may come, whatever becomes of what was sent."""
        self._doubted += rows
        self._confirmed = None

    def know(self, counter: int | None) -> None:
        """A reading that is accounted for. None tells nothing: what was known before is still the last that was."""
        if counter is not None:
            self._last_counter, self._doubted = counter, 0

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
        """Explain what the counter did since the last verdict; raises `HeldError` later, through the hold it places.

        Args:
            edge: a hand was in the printer since.
            relinked: the link was lost or made anew since; the printer may have been switched off and on.
        """
        await self._account_for_confirmations(before, relinked=relinked)
        if before.counter is None:
            return
        power_up = PAPER_FED_LABELS if relinked and not self._first_contact else 0
        change = between_windows(
            self._last_counter,
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
        self.know(before.counter)

    async def _account_for_confirmations(self, before: Observation, *, relinked: bool) -> None:
        """A label confirmed between two windows is one that nobody sent: a panel key printed it again."""
        known, now = self._confirmed, before.responses
        if known is not None and now is not None and now > known and not relinked:
            await self._alarm(AlarmKind.POSSIBLE_DUPLICATE, {"before": known, "after": now})
        self._confirmed = None

    async def _alarm(self, kind: AlarmKind, detail: CounterDetail) -> None:
        await self._ledger.do(Ledger.raise_alarm, kind, self._printer_id, detail)
