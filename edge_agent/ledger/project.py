"""Event → tables: one function per event type, one table of them, the same lines live and in a rebuild.

A live call, a rebuild for `verify` and a recovery all come through `Projector.apply`, so "state is what the events
say" is not a promise but the only way a row is ever written. Every step of a label goes through `move_label`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from edge_agent.errors import NotFoundError
from edge_agent.ledger.job_states import move_job
from edge_agent.ledger.label_states import move_label
from edge_agent.ledger.project_cartons import CARTONS
from edge_agent.ledger.project_copies import COPIES, COPIES_RETOLD
from edge_agent.ledger.project_feed import FEED, compact
from edge_agent.ledger.project_printers import PRINTERS
from edge_agent.ledger.project_reviews import REVIEWS
from edge_agent.ledger.sql import Q
from edge_agent.messages.label import of_settled_window
from edge_agent.model.job import JobState
from edge_agent.model.printer import ProofLevel
from label_protocol import events
from label_protocol.errors import StateError
from label_protocol.events import EventType
from label_protocol.states import SerialState, Step

Handler = Callable[[sqlite3.Connection, Any], None]
"""Each takes the type of its own event; what comes from a file is no more than JSON until its name was read."""

Judged = events.WindowPrinted | events.WindowInDoubt | events.WindowNeverSent
Settled = events.WindowSettled | events.LabelScanned | events.LabelDecided

PROJECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "incarnation": "ordinal",
        "identity": "one",
        "feed": "one",
        "fed_record": "kind, no, firm",
        "allotment": "quota_key",
        "allotted_to": "quota_key",
        "lease": "quota_key",
        "certificate": "quota_key",
        "newest": "one",
        "job": "job_id",
        "job_key": "key",
        "claim": "serial",
        "window": "window_no",
        "label": "label_no",
        "tally": "scope, key, state",
        "printer": "printer",
        "printer_identity": "printer",
        "printer_question": "printer",
        "copies": "opened_at, copies_id",
        "carton": "carton",
        "packed": "serial",
        "review": "review_no",
        "alarm": "alarm_id",
        "hold": "kind",
    }
)
"""Table → order of its rows: what a rebuild empties, and what `verify` compares row by row."""


class Projector:
    """Applies events in order. `refused` lists re-told events that contradict the registry's history."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.refused: list[str] = []

    def apply(self, event: Mapping[str, Any]) -> None:
        """Writes what `event` means. A type nobody knows is kept as an event and does nothing.

        Raises:
            StateError, NotFoundError: a move that is not legal, or of a thing nobody knows.
            sqlite3.IntegrityError: a serial, key or window that exists already.
        """
        self._db.execute(Q["note_time"], event)
        if event["type"] == EventType.ADOPTED:
            self._retell(event)
        elif (handler := _HANDLERS.get(event["type"])) is not None:
            handler(self._db, event)

    def clear(self) -> None:
        """Empties every projection, before a rebuild in place."""
        for table in PROJECTIONS:
            self._db.execute(f'DELETE FROM "{table}"')

    def _retell(self, event: Mapping[str, Any]) -> None:
        """An event of a fork applies if the registry's history allows it; else it stays on record and is listed."""
        origin, inner = event["origin"], event["event"]
        while inner["type"] == EventType.ADOPTED:
            inner = inner["event"]
        handler = _RETOLD.get(inner["type"])
        if handler is None:
            return
        self._db.execute("SAVEPOINT retold")
        try:
            handler(self._db, inner)
        except (StateError, NotFoundError, sqlite3.IntegrityError) as cause:
            self._db.execute("ROLLBACK TO retold")
            self.refused.append(f"{origin['incarnation']}/{origin['seq']} {inner['type']}: {cause}")
        self._db.execute("RELEASE retold")


# --- lives, enrolment -------------------------------------------------------------------------------------------------


def _incarnation_began(db: sqlite3.Connection, event: events.IncarnationBegan) -> None:
    parent = event["parent"]
    origin = (parent["incarnation"], parent["seq"], bytes.fromhex(parent["hash"])) if parent else (None, None, None)
    db.execute(Q["add_incarnation"], (event["incarnation"], *origin))


