"""The whole first start in a real browser, on a small screen at 150 %, by keyboard alone: a printer is found, asked who
it is, and prints; the first lead has a badge. Only the printer is none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from edge_agent.access.store import PeopleStore
from edge_agent.config import AgentConfig, load_config
from edge_agent.ops.setup import write
from edge_agent.ops.setup.answers import reference_text
from edge_agent.printers import discovery
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from edge_agent.web.setup.draft import Draft
from edge_agent.web.setup.site import Site
from tests.kits.console_kit import SIZES, Line
from tests.kits.page_kit import a_browser, in_a_browser

pytestmark = in_a_browser

FOCUSED = "() => document.activeElement.name || document.activeElement.textContent.trim()"


@asynccontextmanager
async def a_printer(tape: Path) -> AsyncIterator[VirtualPrinter]:
    printer = VirtualPrinter(VirtualPrinterOptions(tape=tape, speed_ips=14.0))
    await printer.start()
    try:
        yield printer
    finally:
        await printer.stop()


def free_port() -> int:
    """For the agent that prints the test label: the usual one may be somebody's."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def to(page: Page, what: str) -> None:
    """Tab until it has the focus: what cannot be reached so is not there for many."""
    for _ in range(40):
        if str(await page.evaluate(FOCUSED)).startswith(what):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{what}: no Tab leads there")


async def type_into(page: Page, name: str, text: str) -> None:
    await to(page, name)
    await page.keyboard.press("Control+A")
    await page.keyboard.type(text)


async def press(page: Page, what: str, key: str = "Enter") -> None:
    await to(page, what)
    await page.keyboard.press(key)


async def looked_at(line: Line, title: str) -> None:
    """The page is there; a glove hits what it means, nothing is wider than the window, and axe finds nothing."""
    await expect(line.page.locator("h1")).to_be_visible()
    await expect(line.page.locator("h1")).to_contain_text(title)
    await line.photograph(f"setup {title}")
    assert await line.axe() == []
    assert (await line.too_small(), await line.too_close()) == ([], [])
    assert await line.page.locator("#work").evaluate("one => one.scrollWidth - one.clientWidth") == 0
    assert await line.in_sight("#bar .main")


@pytest.mark.costly
async def test_a_first_start_from_the_address_to_the_badge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, size = tmp_path / "agent.toml", SIZES["1024x768 at 150 %"]
    draft = Draft(path, AgentConfig(), True, False, str(tmp_path / "data"))
    site: Any = Site(draft, change=False)
    async with a_printer(tmp_path / "tape") as printer, a_browser() as browser, TestServer(site.app()) as server:
        monkeypatch.setattr(discovery, "here", list)
        reference = reference_text().replace("port = 8631", f"port = {free_port()}")
        monkeypatch.setattr(write, "reference_text", lambda: reference)
        monkeypatch.setattr(discovery, "scan", partial(discovery.scan, port=printer.port))
        view = {"width": size.width, "height": size.height}
        page = await browser.new_page(viewport=view, device_scale_factor=size.scale, locale="zh-CN")  # type: ignore[arg-type]
        line = Line(page, site, str(server.make_url("/")))
        await page.goto(str(server.make_url(f"/enter/{site.gate.code}")))

        await looked_at(line, "工厂")
        await type_into(page, "site", "示例一厂")
        await press(page, "下一步")
        await looked_at(line, "打印机")
        await type_into(page, "network", "127.0.0.1")
        await press(page, "找打印机")
        await expect(page.locator("fieldset").first).to_contain_text(str(printer.port))
        await looked_at(line, "打印机")
        await type_into(page, "name-0", "一号机")
        await press(page, "下一步")
        await looked_at(line, "平台")
        await press(page, "下一步")
        await looked_at(line, "班长和服务")
        await type_into(page, "lead", "示例甲")
        await type_into(page, "pin", "12")
        await press(page, "下一步")
        await expect(page.locator(".errors")).to_contain_text("新 PIN 要")
        await looked_at(line, "班长和服务")
        await type_into(page, "pin", "271828")
        await press(page, "下一步")
        await looked_at(line, "核对")
        await press(page, "写好并开始")
        await expect(page.locator("[role=status]")).to_contain_text("都做好了", timeout=180_000)
        await looked_at(line, "完成")
        assert await page.locator("img").evaluate("one => one.naturalWidth > 100"), "the badge is in sight"
        await press(page, "结束")
        async with asyncio.timeout(30):
            await site.ended.wait()
    config = load_config(path)
    assert [(one.name, one.profile) for one in config.printers] == [("一号机", "zpl-unknown")], (
        "its language, no model of ours"
    )
    assert len(list((tmp_path / "tape").glob("*.png"))) == 1, "one test label"
    (lead,) = PeopleStore(config.people_path).people()
    assert lead.name == "示例甲" and lead.has_badge
