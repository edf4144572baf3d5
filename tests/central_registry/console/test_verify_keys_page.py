"""An officer gives a marketplace a key on the console, its program asks by it, and is refused once it is ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from central_registry.parties.actor import PartyKind, Role
from tests.kits.desk_kit import Office, a_window, an_office
from tests.kits.page_kit import a_browser, in_a_browser
from tests.kits.platform_kit import add_party, add_person

pytestmark = in_a_browser
HERE = "/console/verify-keys"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    async with an_office() as found:
        yield found


async def _asked(office: Office, key: str) -> int:
    head = {"Authorization": f"Bearer {key}"}
    answer = await office.registry.http.get("/v1/verify/01/06901234567892/21/NOBODYS", headers=head)
    return int(answer.status)


async def test_a_key_is_given_used_and_ended(browser: Any, office: Office) -> None:
    shop = await add_party(office.pool, PartyKind.MARKETPLACE, "示例商城", of=office.association)
    office.people["shop"] = await add_person(office.pool, shop, Role.OFFICER)
    async with a_window(browser, office, "officer", scripts=False) as desk:
        await desk.open(HERE)
        await desk.fill(party=shop, days="30", per_minute="100", note="商品上架核验")
        await desk.press("发一把密钥")
        await desk.says("密钥只显示这一次")
        key = str(await desk.page.locator("main code.word").inner_text())
        assert await _asked(office, key) == 200
        await desk.open(HERE)
        await desk.says("商品上架核验")
        await desk.fill(verify_key=key.partition(".")[0])
        await desk.press("停用一把密钥")
        await desk.says("已停用")
    assert await _asked(office, key) == 401
    for size in ("desk", "phone"):
        async with a_window(browser, office, "officer", size) as desk:
            assert await desk.flaws(HERE, f"verify-keys-{size}") == []
    async with a_window(browser, office, "shop") as desk:
        await desk.open(HERE)
        await desk.says("商品上架核验")
        assert "发一把密钥" not in await desk.page.locator("main").inner_text(), "who was given one gives none"
