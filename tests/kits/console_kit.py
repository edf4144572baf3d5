"""The line's console in a real browser: at the sizes that it is made for, over the double of the web tests.

What a person needs is asked of the page as it is drawn: whether it is in sight, large enough for a glove, apart from
what is beside it, readable, and free of what axe finds. `CONSOLE_PICTURES=FOLDER` keeps the photographs.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Route

from edge_agent.web.api import build_web
from tests.kits.page_kit import Desk
from tests.kits.web_double import JOB, ServiceDouble

AXE = Path(__file__).parents[1] / "axe" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = os.environ.get("CONSOLE_PICTURES", "")


STYLE = "/console/print?style_no=YR2026-0801&size=175%2F92A"
"""The form of the sample's style."""

ANSWERED = re.compile(r"/console/(?!static/)")
"""What an agent that is away does not answer: its files were there before."""


class Size(NamedTuple):
    """A window in CSS pixels, and how many pixels of the screen each has."""

    width: int
    height: int
    scale: float = 1.0


SIZES = {"1366x768": Size(1366, 768), "1024x768 at 150 %": Size(683, 512, 1.5), "1920x1080": Size(1920, 1080)}

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"color-contrast-enhanced": {"enabled": True}, "color-contrast": {"enabled": False}},
    "resultTypes": ["violations"],
    "preload": False,
    "iframes": False,
}
"""Contrast of 7 : 1 is asked for, which is AAA."""

IN_SIGHT = """(node) => {
    const box = node.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
    const whole = box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
    return whole && node.contains(document.elementFromPoint(x, y));
}"""

PRESSED = (
    "button:not(.sr), a.button, .chip, summary, #rail a, .options label, .tick, "
    "input:not([type=checkbox], [type=radio])"
)
SMALL = """(selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility())
    .map((one) => [one.textContent.trim().slice(0, 20) || one.name || one.id, one.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.width < 55.5 || box.height < 55.5))
    .map(([name, box]) => `${name}: ${Math.round(box.width)}x${Math.round(box.height)}`)"""
CLOSE = """(selector) => {
    const seen = (one) => one.checkVisibility() && one.getBoundingClientRect().width;
    const all = [...document.querySelectorAll(selector)].filter(seen), found = [];
    const gap = (a, b) => Math.max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom);
    const layer = (one) => one.closest('.order-foot, #work, #top, #scan-place, #foot');
    const name = (one) => one.textContent.trim() || one.name;
    for (const [n, one] of all.entries()) for (const other of all.slice(n + 1)) {
        if (one.contains(other) || other.contains(one) || layer(one) !== layer(other)) continue;
        const apart = gap(one.getBoundingClientRect(), other.getBoundingClientRect());
        if (apart < 11.5) found.push(`${name(one)} | ${name(other)}: ${Math.round(apart)}`);
    }
    return found;
}"""
"""Pairs that a finger may hit together; what scrolls beneath another part of the page is not beside it."""


@dataclass
class Line(Desk):
    """A desk on the line, at one of the pages of the console."""

    async def open(self, path: str = "/console/now") -> None:
        """Open a page; wait until its scripts have taken over."""
        await self.page.goto(self.address.rstrip("/") + path)
        await self.page.locator("#link.good").wait_for()
        self.sent.clear()

    def console_posts(self, path: str) -> list[str]:
        """The bodies that were sent to an order of the console, oldest first."""
        return [one.post_data or "" for one in self.sent if one.method == "POST" and one.url.endswith(path)]

    async def refresh(self) -> None:
        """Something changed on the floor; wait until the page has asked for it and shown it."""
        async with self.page.expect_response(
            lambda answer: "/console/" in answer.url and answer.request.method == "GET"
        ):
            self.service.parts.changes.tell()
        await self.rest()

    async def tab_to(self, selector: str) -> None:
        """Press Tab until it has the focus; it must show that it has. Raises AssertionError: no Tab leads there."""
        for _ in range(100):
            await self.page.keyboard.press("Tab")
            if await self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                assert await self.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
                return
        raise AssertionError(f"no Tab leads to {selector}")

    async def press_by_key(self, selector: str) -> None:
        """Tab there, and Enter."""
        await self.tab_to(selector)
        await self.page.keyboard.press("Enter")

    async def wide(self) -> int:
        """How many pixels the page is wider than its window."""
        return int(await self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    async def in_sight(self, selector: str) -> bool:
        """Whether the first one is whole in the window and nothing lies over it."""
        return bool(await self.page.locator(selector).first.evaluate(IN_SIGHT))

    async def too_small(self) -> list[str]:
        """What a glove would miss."""
        return list(await self.page.evaluate(SMALL, PRESSED))

    async def too_close(self) -> list[str]:
        """What a glove would press together with something else."""
        return list(await self.page.evaluate(CLOSE, PRESSED))

    async def axe(self) -> list[str]:
        """What axe finds, one line each."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(AXE.read_text("utf-8"))
        found = await self.page.evaluate("rules => axe.run(document, rules)", RULES)
        return [f"{one['id']} {len(one['nodes'])}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]

    async def photograph(self, name: str) -> None:
        """Keeps a picture where somebody asked for them."""
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=Path(PICTURES) / f"{name.replace('/', '-').replace(' ', '')}.png")


@asynccontextmanager
async def a_line(
    browser: Browser, service: Any, size: Size = SIZES["1366x768"], *, scripts: bool = True
) -> AsyncIterator[Line]:
    """A window of the console over a service."""
    async with TestServer(build_web(service)) as server:
        context = await browser.new_context(
            viewport={"width": size.width, "height": size.height},
            device_scale_factor=size.scale,
            locale="zh-CN",
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        line = Line(await context.new_page(), service, str(server.make_url("/")))
        line.page.set_default_timeout(20_000)
        line.page.on("request", lambda one: line.sent.append(one))
        line.page.on("pageerror", lambda error: line.wrong.append(str(error)))
        await context.route(ANSWERED, _unless_dead(line))
        yield line
        await context.close()


def _unless_dead(line: Line) -> Any:
    async def answer(route: Route) -> None:
        if line.dead or (route.request.method == "POST" and line.lose_answers > 0):
            line.lose_answers -= not line.dead
            await route.abort()
        else:
            await route.continue_()

    return answer


def with_jobs(service: ServiceDouble, count: int) -> None:
    """So many jobs, the newest first; all but the last are over."""
    over = {"state": "done", "printed": 10, "in_doubt": 0, "drawn": 10}
    rows = {f"j{n}": replace(JOB, job_id=f"j{n}", **(over if n > 1 else {})) for n in range(1, count + 1)}
    service.jobs.found = rows
