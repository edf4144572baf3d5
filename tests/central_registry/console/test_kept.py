"""What was typed outlives the end of a session: shown again to the same person, never done by itself."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.kits.desk_kit import Office, an_office
from tests.kits.platform_kit import token_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "correct horse battery"
PARTY = "/console/party"
FORM = f"{PARTY}/particulars"
ADDRESS = '平湖市<示例>路"1"号'
KEPT = re.compile(r'name="kept" value="([^"]+)"')


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    async with an_office() as found:
        yield found


async def ask(office: Office, method: str, path: str, token: str = "", **more: Any) -> tuple[int, str, Any]:
    office.registry.http.session.cookie_jar.clear()
    headers = {"Cookie": f"registry_session={token}"}
    answer = await office.registry.http.request(method, path, headers=headers, allow_redirects=False, **more)
    return answer.status, await answer.text(), answer


def field(text: str, name: str) -> str:
    found = re.search(rf'name="{name}"(?: type="text")? value="([^"]*)"', text)
    assert found, name
    return html.unescape(found[1])


async def typed(office: Office, token: str) -> dict[str, str]:
    """The form as somebody has filled it in."""
    _, text, _ = await ask(office, "GET", PARTY, token)
    frame = {name: field(text, name) for name in ("form_token", "whose")}
    return {**frame, "name": "示例服饰有限公司", "address": ADDRESS}


async def end(office: Office, token: str) -> None:
    _, text, _ = await ask(office, "GET", PARTY, token)
    await ask(office, "POST", "/console/logout", token, data={"form_token": field(text, "form_token")})


async def address(office: Office) -> str:
    return str(await office.pool.fetchval("SELECT address FROM party WHERE party = $1", office.firm))


async def lost(office: Office) -> tuple[str, str]:
    """A session that ended under a form: its token, and what the log-in's page has of it."""
    token = await token_of(office.pool, office.people["clerk"])
    fields = await typed(office, token)
    await end(office, token)
    status, text, _ = await ask(office, "POST", FORM, token, data=fields)
    assert (status, "刚才填的会保留" in text) == (401, True)
    return token, field(text, "kept")


async def log_in(office: Office, who: str, token: str, kept: str, password: str = PASSWORD) -> tuple[int, str, str]:
    login = await office.login_of(who, PASSWORD)
    fields = {"login": login, "password": password, "kept": kept, "to": "/console/"}
    status, text, answer = await ask(office, "POST", "/console/login", token, data=fields)
    return status, text, answer.headers.get("Set-Cookie", "").partition("=")[2].partition(";")[0]


async def test_what_was_typed_is_there_after_the_log_in_and_not_done(office: Office) -> None:
    token, kept = await lost(office)
    status, text, _ = await log_in(office, "clerk", token, kept, "a wrong password")
    assert (status, field(text, "kept")) == (401, kept), "a slip in the password loses nothing"
    status, text, mine = await log_in(office, "clerk", token, kept)
    assert (status, field(text, "address"), f'action="{FORM}"' in text) == (200, ADDRESS, True)
    before = await address(office)
    fields = {name: field(text, name) for name in ("form_token", "name", "address")}
    status, text, _ = await ask(office, "POST", FORM, mine, data={**fields, "answer": "bring_back"})
    assert (status, field(text, "address"), "还没有提交" in text) == (422, ADDRESS, True)
    assert await address(office) == before, "not done by itself"
    sent = {**fields, "form_token": field(text, "form_token")}
    assert (await ask(office, "POST", FORM, mine, data=sent))[0] == 303
    assert await address(office) == ADDRESS


async def test_nobody_else_is_shown_it(office: Office) -> None:
    token, kept = await lost(office)
    assert (await log_in(office, "officer", token, kept))[:1] == (303,)
    other = await token_of(office.pool, office.people["clerk"])
    assert (await log_in(office, "clerk", other, kept))[:1] == (303,), "of another browser"
    assert (await log_in(office, "clerk", token, "x" + kept))[:1] == (303,), "altered"


async def test_a_form_that_no_session_drew_is_not_kept(office: Office) -> None:
    token = await token_of(office.pool, office.people["clerk"])
    fields = await typed(office, token)
    await end(office, token)
    viewer = office.people["viewer"].person
    for wrong in ({"form_token": "0" * 64}, {"whose": f"{viewer}.{'0' * 64}"}, {"whose": ""}):
        status, _, answer = await ask(office, "POST", FORM, token, data={**fields, **wrong})
        assert (status, answer.headers["Location"]) == (303, "/console/login")


async def test_passwords_are_never_among_it(office: Office) -> None:
    token = await token_of(office.pool, office.people["clerk"])
    fields = await typed(office, token)
    secret = {"old": PASSWORD, "new": "another long word", "again": "another long word"}
    await end(office, token)
    status, text, _ = await ask(office, "POST", "/console/account/password", token, data={**fields, **secret})
    assert (status, KEPT.search(text)) == (303, None)


async def test_a_form_of_an_earlier_log_in_keeps_what_was_typed(office: Office) -> None:
    """Another tab logged in anew: the same person sees it again; somebody else does not."""
    before, mine, other = [await token_of(office.pool, office.people[who]) for who in ("clerk", "clerk", "officer")]
    fields = {**await typed(office, before), "address": "新地址"}
    status, text, _ = await ask(office, "POST", FORM, mine, data=fields)
    assert (status, field(text, "address"), "上次登录时打开的" in text) == (403, "新地址", True)
    status, text, _ = await ask(office, "POST", FORM, other, data=fields)
    assert (status, "新地址" in text) == (403, False)
    assert await address(office) != "新地址"
