"""Suspends and recalls goods that are out. Agents hear of it by what is distributed, consumers by the scan page."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.distribution import items
from central_registry.problems import RefusedError


async def suspend(pool: Pool, key: str, suspended: bool, reason: str) -> None:
    """Stop issuing on `key` everywhere, or let it go on.

    Raises:
        RefusedError: nobody ever heard of `key`, it is recalled, or it is to go on and nothing stopped it.
    """
    item = {"kind": "suspension", "quota_key": key, "suspended": suspended}
    await in_transaction(pool, lambda connection: notify(connection, item, reason))


async def recall(pool: Pool, key: str, reason: str) -> None:
    """Recall all labels of `key`: agents stop issuing, scan pages show the notice. There is no way back.

    Raises:
        RefusedError: nobody ever heard of `key`.
    """
    item = {"kind": "recall", "quota_key": key}
    await in_transaction(pool, lambda connection: notify(connection, item, reason))


async def notify(connection: Connection, item: Mapping[str, Any], reason: str) -> None:
    """Put a notice, or refuse it rather than warn: whoever mistypes a lot believes that the lot that was meant has
    stopped.

    Raises:
        RefusedError: nobody ever heard of the key, it is recalled, it is to go on and nothing stopped it, or nobody
            says why.
    """
    said = _said(reason)
    await items.lock(connection)
    key = item["quota_key"]
    if not await sql.knows_quota_key(connection, quota_key=key):
        raise RefusedError(
            f"平台没有此批次或款号 · {key}: expected what was imported, allotted or drawn under, got an unknown one; "
            "correct the number"
        )
    if item["kind"] == "suspension":
        await _require_suspendable(connection, key, item["suspended"])
    await items.put(connection, items.EVERYBODY, {**item, "reason": said})


async def _require_suspendable(connection: Connection, key: str, suspended: bool) -> None:
    """A recall stays whatever is said of a suspension, whose reason would stand in place of the recall's at agents."""
    if await items.held(connection, "recall", key) is not None:
        raise RefusedError(
            f"已经召回，不能再暂停或恢复 · {key}: expected what is not recalled, got a recalled one, "
            "from which there is no way back; correct the number"
        )
    standing = await items.held(connection, "suspension", key) or {}
    if not suspended and not standing.get("suspended"):
        raise RefusedError(
            f"没有暂停，不用恢复 · {key}: expected what is suspended, got one that is not; correct the number"
        )


def _said(reason: str) -> str:
    """A reason that operators and consumers will read. Raises RefusedError if there is none."""
    if not reason.strip():
        raise RefusedError("reason: expected one that can be read later, got none; say why")
    return unicodedata.normalize("NFC", reason)
