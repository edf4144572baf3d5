"""Says how much of a lot may be allotted: no more than was inspected, over all agents, but by a word that is kept.

Whoever asks here holds `items.lock`, so that two allotments at once cannot together exceed a lot. Spoilage is no part
of the sum: it is only what scrapping may free again. A style has no quantity, so an allotment of one has no bound but
its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.db import Connection, sql
from central_registry.distribution import items
from central_registry.goods.quota_keys import lot_of
from central_registry.problems import RefusedError


@dataclass(frozen=True, slots=True)
class Override:
    """The word of a person that more may be allotted than was inspected: whose, why, when."""

    by_whom: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Excess:
    """What is allotted of a lot, over all agents, and how much of it was inspected (None: its record does not say);
    `quota_key`: the key under which a word about it is kept."""

    lot_no: str
    allotted: int
    inspected: int | None
    quota_key: str


async def excess(connection: Connection, key: str, agent: str, quantity: int) -> Excess | None:
    """Say what it comes to if `agent` has `quantity` under `key`; None if that is within the lot, or of a style.

    Raises:
        RefusedError: a lot that nobody imported.
    """
    lot_no = lot_of(key)
    if lot_no is None:
        return None
    lot = await items.held(connection, "lot", lot_no)
    if lot is None:
        raise RefusedError(
            f"没有此批次 · lot {lot_no}: expected one that was imported, got an unknown one; "
            "import it first, or correct the number"
        )
    others = sum([row["allotted"] async for row in sql.allotted_of(connection, quota_key=key) if row["agent"] != agent])
    others += await sql.former_on_key(connection, quota_key=key)
    inspected = items.quantity_of(lot)
    within = inspected is not None and others + quantity <= inspected
    return None if within else Excess(lot_no, others + quantity, inspected, key)


async def excess_of_lot(connection: Connection, firm: str, lot_no: str, inspected: int | None) -> Excess | None:
    """Say what is allotted of a firm's lot if that is more than `inspected`, which it is about to state."""
    row = await sql.allotted_of_lot(connection, firm=firm, lot_no=lot_no)
    within = row["allotted"] <= (inspected or 0)
    return None if within else Excess(lot_no, row["allotted"], inspected, row["quota_key"])


def require_override(found: Excess, override: Override | None) -> Override:
    """The override that lets `found` be. Raises RefusedError if there is none, or one without a reason."""
    if override is not None and not override.reason.strip():
        raise RefusedError("override: expected a reason that can be read later, got none; say why")
    if override is not None:
        return override
    if found.inspected is None:
        raise RefusedError(
            f"批次没有检验数量 · lot {found.lot_no}: expected its record to state the inspected quantity, got none; "
            'import it with one, or order it with --override "reason"'
        )
    raise RefusedError(
        f"超出检验数量 · lot {found.lot_no}: expected at most {found.inspected} labels over all agents, "
        f'got {found.allotted}; allot {found.allotted - found.inspected} fewer, or order it with --override "reason"'
    )


async def keep_override(
    connection: Connection, found: Excess, override: Override, agent: str | None, number: int
) -> None:
    """Write down who let more be allotted than was inspected; `number` is that of the item that was put."""
    await sql.note_override(
        connection,
        quota_key=found.quota_key,
        n=number,
        agent=agent,
        allotted=found.allotted,
        inspected=found.inspected,
        by_whom=override.by_whom,
        reason=override.reason,
        at=override.at,
    )


async def overrides(connection: Connection, key: str | None) -> list[dict[str, Any]]:
    """Every override under `key` (under any, if None), oldest first: `quota_key, agent, allotted, inspected, above,
    by_whom, reason, at`."""
    return [dict(row) async for row in sql.overrides(connection, quota_key=key)]


async def lots_above(connection: Connection, key: str | None) -> list[dict[str, Any]]:
    """Lots of which more is allotted now than was inspected, with or without a word: `quota_key, inspected, allotted,
    above`."""
    return [dict(row) async for row in sql.lots_above(connection, quota_key=key)]
