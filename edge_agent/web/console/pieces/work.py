"""One order on its way, a job or labels without a code, as the bar and the page Now show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge_agent.messages.text import Words
from edge_agent.model.copies import Copies, CopiesState
from edge_agent.model.goods import Goods
from edge_agent.model.job import Job, JobState
from edge_agent.web.console.pieces.state import State, of_copies, of_job


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """`on` names the printer or group that it was ordered from, `at` the printer of the group that has it in hand.
    `kind` is the part of the address that its orders go to; `not_good` counts what is in doubt, or sent and not
    proven."""

    kind: str
    key: str
    state: State
    goods: Goods
    lot_no: str
    on: str
    at: str
    template: str
    operator: str
    printed: int
    quantity: int
    not_good: int
    left: int
    told: Words
    opened_at: str
    open: bool
    paused: bool = False

    @property
    def path(self) -> str:
        """Where its orders go to."""
        return f"/console/{self.kind}/{self.key}"

    @property
    def place(self) -> str:
        """The printers by name: where it was ordered, then where it is."""
        return f"{self.on} → {self.at}" if self.at and self.at != self.on else self.on

    @property
    def doubt_words(self) -> Words:
        """What is said of those that are `not_good`."""
        if self.kind == "copies":
            return Words(f"未证实 {self.not_good}", f"{self.not_good} not proven")
        return Words(f"存疑 {self.not_good}", f"{self.not_good} in doubt")


def work_of_job(job: Job, goods: Goods, told: Words, names: Mapping[str, str], at: str, operator: str = "") -> Work:
    """A job; `names` gives the name of each printer and group by its id."""
    return Work(
        kind="jobs",
        key=job.job_id,
        state=of_job(job.state),
        goods=goods,
        lot_no=job.lot_no or "",
        on=names.get(job.printer, job.printer),
        at=at,
        template=job.template,
        operator=operator,
        printed=job.printed,
        quantity=job.quantity,
        not_good=job.in_doubt,
        left=job.left,
        told=told,
        opened_at=job.opened_at,
        open=job.state not in (JobState.DONE, JobState.CANCELLED),
        paused=job.state is JobState.PAUSED,
    )


def work_of_copies(copies: Copies, goods: Goods, told: Words, names: Mapping[str, str], operator: str) -> Work:
    """An order of labels without a code."""
    return Work(
        kind="copies",
        key=copies.copies_id,
        state=of_copies(copies.state),
        goods=goods,
        lot_no="",
        on=names.get(copies.printer, copies.printer),
        at="",
        template=copies.template,
        operator=operator,
        printed=copies.printed,
        quantity=copies.quantity,
        not_good=copies.unproven,
        left=copies.left,
        told=told,
        opened_at=copies.opened_at,
        open=copies.state is CopiesState.OPEN,
    )
