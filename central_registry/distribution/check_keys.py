"""Keeps the keys of check codes (防伪码): master secrets that only the registry holds. Agents get what is derived.

An agent gets the keys of its own issuer, each derived from a master, so a stolen computer can make codes of that issuer
only. A rotation adds a master; the old ones stay, because labels name the one they were printed under. Secrets leave
this module towards their agent and nowhere else.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from central_registry.agents.enrolment import refuse_lost
from central_registry.db import Connection, Pool, in_transaction, sql
from label_protocol.codes.check_code import KEY_BYTES, issuer_key
from label_protocol.codes.serial import ISSUER_LENGTH

_CURRENT = "check_key"


async def keys_of(pool: Pool, agent: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """`{issuer, current, keys: {key_id: hex}}` for an agent that has shown its secret.

    Raises:
        ProblemError: 409 for an agent that was declared lost: whoever has its secret gets no keys.
    """
    refuse_lost(agent, "check keys")
    return await in_transaction(pool, lambda connection: _keys(connection, agent["issuer"], at))


async def _keys(connection: Connection, issuer: str, at: datetime) -> dict[str, Any]:
    current = await _current(connection, at)
    rows = [row async for row in sql.check_keys(connection)]
    keys = {row["key_id"]: issuer_key(row["secret"], row["key_id"], issuer).hex() for row in rows}
    return {"issuer": issuer, "current": current, "keys": keys}


async def _current(connection: Connection, at: datetime) -> str:
    """The name of the newest; the very first is made when it is first asked for."""
    fresh = secrets.token_hex(4)
    await sql.put_meta_once(connection, key=_CURRENT, value=fresh)
    name = str(await sql.meta(connection, key=_CURRENT))
    if name == fresh:
        await _add(connection, fresh, at)
    return name


async def _add(connection: Connection, key_id: str, at: datetime) -> None:
    await sql.add_check_key(connection, key_id=key_id, secret=secrets.token_bytes(KEY_BYTES), at=at)


async def rotate(pool: Pool, at: datetime) -> str:
    """A new master for labels to come; gives its name. Labels printed under the old ones stay checkable."""

    async def work(connection: Connection) -> str:
        key_id = secrets.token_hex(4)
        await _add(connection, key_id, at)
        await sql.put_meta(connection, key=_CURRENT, value=key_id)
        return key_id

    return await in_transaction(pool, work)


async def list_keys(pool: Pool) -> list[dict[str, Any]]:
    """Names and ages of all masters, oldest first; never the secrets."""
    async with pool.acquire() as connection:
        current = await sql.meta(connection, key=_CURRENT)
        return [
            {
                "key_id": row["key_id"],
                "made_at": row["made_at"].isoformat(timespec="seconds"),
                "current": row["key_id"] == current,
            }
            async for row in sql.check_keys(connection)
        ]


async def key_for(connection: Connection, key_id: str, serial: str) -> bytes | None:
    """The key that this serial's code was made with; None if the registry lost it, or never had it."""
    row = await sql.check_key(connection, key_id=key_id)
    return None if row is None else issuer_key(row["secret"], row["key_id"], serial[:ISSUER_LENGTH])
