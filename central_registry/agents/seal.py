"""Seals what this registry says, so that it can tell later that it said it: a page of items, a receipt.

The key was made together with the first epoch and lies in every dump. So a registry that lost what it said can take it
back from an agent without having to believe the agent.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from typing import Any

from central_registry.agents import epoch
from central_registry.agents.lineage import Life
from central_registry.db import Connection, sql
from label_protocol.wire import Sealed


async def seal(connection: Connection, said: Sequence[Any]) -> str:
    """HMAC over `said`; a page of items has three parts and a receipt five, so that neither passes for the other."""
    return mark(await _key(connection), said)


async def _key(connection: Connection) -> str:
    key = await sql.meta(connection, key="seal")
    if key is None:  # it is made with the first epoch
        await epoch.current(connection)
        key = await sql.meta(connection, key="seal")
    return str(key)


def mark(key: str, said: Sequence[Any]) -> str:
    """The seal on `said`, made with the key that the database holds."""
    text = json.dumps(said, sort_keys=True)
    return hmac.new(bytes.fromhex(key), text.encode(), "sha256").hexdigest()[:32]


async def receipt(connection: Connection, agent: str, life: Life) -> Sealed:
    """What the agent may show one day: that the registry held this incarnation up to here."""
    return receipt_of(await _key(connection), agent, life)


def receipt_of(key: str, agent: str, life: Life) -> Sealed:
    """As `receipt`, with the key that the database holds."""
    said = ["receipt", agent, life.incarnation, life.seq, life.hash.hex()]
    return Sealed(life.incarnation, life.seq, life.hash.hex(), mark(key, said))


async def proven_loss(connection: Connection, agent: str, lives: Sequence[Life], shown: Sealed | None) -> Sealed | None:
    """`shown`, if it is a receipt of this registry for events that it does not hold."""
    if shown is None:
        return None
    genuine = await seal(connection, ["receipt", agent, shown.incarnation, shown.seq, shown.hash])
    held = {life.incarnation: life.seq for life in lives}
    lost = hmac.compare_digest(genuine, shown.seal) and held.get(shown.incarnation, 0) < shown.seq
    return shown if lost else None
