"""Where a serial stands in the registry's books: the edge's moves as the registry may hear of them. Pure.

The registry is told what happened; it does not decide. But nothing goes back: a move that the life of a serial does not
have (docs/ledger-format.md, `edge_agent/ledger/job_states.py`) leaves the state as it is and raises an alarm. One move
is ours alone: at a site without a scan step a printed label counts as commissioned, and may still be found spoiled.
"""

from __future__ import annotations

from enum import IntEnum


class State(IntEnum):
    """Stored as a small integer in `serial.state`: the numbers never change their meaning."""

    SENDING = 0
    PRINTED = 1
    IN_DOUBT = 2
    COMMISSIONED = 3
    SCRAPPED = 4
    INVALID = 5

    @property
    def word(self) -> str:
        """The state as events write it."""
        return self.name.lower()


FREED = frozenset({State.SCRAPPED, State.INVALID})
"""No longer counted against an allotment."""

STEPS: dict[str, State] = {
    "scan": State.PRINTED,
    "settle_printed": State.PRINTED,
    "commission": State.COMMISSIONED,
    "scrap": State.SCRAPPED,
    "invalidate": State.INVALID,
}
"""Where the steps of `label_scanned` and `label_decided` lead."""

_S = State
MOVES: dict[State, frozenset[State]] = {
    _S.SENDING: frozenset({_S.PRINTED, _S.IN_DOUBT, _S.COMMISSIONED, _S.INVALID}),
    _S.PRINTED: frozenset({_S.COMMISSIONED, _S.SCRAPPED}),
    _S.IN_DOUBT: frozenset({_S.PRINTED, _S.COMMISSIONED, _S.SCRAPPED, _S.INVALID}),
    _S.COMMISSIONED: frozenset({_S.SCRAPPED}),
    _S.SCRAPPED: frozenset(),
    _S.INVALID: frozenset(),
}


NEXT: tuple[tuple[State | None, ...], ...] = tuple(
    tuple(told if told == state or told in MOVES[state] else None for told in State) for state in State
)
"""`MOVES` as a square, looked up once per label of every batch: hashing an enum member costs more than all the rest."""


def after(state: State, told: State) -> State | None:
    """The state once the registry was told `told`; None if a serial in `state` cannot have come there."""
    return NEXT[state][told]
