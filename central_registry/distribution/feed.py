"""What is fed down: styles, lots, allotments, suspensions, recalls (docs/ledger-format.md, `feed_received`).

The feed is what is true now, not a log: a changed item keeps its row and gets a new, higher number. A cursor is
`epoch:number:seal`; one of another epoch starts from the beginning, because numbers of a lost past mean nothing. The
seal is this registry's own mark on what it gave to whom: agents record it with the items, so a registry that lost them
can take them back from an agent without having to believe the agent.

Lots, styles and notices are true for everybody and are one row each; an agent is fed those that concern it (the view
`feed_due`). What comes to concern it is shown it from a new number on (`feed_shown`), however old the row is.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from central_registry.agents import epoch, seal
from central_registry.db import Connection, Pool, in_transaction, sql
from label_protocol.events import FeedReceived

EVERYBODY = "*"
PAGE_ITEMS = 200
MOST = 1_000_000_000
"""Labels of one lot, and of one allotment, at most."""

_KEYS = {
    "allotment": "quota_key",
    "suspension": "quota_key",
    "recall": "quota_key",
    "lot": "lot_no",
    "style": "style_no",
}


async def put(connection: Connection, agent: str, item: Mapping[str, Any]) -> int:
    """Feed `item` to `agent` (or to `EVERYBODY`), in place of an earlier one about the same thing; its number."""
    return (await put_all(connection, agent, [item]))[0]


async def put_all(connection: Connection, agent: str, items: Sequence[Mapping[str, Any]]) -> list[int]:
    """Feed each of `items`, no two about the same thing; their numbers. Many at once: each new value of a counter that
    one transaction keeps changing costs more than the last."""
    await epoch.current(connection)
    last = int(await sql.next_feed_numbers(connection, count=len(items)))
    numbers = list(range(last - len(items) + 1, last + 1))
    await _write(connection, agent, items, numbers)
    return numbers


def key_of(item: Mapping[str, Any]) -> str:
    """What an item is about: the quota key of an allotment or a notice, the number of a lot or style."""
    return str(item[_KEYS[str(item["kind"])]])


async def held(connection: Connection, kind: str, key: str) -> dict[str, Any] | None:
    """Everybody's item as it stands; None if there is none."""
    row = await sql.feed_item(connection, agent=EVERYBODY, kind=kind, key=key)
    return None if row is None else dict(json.loads(row["body"]))


async def held_of(
    connection: Connection, items: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Everybody's items about the same things as `items`, by kind and key."""
    rows = sql.feed_items(
        connection, agent=EVERYBODY, kinds=[item["kind"] for item in items], keys=[key_of(item) for item in items]
    )
    return {(row["kind"], row["key"]): json.loads(row["body"]) async for row in rows}


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


async def lock(connection: Connection) -> None:
    """Until this transaction ends nobody else changes what is fed."""
    await epoch.current(connection)
    await sql.lock_feed(connection)


async def page(connection: Connection, agent: Mapping[str, Any], after: str) -> dict[str, Any]:
    """The next items for an agent; allotments that are withheld (`epoch.withheld`) come once they no longer are."""
    name = await epoch.current(connection)
    withheld = sorted(await epoch.withheld(connection))
    start = _number(after, name)
    rows = sql.feed(connection, agent=agent["agent"], after=start, withheld=withheld, limit=PAGE_ITEMS)
    found = [(row["n"], json.loads(row["body"])) async for row in rows]
    items = [item for _, item in found]
    frame = f"{name}:{found[-1][0] if found else start}"
    return {"epoch": name, "cursor": f"{frame}:{await _seal(connection, agent['agent'], frame, items)}", "items": items}


async def relearn(connection: Connection, agent: str, event: FeedReceived) -> list[str] | None:
    """Take back from an agent's `feed_received` what this registry fed it and lost; what was taken, in words. None if
    this registry never gave it that.

    An item is taken if it was fed at a number above that of the row we hold: then it is younger than our copy.
    """
    if not await is_genuine(connection, agent, event):
        return None
    items, cursor = event["items"], str(event["cursor"])
    taken = []
    number = _number(cursor, str(event.get("epoch", "")))
    await sql.raise_feed_number(connection, least=number)
    for item in items:
        if isinstance(item, dict) and isinstance(item.get(_KEYS.get(str(item.get("kind")), "")), str):
            to = agent if item["kind"] == "allotment" else EVERYBODY
            if await _store(connection, to, item, number):
                taken.append(f"{item['kind']} {item[_KEYS[item['kind']]]} {item.get('quantity', '')}".strip())
    return taken


async def is_genuine(connection: Connection, agent: str, event: FeedReceived) -> bool:
    """Whether this registry gave the agent what its `feed_received` says."""
    items, cursor = event.get("items"), str(event.get("cursor", ""))
    frame, _, shown = cursor.rpartition(":")
    try:
        genuine = await _seal(connection, agent, frame, items)
    except RecursionError:  # nested deeper than anything that was ever fed
        return False
    return isinstance(items, list) and hmac.compare_digest(shown.encode(), genuine.encode())


async def _store(connection: Connection, agent: str, item: Mapping[str, Any], number: int) -> bool:
    """Whether the row was taken, that is, whether what we held was older."""
    return (await _write(connection, agent, [item], [number])).endswith("1")


async def _write(connection: Connection, agent: str, items: Sequence[Mapping[str, Any]], numbers: Sequence[int]) -> str:
    """The statement's tag; the most that was ever allotted is noted beside it."""
    tag = await sql.put_feed_items(connection, agent=agent, **_columns(items, numbers))
    for item in items:
        if item["kind"] == "allotment":
            await sql.note_allotted(connection, agent=agent, quota_key=key_of(item), quantity=item.get("quantity"))
    return str(tag)


def _columns(items: Sequence[Mapping[str, Any]], numbers: Sequence[int]) -> dict[str, list[Any]]:
    """Items as columns of `feed_item`."""
    return {
        "kinds": [str(item["kind"]) for item in items],
        "keys": [key_of(item) for item in items],
        "ns": list(numbers),
        "quantities": [item.get("quantity") if item["kind"] == "allotment" else quantity_of(item) for item in items],
        "style_nos": [_style_of(item) for item in items],
        "bodies": [json.dumps(item, ensure_ascii=False) for item in items],
    }


def quantity_of(lot: Mapping[str, Any]) -> int | None:
    """The inspected quantity that a lot's record states; None if it states none, or is no lot."""
    try:
        value = lot["record"]["lot"]["quantity"]
    except (KeyError, TypeError):
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST else None


def _style_of(item: Mapping[str, Any]) -> str | None:
    """The style a lot is of; None if it is no lot."""
    try:
        return str(item["record"]["product"]["style_no"]) if item["kind"] == "lot" else None
    except (KeyError, TypeError):
        return None


async def _seal(connection: Connection, agent: str, frame: str, items: Any) -> str:
    """Over a page as it was given to one agent."""
    return await seal.seal(connection, [agent, frame, items])


def _number(cursor: str, name: str) -> int:
    """The number in a cursor of this epoch, else 0."""
    of, number, *_ = (*cursor.split(":"), "")
    return int(number) if of == name and number.isascii() and number.isdigit() and len(number) < 18 else 0
