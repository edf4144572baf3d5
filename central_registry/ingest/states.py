"""Where a serial stands in the registry's books: the edge's moves as the registry may hear of them. Pure.

The registry is told what happened; it does not decide. But nothing goes back: a move that the life of a serial does not
have (`label_protocol/states.py`) leaves the state as it is and raises an alarm. Two moves are ours alone: at a site
without a scan step a printed label counts as commissioned, and may still be found spoiled.
"""

from __future__ import annotations

from enum import IntEnum

from label_protocol import states
from label_protocol.states import SerialState


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

STEPS: dict[str, State] = {step: State[to.name] for step, to in states.MOVES[SerialState.IN_DOUBT].items()}
"""Where the steps of `label_scanned` and `label_decided` lead: those that end a doubt, whatever state they begin in."""

_OURS = {State.SENDING: frozenset({State.COMMISSIONED}), State.COMMISSIONED: frozenset({State.SCRAPPED})}


def _moves(state: State) -> frozenset[State]:
    told = states.MOVES[SerialState(state.word)].values()
    return frozenset(State[to.name] for to in told) | _OURS.get(state, frozenset())


MOVES: dict[State, frozenset[State]] = {state: _moves(state) for state in State}

NEXT: tuple[tuple[State | None, ...], ...] = tuple(
    tuple(told if told == state or told in MOVES[state] else None for told in State) for state in State
)
"""`MOVES` as a square, looked up once per label of every batch: hashing an enum member costs more than all the rest."""


def after(state: State, told: State) -> State | None:
    """The state once the registry was told `told`; None if a serial in `state` cannot have come there."""
    return NEXT[state][told]


def settles(state: State, told: State) -> bool:
    """Whether a person's word about one label leads from `state` to `told`, strictly: no label is settled twice, nor
    while it is being sent."""
    return state is not State.SENDING and told in MOVES[state]
