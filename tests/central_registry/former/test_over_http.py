"""A former platform's file over HTTP and by command, as the database's own roles: bounded, by its officer alone."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from central_registry.http.admin import former
from central_registry.parties.actor import Actor, PartyKind, Role
from tests.central_registry.former.former_kit import HOST, Association, a_file, an_association, code
from tests.kits.platform_kit import a_uscc, add_party, add_person, token_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[Association]:
    async with an_association() as found:
        status, brought = await ask(found, found.officer, "POST", "import", data=as_bytes(a_file(found.firm)))
        assert (status, brought["counts"]["serial"]) == (200, {"new": 3})
        yield found


def as_bytes(rows: list[Any]) -> bytes:
    return b"\n".join(json.dumps(row, ensure_ascii=False).encode() for row in rows)


async def ask(house: Association, actor: Actor, method: str, path: str, **sent: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {await token_of(house.pool, actor)}"} | sent.pop("headers", {})
    answer = await house.registry.http.request(method, f"/v1/admin/former/{path}", headers=headers, **sent)
    return answer.status, await answer.json()


async def test_a_preview_an_import_and_what_was_brought(house: Association) -> None:
    rows = a_file(house.firm, 5)
    status, found = await ask(house, house.officer, "POST", "preview", data=as_bytes(rows))
    assert (status, found["counts"]["serial"]) == (200, {"differs": 1, "new": 2, "same": 2})
    assert found["differs"] == [{"line": 8, "what": code(3), "told": "state: void → in_use"}]
    status, found = await ask(house, house.officer, "POST", "import", data=as_bytes(rows))
    assert (status, [one["line"] for one in found["differs"]]) == (409, [8])
    status, found = await ask(house, house.officer, "POST", "import?replace=false", data=as_bytes(rows))
    assert status == 409
    status, found = await ask(house, house.officer, "GET", "imports")
    assert (found["total"], found["rows"][0]["platform"], found["rows"][0]["counts"]["firm"]) == (
        1, "示例旧平台", {"new": 1},
    )  # fmt: skip
    assert (found["rows"][0]["person_name"], len(found["rows"][0]["sha256"])) == ("示例甲", 64)


async def test_an_officer_and_the_firms_clerk_find_a_code(house: Association) -> None:
    clerk = await add_person(house.pool, house.firm, Role.OFFICER)
    for actor in (house.approver, clerk):
        status, found = await ask(house, actor, "POST", "code", json={"code": f"HTTP://{HOST}/q?c=%30001"})
        assert (status, found["code"], found["facts"][0]) == (200, code(1), ["品名", "羽绒服"])
        status, found = await ask(house, actor, "GET", "codes?state=void")
        assert (status, [row["code"] for row in found["rows"]], found["total"]) == (200, [code(3)], 1)
        assert (await ask(house, actor, "GET", "codes?q=c=0002"))[1]["total"] == 1
    assert found["rows"][0]["platform"] == "示例旧平台", "a firm sees which import its codes are of"


async def test_nobody_else_finds_it_or_brings_more(house: Association) -> None:
    other = await add_party(house.pool, PartyKind.ASSOCIATION, "另一协会")
    lab = await add_party(house.pool, PartyKind.LAB, "示例检测中心", of=house.officer.party)
    strangers = [await add_person(house.pool, other, Role.OFFICER), await add_person(house.pool, lab, Role.LAB)]
    for actor in strangers:
        assert (await ask(house, actor, "POST", "code", json={"code": code(1)}))[0] == 404
        assert (await ask(house, actor, "GET", "codes"))[1]["total"] == 0
        assert (await ask(house, actor, "GET", "imports"))[1]["total"] == 0
    assert (await ask(house, strangers[1], "POST", "preview", data=b""))[0] == 403
    again = a_file(a_uscc())
    again[3] |= {"report_no": "OR-2"}
    again[2]["record"]["product"] |= {"gtin": "06901234567915"}
    status, found = await ask(house, strangers[0], "POST", "import", data=as_bytes(again))
    assert (status, [one["line"] for one in found["refused"]]) == (422, [6, 7, 8])
    assert "已由另一协会导入" in found["detail"] and house.firm not in json.dumps(found)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": b""}, 422),
        ({"data": b"{}\n" * 3}, 422),
        ({"data": gzip.compress(b"{}"), "headers": {"Content-Encoding": "gzip"}}, 415),
        ({"data": b"x" * 3_000}, 413),
    ],
)
async def test_a_body_is_bounded_and_none_is_unpacked(
    house: Association, monkeypatch: pytest.MonkeyPatch, sent: dict[str, Any], status: int
) -> None:
    monkeypatch.setattr(former, "MOST_BYTES", 2_000)
    assert (await ask(house, house.officer, "POST", "import", **sent))[0] == status
