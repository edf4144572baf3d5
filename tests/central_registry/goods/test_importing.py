"""Imports by people: files over HTTP, a preview first; and what was here before firms, given to one by hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.goods import lot_import
from central_registry.goods.assign import assign
from central_registry.goods.sheets import read_goods
from central_registry.issuing import allotments
from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.problems import ProblemError
from label_protocol.errors import RecordError
from tests.central_registry.goods.goods_kit import GRADE, PDF, House, a_house
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT, garment

LARGE = "06901234567908"
SHEET = """品牌,品名,款号,颜色,号型,执行标准,安全类别,商品条码,适用人群,成分,批号,批量
示例,针织衫,K1,黑,165/88A,FZ/T 73018,B类,6901234567908,成人,面料：羊毛 100%,P1,300
示例,针织衫,K1,黑,170/92A,FZ/T 73018,B类,6901234567915,成人,面料：羊毛 100%,P1,300
合计,,,,,,,,,,,600
"""


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as found:
        yield found


async def ask(house: House, actor: Actor, method: str, path: str, **sent: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {await token_of(house.pool, actor)}"}
    answer = await house.registry.http.request(method, f"/v1/admin/{path}", headers=headers, **sent)
    return answer.status, await answer.json() if "json" in answer.content_type else await answer.read()


async def test_a_sheet_is_previewed_and_then_taken_in(house: House) -> None:
    where = f"firm={house.firm}"
    status, found = await ask(house, house.clerk, "POST", f"goods/preview?{where}", data=SHEET.encode())
    assert (status, found["counts"]) == (200, {"new": 4, "other_size": 2})
    assert [(row["where"], row["what"], row["number"]) for row in found["rows"][:3]] == [
        ("第 2 行 · row 2", "style", "K1"), ("第 2 行 · row 2", "lot", "P1"), ("第 2 行 · row 2", "gtin", LARGE),
    ]  # fmt: skip
    assert await house.registry.rows("SELECT FROM lot WHERE lot_no = 'P1'") == []
    status, found = await ask(house, house.clerk, "POST", f"goods/import?{where}", data=SHEET.encode("gb18030"))
    assert (status, found) == (200, {"styles": 1, "lots": 2, "changed": 2, "other_sizes": 2})
    less = SHEET.replace("300", "200").encode()
    status, found = await ask(house, house.clerk, "POST", f"goods/import?{where}", data=less)
    assert status == 409 and "lot P1, lot.quantity: 300 → 200" in found["detail"]
    assert (await ask(house, house.clerk, "POST", f"goods/import?{where}&replace=true", data=less))[0] == 200
    status, found = await ask(house, house.clerk, "GET", "lots?q=P1")
    assert (found["total"], found["rows"][0]["quantity"], found["rows"][0]["firm_name"]) == (1, 200, "示例服饰")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (SHEET.replace("6901234567908", "6901234567909"), r"H2 商品条码 \(gtin\)：.*校验位"),
        (SHEET.replace("面料：羊毛 100%,P1", ",P1"), "第 2 行.*composition"),
        (SHEET.replace("款号", "式样号"), "没有“款号”|式样号"),
        ("批号,批量\nP1,3\n", "款号.*商品条码"),
    ],
)
def test_a_wrong_cell_is_named(text: str, refused: str) -> None:
    with pytest.raises(RecordError, match=refused):
        read_goods(text.encode())


async def test_nobody_imports_for_a_firm_of_others(house: House) -> None:
    other = await add_party(house.pool, PartyKind.FIRM, "示例针织")
    for actor, firm in ((house.clerk, other), (house.officer, other), (house.clerk, "unassigned")):
        status, found = await ask(house, actor, "POST", f"goods/import?firm={firm}", data=SHEET.encode())
        assert status == 404, found
    assert (await ask(house, house.technician, "POST", f"goods/import?firm={house.firm}", data=b"[]"))[0] == 403
    assert (await ask(house, house.clerk, "POST", f"goods/import?firm={house.firm}", data=b"PDF"))[0] == 422


async def test_a_lot_goes_from_a_report_to_a_certificate_over_http(house: House) -> None:
    named = f"firm={house.firm}&lot_no=L1&report_no=R1&issued_on={AT.date()}&covers=5000&file_name=r.pdf"
    status, report = await ask(house, house.technician, "POST", f"reports?{named}", data=PDF.body)
    assert status == 200, report
    assert await ask(house, house.clerk, "GET", f"files/{report['file_hash']}") == (200, PDF.body)
    filing = {"firm": house.firm, "lot_no": "L1", "scheme": "pinghu-down", "grade": GRADE, "quantity": 5000}
    filing |= {"valid_from": str(AT.date()), "report_no": "R1", "lab": house.lab}
    status, filed = await ask(house, house.officer, "POST", "certificates", json=filing)
    assert (status, filed["version"]) == (200, 1), filed
    one = f"certificates/{house.firm}/L1/1"
    assert (await ask(house, house.officer, "POST", f"{one}/approve", json={"agreed": True}))[0] == 403
    assert await ask(house, house.approver, "POST", f"{one}/approve", json={"agreed": True}) == (
        200,
        {"state": "approved"},
    )
    assert (await ask(house, house.officer, "POST", f"{one}/stop", json={"reason": "复核"}))[0] == 200
    lifted = await ask(house, house.approver, "POST", f"{one}/lift", json={"reason": "复核完成"})
    assert lifted == (200, {"state": "approved"})
    status, lot = await ask(house, house.clerk, "GET", f"lots/{house.firm}/L1")
    assert [row["what"] for row in lot["story"]].count("approved") == 2
    assert (lot["certificates"][0]["state"], lot["reports"][0]["covers"]) == ("approved", 5000)
    limited = {"firm": house.firm, "what": "style", "number": "S1", "quantity": 70, "reason": "儿童吊牌"}
    assert await ask(house, house.officer, "POST", "goods/limits", json=limited) == (200, {"quantity": 70})
    listed = await ask(house, house.technician, "GET", "certificates?state=approved")
    assert (listed[1]["total"], listed[1]["rows"][0]["lab_name"]) == (1, "示例检测中心")


async def test_goods_of_before_go_to_a_firm_with_their_keys(house: House) -> None:
    pool = house.pool
    records = [garment("B1", "S9", gtin=LARGE, size="165"), garment("B2", "S9", gtin=LARGE, size="165")]
    await lot_import.import_lots(pool, records)
    await house.registry.enrolled("line-1")
    await allotments.allot(pool, "line-1", "lot:B1", 5000)
    await house.registry.pool.execute("INSERT INTO goods_doubt (what, number, doubt) VALUES ('key', 'lot:B1', '?')")
    status, listed = await ask(house, house.officer, "GET", "goods/unassigned")
    assert [(row["style_no"], row["lot_nos"], row["doubts"]) for row in listed["rows"]] == [
        ("S9", ["B1", "B2"], ["lot:B1: ?"])
    ]
    given = await assign(pool, house.officer, "lot", "B2", house.firm, AT)
    assert given == {"lots": ["B2"], "keys": ["lot:B2"]}
    body = {"what": "style", "number": "S9", "firm": house.firm}
    status, given = await ask(house, house.officer, "POST", "goods/assign", json=body)
    assert (status, given) == (200, {"lots": ["B1"], "keys": ["lot:B1", "style:S9"]})
    keys = await house.registry.rows(
        "SELECT DISTINCT firm FROM quota_key WHERE quota_key = ANY('{lot:B1,lot:B2,style:S9}')"
    )
    items = await house.registry.rows("SELECT firm FROM trade_item WHERE gtin = $1", LARGE)
    assert [row["firm"] for row in (*keys, *items)] == [house.firm] * 2
    fed = await house.registry.rows("SELECT body FROM feed_item WHERE kind = 'lot' AND key = 'B1'")
    assert json.loads(fed[0]["body"])["firm"] == house.firm, "what its agents are sent stands where it stood"
    assert await house.registry.rows("SELECT FROM lot WHERE firm = 'unassigned'") == []
    assert (await ask(house, house.officer, "POST", "goods/assign", json=body))[0] == 404


async def test_a_number_that_another_firm_has_is_given_to_nobody(house: House) -> None:
    other = await add_party(house.pool, PartyKind.FIRM, "示例针织", of=house.association)
    await lot_import.import_lots(house.pool, [garment("L1", "S9", gtin=LARGE)])
    with pytest.raises(ProblemError, match="别的企业已有这个编号 · lot L1"):
        await assign(house.pool, house.officer, "lot", "L1", other, AT)
    stranger = await add_person(house.pool, await add_party(house.pool, PartyKind.ASSOCIATION, "二"), Role.OFFICER)
    with pytest.raises(ProblemError, match="没有 企业"):
        await assign(house.pool, stranger, "lot", "L1", house.firm, AT)
    assert (await assign(house.pool, house.officer, "lot", "L1", house.firm, AT))["keys"] == ["lot:L1"]
    kept = await house.registry.rows("SELECT style_no FROM lot WHERE firm = $1 AND lot_no = 'L1'", house.firm)
    assert kept == [{"style_no": "S1"}], "what the firm imported itself stands"
