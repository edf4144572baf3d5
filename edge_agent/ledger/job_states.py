"""The life of a serial: every legal move is in this table and nowhere else (docs/architecture.md, section 4).

`MOVES[state][event type] -> state`. A move that is not listed is refused by `move`, which names all three.
The diagram in `docs/flow.md` is printed from this table by `diagram()`. Jobs have their own table, `JOB_MOVES`.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from edge_agent.model.job import JobState
from label_protocol.errors import StateError


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


_FINAL = "不能再改；弄坏了就重新打一张"

_STANDS: MappingProxyType[SerialState, str] = MappingProxyType(
    {
        _S.SENDING: "这张标签正在打印，没有改动：等它打完再看",
        _S.PRINTED: "这张标签已打印，没有改动：不用再确认，只可记为挂到衣服上或报废",
        _S.IN_DOUBT: "这张标签存疑，没有改动：请扫描、报废或作废",
        _S.COMMISSIONED: f"这张标签已挂在衣服上，没有改动：{_FINAL}",
        _S.SCRAPPED: f"这张标签已报废，没有改动：{_FINAL}",
        _S.INVALID: f"这张标签已作废，没有改动：{_FINAL}",
    }
)
"""How a label stands and what may still be done, before a refused step is named for whoever mends programs."""


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
            f"{_STANDS[state]} · label {serial}: cannot {step} while it is {state}; expected one of: {may}; "
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
