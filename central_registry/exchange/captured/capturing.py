"""Takes captured events: keeps each once, and tells `central_registry/place` what they say, in one transaction.

What is captured has no person behind it: a key does it, in the name of its party, within that party's fence. It moves
what that party has, as its clerk's word would, and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.exchange.captured.kept import LISTS, Kept, kept
from central_registry.exchange.captured.moves import Move, move_of
from central_registry.exchange.epcis.document import Event
from central_registry.exchange.epcis.flaws import EpcisError, Flaw
from central_registry.exchange.keys import Key
from central_registry.parties.actor import Actor, PartyKind
from central_registry.parties.door import fence
from central_registry.place.telling import MOST_UNITS, Fact, tell
from central_registry.problems import ProblemError

MOST_CODES = 20_000
"""Of one document: each is a row, and perhaps one of place."""
MOST_DAY_BYTES = 64 << 20
MOST_BYTES = 4 << 30
"""What a party may store in a day and in all. A year of honest parcels of a large shop is far below; the operator hears
of who comes near, since captures are refused then and their makers ask."""


_RECORD_BYTES = 300


class Behaviour(StrEnum):
    """What becomes of the others if one event cannot be taken."""

    ROLLBACK = "rollback"
    PROCEED = "proceed"


@dataclass(frozen=True, slots=True)
class Captured:
    """What came of it: `added` are new, the rest were here already; `flaws` says which were not taken and why."""

    capture: str
    told: int
    added: int
    flaws: tuple[Flaw, ...]
    ids: tuple[str, ...] = ()


def actor_of_key(key: Key) -> Actor:
    """Who a key acts for; no person, and no role of one."""
    return Actor(f"key:{key.name}", key.party, PartyKind(key.kind), frozenset(), "key")


async def capture(
    pool: Pool, key: Key, events: Sequence[Event], at: datetime, *, behaviour: Behaviour = Behaviour.ROLLBACK,
    flaws: tuple[Flaw, ...] = (),
) -> Captured:  # fmt: skip
    """Keep `events`, which were checked; `flaws` of those of the same document that were left out go into its record.
    With `ROLLBACK` a single one that cannot be kept leaves none; the record says so.

    Raises:
        ProblemError: 429, more than its party may store; 413, more codes than one document may name.
        EpcisError: with `ROLLBACK`, an event that nobody could find by its id.
    """
    name = secrets.token_hex(16)
    _require_few_codes(events)
    rows, wrong = await asyncio.to_thread(_rows, events)
    if wrong and behaviour is Behaviour.ROLLBACK:
        raise EpcisError(wrong)

    async def whole(connection: Connection) -> Captured:
        await fence(connection, actor_of_key(key))
        found = await _keep(connection, key, rows, at, behaviour)
        told = Captured(name, len(events), found.added, (*flaws, *wrong, *found.flaws), found.ids)
        return await _record(connection, key, told, behaviour, at)

    return await in_transaction(pool, whole)


async def captured_as(pool: Pool, key: Key, name: str) -> Mapping[str, Any]:
    """The record of one capture of the key's party, as EPCIS 2.0 shows it.

    Raises:
        ProblemError: 404, none of theirs.
    """
    row = await _theirs(pool, key, lambda c: sql.epcis_capture(c, capture=name, party=key.party))
    if row is None:
        raise ProblemError("not-found", f"没有这次采集 · capture {name[:40]!r}: expected one of yours, got another")
    return as_job(row)


async def captures_of(pool: Pool, key: Key, before: datetime, name: str, most: int) -> list[Mapping[str, Any]]:
    """Captures of the key's party before one, newest first."""

    async def work(connection: Connection) -> list[Mapping[str, Any]]:
        rows = sql.epcis_captures(connection, party=key.party, before=before, capture=name, most=most)
        return [as_job(row) async for row in rows]

    found: list[Mapping[str, Any]] = await _theirs(pool, key, work)
    return found


