"""Gives an agent back what it lost: its events and their snapshots, as bytes, as they were told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any

from central_registry.agents import bodies, told
from central_registry.agents.lineage import left_at, lives_of, on_line
from central_registry.db import Connection, sql
from label_protocol import wire
from label_protocol.digests import digest_of

_PAGE_EVENTS = 1000
_PAGE_BYTES = 16 << 20
"""Of events that are held for one answer, but for the last: an agent may have told single ones of 32 MiB."""


async def history(connection: Connection, agent: str, incarnation: str, after: int) -> bytes:
    """Give the events of one incarnation ("": of the first) after the number `after`, at most 1000 and 16 MiB, as JSON:
    `{lineage, incarnation, more, events: [{seq, hash, event}], snapshots, bodies}`. Of one that another superseded, as
    far as the line goes: what was told behind that is no part of the agent's history."""
    lives = await lives_of(connection, agent)
    line = on_line(lives)
    lineage = [life.incarnation for life in line]
    of = incarnation or (lineage[0] if lineage else "")
    until = next((left_at(line, life) for life in lives if life.incarnation == of), 0)
    page = await _page(connection, agent, of, after + 1, min(after + _PAGE_EVENTS, until))
    more = bool(page) and page[-1].seq < until
    bodies_of_page = [event.body for event in page]
    fed = await _bodies_of(connection, bodies_of_page)
    frame: dict[str, Any] = {"bodies": fed} if fed else {}
    frame |= {"lineage": lineage, "incarnation": of or None, "more": more}
    return _body(frame, page, await _snapshots_of(connection, bodies_of_page))


async def _page(connection: Connection, agent: str, incarnation: str, first: int, last: int) -> list[told.Event]:
    page: list[told.Event] = []
    size = 0
    async with aclosing(told.each_between(connection, agent, incarnation, first, last)) as events:
        async for event in events:
            page.append(event)
            size += len(event.body)
            if size >= _PAGE_BYTES:
                break
    return page


def _body(frame: Mapping[str, Any], page: Sequence[told.Event], snapshots: Mapping[str, bytes]) -> bytes:
    """Canonical bytes go out as they are stored: what was hashed is what is sent."""
    row_text = b'{"seq":%d,"hash":"%s","event":%s}'
    events = b",".join(row_text % (event.seq, event.hash.hex().encode(), event.body) for event in page)
    named = b",".join(b'"%s":%s' % (name.encode(), body) for name, body in snapshots.items())
    return json.dumps(frame)[:-1].encode() + b',"events":[' + events + b'],"snapshots":{' + named + b"}}"


async def _bodies_of(connection: Connection, told: Sequence[bytes]) -> dict[str, Any]:
    """What stands in those events by its hash: whoever lost the events lost it too."""
    feeds = [json.loads(body) for body in told if b'"feed_received"' in body]
    items = [item for event in feeds if isinstance(event.get("items"), list) for item in event["items"]]
    return await bodies.held(connection, [name for item in items if (name := digest_of(item))])


async def _snapshots_of(connection: Connection, bodies: Sequence[bytes]) -> dict[str, bytes]:
    """The snapshots those events name: whoever lost the events lost these too."""
    speaking = (json.loads(body) for body in bodies if b'"snapshot"' in body)
    names = sorted({name for event in speaking for name in wire.snapshots_needed(event)})
    if not names:
        return {}
    return {row["hash"]: row["body"] async for row in sql.snapshots(connection, hashes=names)}
