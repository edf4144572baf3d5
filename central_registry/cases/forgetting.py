"""Deletes what was said in cases, two years after their closing. That there was one, of which goods and kind, stays."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.parties.door import fence_out

_BEIJING = timezone(timedelta(hours=8))


async def forget_due(pool: Pool, at: datetime) -> int:
    """Delete words, contact and photos of all cases whose day has come; how many cases."""

    async def work(connection: Connection) -> int:
        await fence_out(connection)
        today = at.astimezone(_BEIJING).date()
        due = [row["complaint"] async for row in sql.complaints_to_delete(connection, today=today)]
        if due:
            await sql.delete_complaint_contacts(connection, complaints=due)
            await sql.delete_complaint_photos(connection, complaints=due)
            await sql.delete_complaint_words(connection, complaints=due)
            await sql.empty_complaints(connection, complaints=due, at=at)
        return len(due)

    return await in_transaction(pool, work)
