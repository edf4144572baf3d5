"""Asks whether goods are stopped: what is suspended or recalled is neither handed over nor put on a garment."""

from __future__ import annotations

from central_registry.db import Connection
from central_registry.distribution import items
from central_registry.problems import ProblemError

_ZH = {"recall": "已召回", "suspension": "已暂停"}


async def require_going(connection: Connection, quota_key: str) -> None:
    """Raises ProblemError (409) for goods that are suspended or recalled."""
    for kind, zh in _ZH.items():
        held = await items.held(connection, kind, quota_key)
        if held is not None and held.get("suspended", True):
            raise ProblemError(
                "refused",
                f"这批货{zh}，不能贴 · {quota_key}: expected goods that go on, got a {kind}: {held.get('reason', '')}; "
                "put the labels aside",
            )
