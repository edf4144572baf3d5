"""The former platform on the console: a file is shown, then brought; its codes are found, listed, counted."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from central_registry.console.page import form_token
from central_registry.parties.actor import Actor, Role
from tests.central_registry.former.former_kit import Association, a_file, an_association, code
from tests.kits.platform_kit import add_person, token_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[Association]:
    async with an_association() as found:
        yield found


async def visit(house: Association, actor: Actor, path: str, **fields: Any) -> tuple[int, str]:
    token = await token_of(house.pool, actor)
    headers, client = {"Cookie": f"registry_session={token}"}, house.registry.http
    client.session.cookie_jar.clear()
    if not fields:
        answer = await client.get(f"/console/{path}", headers=headers, allow_redirects=False)
        return answer.status, await answer.text()
    form = aiohttp.FormData({"form_token": form_token(token), "once": "0" * 32})
    for name, value in fields.items():
        file = {"filename": "old.jsonl", "content_type": "text/plain"} if isinstance(value, bytes) else {}
        form.add_field(name, value, **file)
    answer = await client.post(f"/console/{path}", headers=headers, data=form, allow_redirects=False)
    return answer.status, await answer.text()


def as_bytes(rows: list[Any]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


async def test_a_file_is_shown_then_brought_and_its_codes_are_found(house: Association) -> None:
    wrong = [*a_file(house.firm), {"kind": "serial", "firm": house.firm, "code": "=1+1", "label": "<b>"}]
    status, text = await visit(house, house.officer, "former", file=as_bytes(wrong))
    assert (status, "没有这份标签内容" in text, "carry-out" in text, "&lt;b&gt;" in text) == (200, True, False, True)
    assert "整份文件都不会导入" in text, "and what to do"
    rows = [*a_file(house.firm), {"kind": "serial", "firm": house.firm, "code": "=1+1"}]
    status, text = await visit(house, house.officer, "former", file=as_bytes(rows))
    assert "整份文件都不会导入" not in text
    assert (status, "还没有写入" in text) == (200, True), text
    assert await house.pool.fetchval("SELECT count(*) FROM former_serial") == 0
    hidden = dict(re.findall(r'name="(packed|replace)"[^>]*value="([^"]*)"', text))
    assert (await visit(house, house.officer, "former/carry-out", **hidden))[0] == 303
    assert await house.pool.fetchval("SELECT count(*) FROM former_serial") == 4
    clerk = await add_person(house.pool, house.firm, Role.OFFICER)
    for actor in (house.approver, clerk):
        status, text = await visit(house, actor, f"codes?code={code(1).replace('?', '%3F')}")
        assert (status, "由原平台导入" in text, "绒子含量" in text, "示例旧平台" in text) == (200, True, True, True)
        status, text = await visit(house, actor, f"lots/{house.firm}/L9")
        assert (status, "原平台的码" in text, "2（另作废 1）" in text, "由原平台导入" in text) == (
            200,
            True,
            True,
            True,
        )
        assert "批准证书" not in text, "an imported certificate waits for nobody"
        status, text = await visit(house, actor, "former/codes?state=void")
        assert (status, code(3) in text, code(1) in text) == (200, True, False)
    status, text = await visit(house, house.officer, "former")
    assert (status, "示例旧平台" in text, "示例甲" in text) == (200, True, True)
    assert "示例旧平台" not in (await visit(house, clerk, "former"))[1], (
        "what an association brought is its own to list"
    )
    assert (await visit(house, house.approver, "former", file=as_bytes(rows)))[0] == 403


async def test_an_export_runs_no_formula(house: Association) -> None:
    status, text = await visit(house, house.officer, "former/codes?form=csv")
    assert status == 200 and "'=1+1" in text and code(1) in text
