"""The page where a scanner is tried: good, or the first thing that is not as it should be. What is scanned there goes
nowhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from edge_agent.model.scan import ScannerTerms
from edge_agent.scanners.makes import MAKES, TEST_CODE
from tests.kits.console_kit import SIZES, Line, a_line
from tests.kits.page_kit import a_browser, in_a_browser
from tests.kits.web_double import ServiceDouble
from tests.label_protocol.test_scanned import typed_on

pytestmark = in_a_browser
PATH = "/console/scanner"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def line(browser: Any, tmp_path: Path) -> AsyncIterator[Line]:
    async with a_line(browser, ServiceDouble(tmp_path)) as found:
        yield found


async def tried(line: Line, text: str = TEST_CODE, **how: Any) -> str:
    """What the page says of a scan: its look, and its words."""
    await line.page.locator("#measured").evaluate("one => { one.className = ''; }")
    await line.scan(text, **how)
    await line.page.locator("#measured.scan-told").wait_for()
    look = await line.page.locator("#measured").get_attribute("class") or ""
    words = [await one.inner_text() for one in await line.page.locator("#measured > :not([aria-hidden])").all()]
    return " ".join([look.split()[-1], *words])


async def test_without_a_prefix_its_speed_is_judged_and_a_limit_proposed(line: Line) -> None:
    await line.open(PATH)
    assert (await tried(line)).startswith("good 好，这把枪设好了")
    assert (await tried(line, typed=str.swapcase)).startswith("good"), "caps lock of the computer changes nothing"
    assert (await tried(line, gap_ms=44)).startswith("attention 能读，但是慢")
    assert "key_interval_ms = 70" in await line.page.inner_text("#measured")
    assert "44 44" in await line.page.inner_text("#measures")
    assert (await tried(line, "0012")).startswith("attention 这是别的码，4 个字")
    assert "shortest = 4" in await line.page.inner_text("#measured")
    assert line.console_posts("/console/scan") == [] and line.orders() == [] and line.wrong == []


async def test_the_first_thing_that_is_wrong_is_said_with_what_to_do(line: Line) -> None:
    await line.open(PATH)
    told = {
        "没有发回车": await tried(line, end=""),
        "大小写反了": await tried(line, TEST_CODE.swapcase()),
        "大小写变了": await tried(line, TEST_CODE.upper()),
        "字变了": await tried(line, typed_on(0, TEST_CODE, 3)),
    }
    assert all(said.startswith(f"stop 不好：{words}") for words, said in told.items()), told


async def test_with_a_prefix_it_has_to_come_and_speed_does_not_matter(line: Line) -> None:
    line.service.parts.scanner = ScannerTerms("F8")
    await line.open(PATH)
    assert (await tried(line)).startswith("stop 不好：没有发前缀 F8")
    assert (await tried(line, prefix="F8", gap_ms=60)).startswith("good")


async def test_the_page_tells_every_make_and_keeps_what_was_measured(line: Line) -> None:
    await line.open(PATH)
    shown = await line.page.inner_text("main")
    assert all(make.zh in shown and make.source in shown for make in MAKES)
    await tried(line)
    await line.refresh()
    assert "好，这把枪设好了" in await line.page.inner_text("#measured.good")
    await line.photograph("scanner")
    pdf = await line.page.context.request.get(f"{line.address}api/v1/scanner/page")
    assert (await pdf.body()).startswith(b"%PDF")


async def test_its_sounds_are_pressed_by_touch_and_keyboard(browser: Any, tmp_path: Path) -> None:
    async with a_line(browser, ServiceDouble(tmp_path), SIZES["1024x768 at 150 %"]) as line:
        await line.page.add_init_script("window.shaken = []; navigator.vibrate = (one) => window.shaken.push(one);")
        await line.open(PATH)
        for kind in ("good", "bad", "look"):
            await line.page.click(f"[data-sound={kind}]")
        await line.page.focus("[data-sound=bad]")
        await line.page.keyboard.press("Space")
        assert len(await line.page.evaluate("window.shaken")) >= 3
        assert await line.wide() == 0 and await line.too_small() == []
