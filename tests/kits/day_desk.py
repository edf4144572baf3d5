"""Whoever stands at the line: a finger, a scanner, and eyes. No keyboard, and no mouse.

Each stop of the day is looked at as people see it, at every size that the console is made for, and by axe; what it says
is kept, so that the operator's own page (docs/operator.md) can be held against it. `UPDATE_DOCS=1` keeps its pictures.
"""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser

from tests.kits.console_kit import SIZES, Line, Size

PICTURES = Path(__file__).parents[2] / "docs" / "images" / "operator"
UPDATE = bool(os.environ.get("UPDATE_DOCS"))
COLOURS = 160
"""Chosen by cover: a median cut would drop the red and the yellow, of which a page has little."""
REPEAT_S, NEAR_PX = 0.65, 48
"""Two presses within 600 ms at one place are one press to the page (`presses.js`): a hand waits, too."""

WORDS = """() => {
    const said = 'button, .button, a, summary, label, legend, h1, h2, strong, b, .pill, .banner p, .table-said, .chip,'
        + '#toast > span, .consequence, .todo, .state, th, .scan-told .why';
    return [...document.querySelectorAll(said)].map((one) => {
        const copy = one.cloneNode(true);
        for (const small of copy.querySelectorAll('small')) small.remove();
        return copy.textContent.replace(/\\s+/g, ' ').trim();
    });
}"""
"""What can be read and pressed, without the English beside it."""
IN_SIGHT = ("#bar .count", "#bar [data-key=stop]")


@dataclass
class Stander(Line):
    """A desk with a touch screen. `words`: all that its pages said; `pictures`: those of the operator's page;
    `flaws`: what was wrong with the looks of a stop; `presses`: how often a finger came down, `scans`: a scanner."""

    size: Size = SIZES["1366x768"]
    words: set[str] = field(default_factory=set)
    pictures: set[str] = field(default_factory=set)
    flaws: dict[str, list[Any]] = field(default_factory=dict)
    stops: set[str] = field(default_factory=set)
    presses: int = 0
    scans: int = 0
    _last: tuple[float, float, float] = (-9.0, 0.0, 0.0)

    async def press(self, what: str, at: str = "", to: str = "") -> None:
        """A finger comes down on the first thing that is called so, by its Chinese words or by a selector; `to`: the
        end of the address where it leads."""
        named = not re.match(r"[#.\[a-z]", what)
        found = self.page.locator(f"{at} :is(button, a, summary, label):visible" if named else what)
        found = (found.filter(has_text=what) if named else found).first
        await found.scroll_into_view_if_needed()
        box = await found.bounding_box()
        assert box is not None
        await self._hear()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        when, *before = self._last
        if abs(x - before[0]) <= NEAR_PX and abs(y - before[1]) <= NEAR_PX:
            await self.page.wait_for_timeout(max(0.0, REPEAT_S - time.monotonic() + when) * 1000)
        await found.tap()
        self.presses, self._last = self.presses + 1, (time.monotonic(), x, y)
        if to:
            await self.page.wait_for_url(f"**{to}")
            await self.page.locator("#link.good").wait_for()

    async def says(self, words: str, at: str = "body") -> None:
        """Wait until these words can be read, however long a busy machine takes to print."""
        await self.page.locator(at).filter(has_text=words).first.wait_for()

    async def turn_to(self, page: str, to: str) -> None:
        """To another page, by the rail; where there is no room for it, by the menu."""
        beside = await self.page.locator("#rail").is_visible()
        if not beside:
            await self.press("#menu > summary")
        await self.press(page, "#rail" if beside else "#menu nav", to)

    async def read(self, text: str) -> None:
        """The scanner reads a code; its keys are as far apart as a good one's, behind its prefix."""
        self.scans += 1
        await self.scan(text, prefix="F8")

    async def pin(self, digits: str) -> None:
        """On the pad."""
        for one in digits:
            await self.press(f"dialog [data-digit='{one}']")

    async def hears(self, words: str, look: str = "good") -> None:
        """Wait for what came of a scan, with its colour."""
        await self.says(words, f"#scan-told.{look}")
        await self._hear()

    async def look(self, name: str, picture: str = "") -> None:
        """A stop: seen at every size, by axe, and read. `picture`: what it is called in docs/images/operator/."""
        await self.rest()
        await self.page.locator("[aria-busy=true]").first.wait_for(state="detached")  # faint while it is at work
        self.stops.add(name)
        await self._hear()
        if picture:
            await self._picture(picture)
        flaws: list[Any] = await self.axe()
        flaws += await self._measures(self.size)
        if flaws:
            self.flaws[name] = flaws

    async def looks(self, name: str, picture: str = "") -> None:
        """A stop as `look`, and at the other sizes as well."""
        await self.look(name, picture)
        for at, size in SIZES.items():
            if size != self.size:
                await self.page.set_viewport_size({"width": size.width, "height": size.height})
                if found := await self._measures(size):
                    self.flaws[f"{name} {at}"] = found
                await self.photograph(f"day {name} {at}")
        await self.page.set_viewport_size({"width": self.size.width, "height": self.size.height})

    async def _hear(self) -> None:
        self.words |= set(await self.page.evaluate(WORDS))

    async def _measures(self, size: Size) -> list[Any]:
        flaws = [*await self.too_small(), *await self.too_close()]
        flaws += [f"{wide} px too wide"] if (wide := await self.wide()) > 0 else []
        if await self.page.locator("#bar .count").count() and not await self.page.locator("dialog[open]").count():
            flaws += [f"out of sight: {one}" for one in IN_SIGHT if not await self.in_sight(one)]
        return flaws

    async def _picture(self, name: str) -> None:
        self.pictures.add(f"{name}.png")
        if not UPDATE or self.size != SIZES["1366x768"]:
            return
        PICTURES.mkdir(parents=True, exist_ok=True)
        with Image.open(io.BytesIO(await self.page.screenshot())) as shot:
            small = shot.convert("RGB").resize((shot.width * 2 // 3, shot.height * 2 // 3), Image.Resampling.LANCZOS)
            few = small.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
            few.save(PICTURES / f"{name}.png", optimize=True)


@asynccontextmanager
async def a_stander(browser: Browser, address: str, size: Size = SIZES["1366x768"]) -> AsyncIterator[Stander]:
    """Somebody at a screen that is touched, in front of the page at this address."""
    context = await browser.new_context(
        viewport={"width": size.width, "height": size.height},
        device_scale_factor=size.scale,
        has_touch=True,
        locale="zh-CN",
        reduced_motion="reduce",
    )
    stander = Stander(await context.new_page(), None, address, size=size)
    stander.page.set_default_timeout(20_000)
    stander.page.on("request", lambda one: stander.sent.append(one))
    stander.page.on("pageerror", lambda error: stander.wrong.append(str(error)))
    yield stander
    await context.close()
