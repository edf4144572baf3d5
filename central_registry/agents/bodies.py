"""Keeps what was distributed by its hash, as agents name it in their events, and asks an agent for what was lost here.

A body is written down before the answer that holds it leaves, so a registry that lost no data has them all. An agent
that is asked for one and does not have it either says so with its batch: the digest stays in the history, and says
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from central_registry.db import Connection, Pool, sql
from label_protocol.chain import canonical
from label_protocol.digests import digest_of, digested

WANTED_MOST = 500
"""Hashes in one question."""


async def keep_sent(pool: Pool, page: Mapping[str, Any]) -> None:
    """Keep the bodies of a page that is told by their hash."""
    if page.get("digests"):
        whole = {digest_of(told): item for item in page["items"] if digest_of(told := digested(item))}
        await keep(pool, {name: canonical(item) for name, item in whole.items()})


async def keep(pool: Pool, bodies: Mapping[str, bytes]) -> None:
    """Keep bodies by their hash; what is there stays."""
    if bodies:
        names = sorted(bodies)
        await sql.keep_fed_bodies(pool, hashes=names, bodies=[bodies[name].decode() for name in names])


async def held(connection: Connection, names: Iterable[str]) -> dict[str, Any]:
    """The bodies that are here, by hash."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    rows = sql.fed_bodies(connection, hashes=wanted)
    return {row["sha256"]: json.loads(row["body"]) async for row in rows}


def whole(items: Sequence[Any], bodies: Mapping[str, Any]) -> list[Any]:
    """Items of an event with the bodies in the place of their hashes; without those that are not known."""
    found = [(bodies.get(name) if (name := digest_of(item)) else item) for item in items]
    return [item for item in found if item is not None]
