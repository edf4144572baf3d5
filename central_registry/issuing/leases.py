"""Leases: until when an agent may draw under a key. A lease changes no state of any label; it may only stop drawing.

It is renewed at any contact of its agent while the firm may be given codes and the certificate stands, and runs out
otherwise. Unused codes go back by the agent's own `lease_closed` alone; those of a silent agent by an approver's
write-off (`issuing/write_off.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from central_registry.db import Connection, sql
from central_registry.distribution import items
from central_registry.distribution.keys import Goods
from central_registry.issuing.evidence import is_barred, may_go_on
from central_registry.issuing.moves import Move, feed, part, promise, promised
from label_protocol.events import EventType
from label_protocol.kinds import ItemKind

DAYS = 45
LEAST_DAYS, MOST_DAYS = 7, 180
WARN_DAYS = 7


async def give(connection: Connection, agent: str, quota_key: str, days: int, at: datetime) -> datetime:
    """Lease a key to an agent for so many days from `at`, or until a later day that it has already; until when."""
    row = await sql.lease(connection, agent=agent, quota_key=quota_key)
    living = row is not None and row["closed_at"] is None and row["written_off_at"] is None
    until = _whole(at + timedelta(days=days))
    until = max(until, row["until"]) if living else until
    await sql.put_lease(connection, agent=agent, quota_key=quota_key, until=until, days=days, at=at)
    await put(connection, agent, quota_key, until)
    return until


async def put(connection: Connection, agent: str, quota_key: str, until: datetime) -> None:
    """Distribute a lease as it is now."""
    item = {"kind": ItemKind.LEASE.value, "quota_key": quota_key, "until": text_of(until), "warn_days": WARN_DAYS}
    await items.put(connection, agent, item)


async def renew(connection: Connection, agent: str, due: Mapping[str, Any], at: datetime) -> bool:
    """Renew a lease that is `due` (`quota_key, until, days, firm, lot_no, style_no`) if it may go on; end it at once if
    its firm is barred. Whether it changed."""
    goods = Goods(due["firm"], due["style_no"], due["lot_no"])
    if await may_go_on(connection, goods, at.date()):
        until = _whole(at + timedelta(days=due["days"]))
    elif due["until"] > at and await is_barred(connection, goods.firm, at.date()):
        until = _whole(at)
    else:
        return False
    await sql.extend_lease(connection, agent=agent, quota_key=due["quota_key"], until=until)
    await put(connection, agent, due["quota_key"], until)
    return True


async def top_up(connection: Connection, agent: str, row: Mapping[str, Any], at: datetime) -> bool:
    """Feed an agent without leases the next part, or no more than it used where its lease has ended (`small_totals`).
    Whether it changed."""
    ended = row["until"] <= at
    wanted = row["used"] if ended else part(row["promised"], row["used"])
    low = 2 * (row["fed"] - row["used"]) <= part(row["promised"], 0)
    if wanted == row["fed"] or not (ended or wanted < row["fed"] or low):
        return False
    await feed(connection, agent, row["quota_key"], wanted)
    return True


async def close_told(
    connection: Connection, agent: str, quota_key: str, until: str, unused: int, *, at: datetime
) -> None:
    """An agent says that it draws no more under a lease: what is unused goes back. What is said of a lease that was
    renewed meanwhile is none of this one; and nobody gives back more than the books have unused. One that was ended to
    lower its allotment keeps what it is to keep, and is leased that anew."""
    row = await sql.lease(connection, agent=agent, quota_key=quota_key)
    if row is None or row["closed_at"] is not None or text_of(row["until"]) > until:
        return
    await items.lock(connection)
    await sql.close_lease(connection, agent=agent, quota_key=quota_key, at=at)
    used = int(await sql.standing(connection, agent=agent, quota_key=quota_key) or 0)
    total = await promised(connection, agent, quota_key)
    left = max(used, total - unused, row["keep"] or 0)
    if left < total:
        await promise(connection, agent, quota_key, left, Move(EventType.LEASE_CLOSED, at))
    if row["keep"] is not None and used < left:
        await give(connection, agent, quota_key, row["days"], at)


def text_of(until: datetime) -> str:
    """As items and events write a time: UTC, whole seconds."""
    return until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
