"""Lots and certificates on the console, by HTTP: a file is shown and taken in, a certificate approved and stopped."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from central_registry.console.page import form_token
from central_registry.goods.lot_import import import_lots
from central_registry.parties.actor import Actor, PartyKind, PartyStatus, Role
from central_registry.parties.statuses import Move, set_status
from tests.central_registry.goods.goods_kit import LEVELS, PDF, House, a_house
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT, garment

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


FORM = {
    "overall": "AAAA", "quantity": "5000", "valid_from": "2026-11-20", "valid_to": "2027-11-19", "report_no": "R1",
    "issued_on": "2026-11-20", "covers": "5000", **{f"level_{name}": "AAAA" for name in LEVELS},
    "figure_turbidity": "620",
}  # fmt: skip


async def test_a_lab_files_a_certificate_and_its_report_by_one_form(house: House) -> None:
    """As one piece: what is refused leaves neither, and stands beside its field with what was typed."""
    status, text = await visit(house, house.technician, "certificates/new?q=L1")
    place = f"lots/{house.firm}/L1/certificate/pinghu-down"
    assert (status, f'href="/console/{place}"' in text) == (200, True)
    status, text = await visit(house, house.technician, place)
    assert (status, "浊度实测值（mm）" in text, 'name="level_warmth"' in text) == (200, True, False)
    wrong: tuple[tuple[dict[str, str], str, str], ...] = (
        ({"level_turbidity": "优等"}, "level_turbidity", "优等"),
        ({"figure_turbidity": "很高"}, "figure_turbidity", "很高"),
        ({"quantity": "5001"}, "quantity", "证书数量超出批次"),
        ({"valid_to": "2026-11-19"}, "valid_to", "有效期不对"),
        ({"issued_on": "2027-01-01"}, "issued_on", "签发日期"),
        ({"issued_on": ""}, "issued_on", "有文件就要填签发日期"),
        ({"covers": "4000"}, "report_no", "一份报告只对应一个批次"),
        ({"file": b"MZ"}, "file", "文件不是 PDF"),  # type: ignore[dict-item]
    )
    for change, field, words in wrong:
        status, text = await visit(house, house.technician, place, **{**FORM, "file": PDF.body, **change})
        beside = re.search(rf'name="{field}"[^>]*aria-invalid="true"', text)
        assert (status, words in text, bool(beside), 'value="2026-11-20"' in text) == (422, True, True, True), change
    assert await house.registry.rows("SELECT FROM report UNION ALL SELECT FROM kept_file") == []
    assert (await visit(house, house.technician, place, **FORM, file=PDF.body))[0] == 303
    text = (await visit(house, house.approver, f"lots/{house.firm}/L1"))[1]
    assert "待批准" in text and "620mm" in text.replace(" ", "")
    row = (await house.registry.rows("SELECT lab, source, facts FROM certificate"))[0]
    assert (row["lab"], row["source"]) == (house.lab, "console")
    assert (await house.registry.rows("SELECT file_hash IS NOT NULL AS kept FROM report"))[0]["kept"]


async def test_an_association_files_what_its_style_says_too_but_nothing_of_a_stranger(house: House) -> None:
    await house.pool.execute(
        "UPDATE lot SET record = jsonb_set(record::jsonb, '{product,standard}', '\"GB/T 14272\"')::text"
    )
    place = f"lots/{house.firm}/L1/certificate/pinghu-down"
    fields = {**FORM, "lab": "示例检测中心", "product": "standard"}
    assert "不能" in (await visit(house, house.clerk, place, **fields))[1]
    assert (await visit(house, house.officer, place, **fields))[0] == 303
    facts = json.loads((await house.registry.rows("SELECT facts FROM certificate"))[0]["facts"])
    assert facts["product"] == {"style_no": "S1", "standard": "GB/T 14272"}
    stranger = await add_person(house.pool, await add_party(house.pool, PartyKind.LAB, "示例外检"), Role.LAB)
    assert (await visit(house, stranger, place))[0] == 404
    assert (await visit(house, stranger, place, **FORM))[0] == 404


async def test_a_sample_is_recorded_on_its_lots_page(house: House) -> None:
    place, drawn = f"lots/{house.firm}/L1", {"sample_no": "Y1", "pieces": "3", "drawn_by": "抽样员甲"}
    status, text = await visit(house, house.officer, f"{place}/sample", **drawn, drawn_on="2027-01-01")
    assert (status, bool(re.search('name="drawn_on"[^>]*aria-invalid', text))) == (422, True)
    assert (await visit(house, house.officer, f"{place}/sample", **drawn, drawn_on="2026-11-20"))[0] == 303
    assert "Y1（3 件）" in (await visit(house, house.officer, place))[1]


async def test_goods_of_before_are_split_by_hand(house: House) -> None:
    await import_lots(house.pool, [garment(name, "S9", gtin="06901234567908") for name in ("B1", "B2")])
    text = (await visit(house, house.officer, "unassigned"))[1]
    assert "S9" in text and "B1、B2" in text
    text = (await visit(house, house.officer, "unassigned/S9"))[1]
    assert "2 个批次、1 个条码随款号归属" in text and 'value="B2"' in text
    assert (await visit(house, house.officer, "unassigned/S9/lot", firm=house.firm, lot_no="B2"))[0] == 303
    status, text = await visit(house, house.officer, "unassigned/S9/lot", firm=house.firm, lot_no="B2")
    assert (status, "没有 未归属的批次" in text) == (422, True)
    assert (await visit(house, house.officer, "unassigned/S9", firm=house.firm))[0] == 303
    assert "都已归属" in (await visit(house, house.officer, "unassigned"))[1]
    owners = await house.registry.rows("SELECT DISTINCT firm FROM lot WHERE lot_no IN ('B1', 'B2')")
    assert owners == [{"firm": house.firm}]
    assert "B1" not in (await visit(house, house.technician, "unassigned"))[1]


async def test_a_limit_is_set_and_listed(house: House) -> None:
    status, text = await visit(house, house.officer, f"limits?firm={house.firm}&what=lot&number=L2")
    assert (status, 'name="number" type="text" value="L2"' in text) == (200, True)
    fields = {"firm": house.firm, "what": "lot", "number": "L9", "quantity": "120", "reason": "吊牌补印"}
    status, text = await visit(house, house.officer, "limits", **fields)
    assert (status, bool(re.search('name="number"[^>]*aria-invalid', text))) == (422, True)
    assert (await visit(house, house.officer, "limits", **{**fields, "number": "L2"}))[0] == 303
    text = (await visit(house, house.clerk, "limits"))[1]
    assert "吊牌补印" in text and "120" in text and "设定限量" not in text
    stranger = await add_person(house.pool, await add_party(house.pool, PartyKind.FIRM, "示例别家"), Role.OFFICER)
    assert "吊牌补印" not in (await visit(house, stranger, "limits"))[1]


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
