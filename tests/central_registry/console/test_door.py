"""The console's door, by HTTP alone: who is let in, whose form is done, what a cookie may do, what stays typed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio

from central_registry.console.pages import account
from central_registry.parties.actor import PartyKind
from central_registry.parties.admission import NewParty, admit
from tests.kits.desk_kit import Office, an_office
from tests.kits.platform_kit import a_uscc, token_of
from tests.kits.registry_kit import AT

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    async with an_office() as found:
        yield found


async def ask(office: Office, method: str, path: str, token: str = "", **more: Any) -> Any:
    """A request with a session's cookie and no other; redirects are not followed."""
    headers = {"Cookie": f"registry_session={token}", **more.pop("headers", {})}
    office.registry.http.session.cookie_jar.clear()
    return await office.registry.http.request(method, path, headers=headers, allow_redirects=False, **more)


async def form_token(office: Office, token: str) -> str:
    found = TOKEN.search(await (await ask(office, "GET", "/console/account", token)).text())
    assert found
    return found[1]


async def test_nobody_is_led_to_the_log_in_and_back(office: Office) -> None:
    answer = await ask(office, "GET", "/console/account?x=1")
    assert (answer.status, answer.headers["Location"]) == (303, "/console/login?to=%2Fconsole%2Faccount%3Fx%3D1")
    login = await office.login_of("viewer", PASSWORD)
    fields = {"login": login, "password": PASSWORD, "to": "/console/account?x=1"}
    answer = await ask(office, "POST", "/console/login", data=fields)
    assert (answer.status, answer.headers["Location"]) == (303, "/console/account?x=1")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    token = cookie.partition("=")[2].partition(";")[0]
    assert (await ask(office, "GET", "/console/account", token)).status == 200


@pytest.mark.parametrize("to", ["https://example.org/", "//example.org/console/", "/console//example.org", "/v1/admin"])
async def test_a_log_in_leads_nowhere_else(office: Office, to: str) -> None:
    login = await office.login_of("viewer", PASSWORD)
    answer = await ask(office, "POST", "/console/login", data={"login": login, "password": PASSWORD, "to": to})
    assert answer.headers["Location"] == "/console/"


async def test_over_tls_the_cookie_is_bound_to_this_host(office: Office) -> None:
    login = await office.login_of("viewer", PASSWORD)
    tls = {"X-Forwarded-Proto": "https"}
    answer = await ask(office, "POST", "/console/login", data={"login": login, "password": PASSWORD}, headers=tls)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-registry_session=")
    assert "; Secure" in cookie
    token = cookie.partition("=")[2].partition(";")[0]
    assert (await ask(office, "GET", "/console/account", token, headers=tls)).status == 303, (
        "the plain name is not read"
    )


async def test_a_wrong_password_says_nothing_of_the_login(office: Office) -> None:
    login = await office.login_of("viewer", PASSWORD)
    said = []
    for name in (login, "nobody-of-that-name"):
        answer = await ask(office, "POST", "/console/login", data={"login": name, "password": "wrong password"})
        text = await answer.text()
        assert answer.status == 401
        assert "Set-Cookie" not in answer.headers
        assert f'value="{name}"' in text
        assert "wrong password" not in text
        said.append(text.replace(name, ""))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=["origin", "null", "cross", "sibling"],
)
async def test_a_form_of_another_site_does_nothing(office: Office, headers: dict[str, str]) -> None:
    token = await token_of(office.pool, office.people["viewer"])
    fields = {"form_token": await form_token(office, token)}
    answer = await ask(office, "POST", "/console/logout", token, data=fields, headers=headers)
    assert answer.status == 403
    assert (await ask(office, "GET", "/console/account", token)).status == 200


async def test_a_form_of_another_session_does_nothing(office: Office) -> None:
    mine, other = [await token_of(office.pool, office.people["viewer"]) for _ in range(2)]
    for sent in ("", "0" * 64, await form_token(office, other)):
        answer = await ask(office, "POST", "/console/logout", mine, data={"form_token": sent})
        assert answer.status == 403
    answer = await ask(office, "POST", "/console/logout", mine, data={"form_token": await form_token(office, mine)})
    assert (answer.status, answer.headers["Location"]) == (303, "/console/login?left=1")
    assert (await ask(office, "GET", "/console/account", mine)).status == 303


