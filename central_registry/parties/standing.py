"""Says how a party stands: the status of a day follows from the events of its status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from central_registry.db import Connection, sql
from central_registry.parties.actor import PartyStatus


async def status_of(connection: Connection, party: str, on: date) -> PartyStatus:
    """How `party` stood, stands or will stand on a day, as far as is known: the newest event whose day has come. One of
    whom nothing was ever said is a candidate."""
    found = await sql.status_on(connection, party=party, day=on)
    return PartyStatus.CANDIDATE if found is None else PartyStatus(found)


async def last_event(connection: Connection, party: str) -> Mapping[str, Any] | None:
    """The newest event of a party's status, whether or not its day has come."""
    found: Mapping[str, Any] | None = await sql.last_status(connection, party=party)
    return found
