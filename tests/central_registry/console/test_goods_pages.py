"""Lots and certificates on the console, by HTTP: a file is shown and taken in, a certificate approved and stopped."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from central_registry.console.page import form_token
from central_registry.parties.actor import Actor, PartyStatus
from central_registry.parties.statuses import Move, set_status
from tests.central_registry.goods.goods_kit import House, a_house
from tests.kits.platform_kit import token_of
from tests.kits.registry_kit import AT

SHEET = """品牌,品名,款号,颜色,号型,执行标准,安全类别,商品条码,适用人群,成分,批号,批量
示例,针织衫,K1,黑,165/88A,FZ/T 73018,B类,6901234567908,成人,面料：羊毛 100%,P1,300
"""


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as found:
        yield found


async def visit(house: House, actor: Actor, path: str, **fields: Any) -> tuple[int, str]:
    """A page, or a form that is posted and the page after it."""
    token = await token_of(house.pool, actor)
    headers, client = {"Cookie": f"registry_session={token}"}, house.registry.http
    client.session.cookie_jar.clear()
    if not fields:
        answer = await client.get(f"/console/{path}", headers=headers, allow_redirects=False)
        return answer.status, await answer.text()
    form = aiohttp.FormData({"form_token": form_token(token), "once": "0" * 32})
    for name, value in fields.items():
        file = {"filename": "goods.csv" if value else "", "content_type": "text/csv"}
        form.add_field(name, value, **(file if isinstance(value, bytes) else {}))
    answer = await client.post(f"/console/{path}", headers=headers, data=form, allow_redirects=False)
    return answer.status, await answer.text()


async def test_a_file_is_shown_before_it_is_taken_in(house: House) -> None:
    status, text = await visit(house, house.clerk, "import", firm=house.firm, file=SHEET.encode())
    assert status == 200, text
    assert "第 2 行 · row 2" in text and "K1" in text and "还没有写入" in text
    assert await house.registry.rows("SELECT FROM lot WHERE lot_no = 'P1'") == []
    hidden = dict(re.findall(r'name="(firm|packed|replace)"[^>]*value="([^"]*)"', text))
    assert (await visit(house, house.clerk, "import/carry-out", **hidden))[0] == 303
    assert (await house.registry.rows("SELECT source FROM lot WHERE lot_no = 'P1'"))[0]["source"] == "console"
    status, text = await visit(house, house.clerk, "lots?q=P1")
    assert (status, "P1" in text, "无证书" in text) == (200, True, True)


async def test_a_certificate_is_approved_and_stopped_on_its_lots_page(house: House) -> None:
    await house.filed()
    place = f"lots/{house.firm}/L1"
    status, text = await visit(house, house.approver, place)
    assert (status, "待批准" in text, "批准证书" in text) == (200, True, True)
    assert "批准证书" not in (await visit(house, house.clerk, place))[1]
    assert (await visit(house, house.approver, f"{place}/approve", version="1", reason=""))[0] == 303
    assert (await visit(house, house.officer, f"{place}/suspend", version="1", reason="投诉"))[0] == 303
    text = (await visit(house, house.approver, place))[1]
    assert "已暂停（临时）" in text and "确认暂停或撤回" in text
    status, text = await visit(house, house.officer, f"{place}/lift", version="1", reason="误报")
    assert "不能是同一人" in text
    assert (await visit(house, house.approver, f"{place}/lift", version="1", reason="复检合格"))[0] == 303
    status, text = await visit(house, house.approver, "certificates?state=approved")
    assert (status, "R1" in text) == (200, True)


async def test_a_lab_finds_the_lot_and_files_a_report_without_its_file(house: House) -> None:
    """A browser sends a file that nobody chose as one without a name."""
    assert "L1" in (await visit(house, house.technician, "lots"))[1]
    told = {"report_no": "R1", "issued_on": "2026-11-12", "covers": "5000", "file": b""}
    status, text = await visit(house, house.technician, f"lots/{house.firm}/L1/report", **told)
    assert status == 303, text


async def test_a_firm_that_is_stopped_reads_so_on_its_first_page(house: House) -> None:
    assert "本单位现在的状态" not in (await visit(house, house.clerk, ""))[1]
    await set_status(house.pool, house.officer, house.firm, Move(PartyStatus.SUSPENDED, "抽检不合格"), AT)
    status, text = await visit(house, house.clerk, "")
    assert (status, "本单位现在的状态：停用" in text, 'href="/console/party"' in text) == (200, True, True)
