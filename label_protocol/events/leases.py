"""The event of a lease: until when serials may be drawn under an allotment. Pure."""

from __future__ import annotations

from typing import Literal

from label_protocol.events.event import Event
from label_protocol.kinds import EventType


class LeaseClosed(Event):
    """A lease ended at `until`, by the registry's own time: from here on nothing is drawn under the key until the
    registry leases it anew. `drawn` serials it drew in all, whatever became of them; `unused` go back."""

    type: Literal[EventType.LEASE_CLOSED]
    quota_key: str
    until: str
    drawn: int
    unused: int
