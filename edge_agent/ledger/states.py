"""The life of a serial: every legal move is in this table and nowhere else (ARCHITECTURE section 4).

`MOVES[state][event type] -> state`. A move that is not listed is refused by `move`, which names all three.
The diagram in `docs/flow.md` is printed from this table by `diagram()`. Jobs have their own table, `JOB_MOVES`.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from edge_agent.errors import StateError
from edge_agent.model import JobState


class SerialState(StrEnum):
    """States of a serial at the edge; OPEN-SCS names in brackets."""

    SENDING = "sending"
    PRINTED = "printed"  # Encoded
    IN_DOUBT = "in_doubt"
    COMMISSIONED = "commissioned"  # Commissioned
    SCRAPPED = "scrapped"  # LabelScrapped
    INVALID = "invalid"  # SNInvalid


class Step(StrEnum):
    """What moves a serial."""

    PROVE = "prove"
    DOUBT = "doubt"
    NEVER_SENT = "never_sent"
    SCAN = "scan"
    SETTLE_PRINTED = "settle_printed"
    COMMISSION = "commission"
    SCRAP = "scrap"
    INVALIDATE = "invalidate"


_S, _T = SerialState, Step

MOVES: MappingProxyType[SerialState, MappingProxyType[Step, SerialState]] = MappingProxyType(
    {
        _S.SENDING: MappingProxyType({_T.PROVE: _S.PRINTED, _T.DOUBT: _S.IN_DOUBT, _T.NEVER_SENT: _S.INVALID}),
        _S.PRINTED: MappingProxyType({_T.COMMISSION: _S.COMMISSIONED, _T.SCRAP: _S.SCRAPPED}),
        _S.IN_DOUBT: MappingProxyType(
            {
                _T.SCAN: _S.PRINTED,
                _T.SETTLE_PRINTED: _S.PRINTED,
                _T.COMMISSION: _S.COMMISSIONED,
                _T.SCRAP: _S.SCRAPPED,
                _T.INVALIDATE: _S.INVALID,
            }
        ),
        _S.COMMISSIONED: MappingProxyType({}),
        _S.SCRAPPED: MappingProxyType({}),
        _S.INVALID: MappingProxyType({}),
    }
)


def move(state: SerialState, step: Step, serial: str = "") -> SerialState:
    """The state after `step`.

    Raises:
        StateError: the table lists no such move; names serial, state and step.
    """
    try:
        return MOVES[state][step]
    except KeyError:
        may = ", ".join(MOVES[state]) or "nothing, it is final"
        raise StateError(
            f"label {serial}: cannot {step} while it is {state}; expected one of: {may}; "
            f"a spoiled label is scrapped and replaced by a new serial"
        ) from None


def diagram() -> str:
    """The table as Mermaid text, for the docs."""
    lines = ["stateDiagram-v2", "    [*] --> sending"]
    for state, steps in MOVES.items():
        lines += [f"    {state} --> {after}: {step}" for step, after in steps.items()]
        if not steps:
            lines.append(f"    {state} --> [*]")
    return "\n".join(lines)


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
