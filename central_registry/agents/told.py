"""Reads what an agent told, event by event, from rows that each hold what was told at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from central_registry.agents.words import hashes_of, pack, text_of, unpack
from central_registry.db import Connection, sql

_AT_ONCE = 50
"""Rows in memory while a whole history is walked through; one has 32 MiB at most, and 100 kB if it is a full batch."""

_LARGE = 8 << 10
"""Bytes of a packed row that is read in a thread: they may be a thousand times as many, and a consumer waits."""

_LARGE_UNPACKED = 256 << 10
"""Bytes of events that are packed in a thread: from here on it takes some milliseconds."""

NEWEST_BYTES = 4 << 20
"""Of the newest events that are looked at together, but for the oldest row of them: some hundreds of honest ones."""

_COLUMNS = ("first_seq", "last_seq", "agent", "incarnation", "before", "words")


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it was told: `ordinal` is that of its incarnation, `body` its canonical bytes."""

    ordinal: int
    seq: int
    hash: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Words:
    """What an agent told at once: the canonical bytes of events from `first_seq` on; `before`: the hash of the event
    before the first."""

    agent: str
    incarnation: str
    first_seq: int
    before: bytes
    bodies: Sequence[bytes]


async def keep_all(connection: Connection, told: Sequence[Words]) -> None:
    """Store what was told at once, by one agent or by many."""
    rows = [
        (one.first_seq, one.first_seq + len(one.bodies) - 1, one.agent, one.incarnation, one.before, await _packed(one))
        for one in told
    ]
    await connection.copy_records_to_table("edge_words", records=rows, columns=_COLUMNS)


async def _packed(one: Words) -> bytes:
    """In a thread what takes longer than to hand it there: 32 MiB take a third of a second."""
    large = sum(map(len, one.bodies)) > _LARGE_UNPACKED
    return await asyncio.to_thread(pack, one.bodies) if large else pack(one.bodies)


async def each_between(
    connection: Connection, agent: str, incarnation: str, first: int, last: int
) -> AsyncGenerator[Event, None]:
    """The events of one incarnation with these numbers, as far as they are here; those of one row in memory."""
    if first > last:
        return
    async for row in sql.words_between(connection, agent=agent, incarnation=incarnation, first=first, last=last):
        for event in await _read(row):
            if first <= event.seq <= last:
                yield event


async def between(connection: Connection, agent: str, incarnation: str, first: int, last: int) -> list[Event]:
    """`each_between`, all at once: for few."""
    return [event async for event in each_between(connection, agent, incarnation, first, last)]


async def hash_at(connection: Connection, agent: str, incarnation: str, seq: int) -> bytes | None:
    """The hash of one event; None: it is not here."""
    found = await between(connection, agent, incarnation, seq, seq)
    return found[0].hash if found else None


async def newest(connection: Connection, agent: str, incarnation: str, most: int) -> list[bytes]:
    """The last events of an incarnation, newest first; fewer than `most` where they are larger than `NEWEST_BYTES`."""
    found: list[bytes] = []
    async with aclosing(sql.newest_words(connection, agent=agent, incarnation=incarnation, most=most)) as rows:
        async for row in rows:
            found += reversed(await asyncio.to_thread(unpack, row["words"]))
            if len(found) >= most or sum(map(len, found)) >= NEWEST_BYTES:
                break
    return found[:most]


async def history_of(connection: Connection, agent: str, naming: Sequence[bytes] = (b"",)) -> AsyncIterator[Event]:
    """All that an agent ever told, oldest first, but for rows in which none of `naming` stands: a walk through one
    agent's words, for what a person asks of one code."""
    at = {"ordinal": -1, "last_seq": -1}
    while rows := [row async for row in sql.words_after(connection, agent=agent, limit=_AT_ONCE, **at)]:
        for row in rows:
            for event in await _read(row, naming):
                yield event
        at = {"ordinal": rows[-1]["ordinal"], "last_seq": rows[-1]["last_seq"]}


async def hashes_told(connection: Connection, agent: str, places: Sequence[tuple[str, int]]) -> set[bytes]:
    """The hashes of the events at these places, (incarnation, seq), as far as they are here."""
    lives, seqs = [life for life, _ in places], [seq for _, seq in places]
    rows = [row async for row in sql.words_at(connection, agent=agent, incarnations=lives, seqs=seqs)]
    asked = set(places)
    return {event.hash for row in rows for event in await _read(row) if (row["incarnation"], event.seq) in asked}


async def _read(row: Mapping[str, Any], naming: Sequence[bytes] = (b"",)) -> list[Event]:
    """The events of a row in which one of `naming` stands; none of another."""
    if len(row["words"]) > _LARGE:
        return await asyncio.to_thread(lambda: list(_events(row, naming)))
    return list(_events(row, naming))


def _events(row: Mapping[str, Any], naming: Sequence[bytes]) -> Iterator[Event]:
    text = text_of(row["words"])
    if not any(name in text for name in naming):
        return
    bodies = text.split(b"\n")
    hashes = hashes_of(row["before"], bodies)
    for seq, (digest, body) in enumerate(zip(hashes, bodies, strict=True), row["first_seq"]):
        yield Event(row.get("ordinal", 0), seq, digest, body)
