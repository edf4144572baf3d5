"""A roll without a PC, as a story: handed over on the console, put on garments with a phone that runs no script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from central_registry.db import in_transaction
from central_registry.distribution import items
from central_registry.parties.actor import PartyKind, Role
from central_registry.rolls.handing import hand_over
from tests.kits.desk_kit import Office, a_window, an_office
from tests.kits.page_kit import a_browser, in_a_browser
from tests.kits.platform_kit import add_party, add_person
from tests.kits.registry_kit import AT, garment

pytestmark = in_a_browser
GTIN = "06901234567892"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    async with an_office() as found:
        yield found


async def printed(office: Office, labels: int, name: str = "line-1") -> list[str]:
    """What the association's own agent printed of the firm's lot."""
    lot = {"kind": "lot", "lot_no": "L1", "record": garment("L1")}
    await in_transaction(office.pool, lambda c: items.put_goods(c, office.firm, [lot], AT))
    key = await office.pool.fetchval("SELECT quota_key FROM quota_key WHERE firm = $1", office.firm)
    edge = (await office.registry.enrolled(name, f"machine of {name}")).begin()
    await office.pool.execute("UPDATE agent SET owner = $1, association = $1", office.association)
    allotted = {"kind": "allotment", "quota_key": key, "quantity": 500}
    await in_transaction(office.pool, lambda c: items.put(c, edge.agent, allotted))
    serials = edge.serials(labels)
    edge.printed(serials, quota_key=key)
    await edge.send()
    return serials


async def test_a_roll_without_a_pc(browser: Any, office: Office) -> None:
    serials = await printed(office, 5)
    links = [f"HTTPS://EXAMPLE.ORG/01/{GTIN}/10/L1/21/{serial}" for serial in serials]
    async with a_window(browser, office, "officer") as desk:
        assert await desk.flaws("/console/rolls") == []
        await desk.fill(first=links[0], last=links[3])
        await desk.press("核对")
        await desk.says("交给 示例服饰有限公司")
        assert await office.pool.fetchval("SELECT count(*) FROM roll") == 0, "only shown"
        await desk.press("交接")
        await desk.says("已交接 4 枚")
    async with a_window(browser, office, "clerk", "phone", scripts=False) as phone:
        await phone.open("/console/scan-roll")
        await phone.photograph("scan-roll")
        for link, said in (
            (links[1], "还剩 3 枚"),
            (links[1], "以前已经贴过，没有变化"),
            (links[4], "不在交给贵企业的卷里"),
        ):
            await phone.page.locator("#text").fill(link)
            await phone.page.locator("#text").press("Enter")
            await phone.page.get_by_text(said).first.wait_for()
    async with a_window(browser, office, "clerk", "phone") as phone:
        assert await phone.flaws("/console/scan-roll") == []
        focused = await phone.page.evaluate("document.activeElement.id")
        assert focused == "text", "ready for the scanner"
    roll = await office.pool.fetchval("SELECT roll FROM roll")
    async with a_window(browser, office, "officer", "phone") as desk:
        assert await desk.flaws(f"/console/rolls/{roll}") == []
        await desk.fill(became="lost", labels=serials[2])
        await desk.press("登记")
        await desk.says("已登记丢失 1 枚")
        await desk.fill(became="returned")
        await desk.press("登记")
        await desk.says("已登记退回 2 枚")
        await desk.says("已结清")
    for size in ("desk", "phone"):
        async with a_window(browser, office, "officer", size) as window:
            stop = f"/console/stops/{office.firm}/lot/L1"
            assert await window.flaws(stop, f"stop-{size}") == []
            assert await window.flaws("/console/stops", f"stops-{size}") == []
    found = await office.registry.facts(f"/01/{GTIN}/10/L1/21/{serials[1]}")
    assert (found["status"], found["roll"]["became"]) == ("registered", "commissioned")
    assert (await office.registry.facts(f"/01/{GTIN}/10/L1/21/{serials[2]}"))["roll"]["became"] == "lost"
    assert "roll" not in await office.registry.facts(f"/01/{GTIN}/10/L1/21/{serials[4]}")
    async with a_window(browser, office, "clerk") as desk:
        await desk.open(f"/console/codes?code={serials[1]}")
        await desk.says("按成卷标签贴到衣服上")


async def test_another_firms_people_scan_nothing_of_it(browser: Any, office: Office) -> None:
    other = await add_party(office.pool, PartyKind.FIRM, "示例丙", of=office.association)
    office.people["stranger"] = await add_person(office.pool, other, Role.OFFICER)
    serial = (await printed(office, 1, "line-2"))[0]
    await hand_over(office.pool, office.people["officer"], serial, serial, AT)
    async with a_window(browser, office, "stranger", "phone") as phone:
        await phone.open("/console/scan-roll")
        await phone.page.locator("#text").fill(f"https://example.org/01/{GTIN}/10/L1/21/{serial}")
        await phone.page.locator("#text").press("Enter")
        await phone.says("不在交给贵企业的卷里")
