"""What printers and orders do at one moment, in the values that are drawn."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge_agent.access.asking import Asking
from edge_agent.messages.job import what_is_left
from edge_agent.messages.text import Words
from edge_agent.model.copies import Copies
from edge_agent.model.job import Job, JobState
from edge_agent.service.agent_service import AgentService
from edge_agent.service.printers import Printer, Printers
from edge_agent.service.standing import told as told_reason
from edge_agent.web.console.pieces.state import State, of_printer
from edge_agent.web.console.pieces.told import of_sentence
from edge_agent.web.console.pieces.work import Work, work_of_copies, work_of_job


@dataclass(frozen=True, slots=True)
class Names:
    """Id → name of printers and groups, and of people: who is not to be known here is nameless, and where nobody is
    asked (None) what events hold is the name."""

    printers: Mapping[str, str]
    people: Mapping[str, str] | None

    def person(self, recorded: str) -> str:
        """Who it was, as far as it is shown."""
        return recorded if self.people is None else self.people.get(recorded, "")

    def told(self, why: Words) -> Words:
        """A reason with the printer's name where the ledger has its id, which stands on no printer."""
        return Words(_PRINTER.sub(lambda at: f"打印机 {self.printers.get(at[1], at[1])}", why.zh), why.en)


_PRINTER = re.compile(r"打印机 ([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True, slots=True)
class PrinterCard:
    """A printer, how it stands, the order that it has in hand (None: none), and how many others stand or wait there."""

    printer: Printer
    state: State
    work: Work | None
    waits: int = 0


@dataclass(frozen=True, slots=True)
class Floor:
    """`works` are all orders that are not over, oldest first: they keep their places while others come and go."""

    printers: Sequence[PrinterCard]
    works: Sequence[Work]
    names: Mapping[str, str]


async def look_at(there: AgentService, who: Asking) -> Floor:
    """The floor now, as it is shown to somebody. Raises LedgerError, CatalogError."""
    found = await there.printers.all()
    names = await names_of(there, found, who)
    holders = {one.job_id: one.printer_id for one in found.printers if one.job_id is not None}
    waits = await there.jobs.open()
    jobs = [await work_of(there, job, names, holders) for job in waits]
    copies = [await copied(there, one, names) for one in await there.copies.open()]
    works = (*jobs, *(one for one in copies if one.open))
    by_key = {one.key: one for one in works}
    at = Counter(job.printer for job in waits if job.job_id not in holders)
    return Floor([_card(one, by_key, at[one.printer_id]) for one in found.printers], works, names.printers)


async def names_of(there: AgentService, found: Printers, who: Asking) -> Names:
    """The names of this site, as they are shown to somebody."""
    printers = {one.printer_id: one.name for one in found.printers}
    return Names(printers | {one.group_id: one.name for one in found.groups}, await there.people.names(who))


def _card(printer: Printer, works: Mapping[str, Work], waits: int) -> PrinterCard:
    state = of_printer(printer.words, ready=printer.ready, busy=printer.job_id is not None)
    return PrinterCard(printer, state, works.get(printer.job_id or ""), waits)


async def work_of(there: AgentService, job: Job, names: Names, holders: Mapping[str, str]) -> Work:
    """A job as it is drawn; one that is done counts its labels as they are now."""
    told = what_is_left(job) if job.state is JobState.DONE else names.told(of_sentence(told_reason(job.reason)))
    at = names.printers.get(holders.get(job.job_id, ""), "")
    ordered_by = names.person(await there.find.ordered_by(job.job_id))
    return work_of_job(job, await there.goods.of(job.snapshot_hash), told, names.printers, at, ordered_by)


async def copied(there: AgentService, copies: Copies, names: Names) -> Work:
    """An order of labels without a code as it is drawn."""
    goods = await there.goods.of(copies.snapshot_hash)
    return work_of_copies(copies, goods, await there.copies.told(copies), names.printers, names.person(copies.operator))