async def test_what_was_refused_stays_typed_and_says_why_beside_it(office: Office) -> None:
    token = await token_of(office.pool, office.people["viewer"])
    fields = {"form_token": await form_token(office, token), "look": "blue", "old": "a", "new": "b", "again": "c"}
    answer = await ask(office, "POST", "/console/account/password", token, data=fields)
    text = await answer.text()
    assert answer.status == 422
    assert "两次输入的新密码不一样" in text
    assert text.count('role="alert"') == 1, "only the form that was refused says so"


async def test_what_was_said_is_said_once_and_only_to_whom_it_was_said(office: Office) -> None:
    await office.login_of("viewer", PASSWORD)
    token = await token_of(office.pool, office.people["viewer"])
    sent = await form_token(office, token)
    fields = {"form_token": sent, "old": PASSWORD, "new": "another long word", "again": "another long word"}
    answer = await ask(office, "POST", "/console/account/password", token, data=fields)
    assert answer.status == 303
    told = answer.headers["Set-Cookie"].partition(";")[0]
    page = await ask(office, "GET", "/console/account", "", headers={"Cookie": f"registry_session={token}; {told}"})
    assert "密码已改" in await page.text()
    assert 'registry_told=""' in page.headers["Set-Cookie"]
    other = await token_of(office.pool, office.people["officer"])
    page = await ask(office, "GET", "/console/account", "", headers={"Cookie": f"registry_session={other}; {told}"})
    assert "密码已改" not in await page.text()


async def test_a_page_that_is_not_theirs_says_who_it_is_for(office: Office) -> None:
    token = await token_of(office.pool, office.people["viewer"])
    answer = await ask(office, "GET", "/console/account", token)
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "<script>" not in await answer.text()
    assert " style=" not in await answer.text()


@pytest.mark.parametrize("body", [b"a=%00", b"a=\xff", b"a=%ff"], ids=["nul", "bytes", "escape"])
async def test_what_is_no_form_is_refused_in_words(office: Office, body: bytes) -> None:
    token = await token_of(office.pool, office.people["viewer"])
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await ask(office, "POST", "/console/look", token, data=body, headers=kind)
    assert answer.status == 422
    assert "没有看懂" in await answer.text()


HOSTILE = '"><img src=x onerror=alert(1)>'


async def test_what_people_wrote_is_text_on_every_page(office: Office) -> None:
    """Listed, shown, searched for, typed and refused, in a tooltip, in an address."""
    officer, pool = office.people["officer"], office.pool
    new = NewParty(PartyKind.FIRM, a_uscc(), HOSTILE, "hostile", HOSTILE, HOSTILE, short_name=HOSTILE, reason=HOSTILE)
    party = (await admit(pool, officer, new, AT)).party
    token = await token_of(pool, officer)
    for path in (
        "/console/parties",
        f"/console/parties/{party}",
        "/console/audit",
        f"/console/parties?q={quote(HOSTILE)}",
    ):
        text = await (await ask(office, "GET", path, token)).text()
        assert ("onerror" in text, "<img" in text) == (True, False), path
    fields = {"form_token": await form_token(office, token), "kind": "firm", "name": HOSTILE, "uscc": HOSTILE}
    answer = await ask(office, "POST", "/console/parties/new", token, data=fields)
    text = await answer.text()
    assert (answer.status, "<img" in text, text.count("onerror") > 1) == (422, False, True)


async def test_a_failure_is_told_in_words_and_says_nothing_of_its_inside(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> Any:
        raise RuntimeError("inside")

    monkeypatch.setattr(account, "me", fails)
    token = await token_of(office.pool, office.people["viewer"])
    answer = await ask(office, "GET", "/console/account", token)
    text = await answer.text()
    assert answer.status == 500
    assert "平台出错了" in text
    assert "inside" not in text
    assert (await ask(office, "GET", "/console/nothing")).status == 404