async def _theirs(pool: Pool, key: Key, work: Any) -> Any:
    async def whole(connection: Connection) -> Any:
        await fence(connection, actor_of_key(key))
        return await work(connection)

    return await in_transaction(pool, whole)


def as_job(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a capture job of the standard: it is over before its answer is given."""
    errors = json.loads(row["errors"])
    return {
        "captureID": row["capture"], "createdAt": row["made_at"].isoformat(), "finishedAt": row["made_at"].isoformat(),
        "running": False, "success": not errors, "captureErrorBehaviour": row["behaviour"], "errors": errors,
        "eventCount": row["told"], "newEventCount": row["added"],
    }  # fmt: skip


def error(flaw: Flaw) -> dict[str, Any]:
    """A flaw as the standard's problem."""
    title = "expected an event that can be kept"
    said = {"type": "epcisException:ValidationException", "title": title, "status": 400}
    return {**said, "detail": str(flaw), "instance": flaw.at}


# --- in the transaction -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    added: int
    flaws: tuple[Flaw, ...]
    ids: tuple[str, ...] = ()


class _NoneError(Exception):
    """One cannot be kept, so none is."""

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        super().__init__()
        self.flaws = flaws


def _require_few_codes(events: Sequence[Event]) -> None:
    """Before any is read more closely, which takes its time."""
    lists = (event.body.get(name, ()) for event in events for name in LISTS)
    if sum(map(len, lists)) > MOST_CODES:
        raise ProblemError(
            "too-large", f"codes: expected at most {MOST_CODES} in a document, got more; send it in parts"
        )


def _rows(events: Sequence[Event]) -> tuple[list[tuple[Event, Kept]], tuple[Flaw, ...]]:
    """Each event once, with its row."""
    found: dict[tuple[str, str, str], tuple[Event, Kept]] = {}
    wrong: list[Flaw] = []
    for event in events:
        try:
            row = kept(event)
            found.setdefault((row.event_id, row.declares, row.digest), (event, row))
        except EpcisError as cause:
            wrong += cause.flaws
    return list(found.values()), tuple(wrong)


async def _keep(
    connection: Connection, key: Key, rows: Sequence[tuple[Event, Kept]], at: datetime, behaviour: Behaviour
) -> _Found:
    try:
        async with connection.transaction():
            found = await _add(connection, key, rows, at)
            _require_all(found, behaviour)
            return found
    except _NoneError as cause:
        return _Found(0, cause.flaws)


def _require_all(found: _Found, behaviour: Behaviour) -> None:
    if found.flaws and behaviour is Behaviour.ROLLBACK:
        raise _NoneError(found.flaws)


async def _add(connection: Connection, key: Key, rows: Sequence[tuple[Event, Kept]], at: datetime) -> _Found:
    await _charge(connection, key, sum(row.bytes for _, row in rows), at)
    numbers = await _insert(connection, key, [row for _, row in rows], at)
    flaws = await _taken(connection, key, rows)
    elsewhere = {flaw.at for flaw in flaws}
    new = [one for one in rows if (one[1].event_id, one[1].declares) in numbers and one[0].at not in elsewhere]
    await _insert_codes(connection, key, [(numbers[row.event_id, row.declares], row) for _, row in new])
    moves = [(event, row, move) for event, row in new if (move := move_of(event, row)) is not None]
    ours = await _ours(connection, [move for _, _, move in moves])
    for event, row, move in moves:
        try:
            await _tell(connection, key, row, move, ours, at)
        except ProblemError as cause:
            flaws.append(Flaw(event.at, f"expected what place can be told, got an event that moves nothing: {cause}"))
    return _Found(len(new), tuple(flaws), tuple(row.event_id for _, row in rows))


async def _charge(connection: Connection, key: Key, bytes_: int, at: datetime) -> None:
    use = await sql.epcis_use(connection, party=key.party, day=at.date(), bytes=bytes_)
    if use["day_bytes"] > MOST_DAY_BYTES or use["bytes"] > MOST_BYTES:
        raise ProblemError(
            "enough",
            f"存得太多了 · events: expected at most {MOST_DAY_BYTES >> 20} MiB a day and {MOST_BYTES >> 30} GiB in all "
            "of one party, got more; come back tomorrow, or ask the association",
        )


async def _insert(connection: Connection, key: Key, rows: Sequence[Kept], at: datetime) -> dict[tuple[str, str], int]:
    """The numbers of those that are new."""
    added = sql.epcis_add(
        connection, party=key.party, at=at, verify_key=key.name,
        event_ids=[row.event_id for row in rows], declares=[row.declares for row in rows],
        digests=[row.digest for row in rows], types=[row.event_type for row in rows],
        times=[row.event_time for row in rows], actions=[row.action for row in rows],
        steps=[row.biz_step for row in rows], dispositions=[row.disposition for row in rows],
        read_points=[row.read_point for row in rows], locations=[row.biz_location for row in rows],
        bodies=[row.body for row in rows],
    )  # fmt: skip
    return {(row["event_id"], row["declares"]): row["event"] async for row in added}


async def _taken(connection: Connection, key: Key, rows: Sequence[tuple[Event, Kept]]) -> list[Flaw]:
    """Those whose id another event of this party has."""
    asked = sql.epcis_digests(connection, party=key.party, event_ids=[row.event_id for _, row in rows])
    held = {(row["event_id"], row["declares"]): row["digest"] async for row in asked}
    return [
        Flaw(
            event.at, f"expected an id of its own, got {row.event_id[:80]!r}, which names another event; give a new one"
        )
        for event, row in rows
        if held[row.event_id, row.declares] != row.digest
    ]


async def _insert_codes(connection: Connection, key: Key, rows: Sequence[tuple[int, Kept]]) -> None:
    pairs = [(number, code) for number, row in rows for code in row.codes]
    if pairs:
        await sql.epcis_add_codes(
            connection, party=key.party, events=[number for number, _ in pairs],
            roles=[code.role for _, code in pairs], codes=[code.code for _, code in pairs],
            units=[code.unit for _, code in pairs],
        )  # fmt: skip


async def _ours(connection: Connection, moves: Sequence[Move]) -> set[str]:
    """Serials that may be of this registry, on the product that the event names."""
    codes = {code.unit: code.gtin for move in moves for code in move.codes}
    if not codes:
        return set()
    rows = sql.epcis_ours(connection, units=list(codes), gtins=list(codes.values()))
    return {row["unit"] async for row in rows}


async def _tell(connection: Connection, key: Key, row: Kept, move: Move, ours: set[str], at: datetime) -> None:
    """All of it or nothing. Raises ProblemError: as `tell`."""
    units = [*(code.unit for code in move.codes if code.unit in ours), *move.cartons]
    to = move.to if move.to and await sql.place_knows_party(connection, party=move.to) else ""
    parts = list(_parts(units))
    async with connection.transaction() if len(parts) > 1 else contextlib.nullcontext():
        for part in parts:
            fact = Fact(
                move.kind, row.event_time, part, key.party, carton=move.into, waybill=move.waybill, to_party=to,
                person=f"key:{key.name}",
            )  # fmt: skip
            await tell(connection, fact, at)


def _parts(units: Sequence[str]) -> Iterator[list[str]]:
    for first in range(0, len(units), MOST_UNITS):
        yield list(units[first : first + MOST_UNITS])


async def _record(connection: Connection, key: Key, told: Captured, behaviour: Behaviour, at: datetime) -> Captured:
    errors = json.dumps([error(flaw) for flaw in told.flaws[: EpcisError.MOST]], ensure_ascii=False)
    await _charge(connection, key, len(errors) + _RECORD_BYTES, at)
    await sql.epcis_add_capture(
        connection, capture=told.capture, party=key.party, verify_key=key.name, at=at, behaviour=behaviour.value,
        told=told.told, added=told.added, errors=errors,
    )  # fmt: skip
    return told
