"""What an agent told of one garment, as EPCIS: read off its own words when somebody asks whose it is, and kept nowhere.

An agent's history is walked through for it, so it is answered for one code at a time, cut to that code: in a carton lie
garments of others, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from central_registry.agents.told import history_of
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.exchange.captured.capturing import actor_of_key
from central_registry.exchange.captured.kept import Code, Kept, kept
from central_registry.exchange.captured.parameters import Asked
from central_registry.exchange.epcis.document import Event
from central_registry.exchange.keys import Key
from central_registry.exchange.retelling import Retelling, with_id
from central_registry.parties.door import fence

_LISTS = ("epcList", "childEPCs")


def code_asked(asked: Asked) -> Code | None:
    """The one serial of a form drawn here that a query is about; None where it is about something else."""
    codes = {code for roles, codes in asked.matches if "epc" in roles for code in codes}
    if len(codes) != 1:
        return None
    found = Code("epc", codes.pop())
    unit, gtin = found.serial
    return replace(found, unit=unit, gtin=gtin) if unit else None


async def told_of(people: Pool, agents: Pool, key: Key, code: Code) -> list[Kept]:
    """The events of a serial that is the key's party's, in the order in which its agent told them; none of another's.
    `people` is fenced, `agents` reads what agents told."""

    async def work(connection: Connection) -> tuple[Any, list[str]]:
        await fence(connection, actor_of_key(key))
        row = await sql.epcis_labelled(connection, serial=code.unit, gtin=code.gtin)
        trail = sql.place_trail_of(connection, unit=code.unit) if row else None
        return row, [one["carton"] async for one in trail if one["carton"]] if trail else []

    row, cartons = await in_transaction(people, work)
    if row is None:
        return []
    needles = [code.unit, row["window_id"], *(name.removeprefix(f"{row['agent']}/") for name in cartons)]

    async def read(connection: Connection) -> list[Kept]:
        walk, found = Retelling(), list[Kept]()
        async with aclosing(history_of(connection, row["agent"], [one.encode() for one in needles])) as history:  # type: ignore[type-var]
            async for told in history:
                found += _of_code(walk.events(json.loads(told.body)), code)
        return found

    result: list[Kept] = await in_transaction(agents, read)
    return list({one.event_id: one for one in result}.values())


def _of_code(events: Iterator[Event], code: Code) -> Iterator[Kept]:
    for event in events:
        if any(code.code in event.body.get(field, ()) for field in _LISTS):
            yield kept(_cut(event, code.code))


def _cut(event: Event, code: str) -> Event:
    alone = {name: [code] if name in _LISTS else value for name, value in event.body.items() if name != "eventID"}
    return with_id(alone)


def as_rows(told: Sequence[Kept], asked: Asked) -> list[dict[str, Any]]:
    """Those that are asked for, as rows of the page that they stand on: before all that was captured, where no time
    orders them."""
    way = -1 if asked.descending else 1
    rows = []
    for nth, one in enumerate(told):
        if asked.holds(one, one.event_time):
            place = way * (nth - len(told))
            key = way * int(one.event_time.timestamp() * 1_000_000) if asked.by_time else place
            rows.append({"key": key, "place": place, "event": json.loads(one.body)})
    return [row for row in rows if asked.after is None or (row["key"], row["place"]) > asked.after]
