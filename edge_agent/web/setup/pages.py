"""The pages of the first start, in their order: each shows what was answered, takes the answers, and leads on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web

from edge_agent.messages.text import Words
from edge_agent.printers import discovery
from edge_agent.printers.discovery import Found
from edge_agent.printers.profiles import shipped_profiles
from edge_agent.web.console.draw import draw
from edge_agent.web.console.mount import read_form
from edge_agent.web.console.page import html
from edge_agent.web.console.pieces.life import Fact, Field
from edge_agent.web.setup.draft import ASSOCIATION, HERE, LATER, Draft, Flaws, Form
from label_protocol.errors import AgentError

DRAFT: web.AppKey[Draft] = web.AppKey("setup_draft", Draft)
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of answers: where it is, how it is called, what its template needs, and who takes its form."""

    path: str
    zh: str
    en: str
    facts: Callable[[Draft, Flaws], Facts]
    take: Callable[[Draft, Form], Flaws]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several, as the piece `options` draws it."""

    value: str
    words: Words
    small: str = ""
    state: None = None


def _factory(draft: Draft, flaws: Flaws) -> Facts:
    site = Field(
        name="site", zh="工厂名称", en="name of the factory", value=draft.site, required=True, most=100,
        error=flaws.get("site", ""),
    )  # fmt: skip
    folder = Field(
        name="data", zh="数据文件夹", en="folder of all data", value=draft.data, required=True,
        help="放在本机硬盘上，不要放网盘 · on a local disk, not on a share", error=flaws.get("data", ""),
    )  # fmt: skip
    return {"fields": [site, folder] if draft.fresh else [site], "config": draft.path}


def _printers(draft: Draft, flaws: Flaws) -> Facts:
    chosen = {one.url: one for one in draft.printers}
    return {
        "network": Field(
            name="network", zh="在哪个网段里找", en="look in which network", value=draft.network,
            help="如 192.168.1.0/24；本机接口上的不用写，也会找到 · those at this computer are found without it",
            error=flaws.get("network", ""),
        ),
        "found": [_row(n, one, chosen) for n, one in enumerate(draft.found)],
        "by_hand": [
            Field(name="hand-url", zh="地址", en="address", value=draft.hand.url, help="tcp://192.168.1.50:9100",
                  error=flaws.get("hand-url", "")),
            Field(name="hand-name", zh="名字", en="its name", value=draft.hand.name, most=100),
        ],
        "hand_profile": draft.hand.profile,
        "profiles": list(shipped_profiles()),
    }  # fmt: skip


def _row(number: int, one: Found, chosen: Mapping[str, Any]) -> Facts:
    kept = chosen.get(one.url)
    name = kept.name if kept else one.identity or one.description
    return {
        "url": one.url,
        "told": one.identity or one.description,
        "used": kept is not None or (not chosen and one.profile is not None),
        "name": Field(name=f"name-{number}", zh="叫什么名字", en="its name", value=name, most=100),
        "profile": kept.profile if kept else one.profile or "zpl-unknown",
    }


def _registry(draft: Draft, flaws: Flaws) -> Facts:
    choices = [
        Choice(LATER, Words("以后再登记", "later"), "能校验和预览，不能打有码标签 · no label with a code until then"),
        Choice(ASSOCIATION, Words("协会或别人的平台", "an association's"), "要有地址和一次性口令 · address and token"),
    ]
    if draft.can_serve:
        choices.append(Choice(HERE, Words("本机开一个自己的", "one of your own on this PC"), "docs/registry-here.md"))
    return {
        "choices": choices,
        "chosen": draft.which,
        "url": Field(name="url", zh="平台地址", en="its address", value=draft.url, help="https://registry.example.cn",
                     error=flaws.get("url", "")),
        "token": Field(name="token", zh="一次性口令", en="one-time token", error=flaws.get("token", "")),
        "has_token": bool(draft.token),
    }  # fmt: skip


def _people(draft: Draft, flaws: Flaws) -> Facts:
    least = draft.now.people.pin_digits_min
    return {
        "asks_lead": draft.asks_lead,
        "lead": Field(name="lead", zh="第一个班长的姓名", en="name of the first lead", value=draft.lead, most=64,
                      help="加了以后，操作都要扫工牌；以后再加就空着 · from then on people are asked; empty: later"),
        "pin": Field(name="pin", zh="班长的 PIN", en="the lead's PIN", digits=True, most=12,
                     help=f"{least} 到 12 位数字 · {least} to 12 digits", error=flaws.get("pin", "")),
        "has_pin": bool(draft.pin),
        "can_serve": draft.can_serve, "service": draft.service or draft.can_serve,
        "others": draft.others,
        "has_printers": bool(draft.chosen or draft.now.printers), "test": draft.test,
    }  # fmt: skip


def _check(draft: Draft, flaws: Flaws) -> Facts:
    registry = {LATER: "以后再登记 later", ASSOCIATION: draft.url, HERE: "本机自己的 on this PC"}[draft.which]
    yes, no = "是 yes", "否 no"
    return {
        "told": [
            Fact("配置文件", "configuration", str(draft.path)),
            Fact("工厂", "factory", draft.site),
            *([Fact("数据", "data", draft.data)] if draft.fresh else []),
            Fact("打印机", "printers", "；".join(f"{one.name} ({one.profile})" for one in draft.chosen) or "—"),
            Fact("平台", "registry", registry),
            Fact("第一个班长", "first lead", draft.lead or "—"),
            Fact("给别的电脑用", "reached by other devices", yes if draft.others else no),
            Fact("装成服务", "service", yes if draft.service else no),
            Fact("打测试签", "test labels", yes if draft.test and draft.chosen else no),
        ]
    }


PAGES = (
    Page("/factory", "工厂", "Factory", _factory, Draft.take_factory),
    Page("/printers", "打印机", "Printers", _printers, Draft.take_printers),
    Page("/registry", "平台", "Registry", _registry, Draft.take_registry),
    Page("/people", "班长和服务", "People and service", _people, Draft.take_people),
    Page("/check", "核对", "Check", _check, lambda *_: {}),
    Page("/work", "完成", "Done", lambda *_: {}, lambda *_: {}),
)
"""In their order; the last is no page of answers."""


def shown(
    request: web.Request, path: str, flaws: Flaws | None = None, *, refused: str = "", **more: Any
) -> web.Response:
    """A page as it is now; with flaws it is one that was not taken."""
    number = next(n for n, one in enumerate(PAGES) if one.path == path)
    page = PAGES[number]
    facts = {**page.facts(request.app[DRAFT], flaws or {}), **more}
    back = PAGES[number - 1].path if 0 < number < len(PAGES) - 1 else ""
    text = draw(f"setup{page.path}.html", at=page, rows=PAGES, number=number + 1, back=back, refused=refused, **facts)
    return html(text, HTTPStatus.UNPROCESSABLE_ENTITY if flaws or refused else HTTPStatus.OK)


def show(page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler that shows it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return shown(request, page.path)

    return answer


def take(page: Page, then: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler that takes its answers, and leads to `then`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if flaws := page.take(request.app[DRAFT], await read_form(request)):
            return shown(request, page.path, flaws)
        return on_to(then)

    return answer


async def find(request: web.Request) -> web.StreamResponse:
    """Look for printers: at this computer, and in a network if one is named."""
    form, draft = await read_form(request), request.app[DRAFT]
    draft.network = form.get("network", "").strip()
    try:
        draft.found = await asyncio.to_thread(discovery.here)
        if draft.network:
            draft.found += await discovery.scan(draft.network, ask=bool(form.get("alone")))
    except AgentError as cause:
        return shown(request, "/printers", {"network": str(cause)})
    return on_to("/printers")


def on_to(path: str) -> web.Response:
    """The next page; neither a reload nor the way back sends a form again."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path})
