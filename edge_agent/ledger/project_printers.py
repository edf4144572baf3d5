"""Events of printers, alarms and holds → tables; the same lines live and in a rebuild, as `project.py`.

    printer_identified ─► (printer_questioned ─► printer_answered)…

What is counted of another printer says nothing of the one before: with the answer the known counter goes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from edge_agent.ledger.sql import Q
from label_protocol.events import (
    AlarmClosed,
    AlarmRaised,
    EventType,
    FeedNoted,
    HoldPlaced,
    HoldReleased,
    PrinterAnswered,
    PrinterIdentified,
    PrinterQuestioned,
)
from label_protocol.kinds import HoldKind, LineAnswer


def _feed_noted(db: sqlite3.Connection, event: FeedNoted) -> None:
    db.execute(Q["set_counter"], (event["printer"], event["after"]))


def _identified(db: sqlite3.Connection, event: PrinterIdentified) -> None:
    db.execute(Q["set_printer_identity"], {"printer": event["printer"], "identity": _compact(event["identity"])})


def _questioned(db: sqlite3.Connection, event: PrinterQuestioned) -> None:
    told = {"known_json": _compact(event["known"]), "found_json": _compact(event["found"])}
    db.execute(Q["ask_of_printer"], {**event, **told})


def _answered(db: sqlite3.Connection, event: PrinterAnswered) -> None:
    if event["answer"] == LineAnswer.PUT_BACK:
        db.execute(Q["put_back"], event)
        return
    if event["answer"] == LineAnswer.ANOTHER:
        db.execute(Q["confirm_found"], event)
        db.execute(Q["forget_unknown"], event)
        db.execute(Q["forget_counter"], (event["printer"],))
    db.execute(Q["end_question"], event)


def _alarm_raised(db: sqlite3.Connection, event: AlarmRaised) -> None:
    db.execute(Q["add_alarm"], {**event, "detail_json": _compact(event["detail"])})


def _alarm_closed(db: sqlite3.Connection, event: AlarmClosed) -> None:
    db.execute(Q["close_alarm"], event)


def _hold_placed(db: sqlite3.Connection, event: HoldPlaced) -> None:
    db.execute(Q["place_hold"], {**event, "detail_json": _compact(event["detail"])})


def _hold_released(db: sqlite3.Connection, event: HoldReleased) -> None:
    db.execute(Q["release_hold"], (event["kind"],))
    if event["kind"] == HoldKind.CLOCK_BEHIND:  # the clock is right: what stands behind it no longer counts
        db.execute(Q["begin_time_anew"], event)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


PRINTERS: Mapping[str, Callable[[sqlite3.Connection, Any], None]] = MappingProxyType(
    {
        EventType.FEED_NOTED: _feed_noted,
        EventType.PRINTER_IDENTIFIED: _identified,
        EventType.PRINTER_QUESTIONED: _questioned,
        EventType.PRINTER_ANSWERED: _answered,
        EventType.ALARM_RAISED: _alarm_raised,
        EventType.ALARM_CLOSED: _alarm_closed,
        EventType.HOLD_PLACED: _hold_placed,
        EventType.HOLD_RELEASED: _hold_released,
    }
)
