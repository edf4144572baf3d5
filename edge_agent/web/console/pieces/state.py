"""How things stand, in the five looks that a person has to tell apart: each is a colour, an icon and a word."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge_agent.messages.job import COPIES_STATES, JOB_STATES
from edge_agent.messages.printer import DOWN, IDLE, SILENT, UNREAD
from edge_agent.messages.text import Words
from edge_agent.model.copies import CopiesState
from edge_agent.model.job import JobState


class Look(StrEnum):
    """How it looks. `rest`: over, nothing to do; `unknown` is grey with a hatched edge, and never green."""

    GOOD = "good"
    ATTENTION = "attention"
    STOP = "stop"
    UNKNOWN = "unknown"
    REST = "rest"


ICONS = {
    Look.GOOD: "check",
    Look.ATTENTION: "look",
    Look.STOP: "stop",
    Look.UNKNOWN: "unknown",
    Look.REST: "done",
}
"""An icon each, by its name in `templates/pieces/icon.html`: who cannot tell the colours tells the shapes."""


@dataclass(frozen=True, slots=True)
class State:
    """How one thing stands, for the pill."""

    look: Look
    words: Words

    @property
    def icon(self) -> str:
        """The name of its icon."""
        return ICONS[self.look]


UNKNOWN = State(Look.UNKNOWN, Words("未知", "unknown"))
READY = Words("就绪", "ready")
PRINTING = Words("打印中", "printing")
TO_LOOK_AT = Words("请看一下", "look")

_JOB_LOOKS = {
    JobState.RUNNING: Look.GOOD,
    JobState.WAITING: Look.ATTENTION,
    JobState.PAUSED: Look.ATTENTION,
    JobState.DONE: Look.REST,
    JobState.CANCELLED: Look.REST,
}
_COPIES_LOOKS = {
    CopiesState.OPEN: Look.GOOD,
    CopiesState.PRINTED: Look.REST,
    CopiesState.ENDED: Look.ATTENTION,
    CopiesState.CANCELLED: Look.REST,
}


def of_job(state: JobState) -> State:
    """How a job stands."""
    return State(_JOB_LOOKS[state], JOB_STATES[state])


def of_copies(state: CopiesState) -> State:
    """How an order of labels without a code stands."""
    return State(_COPIES_LOOKS[state], COPIES_STATES[state])


def of_printer(words: Words, *, ready: bool, busy: bool) -> State:
    """How a printer stands; one that does not answer is unknown, whatever was known of it before."""
    if words in (DOWN, SILENT, UNREAD):
        return UNKNOWN
    if not ready and not (busy and words in (IDLE, PRINTING)):
        return State(Look.ATTENTION, TO_LOOK_AT)
    return State(Look.GOOD, PRINTING if busy else READY)
