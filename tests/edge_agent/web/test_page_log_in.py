"""The operator's page of a site that asks its people, in a real browser: by scanner and on-screen pad, no keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from edge_agent.access.roles import Role
from edge_agent.ledger import Ledger
from tests.kits.page_kit import Desk, a_browser, a_page_of, in_a_browser
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
async def desk(browser: Any, site: Site) -> AsyncIterator[Desk]:
    async with a_page_of(browser, site.service) as found:
        yield found


async def _press(desk: Desk, pin: str) -> None:
    """Fingers on the pad; the same digit twice takes a moment, as it does a glove."""
    for number, one in enumerate(pin):
        if number and pin[number - 1] == one:
            await desk.page.wait_for_timeout(650)
        await desk.page.locator(f"#pin-pad button[data-key='{one}']").click()
    await desk.page.locator("#pin-pad button[data-key='yes']").click()


async def test_a_badge_logs_in_a_lead_enters_the_pin_and_the_next_badge_is_the_shift_change(
    desk: Desk, site: Site
) -> None:
    await desk.open(operator="A01")
    await desk.says("请扫工牌", "#desk")
    assert await desk.page.locator("#operator").is_hidden()
    await desk.scan(site.badges[Role.OPERATOR])
    await desk.says(NAMES[Role.OPERATOR], "#desk")
    await desk.scan(site.badges[Role.LEAD])
    await _press(desk, WRONG)
    await desk.says("还可以试 4 次", "#pin-told")
    await _press(desk, PIN)
    await desk.says(NAMES[Role.LEAD], "#desk")
    await desk.button("退出").click()
    await desk.says("请扫工牌", "#desk")
    assert desk.orders() == ["/session"] * 4 and desk.wrong == []


async def test_a_lead_allows_on_the_spot_what_the_operator_began(desk: Desk, site: Site) -> None:
    await site.service.parts.ledger.do(Ledger.place_hold, "counter_ahead", {})
    await desk.open()
    await desk.scan(site.badges[Role.OPERATOR])
    await desk.says(NAMES[Role.OPERATOR], "#desk")
    await desk.button("解除", "#holds").click()
    await desk.page.fill("#ask-reason", "换卷走纸")
    await desk.button("解除停发", "#ask").click()
    await desk.says("要班长同意", "#pin")
    await desk.scan(site.badges[Role.LEAD])
    await _press(desk, PIN)
    await desk.says("已记录")
    await desk.says(NAMES[Role.OPERATOR], "#desk")
    assert desk.orders()[1:] == ["/holds/counter_ahead/release", "/session/lead", "/holds/counter_ahead/release"]
    assert await site.service.site.holds() == () and desk.wrong == []


async def test_a_scan_without_a_badge_before_it_is_told_and_enters_nothing(desk: Desk) -> None:
    await desk.open()
    await desk.says("请扫工牌", "#desk")
    await desk.scan("https://ID.EXAMPLE.CN/01/06901234567892/10/L1/21/PH17K3M9QX2W4T2B8")
    await desk.says("请先扫工牌登录", "#told")
    assert desk.orders() == []
