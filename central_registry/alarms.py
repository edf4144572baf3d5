"""Raises and closes alarms: what a person at the central platform has to look at. The same thing found again counts
up, never piles up."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from central_registry.db import Connection, sql
from label_protocol.kinds import AlarmKind as AgentAlarm

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
    MANY_BODIES = "many_bodies"
    MANY_TOLD = "many_told"
    MALFORMED_EVENT = "malformed_event"
    NOT_ALLOTTED = "not_allotted"
    ONE_HAND = "one_hand"
    OLD_SECRET_SHOWN = "old_secret_shown"  # noqa: S105 - a word, no secret
    OVERDRAFT = "overdraft"
    RECOVERED = "recovered"
    REGISTRY_RESTORED = "registry_restored"
    SERIAL_CONFLICT = "serial_conflict"
    SNAPSHOT_MISSING = "snapshot_missing"
    UNKNOWN_WINDOW = "unknown_window"
    VOID_SCANNED = "void_scanned"


OTHER = "other"
"""What a watcher reads of a kind that nobody here knows: an agent may tell any word."""

MOST_OPEN = 100
"""Alarms of one kind that stand open for one agent, and of its own beside them; behind that one more stands for all
further ones. An agent names what its alarms are about, so a false one has as many as it likes."""


@dataclass(frozen=True, slots=True)
class Note:
    """An alarm to raise; `about` makes it the same alarm as before, or another one. `by_agent`: an agent raised it, so
    that `kind` is the agent's word."""

    kind: AlarmKind | str
    about: str
    detail: str
    by_agent: bool = False


_KNOWN = frozenset({*AlarmKind, *AgentAlarm})


def alarm_id(note: Note) -> str:
    """What makes an alarm the same as before; an agent's own alarms are named by the agent, and no others."""
    about = note.about if note.by_agent else f"{note.kind}:{note.about}"
    return hashlib.sha256(about.encode()).hexdigest()[:32]


async def raise_alarm(connection: Connection, agent: str, note: Note, at: datetime) -> None:
    """Open the alarm, or count it up if it is there."""
    await raise_alarms(connection, agent, [note], at)


async def raise_alarms(connection: Connection, agent: str, notes: Sequence[Note], at: datetime) -> None:
    """All of them in one statement; those about the same thing count once, and so do those behind `MOST_OPEN`."""
    named = {alarm_id(note): note for note in notes}
    rows = sorted((await _bounded(connection, agent, named)).items()) if named else []
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


async def _bounded(connection: Connection, agent: str, named: Mapping[str, Note]) -> dict[str, Note]:
    """Those that are there already, and as many new ones of each kind as there is room for."""
    found = [row async for row in sql.standing_alarms(connection, agent=agent, ids=list(named))]
    standing, known = Counter[str](), set[str]()
    for row in found:
        standing[row["what"]] += row["alarms"]
        known.update(row["known"])
    bounded: dict[str, Note] = {}
    for name, note in named.items():
        what = "" if note.by_agent else str(note.kind)
        if name not in known:
            standing[what] += 1
        if name in known or standing[what] <= MOST_OPEN:
            bounded[name] = note
        else:
            more = _more(note)
            bounded[alarm_id(more)] = more
    return bounded


def _more(note: Note) -> Note:
    """What stands for all that would be too many."""
    detail = f"more than {MOST_OPEN} stand open and these are not listed one by one; the last: {note.detail[:200]}"
    return Note(AlarmKind.MANY_TOLD if note.by_agent else note.kind, "…", detail)


def known_kind(kind: str) -> str:
    """The kind, or `OTHER`: what names a series must be one of a few."""
    return kind if kind in _KNOWN else OTHER


def _storable(text: str) -> str:
    """Text for a TEXT column: it may come from an agent, so without NUL, and not without end."""
    return text.replace("\0", "")[:1_000]


async def close_alarm(connection: Connection, agent: str, kind: AlarmKind, about: str, at: datetime) -> None:
    """Close it, if it is open."""
    await sql.close_alarm(connection, agent=agent, id=alarm_id(Note(kind, about, "")), at=at)


async def open_alarms(connection: Connection) -> list[dict[str, Any]]:
    """Alarms nobody has closed, oldest first."""
    return [dict(row) async for row in sql.open_alarms(connection)]
