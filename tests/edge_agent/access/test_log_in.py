"""Log-in under attack and in a hurry: guessed PINs, fixed and stolen cookies, badges of people who left, a lead's word
used twice. Time is told, never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import ImageChops

from edge_agent.access import codes, pins
from edge_agent.access.entrance import LOCKED_S, TRIES
from edge_agent.access.people import People
from edge_agent.access.roles import Role, Scope
from edge_agent.access.sessions import MOST, Sessions
from edge_agent.errors import RefusedError
from edge_agent.messages.text import Words
from edge_agent.model.actor import Known
from edge_agent.printing.directory import PrinterDirectory
from edge_agent.render.raster import to_image
from tests.kits.decoders import texts_by_two
from tests.kits.people_kit import PIN, WRONG, Page, Site, Watch, a_page, a_site
from tests.kits.web_double import VIEW


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with a_site(tmp_path) as found:
        yield found


@pytest.fixture
async def page(site: Site) -> AsyncIterator[Page]:
    async with a_page(site.service) as found:
        yield found


async def _enter(page: Page, badge: str, pin: str | None) -> tuple[int, dict[str, Any]]:
    status, told, _ = await page.ask("POST", "session", {"badge": badge, "pin": pin})
    return status, told


async def _acts(page: Page, cookie: str, **more: str) -> int:
    """The status of an act that everybody who is logged in may do; 422: there is no registry to call."""
    return (await page.ask("POST", "sync/now", cookie=cookie, **more))[0]


async def test_five_wrong_pins_lock_that_person_for_five_minutes_and_nobody_else(site: Site, page: Page) -> None:
    lead = site.badges[Role.LEAD]
    tried = [await _enter(page, lead, WRONG) for _ in range(TRIES)]
    assert [status for status, _ in tried] == [401, 401, 401, 401, 429]
    assert "还可以试 1 次" in tried[3][1]["detail"]
    assert (await _enter(page, lead, PIN))[0] == 429, "the right one too"
    assert (await _enter(page, site.badges[Role.IT], PIN))[0] == 200
    _, told, headers = await page.ask("POST", "session", {"badge": lead, "pin": PIN})
    assert told["type"] == "/problems/locked" and int(headers["Retry-After"]) == LOCKED_S + 1
    warned = (await page.ask("GET", "warnings"))[1]["warnings"]
    assert [one["kind"] for one in warned] == ["person_locked"]
    site.watch.now_s += LOCKED_S + 1
    assert (await _enter(page, lead, PIN))[0] == 200
    assert (await page.ask("GET", "warnings"))[1]["warnings"] == []


async def test_a_hundred_guesses_sent_together_are_five(site: Site, page: Page) -> None:
    lead = site.badges[Role.LEAD]
    found = await asyncio.gather(*(_enter(page, lead, f"{number:06}") for number in range(100)))
    assert sorted(status for status, _ in found) == [401] * (TRIES - 1) + [429] * (100 - TRIES + 1)


async def test_a_lock_outlives_the_agent_and_a_clock_that_is_put_back_does_not_lengthen_it(
    site: Site, page: Page
) -> None:
    lead, parts = site.badges[Role.LEAD], site.service.parts
    for _ in range(TRIES):
        await _enter(page, lead, WRONG)
    parts.people = People(parts.catalog, parts.people.terms, now_s=site.watch)  # started again
    assert (await _enter(page, lead, PIN))[0] == 429
    site.watch.now_s -= 86_400
    assert (await _enter(page, lead, PIN))[0] == 200


async def test_a_right_pin_forgives_those_before(site: Site, page: Page) -> None:
    for _ in range(3):
        for _ in range(TRIES - 1):
            assert (await _enter(page, site.badges[Role.LEAD], WRONG))[0] == 401
        assert (await _enter(page, site.badges[Role.LEAD], PIN))[0] == 200


async def test_it_unlocks_somebody_at_the_computer(site: Site, page: Page) -> None:
    for _ in range(TRIES):
        await _enter(page, site.badges[Role.LEAD], WRONG)
    site.store.set_wrong_pins(site.people[Role.LEAD].id, 0)
    assert (await _enter(page, site.badges[Role.LEAD], PIN))[0] == 200


async def test_leads_and_it_need_their_pin_and_operators_only_one_that_was_set(site: Site, page: Page) -> None:
    for role in (Role.LEAD, Role.IT):
        status, told = await _enter(page, site.badges[role], None)
        assert (status, told["type"]) == (401, "/problems/pinneeded")
    careful = site.add(Role.OPERATOR, "示例操作员二", pins.hashed(PIN))
    assert (await _enter(page, careful, None))[1]["type"] == "/problems/pinneeded"
    assert (await _enter(page, site.badges[Role.OPERATOR], None))[1]["known_by"] == "badge"
    assert (await _enter(page, careful, PIN))[1]["known_by"] == "badge_pin"
    bare = site.add(Role.LEAD, "示例班长二", None)
    assert "edge-agent people pin" in (await _enter(page, bare, PIN))[1]["detail"]


@pytest.mark.parametrize("text", ["", "BADGE-", "BADGE-AAAAAAAAAAAAAAAA", "x" * 1000, "https://id.example.cn/01/1"])
async def test_what_is_no_badge_lets_nobody_in(site: Site, page: Page, text: str) -> None:
    status, told = await _enter(page, text, PIN)
    assert status in (401, 422) and PIN not in str(told)


async def test_a_badge_is_read_as_scanners_send_it(site: Site, page: Page) -> None:
    badge = site.badges[Role.OPERATOR]
    assert (await _enter(page, f"{badge.lower()}\r\n", None))[0] == 200


async def test_a_badge_of_somebody_who_left_and_a_lost_one_let_nobody_in(site: Site, page: Page) -> None:
    badge, person = site.badges[Role.OPERATOR], site.people[Role.OPERATOR]
    cookie = await page.log_in(badge)
    assert await _acts(page, cookie) == 422
    site.store.new_badge(person.id, codes.digest("BADGE-" + "A" * 16))
    assert await _acts(page, cookie) == 401, "the session of the badge that was lost"
    assert (await _enter(page, badge, None))[0] == 401
    again = await page.log_in("BADGE-" + "A" * 16)
    site.store.leave(person.id)
    assert await _acts(page, again) == 401
    assert (await _enter(page, "BADGE-" + "A" * 16, None))[0] == 401


async def test_a_badge_is_printed_on_a_label_and_one_that_was_not_printed_ends_nothing(site: Site, page: Page) -> None:
    printed: list[Any] = []

    async def card(printer_id: str, draw: Any) -> Words:
        if printer_id != VIEW.printer_id or not printed:
            printed.append(None)
            raise RefusedError("printer p1: expected one that is ready, got a head that is open; close it")
        printed.append(draw(203))
        return Words("已打印", "printed")

    site.service.parts.printers = PrinterDirectory(lambda: [VIEW], card=card)
    lead, path = await page.log_in(site.badges[Role.LEAD], PIN), f"people/{site.people[Role.OPERATOR].id}/badge"
    assert (await page.ask("POST", path, {"printer": VIEW.printer_id}, cookie=lead))[0] == 409
    assert (await _enter(page, site.badges[Role.OPERATOR], None))[0] == 200
    status, told, _ = await page.ask("POST", path, {"printer": VIEW.printer_id}, cookie=lead)
    assert (status, told["words"]["zh"]) == (200, "已打印")
    (code,) = texts_by_two(ImageChops.invert(to_image(printed[-1])).convert("L"))
    assert code not in str(told), "the code is on the label alone"
    assert (await _enter(page, site.badges[Role.OPERATOR], None))[0] == 401
    assert (await _enter(page, code, None))[1]["person"]["id"] == site.people[Role.OPERATOR].id


async def test_the_cookie_is_one_that_no_script_and_no_other_site_has(site: Site, page: Page) -> None:
    _, _, headers = await page.ask("POST", "session", {"badge": site.badges[Role.OPERATOR]})
    name, *marks = headers["Set-Cookie"].split("; ")
    assert len(name.removeprefix("edge_session=")) == 43, "256 bits in base64"
    assert {*marks} == {"HttpOnly", "Path=/", "SameSite=Strict"}
    stored = site.service.parts.people.sessions._open
    assert name.removeprefix("edge_session=") not in str(stored)


async def test_a_cookie_that_somebody_else_chose_is_nobodys(site: Site, page: Page) -> None:
    """Session fixation: what the browser had before is never what it has after the log-in."""
    planted = "A" * 43
    given = await page.log_in(site.badges[Role.OPERATOR], cookie=planted)
    assert given != planted
    assert await _acts(page, planted) == 401


async def test_a_cookie_is_worth_nothing_after_log_out_and_after_the_next_badge(site: Site, page: Page) -> None:
    first = await page.log_in(site.badges[Role.OPERATOR])
    second = await page.log_in(site.badges[Role.LEAD], PIN, cookie=first)  # shift change
    assert (await _acts(page, first), await _acts(page, second)) == (401, 422)
    status, told, headers = await page.ask("DELETE", "session", cookie=second)
    assert (status, told["person"]) == (200, None) and 'edge_session=""' in headers["Set-Cookie"]
    assert await _acts(page, second) == 401


async def test_a_cookie_is_good_from_its_own_address_alone(site: Site, page: Page) -> None:
    cookie = await page.log_in(site.badges[Role.OPERATOR])
    elsewhere = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
    async with aiohttp.ClientSession(connector=elsewhere, cookie_jar=aiohttp.DummyCookieJar()) as session:
        assert await _acts(Page(session, page.base), cookie) == 401
    assert await _acts(page, cookie) == 422


@pytest.mark.parametrize("site_of", ["https://evil.example", "http://127.0.0.1:1", "null"])
async def test_another_sites_page_gets_nothing_done_by_whoever_is_logged_in(
    site: Site, page: Page, site_of: str
) -> None:
    cookie = await page.log_in(site.badges[Role.LEAD], PIN)
    assert await _acts(page, cookie, Origin=site_of) == 403
    assert (await page.ask("DELETE", "session", cookie=cookie, Origin=site_of))[0] == 403
    body = {"badge": site.badges[Role.OPERATOR]}
    assert (await page.ask("POST", "session", body, cookie=cookie, Origin=site_of))[0] == 403, "log-in of another"
    assert await _acts(page, cookie) == 422, "still logged in"


async def test_who_does_nothing_has_to_scan_again_and_looking_is_nothing(site: Site, page: Page) -> None:
    cookie = await page.log_in(site.badges[Role.OPERATOR])
    for _ in range(3):
        site.watch.now_s += 800
        assert await _acts(page, cookie) == 422, "an act every 800 s"
    for _ in range(3):
        site.watch.now_s += 301
        told = (await page.ask("GET", "session", cookie=cookie))[1]
    assert told["person"] is None and told["may"] == []
    assert await _acts(page, cookie) == 401


async def test_a_lead_allows_one_act_once_and_soon(site: Site, page: Page) -> None:
    cookie = await page.log_in(site.badges[Role.OPERATOR])
    release, why = "holds/counter_ahead/release", {"reason": "换卷走纸"}
    status, told, _ = await page.ask("POST", release, why, cookie=cookie)
    assert (status, told["type"], told["action"]) == (403, "/problems/leadneeded", "lift_counter")

    async def allow(action: str, role: Role = Role.LEAD, pin: str = PIN) -> int:
        body = {"badge": site.badges[role], "pin": pin, "action": action}
        return (await page.ask("POST", "session/lead", body, cookie=cookie))[0]

    async def lift() -> int:
        return (await page.ask("POST", release, why, cookie=cookie))[0]

    assert await allow("lift_counter", pin=WRONG) == 401 and await lift() == 403
    assert await allow("lift_counter", Role.IT) == 403 and await lift() == 403, "IT is no lead"
    assert await allow("copy") == 403, "what no lead may, no lead allows"
    assert await allow("answer") == 200 and await lift() == 403, "another act than the one that was allowed"
    assert await allow("lift_counter") == 200 and await _acts(page, cookie) == 422, "what needs no lead uses nothing up"
    assert await lift() == 404, "allowed, and there is no such hold"
    assert await lift() == 403, "once"
    assert await allow("lift_counter") == 200
    site.watch.now_s += 61
    assert await lift() == 403, "and soon"


async def test_the_word_of_a_lead_who_has_left_since_counts_no_longer(site: Site, page: Page) -> None:
    """Whoever leaves leaves at once: neither the badge nor a word given a moment before lets anybody do anything."""
    cookie = await page.log_in(site.badges[Role.OPERATOR])
    site.add(Role.LEAD, "示例班长二", None)
    body = {"badge": site.badges[Role.LEAD], "pin": PIN, "action": "lift_counter"}
    assert (await page.ask("POST", "session/lead", body, cookie=cookie))[0] == 200
    site.store.leave(site.people[Role.LEAD].id)
    release, why = "holds/counter_ahead/release", {"reason": "换卷走纸"}
    assert (await page.ask("POST", release, why, cookie=cookie))[0] == 403


async def test_a_lead_allows_nothing_to_nobody(site: Site, page: Page) -> None:
    body = {"badge": site.badges[Role.LEAD], "pin": PIN, "action": "answer"}
    assert (await page.ask("POST", "session/lead", body))[0] == 401


async def test_a_token_does_what_its_scopes_cover_until_it_is_revoked(site: Site, page: Page) -> None:
    token = site.tokens[Scope.ORDERS]
    assert (await page.ask("POST", "sync/now", token=token))[0] == 422
    assert (await page.ask("POST", "ledger/verify", token=token))[0] == 403
    assert (await page.ask("POST", f"sync/now?token={token}"))[0] == 401, "not from an address, which logs keep"
    site.store.revoke_program("orders")
    assert (await page.ask("POST", "sync/now", token=token))[0] == 401


async def test_a_command_of_this_computer_acts_for_whom_it_names(site: Site, page: Page) -> None:
    token, pause = site.tokens[Scope.LOCAL], "jobs/nobody/pause"

    async def asked(operator: str) -> str:
        return str((await page.ask("POST", pause, {"operator": operator}, token=token))[1]["detail"])

    for whoever in ("示例操作员", site.people[Role.LEAD].id, ""):
        assert "job nobody: expected a job" in await asked(whoever)
    assert "技术人员不能" in await asked("示例技术员"), "IT orders nothing, whoever says so"
    assert "没有叫 谁也不是 的在职人员" in await asked("谁也不是")


async def test_who_shows_nothing_is_turned_away_before_the_body_is_sent(site: Site, page: Page) -> None:
    """A slow client that nobody knows holds nothing open: the answer comes before its first byte of body."""
    host, _, port = page.base.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /api/v1/jobs HTTP/1.1\r\nHost: {host}\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: 1000000\r\n\r\n".encode())
    await writer.drain()
    async with asyncio.timeout(30):
        assert b" 401 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


def test_sessions_are_bounded_and_who_was_idle_longest_goes() -> None:
    watch = Watch()
    sessions = Sessions(900, watch)
    first = sessions.begin("p1", "b", Known.BADGE, "a")
    for _ in range(MOST):
        watch.now_s += 0.001
        last = sessions.begin("p2", "b", Known.BADGE, "a")
    assert sessions.find(first, "a", acts=True) is None
    assert sessions.find(last, "a", acts=True) is not None and len(sessions._open) == MOST


def _damaged(good: str) -> Iterator[str]:
    """Good examples, each with one thing wrong: a character more, less or other, of another script, or twice."""
    for at in range(0, len(good), 3):
        yield good[:at] + good[at + 1 :]
        yield good[:at] + chr(ord(good[at]) ^ 1) + good[at + 1 :]
        yield good[:at] + "\u0661" + good[at:]
    yield from (good * 2, good + "'; DROP TABLE person; --", good[::-1], good.swapcase() + "=")


async def test_what_is_nearly_a_badge_a_pin_a_cookie_or_a_token_is_none(site: Site, page: Page) -> None:
    """Whatever is damaged, nobody gets in, and nothing goes wrong inside."""
    cookie, badge = await page.log_in(site.badges[Role.LEAD], PIN), site.badges[Role.OPERATOR]
    for text in _damaged(badge):
        assert (await _enter(page, text, None))[0] in (401, 422), text
    for text in filter(str.isascii, _damaged(cookie)):
        assert await _acts(page, text) == 401, text
    for text in filter(str.isascii, _damaged(site.tokens[Scope.ORDERS])):
        assert (await page.ask("POST", "sync/now", token=text))[0] == 401, text
    for body in ([], {}, {"badge": 5}, {"badge": badge, "pin": 5}, {"badge": badge, "role": "lead"}, {"badge": None}):
        assert (await page.ask("POST", "session", body))[0] in (400, 422), body
    tried = [(await _enter(page, site.badges[Role.LEAD], text))[0] for text in list(_damaged(PIN))[:TRIES]]
    assert tried == [401] * (TRIES - 1) + [429]
