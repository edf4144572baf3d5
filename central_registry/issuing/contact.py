"""Does what is due when an agent asks for news: notes what it understands, renews its leases, gives it its next part.

One that came to understand more is sent all that is its own once more, in the form that it understands now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.distribution import items
from central_registry.distribution.forms import Can
from central_registry.issuing.leases import renew, top_up
from central_registry.issuing.moves import feed

_VERSION_MOST = 40
_NOTED = timedelta(minutes=10)
"""An agent asks twice a minute; that it did is written down less often."""


async def contact(pool: Pool, agent: Mapping[str, Any], can: Can, version: str, at: datetime) -> bool:
    """Bring what `agent` is to be sent up to this moment, `lease_due` saying whether a lease of its is due; nothing is
    written if nothing is. Whether there may be something for it now that was not there before."""
    name = str(agent["agent"])
    if agent["asked_at"] is None or at - agent["asked_at"] >= _NOTED:
        await sql.note_asked(pool, agent=name, at=at)
    changed = await note_said(pool, agent, can, version)
    if changed or agent["lease_due"]:
        await in_transaction(pool, lambda connection: _bring_up(connection, name, can, at))
    return changed or bool(agent["lease_due"])


async def note_said(pool: Pool, agent: Mapping[str, Any], can: Can, version: str) -> bool:
    """Note what an agent says of itself: with each question for news, and when it enrols, so that what is ordered
    before its first question is in its form. Whether that is another than before."""
    name, version = str(agent["agent"]), version[:_VERSION_MOST].replace("\0", "")
    changed = (can.text, version) != (agent["can"], agent["version"])
    if changed:
        await in_transaction(pool, lambda connection: _note(connection, name, can, version))
    return changed


async def _note(connection: Connection, agent: str, can: Can, version: str) -> None:
    before = Can.of((await sql.lock_agent(connection, agent=agent))["can"])
    await items.lock(connection)
    await sql.note_agent(connection, agent=agent, can=can.text, version=version)
    if not can.gains(before):
        return
    if can.leases:
        for row in [row async for row in sql.small_totals(connection, agent=agent)]:
            if row["fed"] < row["promised"]:
                await feed(connection, agent, row["quota_key"], row["promised"])
    count = int(await sql.count_fed(connection, agent=agent))
    if count:
        last = int(await sql.next_feed_numbers(connection, count=count))
        await sql.feed_again(connection, agent=agent, before=last - count)
        await sql.show_again(connection, agent=agent, before=last - count)


async def _bring_up(connection: Connection, agent: str, can: Can, at: datetime) -> None:
    await items.lock(connection)
    for row in [row async for row in sql.leases_to_renew(connection, agent=agent, at=at)]:
        await renew(connection, agent, row, at)
    if not can.leases:
        for row in [row async for row in sql.small_totals(connection, agent=agent)]:
            await top_up(connection, agent, row, at)
