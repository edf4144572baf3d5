"""Eight labels of one printer are stopped on the console without script: looked at, stopped, confirmed, closed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from central_registry.db import in_transaction
from central_registry.distribution import items
from tests.kits.desk_kit import Office, a_window, an_office
from tests.kits.page_kit import a_browser, in_a_browser
from tests.kits.registry_kit import AT, garment

pytestmark = in_a_browser
HERE = "/console/label-stops"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    async with an_office() as found:
        yield found


async def _printed(office: Office) -> None:
    lot = {"kind": "lot", "lot_no": "L1", "record": garment("L1")}
    await in_transaction(office.pool, lambda c: items.put_goods(c, office.firm, [lot], AT))
    key = await office.pool.fetchval("SELECT quota_key FROM quota_key WHERE firm = $1", office.firm)
    edge = (await office.registry.enrolled("line-1", "machine")).begin()
    await office.pool.execute("UPDATE agent SET owner = $1, association = $1", office.association)
    allotted = {"kind": "allotment", "quota_key": key, "quantity": 500}
    await in_transaction(office.pool, lambda c: items.put(c, edge.agent, allotted))
    for printer in ("p1", "p2"):
        edge.at = f"2026-12-20T08:0{printer[1]}:00.000Z"
        edge.printed(edge.serials(8), quota_key=key, printer=printer)
    await edge.send()


async def test_labels_of_one_printer_are_stopped_confirmed_and_closed(browser: Any, office: Office) -> None:
    await _printed(office)
    async with a_window(browser, office, "officer", scripts=False) as desk:
        await desk.open(HERE)
        await desk.fill(
            firm=office.firm, agent="line-1", printer="p2", since="2026-12-20 16:00", until="2026-12-20 16:10"
        )
        await desk.press("查看影响")
        await desk.says("8 枚立即停用，同批其他标签不变")
        await desk.fill(kind="recall", reason="抽检发现充绒量不足")
        await desk.press("停用这些标签")
        await desk.says("已停用 8 枚，等另一人确认")
        await desk.says("召回待确认")
        await desk.says("打印端 line-1 · 打印机 p2")
    stop, decision = await office.pool.fetchrow("SELECT about, decision FROM decision WHERE act = 'recall'")
    for size in ("desk", "phone"):
        async with a_window(browser, office, "approver", size) as desk:
            for path, name in ((HERE, "list"), (f"{HERE}/{stop}", "one"), (f"{HERE}/{stop}/labels", "labels")):
                assert await desk.flaws(path, f"label-stops-{name}-{size}") == []
    async with a_window(browser, office, "approver") as desk:
        await desk.open(f"/console/decisions/{decision}")
        await desk.says("8 枚")
        await desk.fill(reason="属实")
        await desk.press("确认")
        await desk.open(f"{HERE}/{stop}")
        await desk.says("已召回")
        await desk.fill(reason="8 件全部追回")
        await desk.press("结案")
        await desk.says("已结案")
