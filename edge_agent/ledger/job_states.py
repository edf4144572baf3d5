"""The life of a job: every legal move is in this table. That of a serial is `label_protocol/states.py`."""

from __future__ import annotations

from types import MappingProxyType

from edge_agent.model.job import JobState
from label_protocol.errors import StateError

_J = JobState

# To the same state: with another reason, such as paper out, then head open.
JOB_MOVES: MappingProxyType[JobState, frozenset[JobState]] = MappingProxyType(
    {
        _J.RUNNING: frozenset({_J.RUNNING, _J.WAITING, _J.PAUSED, _J.DONE, _J.CANCELLED}),
        _J.WAITING: frozenset({_J.WAITING, _J.RUNNING, _J.PAUSED, _J.DONE, _J.CANCELLED}),
        _J.PAUSED: frozenset({_J.PAUSED, _J.RUNNING, _J.WAITING, _J.DONE, _J.CANCELLED}),
        _J.DONE: frozenset(),
        _J.CANCELLED: frozenset(),
    }
)


def move_job(state: JobState, to: JobState, job_id: str = "") -> JobState:
    """`to`, if a job may go there.

    Raises:
        StateError: the table lists no such move; names job and both states.
    """
    if to not in JOB_MOVES[state]:
        may = ", ".join(sorted(JOB_MOVES[state])) or "nothing, it is final"
        raise StateError(f"job {job_id}: cannot become {to} while it is {state}; expected one of: {may}")
    return to
