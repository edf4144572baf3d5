"""Tells addresses what happened: finds what is untold, signs it, sends it, tries again for days.

What is to be told is read off the books as they stand, not written beside each act: nothing is forgotten if this
process falls between the two, and no act waits for it. A stop that was lifted before anybody looked is told as lifted.
Within a lot the next message waits for the one before; a message that was given up lets the next go.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

from central_registry.alarms import AlarmKind
from central_registry.db import Connection, Pool, in_transaction, sql

WAITS_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""After the first try, the second, …: three days and three hours until a message is given up."""
SENDING_S = 60
"""A message is one sender's for so long; a try takes a quarter of it at most."""
SERIALS_NAMED = 1_000
"""Labels of one stop that its message names; verify answers for the others."""
KEPT_DAYS = 180
"""What was sent, and what was answered, can be read and sent again for so long after it ended."""
_FORGOTTEN_AT_ONCE = 5_000
_AT_ONCE, _OF_ONE_ADDRESS, _FOUND_AT_ONCE = 40, 4, 500
_ALARMS = (
    AlarmKind.CHECK_CODE_GUESSED, AlarmKind.CLAIM_WITHOUT_RECEIPT, AlarmKind.CLONED, AlarmKind.FACTS_DIFFER,
    AlarmKind.FOREIGN_ISSUER, AlarmKind.FORK, AlarmKind.NOT_ALLOTTED, AlarmKind.OVERDRAFT, AlarmKind.SERIAL_CONFLICT,
    AlarmKind.VOID_SCANNED,
)  # fmt: skip
"""Those that speak of labels."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try, in words for the log."""

    arrived: bool
    said: str


Post = Callable[[str, Mapping[str, str], bytes], Awaitable[Answer]]
"""Sends a body to an address; whatever goes wrong is an answer."""


@dataclass(frozen=True, slots=True)
class _Message:
    webhook: str
    cause: str
    line: str
    kind: str
    data: Mapping[str, Any]


async def find(pool: Pool, at: datetime) -> int:
    """Put down what is to be told and is not yet; how many."""

    async def work(connection: Connection) -> int:
        notices = [row async for row in sql.untold_notices(connection, most=_FOUND_AT_ONCE)]
        found = [_of_notice(row) for row in sorted(notices, key=lambda row: row["n"])]
        stops = sql.untold_label_stops(connection, most=_FOUND_AT_ONCE, named=SERIALS_NAMED)
        found += [_of_label_stop(row) async for row in stops]
        kinds = [str(kind) for kind in _ALARMS]
        found += [_of_alarm(row) async for row in sql.untold_alarms(connection, kinds=kinds, most=_FOUND_AT_ONCE)]
        for one in found:
            await _put(connection, one, at)
        return len(found)

    return await in_transaction(pool, work)


async def _put(connection: Connection, one: _Message, at: datetime) -> None:
    name = "msg_" + hashlib.sha256(f"{one.webhook} {one.cause}".encode()).hexdigest()[:32]
    body = json.dumps({"type": one.kind, "timestamp": at.isoformat(), "data": one.data}, ensure_ascii=False)
    await sql.add_webhook_message(
        connection, message=name, webhook=one.webhook, cause=one.cause, line=one.line, kind=one.kind,
        body=body.replace("\\u0000", ""), at=at,
    )  # fmt: skip


def _of_notice(row: Mapping[str, Any]) -> _Message:
    item = json.loads(row["body"])
    stands = item.get("suspended", True)
    kind = "goods.recalled" if row["kind"] == "recall" else "goods.suspended" if stands else "goods.lifted"
    goods = {name: row[name] for name in ("firm", "firm_name", "lot_no", "style_no") if row[name]}
    # as on the scan page: why goods are suspended is between the firm and its association
    why = {"reason": item["reason"]} if kind == "goods.recalled" else {}
    line = f"{row['firm']} {row['lot_no'] or row['style_no']}"
    return _Message(row["webhook"], f"feed {row['n']}", line, kind, {**goods, **why})


def _of_label_stop(row: Mapping[str, Any]) -> _Message:
    """Labels that are stopped one by one; `provisional`: one person's word, which already holds."""
    word = "lifted" if row["state"] == "lifted" else "recalled" if row["kind"] == "recall" else "suspended"
    told = {name: row[name] for name in ("stop", "firm", "firm_name", "labels", "serials")}
    told |= {"provisional": row["state"] == "provisional"}
    why = {"reason": row["reason"]} if word == "recalled" and row["state"] == "standing" else {}
    cause = f"labels {row['stop']} {row['kind']} {row['state']}"
    return _Message(row["webhook"], cause, f"{row['firm']} {row['stop']}", f"labels.{word}", {**told, **why})


def _of_alarm(row: Mapping[str, Any]) -> _Message:
    said = {"alarm": row["kind"], **{name: row[name] for name in ("agent", "about", "detail")}}
    cause = f"alarm {row['agent']} {row['id']}"
    return _Message(row["webhook"], cause, f"agent {row['agent']}", "alarm.raised", said)


async def send_due(pool: Pool, post: Post, clock: Callable[[], datetime]) -> int:
    """Send what is due, some at once; how many were tried."""
    at = clock()
    until = at + timedelta(seconds=SENDING_S)
    claimed = [
        row async for row in sql.claim_webhook_messages(pool, at=at, until=until, each=_OF_ONE_ADDRESS, most=_AT_ONCE)
    ]
    await asyncio.gather(*(_send(pool, post, clock, row) for row in claimed))
    return len(claimed)


async def _send(pool: Pool, post: Post, clock: Callable[[], datetime], row: Mapping[str, Any]) -> None:
    at = clock()
    answer = await post(row["url"], headers_of(row["secret"], row["message"], at, row["body"]), row["body"].encode())
    at = clock()
    ends = row["tries"] > len(WAITS_S)
    await sql.note_webhook_answer(
        pool,
        message=row["message"],
        answer=answer.said[:200],
        done_at=at if answer.arrived else None,
        given_up_at=at if ends and not answer.arrived else None,
        next_at=at if ends else at + timedelta(seconds=WAITS_S[row["tries"] - 1]),
    )


async def forget_old(pool: Pool, at: datetime) -> int:
    """Empty what ended `KEPT_DAYS` ago, a bounded number at once; how many."""

    async def work(connection: Connection) -> int:
        before = at - timedelta(days=KEPT_DAYS)
        rows = sql.forget_webhook_messages(connection, before=before, most=_FORGOTTEN_AT_ONCE)
        return len([row async for row in rows])

    return await in_transaction(pool, work)


def headers_of(secret: str, message: str, at: datetime, body: str) -> dict[str, str]:
    """The three headers of Standard Webhooks, by which a receiver knows sender, message and time."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, at, body),
        "Content-Type": "application/json",
    }
