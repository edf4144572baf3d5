"""The life of a serial, as both sides read it."""

from __future__ import annotations

import pytest

from label_protocol.errors import StateError
from label_protocol.states import MOVES, SerialState, Step, move


def test_what_the_table_lists_is_taken_and_nothing_else() -> None:
    for state in SerialState:
        for step in Step:
            if (after := MOVES[state].get(step)) is not None:
                assert move(state, step) is after
            else:
                with pytest.raises(StateError, match=f"label S1: cannot {step} while it is {state}; expected one of"):
                    move(state, step, "S1")


def test_nothing_goes_back() -> None:
    """From each state on, every way ends, and no state comes twice on it."""

    def walk(state: SerialState, seen: tuple[SerialState, ...]) -> None:
        assert state not in seen, (*seen, state)
        for after in MOVES[state].values():
            walk(after, (*seen, state))

    for state in SerialState:
        walk(state, ())
