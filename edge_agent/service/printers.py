"""Printers as people see them: what each is doing in words, and what it is asked to do between jobs."""

from __future__ import annotations

from dataclasses import dataclass, fields

from edge_agent.access.asking import Who
from edge_agent.access.roles import Action
from edge_agent.ledger import Ledger
from edge_agent.messages.line import ANSWERS, of_question
from edge_agent.messages.printer import BUSY, PRINTING, PROOFS
from edge_agent.messages.text import Words
from edge_agent.model.printer import ProofLevel
from edge_agent.model.printer_identity import PrinterQuestion
from edge_agent.printing.directory import GroupView, MaintenanceTask, PrinterView
from edge_agent.service.parts import AgentParts
from edge_agent.service.standing import disk_full
from label_protocol.kinds import LineAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Printer(PrinterView):
    """A printer, its proof in words, and what a lead has to answer before it prints on (null: nothing)."""

    proof_words: Words
    question: PrinterQuestion | None = None


@dataclass(frozen=True, slots=True)
class Printers:
    """Every printer, and the groups of them that a job may be ordered from."""

    printers: tuple[Printer, ...]
    groups: tuple[GroupView, ...]


class PrinterService:
    """Answers for the printers."""

    def __init__(self, parts: AgentParts) -> None:
        self._parts = parts

    async def all(self) -> Printers:
        """All printers and groups; none is ready while the ledger's disk is full."""
        directory, full = self._parts.printers, (await self._parts.disk()).full
        asked = await self._parts.printer_questions()
        views = (_printer(view, asked.get(view.printer_id), full=full) for view in directory.views())
        return Printers(tuple(views), tuple(directory.groups))

    async def test(self, printer_id: str, operator: Who) -> Words:
        """Print one label that carries no code; returns how far it could be proven. Raises as `PrinterDirectory.test`;
        RecordError: who may not act."""
        return await self._maintain(self._parts.printers.test, printer_id, operator)

    async def calibrate(self, printer_id: str, operator: Who) -> Words:
        """Have a printer measure its roll, which feeds a few labels. Raises as `PrinterDirectory.calibrate`;
        RecordError: who may not act."""
        return await self._maintain(self._parts.printers.calibrate, printer_id, operator)

    async def answer(self, printer_id: str, answer: str, operator: Who, reason: str) -> Words:
        """A lead answers whether another printer stands there: `another` goes on with it, `put_back` waits for the
        confirmed one. Returns what follows.

        Raises:
            RecordError: who may not act.
            NotFoundError: no such printer, or nothing is asked of it.
            InputError: another answer, or no name or reason.
        """
        lead = await self._parts.people.actor(operator, Action.ANSWER, f"printer {printer_id}")
        self._parts.printers.require(printer_id)
        await self._parts.ledger.do_as(lead, Ledger.answer_printer, printer_id, answer, lead.operator, reason)
        self._parts.changes.tell()
        return ANSWERS[LineAnswer(answer)]

    async def _maintain(self, task: MaintenanceTask, printer_id: str, operator: Who) -> Words:
        await self._parts.people.actor(operator, Action.TEND, f"printer {printer_id}", recorded=False)
        return await task(printer_id)


def _printer(view: PrinterView, asked: PrinterQuestion | None, *, full: bool) -> Printer:
    """A question stands before all else: it is there before the printer is reached, and stays when its line is down."""
    told = {column.name: getattr(view, column.name) for column in fields(view)}
    if asked is not None:
        told |= {"words": of_question(asked), "ready": False}
    elif full and view.ready:
        told |= {"words": disk_full(), "ready": False}
    elif view.job_id is not None and view.words == BUSY:
        told["words"] = PRINTING
    return Printer(**told, proof_words=PROOFS[ProofLevel[view.proof.upper()]], question=asked)
