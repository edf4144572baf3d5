"""Kinds of alarms and of holds, as events and the agent's API write them, and of what is distributed. Pure.

What each asks of an operator stands in `edge_agent/messages/alarm.py` and `hold.py`. A ledger may hold kinds that only
an older or a newer agent knows: readers take any text.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class AlarmKind(StrEnum):
    """Why an agent asks a person to look."""

    POSSIBLE_DUPLICATE = "possible_duplicate"
    COUNTER_RESET = "counter_reset"
    COUNTER_AHEAD = "counter_ahead"
    INVALID_SCANNED = "invalid_scanned"
    SERIAL_CONFLICT = "serial_conflict"
    ADOPTED_CONFLICT = "adopted_conflict"
    EVENTS_LOST = "events_lost"
    CLOCK_JUMPED = "clock_jumped"


class HoldKind(StrEnum):
    """Why nothing may be issued. The last two are in no event: they hold as long as they are seen."""

    WITNESS_AHEAD = "witness_ahead"
    WITNESS_MISSING = "witness_missing"
    WITNESS_OTHER = "witness_other"
    COUNTER_AHEAD = "counter_ahead"
    REGISTRY_AHEAD = "registry_ahead"
    FORKED = "forked"
    CLONED = "cloned"
    DISK_FULL = "disk_full"
    WITNESS_FAULT = "witness_fault"


SEEN = frozenset({HoldKind.DISK_FULL, HoldKind.WITNESS_FAULT})
"""Holds that nobody places and nobody lifts: they end by themselves."""


class ItemKind(StrEnum):
    """What the registry distributes to agents."""

    ALLOTMENT = "allotment"
    SUSPENSION = "suspension"
    RECALL = "recall"
    LOT = "lot"
    STYLE = "style"


ITEM_KEY: MappingProxyType[str, str] = MappingProxyType(
    {
        ItemKind.ALLOTMENT: "quota_key",
        ItemKind.SUSPENSION: "quota_key",
        ItemKind.RECALL: "quota_key",
        ItemKind.LOT: "lot_no",
        ItemKind.STYLE: "style_no",
    }
)
"""The field of an item that says what it is about."""
