"""Somebody who works a page of the console by keyboard alone: Tab, Enter, Space, arrows and letters. Nothing is
clicked, and no script moves the focus: where the next key goes is where a person's would.

How far away something is, is read off the page, so that the keys come in one go; what the focus then is on is asked
again, and that it can be seen.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.kits.desk_kit import Window

_AWAY = """([selector, words]) => {
    const all = [...document.querySelectorAll(
        'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
        .filter((one) => !one.disabled && one.checkVisibility());
    const said = (one) => `${one.textContent} ${one.getAttribute('aria-label') || ''}`;
    const wanted = all.findIndex((one) => one.matches(selector) && said(one).includes(words));
    const active = document.activeElement;
    const before = active === document.body ? 0
        : all.filter((one) => one.compareDocumentPosition(active) & Node.DOCUMENT_POSITION_FOLLOWING).length;
    const on = all.indexOf(active);
    if (wanted < 0) return null;
    return on >= 0 ? wanted - on : wanted >= before ? wanted - before + 1 : wanted - before;
}"""
"""How many stops ahead (back, if negative) the first of those is that matches and says this; null: there is none."""

_SEEN = "getComputedStyle(document.activeElement).outlineStyle"
_FROM = "name => { const one = document.activeElement; return [one.tagName, one.type, one.value]; }"
_ARROWS = """words => {
    const { options, selectedIndex } = document.activeElement;
    return [...options].findIndex((one) => one.text.includes(words) || one.value === words) - selectedIndex;
}"""
_WHICH = """() => (innerWidth < 900 ? 'phone ' : 'desk ') + location.pathname.replace(/[^/]*[0-9][^/]*/g, '*') + ' '
    + [...document.querySelectorAll('main h2')].map((one) => one.textContent.replace(/[0-9,]+/g, '')).join(' ')"""
"""Which page it is at which size, whatever it is about: its address without names, and its headings."""
_TRIES = 20
"""A field of a date has several stops of its own."""


@dataclass
class Hands:
    """Hands on the keyboard of one window. `seen`: the pages that axe has looked at, with what it found."""

    window: Window
    name: str = ""
    seen: dict[str, list[str]] = field(default_factory=dict)
    keys: Any = None

    async def to(self, selector: str, words: str = "") -> None:
        """Tab to the first that matches and says this; by the link to the text where the page has just come."""
        page = self.window.page
        for _ in range(_TRIES):
            away = await page.evaluate(_AWAY, [selector, words])
            assert away is not None, f"{selector} {words}: not on {page.url}: {await page.inner_text('main')}"
            if away == 0:
                assert await page.evaluate(_SEEN) != "none", f"{selector} {words}: nobody sees that the focus is there"
                return
            if (
                away > 6
                and selector.startswith("main")
                and await page.evaluate("document.activeElement === document.body")
            ):
                await page.keyboard.press("Tab")
                await page.keyboard.press("Enter")
            else:
                await self._tab(away)
        raise AssertionError(f"no Tab leads to {selector} {words} on {page.url}")

    async def _tab(self, times: int) -> None:
        """Tab so many times, or with Shift if it is below none, as fast as a held key."""
        keys = await self._keys()
        key = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9, "modifiers": 0 if times > 0 else 8}
        strokes = [{"type": kind, **key} for _ in range(abs(times)) for kind in ("rawKeyDown", "keyUp")]
        await asyncio.gather(*(keys.send("Input.dispatchKeyEvent", one) for one in strokes))

    async def _keys(self) -> Any:
        if self.keys is None:
            self.keys = await self.window.context.new_cdp_session(self.window.page)
        return self.keys

    async def type(self, form: str = "", **fields: str) -> None:
        """Each field by its name: a text is typed over what is there, a choice is reached by arrows, a box by Space."""
        page = self.window.page
        for name, value in fields.items():
            await self.to(f"main {form} [name={name}]:not([type=hidden])")
            tag, kind, before = await page.evaluate(_FROM)
            if tag == "SELECT":
                away = await page.evaluate(_ARROWS, value)
                for _ in range(abs(away)):
                    await page.keyboard.press("ArrowDown" if away > 0 else "ArrowUp")
                continue
            if kind == "date":
                await self._date(value)
                continue
            if before:
                await page.keyboard.press("Control+A")
            await page.keyboard.insert_text(value)

    async def _date(self, day: str) -> None:
        """`2026-11-20`, in the order in which this browser asks for it."""
        page = self.window.page
        year, month, of_month = day.split("-")
        await page.keyboard.type(month + of_month + year)
        if await page.evaluate("document.activeElement.value") != day:
            for _ in range(2):
                await page.keyboard.press("Shift+Tab")
            await page.keyboard.type(year + "\t" + month + of_month)
        assert await page.evaluate("document.activeElement.value") == day

    async def tick(self, name: str, value: str) -> None:
        """Space on a box."""
        await self.to(f"main [name={name}][value='{value}']")
        await self.window.page.keyboard.press("Space")

    async def choose(self, name: str, file: Path) -> None:
        """Space on the field of a file, and the file in the system's own window."""
        async with self.window.page.expect_file_chooser() as chooser:  # whose window is caught from here on
            await self.to(f"main [name={name}]")
            await self.window.page.keyboard.press("Space")
        await (await chooser.value).set_files(file)

    async def press(self, words: str, of: str = "main :is(a, button)") -> None:
        """Enter on the first of those that says this, and the page that comes of it."""
        await self.to(of, words)
        await self.enter()

    async def enter(self) -> None:
        """Enter, and the page that comes of it."""
        async with self.window.page.expect_navigation(wait_until="load"):
            await self.window.page.keyboard.press("Enter")
        await self.look()

    async def unfold(self, words: str, of: str = "main summary") -> None:
        """Enter on what opens in place."""
        await self.to(of, words)
        await self.window.page.keyboard.press("Enter")

    async def go(self, name: str) -> None:
        """By the navigation: at a desk it is there, on a phone it is behind the menu."""
        if await self.phone():
            await self.unfold("菜单", "summary")
        await self.press(name, "nav a")

    async def phone(self) -> bool:
        """Whether the navigation is behind a menu here."""
        return bool(await self.window.page.evaluate("innerWidth < 900"))

    async def look(self) -> None:
        """The page as whoever cannot see it has it, each page once; and nothing wider than its window."""
        page = self.window.page
        wide = await self.window.wide()
        name = await page.evaluate(_WHICH)
        if name not in self.seen:
            self.seen[name] = [
                *await self.window.axe(frame=not self.seen),
                *([f"{wide} px too wide"] if wide > 0 else []),
            ]
            await self.window.photograph(f"{self.name}-{len(self.seen):02d}")

    async def says(self, *words: str) -> None:
        """All of these can be read in the page."""
        text = await self.window.page.inner_text("main")
        for one in words:
            assert one in text, f"{one}: expected on {self.window.page.url}, got {text}"
