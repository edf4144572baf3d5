"""Sends an agent what is distributed and concerns it, page by page, and takes back from agents what was lost here.

A cursor is `epoch:number:seal`; one of another epoch starts from the beginning, because numbers of a lost past mean
nothing. The seal is this registry's own mark on what it gave to whom: agents record it with the items, so a registry
that lost them can take them back from an agent without having to believe the agent.

An agent is sent the items that concern it (the view `feed_due`) and that it understands (`distribution/forms.py`). What
comes to concern it is shown it from a new number on (`feed_shown`), however old the row is.

One that says `digests` tells lots, styles and certificates by their hash: the page is sealed in that form, and the
bodies are kept here by theirs (`agents/bodies.py`).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from central_registry.agents import epoch, seal
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.distribution.forms import Can
from central_registry.distribution.items import lock, put_lost
from label_protocol.digests import digested
from label_protocol.events import FeedReceived

PAGE_ITEMS = 200


async def look_around(pool: Pool, agent: str) -> None:
    """Show an agent what has come to concern it since it last asked: a lot with its first allotment, a recall."""
    if [row async for row in sql.feed_not_shown(pool, agent=agent)]:
        await in_transaction(pool, lambda connection: _show(connection, agent))


async def _show(connection: Connection, agent: str) -> None:
    await lock(connection)
    rows = [row async for row in sql.feed_not_shown(connection, agent=agent)]
    last = await sql.next_feed_numbers(connection, count=len(rows))
    await sql.show_feed_items(
        connection,
        agent=agent,
        kinds=[row["kind"] for row in rows],
        keys=[row["key"] for row in rows],
        ns=list(range(last - len(rows) + 1, last + 1)),
    )


async def page(connection: Connection, agent: Mapping[str, Any], after: str, can: Can) -> dict[str, Any]:
    """The next items for an agent; allotments that are withheld (`epoch.withheld`) come once they no longer are."""
    name = await epoch.current(connection)
    withheld = sorted(await epoch.withheld(connection))
    start = _number(after, name)
    rows = sql.feed(
        connection, agent=agent["agent"], after=start, withheld=withheld, hidden=can.hidden, limit=PAGE_ITEMS
    )
    found = [(row["n"], can.form(json.loads(row["body"]))) async for row in rows]
    items = [item for _, item in found]
    frame = f"{name}:{found[-1][0] if found else start}"
    told = [digested(item) for item in items] if can.digests else items
    cursor = f"{frame}:{await _seal(connection, agent['agent'], frame, told)}"
    return {"epoch": name, "cursor": cursor, "items": items} | ({"digests": True} if can.digests else {})


def nothing(agent: Mapping[str, Any], after: str, can: Can) -> dict[str, Any]:
    """The page of an agent for whom there is nothing; `agent` as a look at its question found it."""
    name = agent["epoch"]
    frame = f"{name}:{_number(after, name)}"
    cursor = f"{frame}:{seal.mark(agent['seal'], [agent['agent'], frame, []])}"
    return {"epoch": name, "cursor": cursor, "items": []} | ({"digests": True} if can.digests else {})


async def relearn(connection: Connection, agent: str, event: FeedReceived, items: Sequence[Any]) -> list[str] | None:
    """Take back from an agent's `feed_received` what this registry sent it and lost; what was taken, in words. None if
    this registry never gave it that. `items`: those of the event, whole."""
    if not await is_genuine(connection, agent, event):
        return None
    number = _number(str(event["cursor"]), str(event.get("epoch", "")))
    await sql.raise_feed_number(connection, least=number)
    found = [await put_lost(connection, agent, item, number) for item in items]
    return [words for words in found if words is not None]


async def is_genuine(connection: Connection, agent: str, event: FeedReceived) -> bool:
    """Whether this registry gave the agent what its `feed_received` says."""
    items, cursor = event.get("items"), str(event.get("cursor", ""))
    frame, _, shown = cursor.rpartition(":")
    try:
        genuine = await _seal(connection, agent, frame, items)
    except RecursionError:  # nested deeper than anything that was ever distributed
        return False
    return isinstance(items, list) and hmac.compare_digest(shown.encode(), genuine.encode())


async def _seal(connection: Connection, agent: str, frame: str, items: Any) -> str:
    """Seal a page as it was given to one agent."""
    return await seal.seal(connection, [agent, frame, items])


def place_in(cursor: str) -> tuple[str, int]:
    """The epoch that a cursor is of, and the number in it; 0 if there is none."""
    of, number, *_ = (*cursor.split(":"), "")
    return of, int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0


def _number(cursor: str, name: str) -> int:
    """The number in a cursor of this epoch, else 0."""
    of, number = place_in(cursor)
    return number if of == name else 0