def _enrolled(db: sqlite3.Connection, event: events.Enrolled) -> None:
    db.execute(Q["set_identity"], event)


# --- jobs -------------------------------------------------------------------------------------------------------------


def _job_opened(db: sqlite3.Connection, event: events.JobOpened) -> None:
    _open_job(db, event, key="claim_key", claim="add_claim")


def _job_retold(db: sqlite3.Connection, event: events.JobOpened) -> None:
    """The registry's history keeps a key or a replaced serial that both histories used; the job itself is told."""
    _open_job(db, event, key="claim_key_if_free", claim="add_claim_if_free")


def _open_job(db: sqlite3.Connection, event: events.JobOpened, *, key: str, claim: str) -> None:
    scan_every = event.get("scan_every", 0)
    db.execute(Q["add_job"], {**event, "replaces_json": compact(event["replaces"]), "scan_every": scan_every})
    db.execute(Q[key], event)
    db.executemany(Q[claim], ((serial, event["job"]) for serial in event["replaces"]))


def _job_moved(db: sqlite3.Connection, event: events.JobMoved) -> None:
    row = db.execute(Q["job_state"], (event["job"],)).fetchone()
    if row is None:
        raise NotFoundError(f"job {event['job']}: expected a job of this ledger, got an unknown number; list the jobs")
    after = move_job(JobState(row[0]), JobState(event["state"]), event["job"])
    db.execute(Q["move_job"], event)
    if after in (JobState.DONE, JobState.CANCELLED):
        db.execute(Q["drop_claims"], (event["job"],))


# --- windows ----------------------------------------------------------------------------------------------------------


def _window_sending(db: sqlite3.Connection, event: events.WindowSending) -> None:
    serials, replaces = event["serials"], event["replaces"]
    first = db.execute(Q["next_label"]).fetchone()[0]
    row = {**event, "first_label": first, "size": len(serials)}
    window_no = db.execute(Q["add_window"], row).lastrowid
    db.executemany(Q["add_label"], [(serial, window_no, replaces.get(serial)) for serial in serials])
    for new, old in replaces.items():
        db.execute(Q["replaced_by"], {"new": new, "old": old})
        db.execute(Q["drop_claim"], (old,))
    _count(db, event["job"], event["quota_key"], None, SerialState.SENDING, len(serials))
    if event["counter"] is not None:
        db.execute(Q["set_counter"], (event["printer"], event["counter"]))


def _window_printed(db: sqlite3.Connection, event: events.WindowPrinted) -> None:
    sampled = _judge(db, event, Step.PROVE, event["level"], None)
    if sampled is not None:
        db.execute(Q["note_unscanned"], (sampled,))
    counter = event["evidence"].get("counter_after")
    if isinstance(counter, int):
        db.execute(Q["set_counter_of_window"], {"window": event["window"], "counter": counter})


def _window_in_doubt(db: sqlite3.Connection, event: events.WindowInDoubt) -> None:
    _judge(db, event, Step.DOUBT, ProofLevel.SENT.word, event["reason"])


def _window_never_sent(db: sqlite3.Connection, event: events.WindowNeverSent) -> None:
    _judge(db, event, Step.NEVER_SENT, None, event["reason"])


def _judge(db: sqlite3.Connection, event: Judged, step: Step, level: str | None, reason: str | None) -> str | None:
    """The whole window takes one step; until then its labels share its state. Gives its job, if that asks for sampled
    scans."""
    row = db.execute(Q["window_row"], (event["window"],)).fetchone()
    if row is None:
        raise NotFoundError(f"window {event['window']}: expected a window of this ledger, got an unknown number")
    window_no, first, size, before, job, quota_key, scan_every = row
    after = move_label(SerialState(before), step, f"window {event['window']}")
    change = {"state": after, "level": level, "reason": reason, "at": event["at"]}
    db.execute(Q["judge_window"], {**change, "window_no": window_no})
    db.execute(Q["judge_labels"], {**change, "first": first, "last": first + size - 1})
    _count(db, job, quota_key, before, after, size)
    return str(job) if scan_every else None


