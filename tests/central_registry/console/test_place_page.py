"""A clerk of a firm tells shipping by pasting serials; the page of a code shows where it is, and a claim as one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from central_registry.db import in_transaction
from central_registry.distribution import items
from central_registry.parties.actor import PartyKind, Role
from tests.kits.desk_kit import Office, a_window, an_office
from tests.kits.page_kit import a_browser, in_a_browser
from tests.kits.platform_kit import add_party, add_person
from tests.kits.registry_kit import AT, garment

pytestmark = in_a_browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    async with an_office() as found:
        yield found


async def printed(office: Office) -> list[str]:
    lot = {"kind": "lot", "lot_no": "L1", "record": garment("L1")}
    await in_transaction(office.pool, lambda c: items.put_goods(c, office.firm, [lot], AT))
    key = await office.pool.fetchval("SELECT quota_key FROM quota_key WHERE firm = $1", office.firm)
    edge = (await office.registry.enrolled("line-1", "machine")).begin()
    await office.pool.execute("UPDATE agent SET owner = $1, association = $1", office.association)
    allotted = {"kind": "allotment", "quota_key": key, "quantity": 500}
    await in_transaction(office.pool, lambda c: items.put(c, edge.agent, allotted))
    serials = edge.serials(2)
    edge.printed(serials, quota_key=key)
    await edge.send()
    return serials


async def test_a_clerk_ships_and_a_stranger_only_claims(browser: Any, office: Office) -> None:
    serials = await printed(office)
    other = await add_party(office.pool, PartyKind.FIRM, "示例假店", of=office.association)
    office.people["false"] = await add_person(office.pool, other, Role.OFFICER)
    office.people["sender"] = await add_person(office.pool, office.firm, Role.OFFICER)
    async with a_window(browser, office, "false") as false:
        await false.open("/console/place")
        await false.fill(kind="destroyed", units=serials[0])
        await false.press("登记")
        await false.says("只记为声称")
    for size in ("desk", "phone"):
        async with a_window(browser, office, "sender", size) as desk:
            assert await desk.flaws("/console/place", f"place-{size}") == []
    async with a_window(browser, office, "sender", scripts=False) as desk:
        await desk.open("/console/place")
        await desk.fill(kind="shipped", units="\n".join(serials), waybill="SF-100")
        await desk.press("登记")
        await desk.says("已登记 2 件")
    for size in ("desk", "phone"):
        async with a_window(browser, office, "sender", size) as desk:
            assert await desk.flaws(f"/console/codes?code={serials[0]}", f"place-code-{size}") == []
            await desk.says("SF-100")
            await desk.says("只是声称，没有生效")
