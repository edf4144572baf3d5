"""Quota keys: minted once, of one firm, and two firms with one number never meet (docs/flow.md, promise 8)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.db import in_transaction
from central_registry.distribution import items, keys
from central_registry.distribution.keys import Goods
from central_registry.parties.actor import UNASSIGNED, PartyKind
from central_registry.problems import RefusedError
from tests.kits.platform_kit import add_party
from tests.kits.registry_kit import AT, Registry, garment, running


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


async def minted(registry: Registry, goods: Goods) -> str:
    return await in_transaction(registry.pool, lambda connection: keys.key_of(connection, goods, AT))


async def old(registry: Registry, goods: Goods) -> str | None:
    return await in_transaction(registry.pool, lambda connection: keys.old_name(connection, goods, AT))


def lot_item(lot_no: str, style_no: str = "S1", **product: Any) -> dict[str, Any]:
    return {"kind": "lot", "lot_no": lot_no, "record": garment(lot_no, style_no, **product)}


async def put(registry: Registry, firm: str, *goods: dict[str, Any]) -> None:
    await in_transaction(registry.pool, lambda connection: items.put_goods(connection, firm, goods, AT))


async def test_a_new_key_holds_the_firms_code_and_is_minted_once(registry: Registry) -> None:
    firm = await add_party(registry.pool, PartyKind.FIRM, "示例甲")
    code = await registry.pool.fetchval("SELECT code FROM party_code WHERE party = $1", firm)
    assert await minted(registry, Goods(firm, "S1", "L1")) == f"lot:{code}:L1"
    assert await minted(registry, Goods(firm, "S1", "L1")) == f"lot:{code}:L1"
    assert await minted(registry, Goods(firm, "S1")) == f"style:{code}:S1"
    assert len(await registry.rows("SELECT * FROM quota_key WHERE firm = $1", firm)) == 2


async def test_what_is_there_keeps_its_text_when_it_becomes_a_firms(registry: Registry) -> None:
    firm = await add_party(registry.pool, PartyKind.FIRM, "示例甲")
    assert await minted(registry, Goods(UNASSIGNED, "S1", "L1")) == "lot:L1"
    await registry.pool.execute("UPDATE quota_key SET firm = $1", firm)
    assert await minted(registry, Goods(firm, "S1", "L1")) == "lot:L1"


async def test_a_text_that_was_somebodys_before_is_not_minted_again(registry: Registry) -> None:
    """A lot of before firms may read like a new key, with a row or without one."""
    firm = await add_party(registry.pool, PartyKind.FIRM, "示例甲")
    code = await registry.pool.fetchval("SELECT code FROM party_code WHERE party = $1", firm)
    edge = await registry.enrolled()
    await registry.allot(edge.agent, 10, f"lot:{code}:L1")
    assert await minted(registry, Goods(firm, "S1", "L1")) == f"lot:{code}:L1~2"


async def test_a_firm_without_a_code_gets_none(registry: Registry) -> None:
    with pytest.raises(RefusedError, match="企业尚无简码"):
        await minted(registry, Goods("91330482MA0000000X", "S1", "L1"))


async def test_the_old_name_is_one_firms_alone(registry: Registry) -> None:
    one = await add_party(registry.pool, PartyKind.FIRM, "示例甲")
    two = await add_party(registry.pool, PartyKind.FIRM, "示例乙")
    edge = await registry.enrolled()
    await registry.allot(edge.agent, 10, "lot:L9")
    assert await old(registry, Goods(one, "S1", "L1")) == "lot:L1"
    assert await old(registry, Goods(one, "S1", "L1")) == "lot:L1"
    assert await old(registry, Goods(two, "S1", "L1")) is None
    assert await old(registry, Goods(two, "S1", "L9")) is None, "of before firms"


async def test_two_firms_with_one_number_have_two_rows(registry: Registry) -> None:
    one = await add_party(registry.pool, PartyKind.FIRM, "示例甲")
    two = await add_party(registry.pool, PartyKind.FIRM, "示例乙")
    await put(registry, one, lot_item("L1", brand="甲"))
    await put(registry, two, lot_item("L1", brand="乙"))
    await put(registry, UNASSIGNED, lot_item("L1", brand="旧"))
    rows = await registry.rows("SELECT key, body FROM feed_item WHERE kind = 'lot'")
    found = {json.loads(row["body"]).get("firm"): json.loads(row["body"]) for row in rows}
    assert {firm: body["record"]["product"]["brand"] for firm, body in found.items()} == {
        one: "甲", two: "乙", None: "旧"
    }  # fmt: skip
    assert "L1" in [row["key"] for row in rows], "what was here before firms stands where it stood"
    assert found[one]["quota_key"] == await minted(registry, Goods(one, "S1", "L1"))
    assert "quota_key" not in found[None]
