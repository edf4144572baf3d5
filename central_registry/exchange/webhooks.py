"""Lets a party say which addresses are told of stops and alarms, see what was sent, and have it sent again.

The secret is shown once; it is kept as it is, since a hash signs nothing.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.exchange.addresses import checked_url
from central_registry.lists import Ask, Found, picked
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError

MOST_ADDRESSES = 10
_MOST_SHOWN = 2_000


@dataclass(frozen=True, slots=True)
class Added:
    """A new address and the secret of what is sent there; nobody is ever shown it again."""

    webhook: str
    secret: str


async def add(pool: Pool, actor: Actor, url: str, at: datetime) -> Added:
    """Have an address told from now on, and first of what stands.

    Raises:
        ProblemError: 403; 409 when they have as many as they may; 422 for an address that may not be.
    """
    url = checked_url(url)
    added = Added(secrets.token_hex(6), "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())

    async def work(connection: Connection) -> tuple[Added, Entry]:
        if await sql.count_webhooks(connection, party=actor.party) >= MOST_ADDRESSES:
            raise ProblemError("refused", f"最多 {MOST_ADDRESSES} 个地址 · expected at most {MOST_ADDRESSES}; end one")
        await sql.add_webhook(
            connection, webhook=added.webhook, party=actor.party, url=url, secret=added.secret, at=at,
            person=actor.person,
        )  # fmt: skip
        return added, Entry(Act.MANAGE_WEBHOOKS, added.webhook, url, actor.party)

    return await acting(pool, actor, Act.MANAGE_WEBHOOKS, work, at)


async def end(pool: Pool, actor: Actor, webhook: str, at: datetime) -> dict[str, Any]:
    """Tell an address nothing more. Raises ProblemError: 403; 404 for one that is not theirs."""

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        row = await sql.end_webhook(connection, webhook=webhook, party=actor.party, at=at)
        if row is None:
            raise ProblemError("not-found", f"没有这个地址 · webhook {webhook[:40]!r}: expected one of yours")
        return dict(row), Entry(Act.MANAGE_WEBHOOKS, webhook, "ended", actor.party)

    return await acting(pool, actor, Act.MANAGE_WEBHOOKS, work, at)


async def send_again(pool: Pool, actor: Actor, message: str, at: datetime) -> dict[str, Any]:
    """Send a message again, now, under its own name. Raises ProblemError: 403; 404 for one that is not theirs, that was
    trimmed, or whose address ended."""

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        row = await sql.send_webhook_again(connection, message=message, party=actor.party, at=at)
        if row is None:
            raise ProblemError(
                "not-found",
                f"没有这条消息 · message {message[:40]!r}: expected one of yours, not ended, not over 180 days",
            )
        return dict(row), Entry(Act.MANAGE_WEBHOOKS, message, "sent again", actor.party)

    return await acting(pool, actor, Act.MANAGE_WEBHOOKS, work, at)


async def list_webhooks(pool: Pool, actor: Actor, ask: Ask) -> Found:
    """Their addresses, newest first, with how many messages wait, arrived or were given up; never a secret."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        return [dict(row) async for row in sql.webhooks(connection, party=actor.party)]

    return picked(await looking(pool, actor, work), ask, searched=("url",), filtered=("webhook",))


async def list_messages(pool: Pool, actor: Actor, ask: Ask) -> Found:
    """What was told to their addresses, the newest first; `state`: `waiting`, `arrived` or `given_up`."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        rows = sql.webhook_log(connection, party=actor.party, most=_MOST_SHOWN)
        return [{**dict(row), "state": _state(row)} async for row in rows]

    rows = await looking(pool, actor, work)
    return picked(rows, ask, searched=("url", "line", "answer", "message"), filtered=("webhook", "state", "kind"))


def _state(row: Any) -> str:
    if row["done_at"] is not None:
        return "arrived"
    return "given_up" if row["given_up_at"] is not None else "waiting"
