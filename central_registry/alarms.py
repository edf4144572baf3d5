"""Raises and closes alarms: what a person at the central platform has to look at. The same thing found again counts
up, never piles up."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from central_registry.db import Connection, sql

REGISTRY = "*"
"""The `agent` of alarms that concern the registry itself."""


def of_party(party: str) -> str:
    """The `agent` of alarms that concern one party's people: that party's to see, and the operator's."""
    return f"@{party}"


class AlarmKind(StrEnum):
    """The kinds that this registry raises. Beside them stand those of agents, in the words in which they were told."""

    CHECK_CODE_GUESSED = "check_code_guessed"
    CLAIM_WITHOUT_RECEIPT = "claim_without_receipt"
    CLONED = "cloned"
    DECIDER_REMOVED = "decider_removed"
    FACTS_DIFFER = "facts_differ"
    FED_AGAIN = "fed_again"
    FOREIGN_ISSUER = "foreign_issuer"
    FORGED_FEED = "forged_feed"
    FORK = "fork"
    FOUR_EYES_OFF = "four_eyes_off"
    GLASS_BROKEN = "glass_broken"
    IMPOSSIBLE_MOVE = "impossible_move"
    LOG_IN_GUESSED = "log_in_guessed"
    LOST_AGENT_RETURNED = "lost_agent_returned"
    MALFORMED_EVENT = "malformed_event"
    NOT_ALLOTTED = "not_allotted"
    OVERDRAFT = "overdraft"
    RECOVERED = "recovered"
    REGISTRY_RESTORED = "registry_restored"
    SERIAL_CONFLICT = "serial_conflict"
    SNAPSHOT_MISSING = "snapshot_missing"
    UNKNOWN_WINDOW = "unknown_window"
    VOID_SCANNED = "void_scanned"


@dataclass(frozen=True, slots=True)
class Note:
    """An alarm to raise; `about` makes it the same alarm as before, or another one. `by_agent`: an agent raised it, so
    that `kind` is the agent's word."""

    kind: AlarmKind | str
    about: str
    detail: str
    by_agent: bool = False


def alarm_id(note: Note) -> str:
    """What makes an alarm the same as before; an agent's own alarms are named by the agent, and no others."""
    about = note.about if note.by_agent else f"{note.kind}:{note.about}"
    return hashlib.sha256(about.encode()).hexdigest()[:32]


async def raise_alarm(connection: Connection, agent: str, note: Note, at: datetime) -> None:
    """Open the alarm, or count it up if it is there."""
    await raise_alarms(connection, agent, [note], at)


async def raise_alarms(connection: Connection, agent: str, notes: Sequence[Note], at: datetime) -> None:
    """All of them in one statement; those about the same thing count once."""
    rows = sorted({alarm_id(note): note for note in notes}.items())
    if rows:
        await sql.note_alarms(
            connection,
            agent=agent,
            ids=[name for name, _ in rows],
            kinds=[_storable(note.kind) for _, note in rows],
            abouts=[_storable(note.about) for _, note in rows],
            details=[_storable(note.detail) for _, note in rows],
            at=at,
        )


def _storable(text: str) -> str:
    """Text for a TEXT column: it may come from an agent, so without NUL, and not without end."""
    return text.replace("\0", "")[:1_000]


async def close_alarm(connection: Connection, agent: str, kind: AlarmKind, about: str, at: datetime) -> None:
    """Close it, if it is open."""
    await sql.close_alarm(connection, agent=agent, id=alarm_id(Note(kind, about, "")), at=at)


async def open_alarms(connection: Connection) -> list[dict[str, Any]]:
    """Alarms nobody has closed, oldest first."""
    return [dict(row) async for row in sql.open_alarms(connection)]
