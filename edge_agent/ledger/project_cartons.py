"""Events of cartons → tables; the same lines live and in a rebuild, as `project.py`.

    carton_opened ─► packed… ─► carton_closed ─► (carton_opened ─► …)

A serial is in one carton because it is the key of its row. That it is a label of this ledger, that it may be packed,
and that its carton is open was asked before the event; a history told again after a fork meets the same tables.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from edge_agent.errors import NotFoundError
from edge_agent.ledger.sql import Q
from label_protocol.errors import StateError
from label_protocol.events import CartonClosed, CartonOpened, EventType, Packed


def _opened(db: sqlite3.Connection, event: CartonOpened) -> None:
    if not event["reason"]:
        db.execute(Q["add_carton"], event)
        return
    _require(db, event, "closed")
    db.execute(Q["open_carton_again"], event)


def _packed(db: sqlite3.Connection, event: Packed) -> None:
    _require(db, event, "open")
    for serial in event["taken_out"]:
        if db.execute(Q["take_out"], (serial, event["carton"])).rowcount != 1:
            raise StateError(f"carton {event['carton']}: expected {serial} in it, got a carton without it")
    db.executemany(Q["put_in"], [{**event, "serial": serial} for serial in event["put_in"]])
    db.execute(Q["count_packed"], {**event, "more": len(event["put_in"]) - len(event["taken_out"])})


def _closed(db: sqlite3.Connection, event: CartonClosed) -> None:
    _require(db, event, "open")
    db.execute(Q["close_carton"], event)


def _require(db: sqlite3.Connection, event: CartonOpened | Packed | CartonClosed, state: str) -> None:
    row = db.execute(Q["carton_state"], (event["carton"],)).fetchone()
    if row is None:
        raise NotFoundError(f"carton {event['carton']}: expected a carton of this ledger, got an unknown number")
    if row[0] != state:
        raise StateError(f"carton {event['carton']}: expected one that is {state}, got one that is {row[0]}")


CARTONS: Mapping[str, Callable[[sqlite3.Connection, Any], None]] = MappingProxyType(
    {
        EventType.CARTON_OPENED: _opened,
        EventType.PACKED: _packed,
        EventType.CARTON_CLOSED: _closed,
    }
)
