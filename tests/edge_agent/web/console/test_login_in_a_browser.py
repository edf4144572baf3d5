"""The console of a site that asks its people, in a real browser: by scanner and on-screen pad, no keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from edge_agent.access.roles import Role
from edge_agent.ledger import Ledger
from tests.kits.console_kit import Line, a_line
from tests.kits.page_kit import LINK, a_browser, in_a_browser
from tests.kits.people_kit import NAMES, PIN, WRONG, Site, a_site

pytestmark = in_a_browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with a_site(tmp_path) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def line(browser: Any, site: Site) -> AsyncIterator[Line]:
    async with a_line(browser, site.service) as found:
        yield found


async def _press(line: Line, pin: str) -> None:
    """Fingers on the pad; the same digit twice in one place is no slip."""
    for one in pin:
        await line.page.click(f"dialog [data-digit='{one}']")
    await line.page.click("dialog [name=answer][value=yes]")


async def test_a_badge_logs_in_a_lead_enters_the_pin_and_the_next_badge_is_the_shift_change(
    line: Line, site: Site
) -> None:
    await line.open()
    await line.says("请刷工牌", "#who > summary")
    await line.scan(site.badges[Role.OPERATOR])
    await line.says(NAMES[Role.OPERATOR], "#who > summary")
    await line.scan(site.badges[Role.LEAD])
    await line.page.locator("dialog[open] #pin").wait_for()
    await _press(line, WRONG)
    await line.says("还可以试 4 次", "dialog[open]")
    await line.page.wait_for_timeout(650)
    await _press(line, PIN)
    await line.says(NAMES[Role.LEAD], "#who > summary")
    await line.page.click("#who > summary")
    await line.page.click("#who form[action$=logout] button")
    await line.says("请刷工牌", "#who > summary")
    asked = ["/console/scan"] * 2 + ["/console/login"] * 2 + ["/console/logout"]
    assert line.orders() == asked and line.wrong == []
    assert not any("BADGE" in one.url for one in line.sent), "a badge is never part of an address"


async def test_a_lead_allows_on_the_spot_what_the_operator_began(line: Line, site: Site) -> None:
    """What was asked and answered before goes on by itself; a label is no badge, whatever is asked for."""
    await site.service.parts.ledger.do(Ledger.place_hold, "counter_ahead", {})
    await line.open()
    await line.scan(site.badges[Role.OPERATOR])
    await line.says(NAMES[Role.OPERATOR], "#who > summary")
    await line.page.click("#banners a[href*=release]")
    await line.page.locator("dialog[open] [name=other]").fill("换卷走纸")
    await line.page.click("dialog [data-yes]")
    await line.says("要班长同意", "dialog[open]")
    await line.scan(LINK)
    await line.says("刚扫的这张还没有登记", "dialog[open]")
    assert await line.page.input_value("#pin-badge") == ""
    await line.scan(site.badges[Role.LEAD])
    await _press(line, PIN)
    await line.says("已解除", "#toast")
    await line.says(NAMES[Role.OPERATOR], "#who > summary")
    release = "/console/holds/counter_ahead/release"
    assert line.orders()[1:] == [release, "/console/lead", release]
    assert await site.service.site.holds() == () and line.wrong == []
    assert await line.page.locator("dialog[open]").count() == 0


async def test_what_was_refused_to_nobody_is_not_said_to_whoever_came(line: Line, site: Site) -> None:
    await line.open("/console/printers")
    await line.page.locator("main form button", has_text="打测试签").first.click()
    await line.says("请先扫工牌登录", "#toast")
    await line.scan(site.badges[Role.OPERATOR])
    await line.says(NAMES[Role.OPERATOR], "#who > summary")
    assert await line.page.is_hidden("#toast")


async def test_a_scan_without_a_badge_before_it_is_told_and_enters_nothing(line: Line) -> None:
    await line.open()
    await line.scan("https://ID.EXAMPLE.CN/01/06901234567892/10/L1/21/PH17K3M9QX2W4T2B8")
    await line.page.locator("#scan-told.stop").wait_for()
    assert "请先扫工牌登录" in await line.page.inner_text("#scan-told")
