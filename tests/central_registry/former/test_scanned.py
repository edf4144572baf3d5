"""A code of the former platform, scanned: however it comes, its page says whose it is, never registered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from central_registry.consumer.former_codes import NONE_FOR, FormerCodes
from central_registry.db import in_transaction
from central_registry.distribution import items
from central_registry.former.code_text import place_of
from central_registry.parties.actor import PartyKind, Role
from tests.central_registry.former.former_kit import HEADER, HOST, Association, a_file, an_association, code
from tests.kits.platform_kit import a_uscc, add_party, add_person
from tests.kits.registry_kit import AT

pytestmark = pytest.mark.asyncio(loop_scope="module")
DIGITAL = f"https://{HOST}/01/06901234567908/21/OLD-77"
LIKE_OURS = f"https://{HOST}/01/06901234567908/10/L9/21/7QK00000000000000"
MARKUP = f"https://{HOST}/<b>"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[Association]:
    async with an_association() as found:
        more = [
            {"kind": "serial", "firm": found.firm, "code": text, "label": "M"} for text in (DIGITAL, LIKE_OURS, MARKUP)
        ]
        label = {"kind": "label", "firm": found.firm, "label": "M", "facts": {"<i>品名</i>": "=1+1<script>"}}
        await found.brings([*a_file(found.firm), label, *more])
        yield found


async def test_the_page_says_what_was_brought_and_by_whom(house: Association) -> None:
    status, page = await house.registry.page(f"/former/{HOST}/q?c=0001")
    assert status == 200
    for words in (
        "由原平台导入",
        "示例旧平台",
        "绒子含量",
        "90%",
        "示例服饰",
        "L9",
        "2026-11-20 17:15",
        "没有比对过证书",
    ):
        assert words in page
    assert "已登记" not in page.replace("原平台登记", "")


async def test_a_program_is_told_the_same(house: Association) -> None:
    found = await house.registry.facts(f"/former/{HOST.upper()}/q?c=0001")
    assert (found["status"], found["registration"]) == ("imported", "imported")
    assert (found["verdict"]["code"], found["verdict"]["facts"]) == ("imported", "imported")
    assert found["former"] == {
        "code": f"https://{HOST}/q?c=0001", "firm_name": "示例服饰", "lot_no": "L9", "style_no": "S9",
        "state": "in_use", "platform": "示例旧平台", "imported_at": "2026-11-20T09:15:03+00:00",
        "on_label": [{"name": "品名", "value": "羽绒服"}, {"name": "绒子含量", "value": "90%"}],
    }  # fmt: skip
    assert (found["serial"], found["snapshot"], found["scans"]["count"]) == ("", "", 0)


@pytest.mark.parametrize("path", ["/former/-/q?c=0001", f"/former/{HOST}/q?c=%30001", "/01/06901234567908/21/OLD-77"])
async def test_a_code_is_found_by_every_way_it_comes(house: Association, path: str) -> None:
    assert (await house.registry.facts(path))["status"] == "imported"


async def test_a_code_that_reads_like_one_of_ours_is_the_former_platforms(house: Association) -> None:
    found = await house.registry.facts("/01/06901234567908/10/L9/21/7QK00000000000000")
    assert found["status"] == "imported"


@pytest.mark.parametrize(
    "path",
    [
        "/former/other.example.cn/q?c=0001", f"/former/{HOST}/q?c=1", f"/former/{HOST}/q", "/former/", "/former/-",
        f"/former/{HOST}/{'a' * 700}", f"/former/{HOST}/%E2%80%AE", "/01/06901234567908/21/OLD-78",
    ],
)  # fmt: skip
async def test_what_nobody_brought_is_unknown(house: Association, path: str) -> None:
    status, page = await house.registry.page(path)
    assert (status, "查无此码" in page) == (404, True)


async def test_a_void_code_says_so_without_blame(house: Association) -> None:
    found = await house.registry.facts(f"/former/{HOST}/q?c=0003")
    assert [one["kind"] for one in found["warnings"]] == ["former_void"]
    assert "原平台登记该标签已作废" in (await house.registry.page(f"/former/{HOST}/q?c=0003"))[1]


async def test_what_stood_on_paper_is_text(house: Association) -> None:
    page = (await house.registry.page(f"/former/{HOST}/%3Cb%3E"))[1]
    assert "&lt;i&gt;品名" in page and "&lt;script&gt;" in page and "<script" not in page


async def test_a_recalled_lot_is_said_first(house: Association) -> None:
    key = await house.pool.fetchval("SELECT quota_key FROM quota_key WHERE firm = $1 AND lot_no = 'L9'", house.firm)
    notice = {"kind": "recall", "quota_key": key, "reason": "绒"}
    await in_transaction(house.pool, lambda connection: items.put(connection, items.EVERYBODY, notice))
    found = await house.registry.facts(f"/former/{HOST}/q?c=0002")
    assert (found["status"], found["registration"], found["recall"]) == ("recalled", "imported", {"reason": "绒"})
    await house.pool.execute("DELETE FROM feed_item WHERE kind = 'recall'")
    stop = {"kind": "suspension", "quota_key": key, "suspended": True, "reason": "绒"}
    await in_transaction(house.pool, lambda connection: items.put(connection, items.EVERYBODY, stop))
    found = await house.registry.facts(f"/former/{HOST}/q?c=0002")
    assert (found["status"], found["notice"]["kind"], found["recall"]) == ("imported", "suspension", None)
    await house.pool.execute("DELETE FROM feed_item WHERE kind = 'suspension'")


async def test_a_registry_without_such_codes_is_asked_once_a_minute() -> None:
    async with an_association() as house:
        codes, place = FormerCodes(house.pool), place_of(f"https://{HOST}/q?c=0001")
        assert await codes.find(f"/former/{HOST}/q", "c=0001", AT) is None
        await house.brings(a_file(house.firm))
        assert await codes.find(f"/former/{HOST}/q", "c=0001", AT) is None, "not asked"
        found = await codes.find(f"/former/{HOST}/q", "c=0001", AT + NONE_FOR)
        assert found is not None and place_of(found.code) == place
        assert timedelta(minutes=1) >= NONE_FOR


async def test_what_another_association_brought_hides_nothing(house: Association) -> None:
    """The same path at another host: where the proxy says whose codes it means, they are found."""
    other = await add_party(house.pool, PartyKind.ASSOCIATION, "示例羊毛衫协会")
    stranger = await add_person(house.pool, other, Role.OFFICER)
    firm, path = a_uscc(), "q?c=0002"
    serial = {"kind": "serial", "firm": firm, "code": code(2).replace(HOST, "another.example.cn")}
    await house.brings([HEADER, {"kind": "firm", "uscc": firm, "name": "示例别厂"}, serial], actor=stranger)
    for party, name in ((house.officer.party, "示例服饰"), (other, "示例别厂")):
        assert (await house.registry.facts(f"/former/-{party}/{path}"))["former"]["firm_name"] == name
    for way in ("-", "-NOBODY"):
        assert (await house.registry.page(f"/former/{way}/{path}"))[0] == 404, "two have it: nobody says which"
