"""The work of a bad strip by scanner and touch: a scan names the last good label, a press and an answer settle it; a
label is scrapped for a reason that was tapped. Nothing of it comes by Enter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest_asyncio

from edge_agent.model.job import Window
from tests.kits.console_kit import Line, a_line
from tests.kits.page_kit import LINK, SAMPLE, a_browser, in_a_browser
from tests.kits.web_double import LABEL, ServiceDouble

pytestmark = in_a_browser

SERIALS = ("PH17K3M9QX2W4T00B", LABEL.serial, "PH17K3M9QX2W4T02B", "PH17K3M9QX2W4T03B")
PAGE = f"/console/labels/{LABEL.serial}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def service(tmp_path: Path) -> ServiceDouble:
    """A strip of four; the second is the one that is scanned."""
    found = ServiceDouble(tmp_path)
    labels = [replace(LABEL, serial=one, reason="fault during the window: ribbon_out") for one in SERIALS]

    async def doubts() -> Any:
        return [(Window("w1", "j1", "p1", "0" * 64, SERIALS), labels)]

    cast(Any, found.labels).doubts = doubts
    return found


@pytest_asyncio.fixture(loop_scope="module")
async def line(browser: Any, service: ServiceDouble) -> AsyncIterator[Line]:
    async with a_line(browser, service) as found:
        yield found


async def test_a_scan_names_the_last_good_label_and_an_answer_settles(line: Line, service: ServiceDouble) -> None:
    await line.open("/console/now")
    await line.scan(LINK)
    await line.page.wait_for_url("**/console/doubts?window=w1&last=*")
    await line.says("前 2 张好；后 2 张呢？", "main")
    assert service.orders == [], "a scan settles nothing"
    await line.page.click("main [data-key=invalid]")
    await line.says("前 2 张是好的；后 2 张没有找到，作废", "dialog[open]")
    assert await line.axe() == []
    await line.page.keyboard.press("Enter")
    await line.rest()
    assert service.orders == []
    await line.page.wait_for_timeout(650)
    await line.page.click("dialog [data-yes]")
    await line.says("已处理", "#toast")
    assert service.orders == [("settle", "w1", LINK, "", "invalid")]
    assert "还没有登记" not in await line.page.inner_text("#scan-told"), "it was answered"


async def test_a_label_is_scrapped_for_a_reason_that_was_tapped(line: Line, service: ServiceDouble) -> None:
    await line.open(PAGE)
    assert await line.axe() == []
    await line.page.click("main [data-key=scrap]")
    await line.says("1 张报废，要销毁，不能恢复", "dialog[open]")
    await line.page.wait_for_timeout(650)
    await line.page.click("dialog [data-yes]")
    await line.says("请先按一个原因", "dialog[open] [role=alert]")
    assert not [order for order in service.orders if order[0] != "picture"]
    await line.page.locator("dialog label", has_text="印歪").click()
    await line.page.wait_for_timeout(650)
    await line.page.click("dialog [data-yes]")
    await line.says("已记录", "#toast")
    done = [order for order in service.orders if order[0] != "picture"]
    assert done == [("decide", LABEL.serial, "scrap", "", "印歪 · printed askew")]


async def test_by_keyboard_alone_labels_are_printed_and_a_bad_strip_is_settled(
    line: Line, service: ServiceDouble
) -> None:
    """From the order to the word that its strip did not come out, and on: no touch, no scanner."""
    service.parts.catalog.import_file(SAMPLE)
    await line.open("/console/print?style_no=YR2026-0801&size=175%2F92A")
    await line.press_by_key("#order [data-key=print]")
    await line.says("已下单 50 张")
    await line.press_by_key("#rail [href='/console/doubts']")
    await line.page.wait_for_url("**/console/doubts")
    await line.page.locator("#link.good").wait_for()
    await line.press_by_key("main summary")
    await line.press_by_key("main [data-key=none-found]")
    await line.says("4 张都没有找到，作废", "dialog[open]")
    await line.press_by_key("dialog [data-back]")
    assert [one[0] for one in service.orders] == ["submit"], "the way back comes first, and changes nothing"
    await line.press_by_key("main [data-key=none-found]")
    await line.says("4 张都没有找到，作废", "dialog[open]")
    await line.press_by_key("dialog [data-yes]")
    await line.says("已处理", "#toast")
    await line.press_by_key("#bar [data-key=pause]")
    await line.says("已暂停", "#toast")
    assert [one[0] for one in service.orders] == ["submit", "settle", "pause"]
    assert service.orders[1] == ("settle", "w1", None, "", "invalid")