# --- labels -----------------------------------------------------------------------------------------------------------


def _window_settled(db: sqlite3.Connection, event: events.WindowSettled) -> None:
    decided = of_settled_window(event["last"] or "–")
    for serial in event["printed"]:
        seen = serial == event["last"]
        _step(db, event, serial, Step.SCAN if seen else Step.SETTLE_PRINTED, None if seen else decided)
    for serial in event["scrapped"]:
        _step(db, event, serial, Step.SCRAP, decided)
    for serial in event["invalid"]:
        _step(db, event, serial, Step.INVALIDATE, decided)


def _label_scanned(db: sqlite3.Connection, event: events.LabelScanned) -> None:
    _step(db, event, event["serial"], Step(event["step"]), None, scanned=True)
    db.execute(Q["note_sampled"], (event["serial"],))


def _label_sampled(db: sqlite3.Connection, event: events.LabelSampled) -> None:
    """Proof of one label, and no step of its life."""
    if not db.execute(Q["prove_label"], event).rowcount:
        raise NotFoundError(f"label {event['serial']}: expected a serial of this ledger, got an unknown one")
    db.execute(Q["note_sampled"], (event["serial"],))


def _label_decided(db: sqlite3.Connection, event: events.LabelDecided) -> None:
    _step(db, event, event["serial"], Step(event["step"]), event["reason"])


def _step(
    db: sqlite3.Connection, event: Settled, serial: str, step: Step, reason: str | None, *, scanned: bool = False
) -> None:
    """One label takes one step. Only a scanner's text lifts the proof to `scan`; a decision leaves it as it was."""
    row = db.execute(Q["label_row"], (serial,)).fetchone()
    if row is None:
        raise NotFoundError(f"label {serial}: expected a serial of this ledger, got an unknown one; check the code")
    before, job, quota_key, _ = row
    after = move_label(SerialState(before), step, serial)
    level = ProofLevel.SCAN.word if scanned or step is Step.SCAN else None
    change = {"serial": serial, "state": after, "level": level, "reason": reason}
    db.execute(Q["move_label"], {**change, "operator": event["operator"], "at": event["at"]})
    _count(db, job, quota_key, before, after, 1)


def _count(
    db: sqlite3.Connection, job: str, quota_key: str, before: str | None, after: SerialState, number: int
) -> None:
    """Moves `number` labels from one column of the books to another, for the job and for the allotment."""
    for scope, key in (("job", job), ("quota", quota_key)):
        if before is not None:
            db.execute(Q["take_tally"], (number, scope, key, before))
        db.execute(Q["add_tally"], (scope, key, after, number))


_HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        EventType.INCARNATION_BEGAN: _incarnation_began,
        EventType.ENROLLED: _enrolled,
        EventType.JOB_OPENED: _job_opened,
        EventType.JOB_MOVED: _job_moved,
        EventType.WINDOW_SENDING: _window_sending,
        EventType.WINDOW_PRINTED: _window_printed,
        EventType.WINDOW_IN_DOUBT: _window_in_doubt,
        EventType.WINDOW_NEVER_SENT: _window_never_sent,
        EventType.WINDOW_SETTLED: _window_settled,
        EventType.LABEL_SCANNED: _label_scanned,
        EventType.LABEL_DECIDED: _label_decided,
        EventType.LABEL_SAMPLED: _label_sampled,
        **FEED,
        **PRINTERS,
        **COPIES,
        **CARTONS,
        **REVIEWS,
    }
)

_NOT_RETOLD = (EventType.INCARNATION_BEGAN, EventType.ENROLLED, EventType.FEED_RECEIVED)
"""A fork's life ends with the fork, and what the registry once fed it the registry says again, and better."""

_RETOLD: Mapping[str, Handler] = MappingProxyType(
    {name: handler for name, handler in _HANDLERS.items() if name not in _NOT_RETOLD}
    | {EventType.JOB_OPENED: _job_retold, **COPIES_RETOLD}
)
