"""What is fed down: styles, lots, allotments, suspensions, recalls (docs/ledger-format.md, `feed_received`).

The feed is what is true now, not a log: a changed item keeps its row and gets a new, higher number. A cursor is
`epoch:number:seal`; one of another epoch starts from the beginning, because numbers of a lost past mean nothing. The
seal is this registry's own mark on what it gave to whom: agents record it with the items, so a registry that lost them
can take them back from an agent without having to believe the agent.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

from central_registry import epoch
from central_registry.db import Connection, sql

EVERYBODY = "*"
PAGE_ITEMS = 200
_KEYS = {
    "allotment": "quota_key",
    "suspension": "quota_key",
    "recall": "quota_key",
    "lot": "lot_no",
    "style": "style_no",
}


async def put(connection: Connection, agent: str, item: Mapping[str, Any]) -> None:
    """Feed `item` to `agent` (or to `EVERYBODY`), in place of an earlier one about the same thing."""
    await epoch.current(connection)
    number = await sql.next_feed_number(connection)
    await _store(connection, agent, item, number)


async def page(connection: Connection, agent: Mapping[str, Any], after: str) -> dict[str, Any]:
    """The next items for an agent; allotments are held back while any agent is missing, and from a lost agent."""
    name = await epoch.current(connection)
    allot = agent["lost_at"] is None and not await epoch.missing(connection)
    start = _number(after, name)
    rows = sql.feed(connection, agent=agent["agent"], after=start, allot=allot, limit=PAGE_ITEMS)
    found = [(row["n"], json.loads(row["body"])) async for row in rows]
    items = [item for _, item in found]
    frame = f"{name}:{found[-1][0] if found else start}"
    return {"epoch": name, "cursor": f"{frame}:{await _seal(connection, agent['agent'], frame, items)}", "items": items}


async def relearn(connection: Connection, agent: str, event: Mapping[str, Any]) -> list[str] | None:
    """Take back from an agent's `feed_received` what this registry fed it and lost; what was taken, in words. None if
    this registry never gave it that.

    An item is taken if it was fed at a number above that of the row we hold: then it is younger than our copy.
    """
    items, cursor = event.get("items"), str(event.get("cursor", ""))
    frame, _, seal = cursor.rpartition(":")
    genuine = await _seal(connection, agent, frame, items)
    if not isinstance(items, list) or not hmac.compare_digest(seal.encode(), genuine.encode()):
        return None
    taken = []
    number = _number(cursor, str(event.get("epoch", "")))
    for item in items:
        if isinstance(item, dict) and isinstance(item.get(_KEYS.get(str(item.get("kind")), "")), str):
            to = agent if item["kind"] == "allotment" else EVERYBODY
            if await _store(connection, to, item, number):
                taken.append(f"{item['kind']} {item[_KEYS[item['kind']]]} {item.get('quantity', '')}".strip())
    await sql.raise_feed_number(connection, least=number)
    return taken


async def _store(connection: Connection, agent: str, item: Mapping[str, Any], number: int) -> bool:
    """Whether the row was taken, that is, whether what we held was older."""
    kind = str(item["kind"])
    quantity = item.get("quantity") if kind == "allotment" else None
    body = json.dumps(item, ensure_ascii=False)
    key = str(item[_KEYS[kind]])
    tag = await sql.put_feed_item(connection, agent=agent, kind=kind, key=key, n=number, quantity=quantity, body=body)
    return bool(tag.endswith("1"))


async def _seal(connection: Connection, agent: str, frame: str, items: Any) -> str:
    """HMAC over a page as it was given to one agent, with the key that was made together with the first epoch."""
    await epoch.current(connection)
    key = await sql.meta(connection, key="seal")
    text = json.dumps([agent, frame, items], sort_keys=True)
    return hmac.new(bytes.fromhex(key), text.encode(), "sha256").hexdigest()[:32]


def _number(cursor: str, name: str) -> int:
    """The number in a cursor of this epoch, else 0."""
    of, number, *_ = (*cursor.split(":"), "")
    return int(number) if of == name and number.isascii() and number.isdigit() and len(number) < 18 else 0
