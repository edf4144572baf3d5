"""The operator's page in a real browser: Debian's Chromium, driven by Playwright over a real server.

The server is `web_double` with its real catalogue; what a test needs besides is laid over single answers of the API.
Keys come at the speed of a scanner (each with its own time stamp, so that a busy machine types no slower), presses
last as long as those of a hand in a glove, and no test waits for a time when it can wait for what it wants to see.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, Request, Route, async_playwright

from edge_agent.web.api import build_web
from edge_agent.web.routes import API
from tests.kits.web_double import JOB, LABEL, ServiceDouble

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
)
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
    """A page, the service behind it, every request that the page sent and every error of its scripts.

    `answers` stand for those of the API, by path; `refused` are problems that orders run into. Without `takes_orders`
    every order is answered by `answers` or an empty list of labels. A `dead` agent answers nothing; `lose_answers` is
    how many orders get none.
    """

    page: Page
    service: Any
    address: str
    answers: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    sent: list[Request] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    takes_orders: bool = True
    dead: bool = False
    lose_answers: int = 0

    async def open(self, operator: str = "A01") -> None:
        """Open the page anew; wait until its cards and its form are filled."""
        await self.page.add_init_script(f"localStorage.setItem('operator', {json.dumps(operator)})")
        await self.page.goto(self.address)
        await self.page.locator("#link.good").wait_for()
        await self.page.locator("#template option").first.wait_for(state="attached")
        self.sent.clear()

    def posts(self, path: str) -> list[dict[str, Any]]:
        """The bodies that were sent to a path of the API, oldest first."""
        wanted = [one for one in self.sent if one.method == "POST" and one.url.endswith(API + path)]
        return [json.loads(one.post_data or "{}") for one in wanted]

    def orders(self) -> list[str]:
        """Every path that was posted to."""
        return [one.url.partition(API)[2] for one in self.sent if one.method == "POST"]

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

    async def refresh(self) -> None:
        """Something changed on the floor; wait until the page has asked for it and shown it."""
        async with self.page.expect_response(lambda answer: "/jobs?" in answer.url):
            self.service.parts.changes.tell()
        await self.rest()

    async def rest(self) -> None:
        """Until the page has done what it was about to do: answers on their way, timers of a scan, two frames."""
        await self.page.evaluate(
            "() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => done()), 200))"
        )

    async def told(self) -> str:
        """Everything that the page says of scans and orders now."""
        return " ".join(await self.page.locator("#told, #toast").all_inner_texts())

    async def says(self, words: str, at: str = "body") -> None:
        """Wait until these words can be read."""
        await self.page.locator(at).filter(has_text=words).first.wait_for(timeout=5000)

    async def answered(self) -> None:
        """Wait until no question is open."""
        await self.page.locator("dialog[open]").wait_for(state="hidden")
        await self.rest()

    async def middle_of(self, words: str) -> tuple[float, float]:
        """Where a finger goes to press this button: it is scrolled to the middle of the window first."""
        found = self.button(words)
        await found.evaluate("node => node.scrollIntoView({ block: 'center' })")
        box = await found.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def button(self, words: str, at: str = "body") -> Any:
        """The first button that begins with these words."""
        return self.page.locator(f"{at} button:visible").filter(has_text=words).first


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


@asynccontextmanager
async def a_desk(browser: Browser, folder: Path) -> AsyncIterator[Desk]:
    """The page over a service with one style, and with labels that fit it."""
    service = ServiceDouble(folder)
    service.parts.catalog.import_file(SAMPLE)
    async with a_page_of(browser, service) as desk:
        desk.answers["/fitting"] = {"templates": ["down_grade_60x40", "wash_care_30"], "refused": {}}
        desk.answers["/warnings"] = {"warnings": []}
        yield desk


@asynccontextmanager
async def a_page_of(browser: Browser, service: Any) -> AsyncIterator[Desk]:
    """The page of any service, the real one too."""
    async with TestServer(build_web(service)) as server:
        context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        desk = Desk(await context.new_page(), service, str(server.make_url("/")))
        desk.page.set_default_timeout(5000)
        desk.page.on("request", lambda one: desk.sent.append(one))
        desk.page.on("pageerror", lambda error: desk.wrong.append(str(error)))
        await context.route(f"**{API}/**", _lay_over(desk))
        yield desk
        await context.close()


def _lay_over(desk: Desk) -> Any:
    async def answer(route: Route) -> None:
        path, _, query = route.request.url.partition(API)[2].partition("?")
        if desk.dead or (route.request.method == "POST" and desk.lose_answers > 0):
            desk.lose_answers -= 1
            await route.abort()
        elif route.request.method == "POST" and path in desk.refused:
            problem = {"type": "about:blank", "title": "no", "status": 409, **desk.refused[path]}
            await route.fulfill(status=problem["status"], json=problem, content_type="application/problem+json")
        elif path in desk.answers and (route.request.method == "GET" or not desk.takes_orders):
            found = desk.answers[path]
            await route.fulfill(json=found(dict(parse_qsl(query))) if callable(found) else found)
        elif route.request.method == "POST" and not desk.takes_orders:
            await route.fulfill(json={"labels": []})
        else:
            await route.continue_()

    return answer


def doubts(labels: int = 8, *, awaits: bool = False) -> dict[str, Any]:
    """A strip in doubt, as `GET /doubts` gives it; its label number n has the serial of `serial_of(n)`."""
    serials = [serial_of(n) for n in range(1, labels + 1)]
    shown = [{"serial": one, "state": "in_doubt", "gtin": JOB.gtin, "lot_no": "L1"} for one in serials]
    window = {"window_id": "w1", "job_id": "j1", "printer": "p1", "serials": serials, "labels": shown}
    return {"doubts": [window | {"awaits_scan": awaits}]}


def serial_of(number: int) -> str:
    """The serial of a label of `doubts`."""
    return f"PH17K3M9QX2W4T{number:02d}B"


def link_of(serial: str) -> str:
    """What a scanner reads off that label."""
    return LINK.replace(LABEL.serial, serial)
