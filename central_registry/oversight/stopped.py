"""Shows goods before they are stopped: how many labels that touches, how they stand, what waits for a second person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.distribution import items
from central_registry.oversight.stops import STOPS, Named
from central_registry.parties.actor import Actor
from central_registry.parties.door import looking
from central_registry.problems import ProblemError


async def show_goods(pool: Pool, actor: Actor, goods: Named) -> dict[str, Any]:
    """One firm's lot or style: `{firm, firm_name, lot_no, style_no, keys, kind, reason, agents, allotted, drawn,
    printed, in_doubt, commissioned, scrapped, decision, act, due_at}`; `kind`: 'recall', 'suspension', or '' if nothing
    stopped them; `decision`: what waits for a second person, None if nothing does.

    Raises:
        ProblemError: 403; 404 for goods that are not theirs to see.
    """

    async def work(connection: Connection) -> dict[str, Any]:
        who = {"kind": actor.kind.value, "party": actor.party}
        keys = [row["quota_key"] async for row in sql.keys_seen(connection, **asdict(goods), **who)]
        if not keys or bool(goods.lot_no) == bool(goods.style_no):
            raise ProblemError(
                "not-found",
                f"没有此企业的批次或款号 · {goods}: expected a lot or a style of a firm that you see, got none; "
                "correct the number",
            )
        counts = await sql.goods_counted(connection, firm=goods.firm, keys=keys)
        asked = await sql.stop_asked(connection, about=str(goods), acts=sorted(STOPS))
        waits = {"decision": None, "act": None, "due_at": None} if asked is None else dict(asked)
        return {**asdict(goods), "keys": keys, **await _standing(connection, keys), **dict(counts), **waits}

    return await looking(pool, actor, work)


async def _standing(connection: Connection, keys: list[str]) -> dict[str, str]:
    for kind in ("recall", "suspension"):
        held = [await items.held(connection, kind, key) or {"suspended": False} for key in keys]
        found = [one for one in held if one.get("suspended", True)]
        if found:
            return {"kind": kind, "reason": str(found[0].get("reason", ""))}
    return {"kind": "", "reason": ""}
