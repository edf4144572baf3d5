"""The scan page on a phone: the verdict is what is seen first and biggest, whatever the label claims."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest_asyncio

from central_registry.config import RegistryConfig
from central_registry.consumer.beside import Beside
from central_registry.consumer.finding import Finding
from central_registry.consumer.notices import Notice
from central_registry.consumer.scan_page import ScanPage
from garment.certificate import Difference
from tests.kits.page_kit import a_browser, in_a_browser
from tests.kits.registry_kit import AT, sample_snapshot

pytestmark = in_a_browser

SNAPSHOT = sample_snapshot("down_graded")
CERTIFICATE = Beside(1, SNAPSHOT["lot"]["grade"]["scheme"], "示例检测中心", "R-1", date(2026, 11, 1), None)
REGISTERED = Finding(
    "registered", "PH17K3M9QX2W4T01B", "06901234567892", "L1", "ab" * 32, SNAPSHOT,
    code="registered", facts="confirmed", certificate=CERTIFICATE,
)  # fmt: skip
DIFFER = replace(
    REGISTERED,
    status="being_verified",
    reasons=("facts_differ",),
    facts="differ",
    differences=(Difference("grade", "AAAA", "AAA"), Difference("report", "一份很长的编号" * 6, "–")),
)
STATES = {
    "registered": REGISTERED,
    "declared": replace(REGISTERED, facts="declared", certificate=None),
    "differ": DIFFER,
    "not_allotted": replace(REGISTERED, status="being_verified", reasons=("not_allotted",), code="not_allotted"),
    "void": replace(REGISTERED, status="void"),
    "recalled": replace(REGISTERED, notice=Notice("recall", since=AT, reason="抽检不合格"), warnings=("recalled",)),
    "recall_pending": replace(REGISTERED, notice=Notice("recall", True, AT), warnings=("recall_pending",)),
    "suspended": replace(REGISTERED, notice=Notice("suspension", True, AT), warnings=("suspended",)),
    "test": replace(REGISTERED, warnings=("test",)),
}

SIZES = """() => Object.fromEntries(['h1', '.goods h2', '.grade strong', '.indicators b'].map((one) =>
    [one, parseFloat(getComputedStyle(document.querySelector(one)).fontSize)]))"""
LOUD = """() => getComputedStyle(document.querySelector('.grade strong')).color
    === getComputedStyle(document.querySelector('h1')).color"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phone() -> AsyncIterator[Any]:
    async with a_browser() as browser:
        yield await browser.new_page(viewport={"width": 390, "height": 844})


async def test_the_verdict_is_the_biggest_thing_and_a_grade_is_loud_only_where_registered(phone: Any) -> None:
    page = ScanPage(RegistryConfig())
    for name, finding in STATES.items():
        await phone.set_content(page.html(finding))
        sizes = await phone.evaluate(SIZES)
        assert max(sizes, key=sizes.get) == "h1", (name, sizes)
        assert await phone.evaluate(LOUD) == (finding.headline == "registered"), name
        assert await phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
        assert await phone.locator("h1").evaluate("(one) => one.getBoundingClientRect().bottom") < 200, name


async def test_paper_and_certificate_stand_beside_each_other_before_the_goods(phone: Any) -> None:
    await phone.set_content(ScanPage(RegistryConfig()).html(DIFFER))
    label, certificate = [await phone.locator(".beside tbody tr:first-child td").nth(n).bounding_box() for n in (0, 1)]
    assert label["y"] == certificate["y"]
    assert abs(label["width"] - certificate["width"]) < 1
    goods = await phone.locator(".goods").first.bounding_box()
    assert label["y"] < 600, "read without scrolling"
    assert label["y"] < goods["y"]
    header = await phone.locator("header").inner_text()
    assert header.index("标签上的部分信息与证书不同") < header.index("这不等于商品有问题"), (
        "why, and then what it means"
    )
    assert "标签所示" in await phone.locator(".grade .name").inner_text()
