"""One browser for all stories: each is a test with a loop of its own, and a browser belongs to the loop it was opened
in, so it lives in a thread beside them. What is looked at is the scan page on a phone and the console at a desk."""

from __future__ import annotations

import asyncio
import atexit
import functools
import threading
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page

from tests.kits.desk_kit import SIZES
from tests.kits.page_kit import CHROMIUM, a_browser

_WAIT_MS = 20_000


@dataclass(frozen=True)
class Sight:
    """What somebody sees: the page's text, and what is wrong with how it is shown."""

    text: str
    flaws: list[str]


@dataclass
class _Eyes:
    """`pages` by size, each kept from one look to the next."""

    loop: asyncio.AbstractEventLoop
    browser: Any = None
    pages: dict[str, Page] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    async def look(self, size: str, url: str, token: str) -> Sight:
        page = self.pages.get(size) or await self._page(size)
        await page.context.clear_cookies()
        if token:
            await page.context.add_cookies([{"name": "registry_session", "value": token, "url": url}])
        self.wrong.clear()
        answer = await page.goto(url)
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        flaws = [*self.wrong, *([f"{wide} px too wide"] if wide > 0 else [])]
        flaws += [f"status {answer.status}"] if answer is None or answer.status != 200 else []
        return Sight(await page.inner_text("body"), flaws)

    async def _page(self, size: str) -> Page:
        width, height = SIZES[size]
        context = await self.browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        page = self.pages[size] = await context.new_page()
        page.set_default_timeout(_WAIT_MS)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        return page


@functools.cache
def _eyes() -> _Eyes:
    eyes, ready, done = _Eyes(asyncio.new_event_loop()), threading.Event(), asyncio.Event()

    async def live() -> None:
        async with a_browser() as eyes.browser:
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: eyes.loop.run_until_complete(live()), daemon=True)
    thread.start()
    if not ready.wait(60):
        raise RuntimeError("browser: expected it within a minute, got none")

    def shut() -> None:
        eyes.loop.call_soon_threadsafe(done.set)
        thread.join(20)

    atexit.register(shut)
    return eyes


async def look(size: str, url: str, token: str = "") -> Sight | None:
    """Opens `url` in a window of that size, as the session of `token`. None where this machine has no browser."""
    if CHROMIUM is None:
        return None
    eyes = await asyncio.to_thread(_eyes)
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(eyes.look(size, url, token), eyes.loop))
