"""Gives goods of before firms to a firm, by hand: a style with its lots, or one lot alone.

What was counted under a key goes on being counted under it: only whose it is changes, never its text. A number that
another firm has is given to nobody; what the firm has itself under that number stands, and the old keys become its own.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.distribution.items import lock, put_goods
from central_registry.goods.lot_import import require_firm
from central_registry.goods.reach import require_works_for, unknown
from central_registry.parties.actor import UNASSIGNED, Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.problems import ProblemError


async def assign(pool: Pool, actor: Actor, what: str, number: str, firm: str, at: datetime) -> dict[str, list[str]]:
    """Give the style (with its lots and GTINs) or the lot `number` to `firm`: `{lots, keys}`, what went with it.

    Raises:
        ProblemError: 403; 404 for a number that is not unassigned, or a firm that is not theirs; 409 if another firm
            has that number; 422 if `what` is neither 'lot' nor 'style'.
    """
    if what not in {"lot", "style"}:
        raise ProblemError("unprocessable", f"what: expected lot or style, got {what[:20]!r}; choose one")

    async def work(connection: Connection) -> tuple[dict[str, list[str]], Entry]:
        await lock(connection)
        await require_works_for(connection, actor, firm)
        await require_firm(connection, firm)
        lots = [row["lot_no"] async for row in sql.unassigned_lots(connection, what=what, number=number)]
        if what == "style" and await sql.style(connection, firm=UNASSIGNED, style_no=number) is None and not lots:
            raise unknown("未归属的款号 · unassigned style", number)
        if what == "lot" and not lots:
            raise unknown("未归属的批次 · unassigned lot", number)
        keys = [key for lot_no in lots for key in await _give_lot(connection, lot_no, firm)]
        keys += await _give_style(connection, what, number, firm)
        await _feed(connection, firm, lots, at)
        return {"lots": lots, "keys": keys}, Entry("assign", f"{what} {number}", ", ".join(keys) or "-", firm)

    return await acting(pool, actor, Act.ASSIGN_FIRM, work, at)


async def _give_lot(connection: Connection, lot_no: str, firm: str) -> list[str]:
    await _require_free(connection, "lot", lot_no, firm)
    row = await sql.lot(connection, firm=UNASSIGNED, lot_no=lot_no)
    await sql.copy_style(connection, style_no=row["style_no"], firm=firm)
    own = {"firm": firm, "lot_no": lot_no}
    await sql.give_lot(connection, **own)
    await sql.drop_unassigned_lot(connection, lot_no=lot_no)
    return [row["quota_key"] async for row in sql.give_lot_keys(connection, **own)]


async def _give_style(connection: Connection, what: str, number: str, firm: str) -> list[str]:
    """The style itself, its GTINs and its own keys, if it is what was given; with a lot alone it is copied."""
    if what != "style":
        return []
    await _require_free(connection, "style", number, firm)
    await sql.copy_style(connection, style_no=number, firm=firm)
    await sql.drop_unassigned_style(connection, style_no=number)
    await sql.give_trade_items(connection, style_no=number, firm=firm)
    return [row["quota_key"] async for row in sql.give_style_keys(connection, style_no=number, firm=firm)]


async def _feed(connection: Connection, firm: str, lots: list[str], at: datetime) -> None:
    """What agents are sent of these lots and their styles says whose they are now."""
    items: list[dict[str, Any]] = []
    for lot_no in lots:
        row = await sql.lot(connection, firm=firm, lot_no=lot_no)
        style = await sql.style(connection, firm=firm, style_no=row["style_no"])
        items.append({"kind": "lot", "lot_no": lot_no, "record": json.loads(row["record"])})
        one = {"kind": "style", "style_no": row["style_no"], "record": json.loads(style["record"])} if style else None
        items += [one] if one is not None and one not in items else []
    if items:
        await put_goods(connection, firm, items, at)


async def _require_free(connection: Connection, what: str, number: str, firm: str) -> None:
    other = await sql.number_of_another(connection, what=what, number=number, firm=firm)
    if other is not None:
        raise ProblemError(
            "refused",
            f"别的企业已有这个编号 · {what} {number}: expected a number that no other firm has, got one of {other}; "
            "give each lot to its firm alone, or have one of them renumber",
        )
