"""The life of a serial: every legal move is in this table and nowhere else (docs/architecture.md, section 4). Pure.

`MOVES[state][step] -> state`. A move that is not listed is refused by `move`, which names serial, state and step. The
diagram in `docs/flow.md` is printed from this table by `diagram()`. The registry's books (`central_registry/ingest/
states.py`) follow from the same table.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

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
