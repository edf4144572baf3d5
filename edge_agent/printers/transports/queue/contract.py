"""What a spooler must be able to do for `queue://`. CUPS and Windows have one implementation each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

TITLE_PREFIX = "edge-agent: "
"""Leads the title of every job of ours, so that what an earlier life left in a queue is known again."""


class Phase(Enum):
    """Where a job stands, as far as the labels in it are concerned."""

    WAITING = "waiting"
    """Nothing of it has gone to the printer."""
    SENDING = "sending"
    """It goes to the printer, or waits for the printer to take more."""
    DONE = "done"
    """All bytes were handed to the printer. It says nothing about paper."""
    FAILED = "failed"
    """Not all bytes went, or they may go a second time."""


@dataclass(frozen=True, slots=True)
class JobReport:
    """A job, looked at once.

    `reason` is the spooler's own word for the phase. `began` is when the spooler last began to send it, in a count
    of its own; 0 where it does not say. Two different values mean that it was sent twice.
    """

    phase: Phase
    reason: str
    began: int = 0


class Spooler(Protocol):
    """One queue of the operating system.

    Every method raises LinkBrokenError when the spooler does not answer, or answers no.
    """

    @property
    def queue(self) -> str:
        """Its name."""
        ...

    async def check(self) -> None:
        """Whether a job given to it now would be sent, and once.

        Raises:
            LinkDownError: it would not be sent, or might be sent again; the message says what mends it.
        """
        ...

    async def stale(self) -> list[int]:
        """Jobs whose title begins with `TITLE_PREFIX`, whatever became of them."""
        ...

    async def submit(self, title: str, data: bytes) -> int:
        """Hand over one raw job; its id. Never tried twice: after an error the job may be in the queue all the same."""
        ...

    async def state(self, job: int) -> JobReport:
        """Where a job stands. An unknown job has failed: nobody can say what became of it."""
        ...

    async def cancel(self, job: int) -> None:
        """End a job and destroy its data, so that nobody can have it printed again. A job that is gone is as good."""
        ...
