"""Kinds of events, and what they name: alarms, holds, questions about a line and what is distributed, as events and the
agent's API write them. Pure; nowhere else is one spelled.

What each asks of an operator stands in `edge_agent/messages/alarm.py` and `hold.py`. A ledger may hold kinds that only
an older or a newer agent knows: readers take any text.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class EventType(StrEnum):
    """The names of events, as they are stored and sent."""

    INCARNATION_BEGAN = "incarnation_began"
    ENROLLED = "enrolled"
    FEED_RECEIVED = "feed_received"
    JOB_OPENED = "job_opened"
    JOB_MOVED = "job_moved"
    WINDOW_SENDING = "window_sending"
    WINDOW_PRINTED = "window_printed"
    WINDOW_IN_DOUBT = "window_in_doubt"
    WINDOW_NEVER_SENT = "window_never_sent"
    WINDOW_SETTLED = "window_settled"
    LABEL_SCANNED = "label_scanned"
    LABEL_DECIDED = "label_decided"
    LABEL_SAMPLED = "label_sampled"
    ALARM_RAISED = "alarm_raised"
    ALARM_CLOSED = "alarm_closed"
    FEED_NOTED = "feed_noted"
    PRINTER_IDENTIFIED = "printer_identified"
    PRINTER_QUESTIONED = "printer_questioned"
    PRINTER_ANSWERED = "printer_answered"
    COPIES_OPENED = "copies_opened"
    COPIES_SENDING = "copies_sending"
    COPIES_JUDGED = "copies_judged"
    COPIES_ENDED = "copies_ended"
    CARTON_OPENED = "carton_opened"
    PACKED = "packed"
    CARTON_CLOSED = "carton_closed"
    REVIEWED = "reviewed"
    LEASE_CLOSED = "lease_closed"
    HOLD_PLACED = "hold_placed"
    HOLD_RELEASED = "hold_released"
    ADOPTED = "adopted"


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
    """Why nothing may be issued. The last three are in no event: they hold as long as they are seen."""

    WITNESS_AHEAD = "witness_ahead"
    WITNESS_MISSING = "witness_missing"
    WITNESS_OTHER = "witness_other"
    COUNTER_AHEAD = "counter_ahead"
    REGISTRY_AHEAD = "registry_ahead"
    FORKED = "forked"
    CLONED = "cloned"
    DISK_FULL = "disk_full"
    WITNESS_FAULT = "witness_fault"
    CLOCK_BEHIND = "clock_behind"


SEEN = frozenset({HoldKind.DISK_FULL, HoldKind.WITNESS_FAULT})
"""Holds that nobody places and nobody lifts: they end by themselves."""


class LineQuestion(StrEnum):
    """Why a printer's line stands still until somebody has said whether another printer stands there now."""

    IDENTITY = "identity"
    COUNT_BACK = "count_back"
    COUNT_JUMPED = "count_jumped"


class LineAnswer(StrEnum):
    """How such a question ends, or goes on: `another` goes on with the printer that is there, `put_back` waits for the
    confirmed one, and `returned` is nobody's word: the confirmed one answers again."""

    ANOTHER = "another"
    PUT_BACK = "put_back"
    RETURNED = "returned"


class ReviewKind(StrEnum):
    """What of a site's own has to be approved: a label's template, its rows of the rules."""

    TEMPLATE = "template"
    OVERRIDES = "overrides"


class ReviewVerdict(StrEnum):
    """What a lead says of it."""

    APPROVED = "approved"
    REJECTED = "rejected"


class ItemKind(StrEnum):
    """What the registry distributes to agents."""

    ALLOTMENT = "allotment"
    SUSPENSION = "suspension"
    RECALL = "recall"
    LOT = "lot"
    STYLE = "style"
    LEASE = "lease"
    CERTIFICATE = "certificate"


ITEM_KEY: MappingProxyType[str, str] = MappingProxyType(
    {
        ItemKind.ALLOTMENT: "quota_key",
        ItemKind.SUSPENSION: "quota_key",
        ItemKind.RECALL: "quota_key",
        ItemKind.LOT: "lot_no",
        ItemKind.STYLE: "style_no",
        ItemKind.LEASE: "quota_key",
        ItemKind.CERTIFICATE: "quota_key",
    }
)
"""The field of an item that says what it is about; of lots and styles of several firms their `firm` beside it."""

CAN = ("certificates", "leases", "firms", "digests")
"""What an agent of this version understands of what is distributed: the words of its header `X-Agent-Can`."""
