"""Reviews → their table; the same lines live and in a rebuild, as `project.py`. What follows from several words on one
file depends on how many this site asks for, so it is no row: `edge_agent/labels/approval.py` says it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from edge_agent.ledger.sql import Q
from edge_agent.model.actor import Known
from label_protocol.events import EventType, Reviewed

_UNSIGNED = {"known_by": Known.STATED.value, "allowed_by": ""}


def _reviewed(db: sqlite3.Connection, event: Reviewed) -> None:
    db.execute(Q["add_review"], {**_UNSIGNED, **event})


REVIEWS: Mapping[str, Callable[[sqlite3.Connection, Any], None]] = MappingProxyType({EventType.REVIEWED: _reviewed})
