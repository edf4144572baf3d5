"""Commands about goods: a sheet is shown and imported for a firm; a certificate needs a second person there, too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from central_registry import cli
from central_registry.parties.actor import Actor
from central_registry.parties.passwords import hashed
from tests.central_registry.goods.goods_kit import GRADE, PDF, House, a_house
from tests.kits.login_kit import PASSWORD

SHEET = """品牌,品名,款号,颜色,号型,执行标准,安全类别,商品条码,适用人群,成分,批号,批量
示例,针织衫,K1,黑,165/88A,FZ/T 73018,B类,6901234567908,成人,面料：羊毛 100%,P1,300
"""


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as found:
        word = await hashed(PASSWORD)
        await found.pool.execute("UPDATE person SET password_hash = $1", word)
        yield found


async def order(house: House, actor: Actor, *words: str) -> tuple[int, Any]:
    login = await house.pool.fetchval("SELECT login FROM person WHERE person = $1", actor.person)
    said = [*words, "--as", login, "--dsn", house.registry.dsn, "--json"]
    result = await asyncio.to_thread(CliRunner().invoke, cli.app, said, input=f"{PASSWORD}\n")
    return result.exit_code, json.loads(result.stdout) if result.exit_code == 0 else str(result.exception)


async def test_a_firms_person_imports_for_their_firm(house: House, tmp_path: Path) -> None:
    file = tmp_path / "lots.csv"
    file.write_text(SHEET, "utf-8")
    code, shown = await order(house, house.clerk, "lots", "import", str(file), "--preview")
    assert (code, shown["counts"]) == (0, {"new": 3}), shown
    assert await house.registry.rows("SELECT FROM lot WHERE lot_no = 'P1'") == []
    assert (await order(house, house.clerk, "lots", "import", str(file)))[0] == 0
    assert await house.registry.rows("SELECT firm FROM lot WHERE lot_no = 'P1'") == [{"firm": house.firm}]
    code, told = await order(house, house.clerk, "lots", "import", str(file), "--firm", "unassigned")
    assert (code, "没有 企业" in told) == (1, True)


async def test_a_certificate_is_approved_by_command(house: House) -> None:
    await house.filed()
    place = (house.firm, "L1", "1")
    code, told = await order(house, house.approver, "certificates", "approve", *place)
    assert (code, told["state"]) == (0, "approved"), told
    assert (await order(house, house.officer, "certificates", "stop", *place, "--reason", "投诉"))[1][
        "state"
    ] == "suspended"
    code, told = await order(house, house.officer, "certificates", "lift", *place, "--reason", "误报")
    assert (code, "不能是同一人" in told) == (1, True)
    assert (await order(house, house.approver, "certificates", "confirm", *place))[0] == 0
    listed = (await order(house, house.officer, "certificates", "list", "--state", "suspended"))[1]
    assert [row["lot_no"] for row in listed] == ["L1"]


async def test_a_certificate_is_filed_with_its_report_by_command(house: House, tmp_path: Path) -> None:
    cert, report = tmp_path / "cert.json", tmp_path / "R1.pdf"
    facts: dict[str, Any] = {
        "firm": house.firm, "lot_no": "L1", "scheme": "pinghu-down", "grade": GRADE, "quantity": 5000,
        "valid_from": "2026-11-20", "valid_to": "2027-11-19", "report_no": "R1", "issued_on": "2026-11-19",
        "covers": 5000,
    }  # fmt: skip
    for change, words in (({"issued_on": None}, "签发日期"), ({"quantity": "many"}, "quantity"), ({"x": 1}, "x: ")):
        cert.write_text(json.dumps({**facts, **change}), "utf-8")
        report.write_bytes(PDF.body)
        code, told = await order(house, house.technician, "certificates", "file", str(cert), "--report", str(report))
        assert (code, words in told) == (1, True), told
    cert.write_text(json.dumps(facts), "utf-8")
    code, told = await order(house, house.technician, "certificates", "file", str(cert), "--report", str(report))
    assert (code, told["version"], told["doubts"]) == (0, 1, []), told
    rows = await house.registry.rows("SELECT c.source, r.file_hash IS NOT NULL AS kept FROM certificate c, report r")
    assert rows == [{"source": "command", "kept": True}]
