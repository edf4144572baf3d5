"""Changes how much an agent may have under a key, and keeps each change: by whom, why, by how much.

What is promised and what is fed differ for an agent that knows no leases: it is fed a part at a time, because nothing
would end it while the agent is silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.db import Connection, sql
from central_registry.distribution import items
from central_registry.distribution.keys import goods_of
from central_registry.parties.actor import UNASSIGNED
from label_protocol.answers import SPOILAGE_PERMILLE
from label_protocol.kinds import ItemKind

_PART = 10
_LEAST_PART = 200
"""An agent without leases has a tenth of its promise at a time and no less than so many labels, or a line would wait
for the network every few minutes. It is also what it can draw at most after it should have stopped."""


@dataclass(frozen=True, slots=True)
class Move:
    """Why a total changes: 'order', 'override', 'lease_closed', 'write_off', 'lowered', 'command'. `person`: '' for
    what an agent told or a command did."""

    why: str
    at: datetime
    person: str = ""
    code_order: str | None = None
    reason: str = ""


async def promised(connection: Connection, agent: str, quota_key: str) -> int:
    """How many labels an agent may have under a key in all."""
    return int(await sql.promised(connection, agent=agent, quota_key=quota_key) or 0)


async def promise(
    connection: Connection,
    agent: str,
    quota_key: str,
    quantity: int,
    move: Move,
    *,
    in_parts: bool = False,
    spoilage: int | None = None,
) -> int:
    """Let an agent have `quantity` in all, at once or `in_parts`; the number of its allotment's item. `spoilage` as in
    `feed`."""
    before = await promised(connection, agent, quota_key)
    await sql.add_move(
        connection,
        agent=agent,
        quota_key=quota_key,
        quantity=quantity,
        delta=quantity - before,
        why=move.why,
        code_order=move.code_order,
        reason=move.reason,
        at=move.at,
        person=move.person,
    )
    used = int(await sql.standing(connection, agent=agent, quota_key=quota_key) or 0)
    return await feed(connection, agent, quota_key, part(quantity, used) if in_parts else quantity, spoilage)


def part(promised: int, used: int) -> int:
    """The total that an agent without leases is fed at a time."""
    return min(promised, used + max(promised // _PART, _LEAST_PART))


async def feed(connection: Connection, agent: str, quota_key: str, quantity: int, spoilage: int | None = None) -> int:
    """Put an agent's allotment with what it needs to know of the goods; its number. Without `spoilage` (per mille) that
    stays as it is."""
    held = await sql.feed_item(connection, agent=agent, kind=ItemKind.ALLOTMENT.value, key=quota_key)
    kept = SPOILAGE_PERMILLE if held is None else items.body_of(held).get("spoilage_permille", SPOILAGE_PERMILLE)
    item = {
        "kind": ItemKind.ALLOTMENT.value,
        "quota_key": quota_key,
        "quantity": quantity,
        "spoilage_permille": kept if spoilage is None else spoilage,
        **await _of_goods(connection, quota_key),
    }
    return await items.put(connection, agent, item)


async def _of_goods(connection: Connection, quota_key: str) -> dict[str, Any]:
    """{} for what was here before firms: an agent knows such a key by its text."""
    goods = await goods_of(connection, quota_key)
    if goods is None or goods.firm == UNASSIGNED:
        return {}
    row = await sql.quota_key(connection, quota_key=quota_key)
    gtins = {one["gtin"] async for one in sql.gtins_of_style(connection, firm=goods.firm, style_no=goods.style_no)}
    found: dict[str, Any] = {
        "firm": goods.firm,
        "firm_name": str(await sql.firm_name(connection, party=goods.firm) or ""),
        "style_no": goods.style_no,
        "gtins": sorted(gtins | set(row["gtins"])),
    }
    return found if goods.lot_no is None else {**found, "lot_no": goods.lot_no}
