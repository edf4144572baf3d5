"""A page in a real browser: Debian's Chromium, driven by Playwright over a real server.

Keys come at the speed of a scanner (each with its own time stamp, so that a busy machine types no slower), presses
last as long as those of a hand in a glove, and no test waits for a time when it can wait for what it wants to see.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.async_api import Browser, Page, Request, async_playwright

from tests.kits.web_double import JOB, LABEL

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--in-process-gpu",
    "--disable-lcd-text",
    "--disable-features=SpareRendererForSitePerProcess,PaintHolding",
)
"""The last three take a third off what a page costs: no process beside the one that draws, none kept for later."""
in_a_browser = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        CHROMIUM is None, reason="found no Chromium on this machine; install the package chromium to run these tests"
    ),
]
"""What a module of browser tests marks itself with; the only reason to skip one is that there is no browser."""

SAMPLE = Path(__file__).parents[2] / "edge_agent" / "demo" / "samples" / "down_graded.json"
LINK = f"https://ID.EXAMPLE.CN/01/{JOB.gtin}/10/L1/21/{LABEL.serial}"
SCANNER_MS = 5
"""A scanner that plays a keyboard sends a key about every 5 ms, and Enter at the end."""


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    """One browser; its pages come and go with the tests."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@dataclass
class Desk:
    """A page, the service behind it, every request that the page sent and every error of its scripts. A `dead` agent
    answers nothing; `lose_answers` is how many orders get none."""

    page: Page
    service: Any
    address: str
    sent: list[Request] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    dead: bool = False
    lose_answers: int = 0

    def orders(self) -> list[str]:
        """Every path that was posted to, oldest first."""
        return [urlsplit(one.url).path for one in self.sent if one.method == "POST"]

    def scanned(self) -> list[str]:
        """Every text that was sent as a scan, oldest first."""
        sent = [one for one in self.sent if one.method == "POST" and one.url.endswith("/console/scan")]
        return [dict(parse_qsl(one.post_data or ""))["text"] for one in sent]

    async def scan(
        self,
        text: str,
        *,
        gap_ms: int = SCANNER_MS,
        end: str = "Enter",
        by_method: bool = False,
        prefix: str = "",
        typed: Callable[[str], str] = str,
    ) -> None:
        """A scanner reads `text` out as keys of a US keyboard, wherever the focus is. `by_method`: into a Chinese input
        method; `prefix`: the key before it; `typed`: what the computer makes of each character."""
        keys = await self.page.context.new_cdp_session(self.page)
        at_s, half_s = time.time(), gap_ms / 2000
        strokes = []
        for n, name in enumerate([*([prefix] if prefix else []), *text, *([end] if end else [])]):
            for kind, when_s in (("keyDown", at_s + 2 * n * half_s), ("keyUp", at_s + (2 * n + 1) * half_s)):
                strokes.append(
                    {"type": kind, "timestamp": when_s, **(_method(name) if by_method else _key(name, typed))}
                )
        await asyncio.gather(*(keys.send("Input.dispatchKeyEvent", stroke) for stroke in strokes))
        await keys.detach()

    async def rest(self) -> None:
        """Until the page has done what it was about to do: answers on their way, timers of a scan, two frames."""
        await self.page.evaluate(
            "() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => done()), 200))"
        )

    async def says(self, words: str, at: str = "body") -> None:
        """Wait until these words can be read."""
        await self.page.locator(at).filter(has_text=words).first.wait_for(timeout=20_000)

    async def middle_of(self, selector: str) -> tuple[float, float]:
        """Where a finger goes to press it."""
        box = await self.page.locator(selector).first.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _key(name: str, typed: Callable[[str], str] = str) -> dict[str, Any]:
    if len(name) > 1:
        codes = {"Enter": (13, "\r"), "Tab": (9, ""), "F8": (119, ""), "F9": (120, "")}
        code, text = codes[name]
        return {"key": name, "code": name, "windowsVirtualKeyCode": code} | ({"text": text} if text else {})
    made = typed(name)
    if name.isdigit():
        return {"key": made, "code": f"Digit{name}", "text": made, "windowsVirtualKeyCode": ord(name)}
    places = {
        "/": ("Slash", 191),
        ":": ("Semicolon", 186),
        ".": ("Period", 190),
        "-": ("Minus", 189),
        "~": ("Backquote", 192),
        "&": ("Digit7", 55),
        ">": ("Period", 190),
    }
    code, number = places.get(name) or (f"Key{name.upper()}", ord(name.upper()))
    shift = {"modifiers": 8} if name.isupper() or name in ":~&>" else {}
    return {"key": made, "code": code, "text": made, "windowsVirtualKeyCode": number} | shift


def _method(name: str) -> dict[str, Any]:
    """The key as a page hears it while an input method composes."""
    return {one: value for one, value in _key(name).items() if one != "text"} | {
        "key": "Process",
        "windowsVirtualKeyCode": 229,
    }


def serial_of(number: int) -> str:
    """The serial of a label on a strip of several."""
    return f"PH17K3M9QX2W4T{number:02d}B"


def link_of(serial: str) -> str:
    """What a scanner reads off that label."""
    return LINK.replace(LABEL.serial, serial)
