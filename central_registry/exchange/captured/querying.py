"""Gives events back: to a party those that it captured, whole; of others' those that name serials of its own, cut to
these. What is neither is not there, in an answer as in what a condition can be asked of."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.exchange.captured.capturing import actor_of_key
from central_registry.exchange.captured.kept import one_form
from central_registry.exchange.captured.parameters import ROLES, Asked
from central_registry.exchange.epcis.document import CONTEXT, Event
from central_registry.exchange.keys import Key
from central_registry.parties.door import fence

MOST_BYTES = 2 << 20
"""Of the events of one answer; a page ends before it is more."""

_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_OF_OTHERS = frozenset(
    ("@context", "type", "eventTime", "eventTimeZoneOffset", "eventID", "errorDeclaration", "action", "bizStep",
     "disposition", "readPoint", "bizLocation", "parentID", *_LISTS)
)  # fmt: skip
"""What a party is shown of an event that another captured: what happened to its serials, when and where; not with what
else, to whom, on what order."""


@dataclass(frozen=True, slots=True)
class Page:
    """Events of an answer, and where the next begins; None at the end."""

    events: Sequence[Mapping[str, Any]]
    token: str | None


async def find_events(pool: Pool, key: Key, asked: Asked, beside: Sequence[Mapping[str, Any]] = ()) -> Page:
    """A page of what is asked for, of what the key's party sees; `beside`: rows `{key, place, event}` that are no
    captured ones, put in at their place."""
    rows = [dict(row) for row in await _of_party(pool, key, lambda c: _rows(c, key, asked))]
    more = len(rows) == asked.most or sum(len(row["body"]) for row in rows) > MOST_BYTES // 2
    last = _place(rows[-1]) if rows and more else None
    put_in = [row for row in beside if last is None or _place(row) < last]
    page = sorted([*rows, *put_in], key=_place)[: asked.most]
    more = more or len(page) < len(rows) + len(put_in)
    events = [row["event"] if "body" not in row else _shown(row) for row in page]
    return Page(events, asked.token(*_place(page[-1])) if page and more else None)


def _place(row: Mapping[str, Any]) -> tuple[int, int]:
    return row["key"], row["place"]


async def _rows(connection: Connection, key: Key, asked: Asked) -> list[Any]:
    after_key, after_event = asked.after or (None, None)
    found = sql.epcis_found(
        connection, party=key.party, by_time=asked.by_time, direction=-1 if asked.descending else 1,
        roles=["|".join(roles) for roles, _ in asked.matches], codes=["|".join(codes) for _, codes in asked.matches],
        after_key=after_key, after_event=after_event, most=asked.most, bytes=MOST_BYTES, **asked.columns,
    )  # fmt: skip
    return [row async for row in found]


async def find_words(pool: Pool, key: Key, kind: str, after: str, most: int) -> list[str]:
    """Codes (`epcs`) or words (`bizSteps`, `dispositions`, `readPoints`, `bizLocations`) that stand in events which the
    key's party sees, after one, in their order."""

    async def work(connection: Connection) -> list[str]:
        if kind == "epcs":
            roles = list(ROLES["MATCH_anyEPC"])
            rows = sql.epcis_codes_seen(connection, party=key.party, roles=roles, after=after, most=most)
            return [row["code"] async for row in rows]
        found = sql.epcis_words_seen(connection, party=key.party, kind=kind, after=after, most=most)
        return [row["word"] async for row in found]

    words: list[str] = await _of_party(pool, key, work)
    return words


async def _of_party(pool: Pool, key: Key, work: Any) -> Any:
    async def whole(connection: Connection) -> Any:
        await fence(connection, actor_of_key(key))
        return await work(connection)

    return await in_transaction(pool, whole, "repeatable_read")


def as_query_document(events: Sequence[Mapping[str, Any]], at: datetime) -> dict[str, Any]:
    """Events as the standard answers a query; each has its own context."""
    results = {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": list(events)}}
    return {
        "@context": [CONTEXT],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": _said(at),
        "epcisBody": {"queryResults": results},
    }


def _shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
    body = json.loads(row["body"])
    shown = body if row["theirs"] is None else cut(body, row["theirs"])
    return {**shown, "eventID": row["event_id"], "recordTime": _said(row["record_time"])}


def cut(body: Mapping[str, Any], theirs: Collection[str]) -> Mapping[str, Any]:
    """An event that another party captured, as it is shown to whose codes (in canonical form) it names."""
    kept = {name: value for name, value in body.items() if name in _OF_OTHERS}
    context = kept.pop("@context")
    names = Event(kept, context, "").names
    for field in _LISTS:
        if field in kept:
            kept[field] = [code for code in kept[field] if one_form(code, names) in theirs]
    return {"@context": context, **{name: value for name, value in kept.items() if name not in _LISTS or value}}


def _said(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
