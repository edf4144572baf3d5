"""A form that comes after its session ended: what was typed is there again after logging in, and was no order."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import pytest
import pytest_asyncio

from central_registry.console.kept import MOST_BYTES
from tests.central_registry.console.test_door import PASSWORD, TOKEN, ask
from tests.kits.desk_kit import Office, an_office
from tests.kits.platform_kit import token_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADD = "/console/people/new"
TYPED = {
    "name": "示例新人 <b>",
    "login": "new.person",
    "roles": "viewer",
    "contact": "0573-0000",
    "back": "/console/people",
}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    async with an_office() as found:
        yield found


async def late(office: Office, path: str = ADD, **more: Any) -> tuple[int, str, dict[str, str]]:
    """What a form of nobody gets: status, page, and what the page carries."""
    answer = await ask(office, "POST", path, data={**TYPED, "form_token": "0" * 64, **more.pop("fields", {})}, **more)
    page = await answer.text()
    assert "Set-Cookie" not in answer.headers
    return answer.status, page, {name: unescape(value) for name, value in HIDDEN.findall(page)}


async def people(office: Office) -> int:
    found: int = await office.pool.fetchval("SELECT count(*) FROM person")
    return found


async def test_what_was_typed_is_there_after_logging_in_and_was_no_order(office: Office) -> None:
    before, login = await people(office), await office.login_of("officer", PASSWORD)
    status, page, carried = await late(office)
    assert (status, "填写的内容还在" in page, f'action="{ADD}"' in page) == (401, True, True)
    assert {f"kept.{name}": value for name, value in TYPED.items()}.items() <= carried.items()
    answer = await ask(office, "POST", ADD, data={**carried, "login": login, "password": "wrong"})
    again = {name: unescape(value) for name, value in HIDDEN.findall(await answer.text())}
    assert (answer.status, again) == (401, carried), "it stays through a wrong password"
    answer = await ask(office, "POST", ADD, data={**carried, "login": login, "password": PASSWORD})
    page = await answer.text()
    assert (answer.status, "请核对后再发送一次" in page) == (422, True)
    assert 'value="示例新人 &lt;b&gt;"' in page and 'value="new.person"' in page
    assert await people(office) == before, "looked at first"
    token = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    found = TOKEN.search(page)
    assert found is not None
    answer = await ask(office, "POST", ADD, token, data={**TYPED, "form_token": found[1]})
    assert (answer.status, await people(office)) == (200, before + 1), "sent by a hand, once"


async def test_a_form_of_another_site_is_not_kept(office: Office) -> None:
    status, page, carried = await late(office, headers={"Origin": "https://example.org"})
    assert status == 403
    assert "示例新人" not in page and "kept." not in carried


async def test_secrets_are_not_carried(office: Office) -> None:
    fields = {"old": "a secret", "new": "another secret", "again": "another secret"}
    status, page, carried = await late(office, "/console/account/password", fields=fields)
    assert status == 401
    assert "secret" not in page.replace("another-secret", "")
    assert not any("secret" in value for value in carried.values())


async def test_more_than_a_stranger_may_send_is_begun_anew(office: Office) -> None:
    status, page, carried = await late(office, fields={"contact": "x" * MOST_BYTES})
    assert (status, "没有保留" in page, "kept." in carried) == (401, True, False)


async def test_a_form_of_the_session_before_keeps_what_was_typed(office: Office) -> None:
    before, token = await people(office), await token_of(office.pool, office.people["officer"])
    answer = await ask(office, "POST", ADD, token, data={**TYPED, "login": "other.person", "form_token": "0" * 64})
    page = await answer.text()
    assert (answer.status, 'value="other.person"' in page, "填写的内容还在" in page) == (403, True, True)
    assert await people(office) == before


async def test_who_may_not_is_let_in_and_told(office: Office) -> None:
    """What another person typed at this screen is no order of theirs, and no page they may not see."""
    login = await office.login_of("viewer", PASSWORD)
    _, _, carried = await late(office)
    answer = await ask(office, "POST", ADD, data={**carried, "login": login, "password": PASSWORD})
    assert (answer.status, "registry_session" in answer.headers["Set-Cookie"]) == (403, True)
    assert "示例新人" not in await answer.text()
