"""Moves the serials that a batch touches, in memory: what it issued itself, and what was there before it.

They are written down once, in the state that they reach by the end of the batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from central_registry.alarms import AlarmKind, Note
from central_registry.ingest.account import Account
from central_registry.ingest.classify import Rulings
from central_registry.ingest.interpret import IssuedWindow, Move, Together
from central_registry.ingest.states import FREED, State, after, settles


@dataclass(frozen=True, slots=True)
class Held:
    """A serial that was there before the batch; `apart`: it uses up nothing (`APART`)."""

    draw: bytes
    quota_key: str
    sent_at: str
    state: State
    apart: bool


@dataclass(slots=True)
class Touched:
    """The serials a batch touches: `issued` by it (`drawn`: in which window), `held` from before it, and where those
    were `moved`; `fixed` are those that a lost agent may not move, `withheld` counts how often it would have."""

    account: Account
    issued: dict[str, State] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    moved: dict[str, State] = field(default_factory=dict)
    fixed: dict[str, Held] = field(default_factory=dict)
    withheld: int = 0
    windows: dict[str, list[str]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    drawn: Mapping[str, IssuedWindow] = field(default_factory=dict)
    rulings: Rulings = field(default_factory=Rulings)


def apply(touched: Touched, move: Move) -> None:
    """One move, at its place among the events; what cannot be is noted and moves nothing."""
    if move.window_id is not None and move.window_id not in touched.windows:
        touched.notes.append(
            Note(AlarmKind.UNKNOWN_WINDOW, move.window_id, f"window {move.window_id} was never begun here")
        )
        return
    verdict = move.window_id is not None
    serials = touched.windows[move.window_id] if move.window_id is not None else move.serials
    if verdict and _move_together(touched, serials, move.state):
        return
    for serial in serials:
        if serial in touched.issued:
            _advance(touched, touched.issued, serial, touched.issued[serial], move.state, verdict)
        elif serial in touched.held:
            before = touched.moved.get(serial, touched.held[serial].state)
            _advance(touched, touched.moved, serial, before, move.state, verdict)
        elif serial in touched.fixed:
            touched.withheld += move.state is not touched.fixed[serial].state


def apply_together(touched: Touched, told: Together) -> None:
    """What a person said of several labels, told again: one that cannot follow keeps all of them as they are."""
    for move in told.moves:
        for serial in move.serials:
            state = _state(touched, serial)
            if state is not None and not settles(state, move.state):
                detail = (
                    f"serial {serial}: {state.word}, then told again {move.state.word}; nothing of that event is done"
                )
                touched.notes.append(Note(AlarmKind.IMPOSSIBLE_MOVE, f"{serial}:{move.state.word}", detail))
                return
    for move in told.moves:
        apply(touched, move)


def _state(touched: Touched, serial: str) -> State | None:
    """None: of a label that is not this agent's to move."""
    held = touched.held.get(serial)
    return touched.issued.get(serial, touched.moved.get(serial, None if held is None else held.state))


def _move_together(touched: Touched, serials: Sequence[str], told: State) -> bool:
    """Whether all were moved at once: nearly every window is drawn and proven in one batch, and as a whole."""
    states = [touched.issued.get(serial) for serial in serials]
    if states.count(State.SENDING) != len(states):
        return False
    reached = after(State.SENDING, told)
    if reached is None or reached in FREED:
        return False
    touched.issued.update(dict.fromkeys(serials, reached))
    return True


def _advance(touched: Touched, into: dict[str, State], serial: str, state: State, told: State, verdict: bool) -> None:
    """A verdict on a window is for labels that are being sent; out of doubt leads only what is said of one label."""
    reached = after(state, told)
    if reached is not None and not (verdict and state is State.IN_DOUBT and told is not state):
        into[serial] = reached
        if reached in FREED and state not in FREED:
            one = touched.held.get(serial) or touched.drawn[serial]
            touched.account.release(one.quota_key, apart=isinstance(one, Held) and one.apart)
        return
    detail = f"serial {serial}: {state.word}, then told {told.word}; the books keep {state.word}"
    touched.notes.append(Note(AlarmKind.IMPOSSIBLE_MOVE, f"{serial}:{told.word}", detail))
