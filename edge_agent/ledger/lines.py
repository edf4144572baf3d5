"""Which printer stands at each line, and the question that holds a line while it may be another one.

A line that is held issues nothing: `issue.py` and `copies.py` ask here inside their own transactions. The question is a
fact like any other, so it outlives a restart, a restored backup and a recovery.
"""

from __future__ import annotations

import json

from edge_agent.errors import HeldError, NotFoundError
from edge_agent.ledger.core import Core
from edge_agent.ledger.log import Log
from edge_agent.messages import refusal
from edge_agent.messages.line import of_question
from edge_agent.model import names
from edge_agent.model.printer_identity import PrinterIdentity, PrinterQuestion
from label_protocol.errors import InputError
from label_protocol.events import EventType, PrinterAnswered, PrinterIdentified, PrinterQuestioned
from label_protocol.kinds import LineAnswer, LineQuestion

BY_A_PERSON = (LineAnswer.ANOTHER, LineAnswer.PUT_BACK)


class Lines(Core):
    """Printers by what they tell of themselves, and what has to be answered before anything is printed."""

    def printer_identity(self, printer: str) -> PrinterIdentity | None:
        """The confirmed printer of a line; None: none was met, or the one that was confirmed told nothing."""
        row = self._one("printer_identity", printer)
        return PrinterIdentity.of(json.loads(row[0])) if row else None

    def printer_questions(self) -> dict[str, PrinterQuestion]:
        """What is open, by printer."""
        return {row[0]: _question(*row) for row in self._all("printer_questions")}

    def printer_question(self, printer: str) -> PrinterQuestion | None:
        """What is open of one printer; None: nothing."""
        row = self._one("printer_question", printer)
        return _question(*row) if row else None

    def identify_printer(self, printer: str, identity: PrinterIdentity, *, first: bool) -> None:
        """Confirms a printer that needs no answer: the `first` of its line, or the same one that tells more."""
        reason = "first" if first else "told_more"
        with self._commit(EventType.PRINTER_IDENTIFIED) as log:
            log.append(
                PrinterIdentified(
                    type=EventType.PRINTER_IDENTIFIED, printer=printer, identity=identity.facts, reason=reason
                )
            )

    def question_printer(
        self, printer: str, question: LineQuestion, found: PrinterIdentity | None, before: int | None, after: int | None
    ) -> PrinterQuestion:
        """Holds a line; the same question about the same printer is no second event."""
        asked = self.printer_question(printer)
        if asked is not None and (asked.question, asked.found, asked.after) == (question, found, after):
            return asked
        known = self.printer_identity(printer)
        with self._commit(EventType.PRINTER_QUESTIONED) as log:
            log.append(
                PrinterQuestioned(
                    type=EventType.PRINTER_QUESTIONED,
                    printer=printer,
                    question=question,
                    known=known.facts if known else None,
                    found=found.facts if found else None,
                    before=before,
                    after=after,
                )
            )
        return _question(*self._one("printer_question", printer))

    def answer_printer(self, printer: str, answer: str, operator: str, reason: str) -> None:
        """A person's answer: `another` goes on with the printer that was found, `put_back` waits for the confirmed one.

        Raises:
            InputError: another answer, or the person's name or reason is missing.
            NotFoundError: nothing is asked of this printer.
        """
        if answer not in BY_A_PERSON:
            raise InputError(
                f"printer {printer}: expected the answer {' or '.join(BY_A_PERSON)}, got {answer!r}; correct it"
            )
        operator = names.person(operator, f"printer {printer}: operator")
        reason = names.reason(reason, f"printer {printer}: reason")
        self._require_asked(printer)
        with self._commit(EventType.PRINTER_ANSWERED) as log:
            _append_answer(log, printer, LineAnswer(answer), operator, reason)

    def printer_returned(self, printer: str) -> None:
        """The confirmed printer answers again: nothing is left to ask. Raises NotFoundError: nothing was."""
        self._require_asked(printer)
        with self._commit(EventType.PRINTER_ANSWERED) as log:
            _append_answer(log, printer, LineAnswer.RETURNED, "", "")

    def _require_asked(self, printer: str) -> None:
        if self.printer_question(printer) is None:
            raise NotFoundError(refusal.nothing_asked(printer))

    def _require_answered(self, printer: str) -> None:
        """Raises HeldError: it may be another printer, and nobody has answered yet."""
        if asked := self.printer_question(printer):
            raise HeldError(refusal.line_held(printer, of_question(asked)))


def _append_answer(log: Log, printer: str, answer: LineAnswer, operator: str, reason: str) -> None:
    log.append(
        PrinterAnswered(
            type=EventType.PRINTER_ANSWERED, printer=printer, answer=answer, operator=operator, reason=reason
        )
    )


def _question(
    printer: str, question: str, known: str, found: str, before: int | None, after: int | None, put_back: int, at: str
) -> PrinterQuestion:
    was, now = PrinterIdentity.of(json.loads(known)), PrinterIdentity.of(json.loads(found))
    return PrinterQuestion(printer, question, was, now, before, after, bool(put_back), at)
