"""A label's step in the ledger: the table is the protocol's, and the operator reads how the label stands."""

from __future__ import annotations

from edge_agent.messages.label import STANDS
from label_protocol.errors import StateError
from label_protocol.states import SerialState, Step, move


def move_label(state: SerialState, step: Step, serial: str) -> SerialState:
    """`states.move`.

    Raises:
        StateError: the table lists no such move; says how the label stands, then names serial, state and step.
    """
    try:
        return move(state, step, serial)
    except StateError as cause:
        raise StateError(f"{STANDS[state]} · {cause}") from None
