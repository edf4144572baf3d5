"""Who prints what: printers in groups, and who takes over when one cannot go on. Pure; the clock is an argument.

A job is ordered from one printer or from a group. A group's job is printed by one printer at a time: the first in its
list that can. Who cannot for a while hands over to one that can, but only between windows; and where the site says so,
who failed in the middle of one leaves it behind at once. What moves are labels that were never drawn, never one that
was: the window that failed hangs as a strip from its printer, which prints nothing until somebody looked. So a job
leaves one window in doubt at each printer at most, whatever is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from edge_agent.messages.text import Words
from edge_agent.model.job import Job


@dataclass(frozen=True, slots=True)
class Group:
    """Printers that stand in for each other, the preferred first. `moves`: after a fault in the middle too."""

    group_id: str
    printers: tuple[str, ...]
    fallback_after_s: float
    moves: bool = False


@dataclass(slots=True)
class PrinterGroups:
    """Says which printer of a group prints a job. `unready_s(printer)` tells for how many seconds a printer has not
    been able to print; 0.0 = it can. `busy(printer)`: it has a job in hand. `hangs(printer)`: a strip hangs from it,
    and no label may go behind that."""

    groups: Sequence[Group]
    unready_s: Callable[[str], float]
    busy: Callable[[str], bool] = lambda _printer: False
    hangs: Callable[[str], bool] = lambda _printer: False
    _held: dict[str, str] = field(default_factory=dict)
    _left: dict[str, tuple[str, Words]] = field(default_factory=dict)
    """Printer → the job that left a window in doubt there, and what happened."""

    def targets(self, printer_id: str) -> tuple[str, ...]:
        """What jobs of this printer may be addressed to: itself and its groups."""
        return (printer_id, *(group.group_id for group in self.groups if printer_id in group.printers))

    def take(self, printer_id: str, job: Job) -> bool:
        """Whether this printer is the one to print that job now; if so, it has it until `release`."""
        offered = self.offers(printer_id, job)
        if offered and self._group_of(job) is not None:  # nobody holds what he did not ask for: he may never come
            self._held[job.job_id] = printer_id
        return offered

    def offers(self, printer_id: str, job: Job) -> bool:
        """What `take` would answer; nothing is held by asking."""
        group = self._group_of(job)
        if group is None:
            return job.printer == printer_id
        return (self._held.get(job.job_id) or self._first_ready(group, printer_id)) == printer_id

    def keeps(self, printer_id: str, job: Job) -> bool:
        """Whether it goes on with it: False when it has been unready for long and another of its group could begin."""
        group = self._group_of(job)
        if group is None or self.unready_s(printer_id) < group.fallback_after_s:
            return True
        return not any(self._free(other) for other in group.printers if other != printer_id)

    def leaves(self, printer_id: str, job: Job, why: Words) -> bool:
        """Whether a job goes on elsewhere after its window failed here; if so, `left_at` knows of it."""
        group = self._group_of(job)
        if group is None or not group.moves:
            return False
        self._left = {one: left for one, left in self._left.items() if one != printer_id}
        self._left[printer_id] = job.job_id, why
        return True

    def left_at(self, job_id: str) -> tuple[str, Words] | None:
        """The last printer where this job left a window that somebody still has to look at, and what happened."""
        newest = reversed(self._left.items())
        return next(((one, why) for one, (left, why) in newest if left == job_id and self.hangs(one)), None)

    def release(self, job: Job) -> None:
        """Nobody has the job now; the next to ask is whoever can print."""
        self._held.pop(job.job_id, None)

    def _first_ready(self, group: Group, asks: str) -> str:
        """Who asks has nothing in hand."""
        able = (one for one in group.printers if self._able(one) and (one == asks or not self.busy(one)))
        return next(able, group.printers[0])

    def _free(self, printer_id: str) -> bool:
        return self._able(printer_id) and not self.busy(printer_id)

    def _able(self, printer_id: str) -> bool:
        return self.unready_s(printer_id) == 0.0 and not self.hangs(printer_id)

    def _group_of(self, job: Job) -> Group | None:
        return next((group for group in self.groups if group.group_id == job.printer), None)
