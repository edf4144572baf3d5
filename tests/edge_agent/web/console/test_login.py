"""Who is here where people are asked: badge and PIN by plain forms; a badge is never shown and never in an address."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.access import codes
from edge_agent.access.people import People, PeopleTerms
from edge_agent.access.pins import hashed
from edge_agent.access.roles import Role
from edge_agent.errors import LeadNeededError, LogInError
from edge_agent.service.people import PeopleService
from edge_agent.web.api import build_web
from tests.kits.web_double import LABEL, ServiceDouble

PIN = "271828"


@pytest.fixture
def service(tmp_path: Path) -> ServiceDouble:
    found = ServiceDouble(tmp_path)
    found.parts.people = People(found.parts.catalog, PeopleTerms(path=tmp_path / "people.db"))
    found.people = PeopleService(found.parts)
    return found


@pytest.fixture
def badges(service: ServiceDouble) -> dict[str, str]:
    """Badges by name: an operator without PIN, and a lead."""
    store = service.parts.people.store
    assert store is not None
    found = {}
    for name, role, pin in (("示例班长", Role.LEAD, hashed(PIN)), ("示例甲", Role.OPERATOR, None)):
        store.add(name, role, pin)
        found[name] = codes.new_badge(os.urandom)
        store.new_badge(name, codes.digest(found[name]))
    return found


@pytest.fixture
async def client(service: ServiceDouble, badges: dict[str, str]) -> AsyncIterator[Any]:
    async with TestClient(TestServer(build_web(cast(Any, service)))) as found:
        yield found


async def post(client: Any, path: str, **fields: str) -> tuple[int, str]:
    """The status of the first answer, and the page that a person reads in the end."""
    async with client.post(path, data={"back": "/console/now"} | fields, allow_redirects=False) as answer:
        if answer.status != 303:
            return answer.status, await answer.text()
        to = answer.headers["Location"]
    assert "BADGE" not in to
    async with client.get(to) as answer:
        return 303, await answer.text()


async def now(client: Any) -> str:
    async with client.get("/console/now") as answer:
        return str(await answer.text())


async def test_an_operator_is_here_by_a_scan_of_the_badge(client: Any, badges: dict[str, str]) -> None:
    assert "请刷工牌" in await now(client)
    _, page = await post(client, "/console/scan", text=badges["示例甲"].lower() + "\r")
    assert "你好，示例甲" in page
    assert badges["示例甲"] not in page
    assert 'data-who="示例甲"' in await now(client)
    _, page = await post(client, "/console/logout")
    assert "已退出" in page
    assert 'data-who=""' in page


async def test_a_lead_is_asked_for_the_pin_and_told_what_was_wrong(client: Any, badges: dict[str, str]) -> None:
    status, page = await post(client, "/console/scan", text=badges["示例班长"])
    assert status == 401
    assert 'name="pin"' in page
    assert 'data-who=""' in page
    assert 'name="back" value="/console/scan' not in page  # there is no such page to go back to
    status, page = await post(client, "/console/login", badge=badges["示例班长"], pin="000000")
    assert status == 401
    assert "PIN 不对，还可以试 4 次" in page
    _, page = await post(client, "/console/login", badge=badges["示例班长"], pin=PIN)
    assert "你好，示例班长" in page
    assert "班长" in page


async def test_going_back_from_the_pin_logs_nobody_in(client: Any, badges: dict[str, str]) -> None:
    _, page = await post(client, "/console/login", badge=badges["示例班长"], pin=PIN, answer="back")
    assert "没有改动" in page
    assert 'data-who=""' in page


async def test_the_next_badge_is_a_shift_change(client: Any, badges: dict[str, str]) -> None:
    await post(client, "/console/scan", text=badges["示例甲"])
    await post(client, "/console/login", badge=badges["示例班长"], pin=PIN)
    assert 'data-who="示例班长"' in await now(client)


async def test_a_badge_of_nobody_is_refused_and_not_repeated(client: Any) -> None:
    stranger = codes.new_badge(os.urandom)
    _, page = await post(client, "/console/scan", text=stranger)
    assert 'class="scan-told stop"' in page
    assert "这张工牌不能用" in page
    assert stranger not in page


async def test_the_session_is_for_no_script_and_no_other_site(client: Any, badges: dict[str, str]) -> None:
    async with client.post("/console/scan", data={"text": badges["示例甲"]}, allow_redirects=False) as answer:
        cookie = next(one for one in answer.headers.getall("Set-Cookie") if one.startswith("edge_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


async def test_what_a_lead_has_to_allow_asks_for_badge_and_pin(
    client: Any, service: ServiceDouble, badges: dict[str, str]
) -> None:
    await post(client, "/console/scan", text=badges["示例甲"])
    service.notes.fails = LeadNeededError("要班长同意 · alarm: expected a lead", "close_alarm")
    status, page = await post(client, "/console/jobs/j1/pause")
    assert status == 403
    assert 'name="action" value="close_alarm"' in page
    assert "要班长同意" in page
    status, page = await post(client, "/console/lead", action="close_alarm", badge=badges["示例甲"], pin=PIN)
    assert "同意了" not in page
    _, page = await post(client, "/console/lead", action="close_alarm", badge=badges["示例班长"], pin=PIN)
    assert "示例班长 同意了：一分钟内再按一次" in page
    assert 'data-who="示例甲"' in page


async def test_what_a_lead_allowed_goes_on_by_itself_and_once(
    client: Any, service: ServiceDouble, badges: dict[str, str]
) -> None:
    """The browser sends what was ordered again, as a redirect that keeps method and fields makes it."""
    await post(client, "/console/scan", text=badges["示例甲"])
    service.notes.fails = LeadNeededError("要班长同意 · label: expected a lead", "close_alarm")
    path, asked = f"/console/labels/{LABEL.serial}/scrap", {"reason": "印歪", "key": "k1", "answer": "yes"}
    status, page = await post(client, path, **asked)
    assert status == 403
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.partition('id="question"')[2]))
    assert (hidden["then"], hidden["reason"], hidden["key"]) == (path, "印歪", "k1") and "answer" not in hidden
    service.notes.orders.clear()
    service.notes.fails = None
    lead = {"badge": badges["示例班长"], "answer": "yes"}
    status, page = await post(client, "/console/lead", **hidden | lead | {"pin": "000000"})
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.partition('id="question"')[2]))
    assert (status, again, service.orders) == (403, hidden, [])
    async with client.post("/console/lead", data=hidden | lead | {"pin": PIN}) as answer:
        assert "已记录" in await answer.text()
        assert [one.status for one in answer.history] == [307, 303]
    assert [one for one in service.orders if one[0] == "decide"] == [("decide", LABEL.serial, "scrap", "", "印歪")]
    for elsewhere in ("http://evil.example/", "//evil.example/", "/api/v1/jobs"):
        _, page = await post(client, "/console/lead", **hidden | lead | {"pin": PIN, "then": elsewhere})
        assert "一分钟内再按一次" in page


async def test_an_order_of_nobody_says_that_a_badge_is_wanted(client: Any, service: ServiceDouble) -> None:
    service.notes.fails = LogInError("请先扫工牌登录 · job: expected somebody who has logged in, got nobody")
    _, page = await post(client, "/console/jobs/j1/pause")
    assert "请先扫工牌登录" in page
