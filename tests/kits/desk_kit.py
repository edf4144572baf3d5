"""The registry's console in a real browser: a registry of its own, an association with its people, and a window of
one of them at the sizes that pages are made for.

`DESK_PICTURES=FOLDER` keeps the photographs.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from central_registry.alarms import AlarmKind, Note, alarm_id, raise_alarm
from central_registry.goods.limits import set_limit
from central_registry.goods.lot_import import import_lots
from central_registry.oversight import alarm_work
from central_registry.parties.actor import Actor, PartyKind, PartyStatus, Role
from central_registry.parties.admission import NewParty, admit
from central_registry.parties.appeals import appeal
from central_registry.parties.passwords import hashed
from central_registry.parties.statuses import Move, set_status
from tests.kits.console_kit import AXE
from tests.kits.platform_kit import a_uscc, add_party, add_person, token_of
from tests.kits.registry_kit import AT, Registry, garment, running

PICTURES = os.environ.get("DESK_PICTURES", "")
SIZES = {"desk": (1366, 768), "phone": (390, 844)}

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
    "preload": False,
    "iframes": False,
}
"""Contrast of 4.5 : 1, which is AA."""

_NO_COLOURS = {**RULES, "rules": {"color-contrast": {"enabled": False}}}
_COLOURS = {**RULES, "runOnly": {"type": "rule", "values": ["color-contrast"]}}

SMALL = """() => [...document.querySelectorAll('button, a.button, .chip, summary, #rail a, .count, select, textarea, '
    + '.tick, input:not([type=hidden], [type=checkbox], [type=radio])')].filter((one) => one.checkVisibility())
    .map((one) => [one.textContent.trim().slice(0, 20) || one.name, one.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.width < 31.5 || box.height < 31.5))
    .map(([name, box]) => `${name}: ${Math.round(box.width)}x${Math.round(box.height)}`)"""


_AN_ORDER = """INSERT INTO decision (decision, party, act, about, concerns, asked, maker, made_at)
    VALUES ('order-1', $1, 'approve_codes', 'order-1', $2, '5000 × lot L1 → line-1', $3, $4)"""
"""As issuing puts it: what was asked is a sentence."""


@dataclass
class Office:
    """An association with a firm and a lab, each with somebody; the registry behind."""

    registry: Registry
    association: str
    firm: str
    lab: str
    people: dict[str, Actor] = field(default_factory=dict)
    parties: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    decision: str = ""

    @property
    def pool(self) -> Any:
        return self.registry.pool

    async def busy(self) -> None:
        """A day with something of everything: a firm stopped for now, one that appeals, alarms, somebody who is new."""
        pool, officer, approver = self.pool, self.people["officer"], self.people["approver"]
        for n, name in enumerate(("示例羽绒制品（浙江）科技股份有限公司第二生产基地", "示例针织厂", "示例云仓")):
            new = NewParty(PartyKind.FIRM, a_uscc(), name, f"clerk-{n}", "跟单丙", "13800000000", candidate=n == 1)
            admitted = await admit(pool, officer, new, AT)
            self.parties.append(admitted.party)
        barred = Move(PartyStatus.SUSPENDED, "抽检填充物含绒量不合格", "抽检 2026-118")
        self.decision = str((await set_status(pool, officer, self.parties[0], barred, AT)).decision)
        await set_status(pool, approver, self.firm, Move(PartyStatus.WATCHED, "两次录入错误"), AT)
        await appeal(pool, self.people["clerk"], 2, "已更换录入人员，附培训记录", AT)
        edge = await self.registry.enrolled("line-1")
        edge.begin().printed(edge.serials(7))
        edge.printed(edge.serials(4), lot_no="L2")
        await edge.send()
        await pool.execute(
            "UPDATE agent SET owner = $2, association = $3, seen_at = $4 WHERE agent = $1",
            edge.agent,
            self.firm,
            self.association,
            AT - timedelta(days=3),
        )
        async with pool.acquire() as connection:
            for kind, about in ((AlarmKind.FACTS_DIFFER, "lot:L1"), ("possible_duplicate", "w1"), ("new_kind", "x")):
                await raise_alarm(connection, edge.agent, Note(kind, about, "优等品，证书为一等品"), AT)
        await alarm_work.take(pool, approver, edge.agent, alarm_id(Note("possible_duplicate", "w1", "")), AT)
        self.agents.append(edge.agent)
        await import_lots(pool, [garment("L1", size="165", standard="GB/T 14272")], firm=self.firm)
        await import_lots(pool, [garment(f"B{n}", "S9", gtin="06901234567908") for n in range(12)])
        await set_limit(pool, officer, (self.firm, "lot", "L1"), 1200, reason="吊牌补印", at=AT)
        await pool.execute(_AN_ORDER, self.association, self.firm, self.people["clerk"].person, AT)

    async def login_of(self, who: str, password: str) -> str:
        """Their login, with this password from now on."""
        row = await self.pool.fetchrow(
            "UPDATE person SET password_hash = $2 WHERE person = $1 RETURNING login",
            self.people[who].person,
            await hashed(password),
        )
        return str(row["login"])


@asynccontextmanager
async def an_office() -> AsyncIterator[Office]:
    """People by name: operator, officer, approver, viewer (of the association), clerk, it (of the firm), tester (of the
    lab)."""
    async with running() as registry:
        pool = registry.pool
        operator = await add_party(pool, PartyKind.OPERATOR, "示例质量促进中心")
        association = await add_party(pool, PartyKind.ASSOCIATION, "示例羽绒服品牌协会")
        firm = await add_party(pool, PartyKind.FIRM, "示例服饰有限公司", of=association)
        lab = await add_party(pool, PartyKind.LAB, "示例检测中心", of=association)
        office = Office(registry, association, firm, lab)
        rows = (
            ("operator", operator, (Role.OFFICER,), "运营甲"),
            ("officer", association, (Role.OFFICER,), "经办甲"),
            ("approver", association, (Role.APPROVER, Role.OFFICER), "审批乙"),
            ("viewer", association, (Role.VIEWER,), "查看丙"),
            ("clerk", firm, (Role.OFFICER,), "跟单甲"),
            ("it", firm, (Role.IT,), "信息丁"),
            ("tester", lab, (Role.LAB, Role.OFFICER), "检测戊"),
        )
        for name, party, roles, called in rows:
            office.people[name] = await add_person(pool, party, *roles, name=called)
        yield office


@dataclass
class Window:
    """A page of the console in a browser, and what its scripts got wrong."""

    page: Page
    context: BrowserContext
    address: str
    wrong: list[str] = field(default_factory=list)

    async def open(self, path: str = "/console/") -> int:
        """Go there; the status of the answer."""
        answer = await self.page.goto(self.address + path)
        return answer.status if answer else 0

    async def says(self, words: str) -> None:
        """Wait until these words can be read in the page."""
        await self.page.locator("main").filter(has_text=words).first.wait_for(timeout=20_000)

    async def fill(self, **fields: str) -> None:
        """Type into the fields of these names; a select is chosen by its value."""
        for name, value in fields.items():
            one = self.page.locator(f"main [name={name}]:not([type=hidden])").first
            if await one.evaluate("(node) => node.tagName") == "SELECT":
                await one.select_option(value)
            else:
                await one.fill(value)

    async def press(self, words: str) -> None:
        """Press the button or link that says this."""
        await self.page.locator("main button, main a", has_text=words).first.click()

    async def wide(self) -> int:
        """How many pixels the page is wider than its window."""
        return int(await self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    async def too_small(self) -> list[str]:
        """What a pointer would miss."""
        return list(await self.page.evaluate(SMALL))

    async def axe(self, *, frame: bool = True) -> list[str]:
        """What axe finds, one line each; without the `frame`, whose colours are the same on every page, it looks at
        the colours of the page's own part alone, which costs a third."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(AXE.read_text("utf-8"))
        looks = [("html", RULES)] if frame else [("html", _NO_COLOURS), ("main", _COLOURS)]
        found = [await self.page.evaluate("([of, rules]) => axe.run(of, rules)", list(one)) for one in looks]
        rows = [row for one in found for row in one["violations"]]
        return [f"{one['id']} {len(one['nodes'])}: {one['nodes'][0]['html'][:160]}" for one in rows]

    async def photograph(self, name: str) -> None:
        """Keep a picture of the whole page where somebody asked for them."""
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            file = Path(PICTURES) / f"{name.strip('/').replace('/', '-') or 'first'}.png"
            await self.page.screenshot(path=file, full_page=True)

    async def flaws(self, path: str, name: str = "", *, axe: bool = True, frame: bool = True) -> list[Any]:
        """Opens a page and tells all that is wrong with how it looks: too wide, too small, scripts, and what axe finds
        where it is asked, in colours of the `frame` too."""
        status = await self.open(path)
        await self.photograph(name or path)
        wide = await self.wide()
        wrong = [f"status {status}"] if status != 200 else []
        return [
            *wrong,
            *([f"{wide} px too wide"] if wide > 0 else []),
            *await self.too_small(),
            *(await self.axe(frame=frame) if axe else []),
            *self.wrong,
        ]


@asynccontextmanager
async def a_window(
    browser: Browser,
    office: Office,
    who: str = "officer",
    size: str = "desk",
    *,
    scripts: bool = True,
    look: str = "light",
) -> AsyncIterator[Window]:
    """A window of somebody who is logged in; `who` empty: of nobody."""
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        reduced_motion="reduce",
        java_script_enabled=scripts,
        color_scheme="dark" if look == "dark" else "light",
    )
    address = office.registry.url.rstrip("/")
    if who:
        token = await token_of(office.pool, office.people[who])
        await context.add_cookies([{"name": "registry_session", "value": token, "url": address}])
    window = Window(await context.new_page(), context, address)
    window.page.set_default_timeout(20_000)
    window.page.on("pageerror", lambda error: window.wrong.append(str(error)))
    yield window
    await context.close()
