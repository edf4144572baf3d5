"""Certificates for tests of verdicts, put into the database and into an agent's feed as the registry would."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

from central_registry.agents import epoch, seal
from central_registry.distribution import items
from label_protocol import chain
from tests.kits.copies_kit import RECORD
from tests.kits.registry_kit import AT, Edge, Registry

FIRM, LOT, KEY = "91330482MA0000017X", "L1", "lot:F001:L1"
"""A firm's lot under a key that the registry minted."""


def facts(lot_no: str = LOT, **grade: Any) -> dict[str, Any]:
    """The certified part of the sample record; `grade` changes parts of its grade."""
    found = copy.deepcopy({"product": {"style_no": RECORD["product"]["style_no"]}, "lot": RECORD["lot"]})
    found["lot"]["lot_no"] = lot_no
    found["lot"]["grade"] |= grade
    return found


async def certify(
    registry: Registry, version: int, certified: dict[str, Any], *, state: str = "approved", at: datetime = AT,
    firm: str = FIRM,
) -> None:  # fmt: skip
    """A version that was approved; the one before it is superseded."""
    await registry.pool.execute(
        "UPDATE certificate SET state = 'superseded' WHERE firm = $1 AND lot_no = $2", firm, LOT
    )
    await registry.pool.execute(
        "INSERT INTO certificate VALUES ($1, $2, $3, 'pinghu-down', $4, 5000, '2026-11-01', '2027-11-01', "
        "'示例检测中心', 'R-1', $5, 'console', $6, 'p1', $6, 'p2', $7)",
        firm, LOT, version, json.dumps(certified, ensure_ascii=False), state, at, chain.address(certified),
    )  # fmt: skip


async def move(registry: Registry, version: int, state: str, at: datetime) -> None:
    """It is suspended or withdrawn."""
    where = "WHERE firm = $1 AND lot_no = $2 AND version = $3"
    await registry.pool.execute(f"UPDATE certificate SET state = $4 {where}", FIRM, LOT, version, state)
    await registry.pool.execute(
        "INSERT INTO certificate_move VALUES ($1, $2, $3, 1, $4, 'reason', false, $5, 'p1')",
        FIRM,
        LOT,
        version,
        state,
        at,
    )


async def allotted(registry: Registry, edge: Edge, quantity: int = 100, key: str = KEY) -> None:
    """The firm's key, and an allotment of it to this agent."""
    await registry.pool.execute(
        "INSERT INTO quota_key VALUES ($1, $2, $3, $4, '{}', $5) ON CONFLICT DO NOTHING",
        key, FIRM, LOT, RECORD["product"]["style_no"], AT,
    )  # fmt: skip
    item = {"kind": "allotment", "quota_key": key, "quantity": quantity, "spoilage_permille": 30, "firm": FIRM}
    async with registry.pool.acquire() as connection, connection.transaction():
        await items.put(connection, edge.agent, item)


async def hear_sealed(registry: Registry, edge: Edge, fed: list[dict[str, Any]]) -> None:
    """The agent tells of a feed that this registry sealed for it."""
    async with registry.pool.acquire() as connection:
        name = await epoch.current(connection)
        frame = f"{name}:1"
        cursor = f"{frame}:{await seal.seal(connection, [edge.agent, frame, fed])}"
    edge.tell("feed_received", cursor=cursor, epoch=name, items=fed)


def certificate_item(version: int, certified: dict[str, Any], *, withdrawn: bool = False) -> dict[str, Any]:
    """As the feed carries it."""
    return {
        "kind": "certificate", "quota_key": KEY, "firm": FIRM, "lot_no": LOT, "version": version,
        "scheme": "pinghu-down", "valid_from": "2026-11-01", "valid_to": "2027-11-01", "facts": certified,
        "sha256": chain.address(certified), "withdrawn": withdrawn, "reason": "",
    }  # fmt: skip


def later(days: int) -> datetime:
    """So many days after the kit's time."""
    return datetime(2026, 11, 20 + days, 12, tzinfo=UTC)
