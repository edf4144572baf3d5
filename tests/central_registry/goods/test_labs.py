"""What a laboratory reads of firms' lots: enough to find one and to file for it, and nothing of what is others'."""

from __future__ import annotations

import json

from central_registry.parties.actor import PartyKind, Role
from tests.kits.certificates_kit import certify, facts
from tests.kits.copies_kit import RECORD
from tests.kits.login_kit import a_house
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT


async def test_a_lab_finds_a_lot_and_reads_nothing_that_is_others() -> None:
    """As the database's role for people. The certificate is another laboratory's."""
    async with a_house() as house:
        style_no, record = RECORD["product"]["style_no"], json.dumps(RECORD, ensure_ascii=False)
        lab = await add_party(house.pool, PartyKind.LAB, "示例检测", of=house.association)
        token = await token_of(house.pool, await add_person(house.pool, lab, Role.LAB))
        await house.pool.execute(
            "INSERT INTO style VALUES ($1, $2, $3, 'kit', $4, 'kit')", house.firm, style_no, record, AT
        )
        await house.pool.execute(
            "INSERT INTO lot VALUES ($1, 'L1', $2, $3, 5000, 'kit', $4, 'kit')", house.firm, style_no, record, AT
        )
        await house.pool.execute(
            "INSERT INTO issuing_limit VALUES ($1, 'lot', 'L1', 700, $2, '', $3, 'kit')",
            house.firm, house.association, AT,
        )  # fmt: skip
        await certify(house.registry, 1, facts(), firm=house.firm)
        (row,) = (await house.ask("GET", "lots?search=L1", token))[1]["rows"]
        named = {"firm": house.firm, "firm_name": "示例服饰有限公司", "lot_no": "L1", "style_no": style_no}
        assert {name: value for name, value in row.items() if value is not None and name != "changed_at"} == named
        status, lot = await house.ask("GET", f"lots/{house.firm}/L1", token)
        assert (status, lot["quantity"], lot["firm_name"]) == (200, 5000, "示例服饰有限公司")
        assert lot["record"]["product"]["composition"] == RECORD["product"]["composition"]
        assert {"maker", "gtin", "brand"} & lot["record"]["product"].keys() == set() and "lot" not in lot["record"]
        hidden = ("certificates", "reports", "samples", "limit", "keys", "story")
        assert [lot[name] for name in hidden] == [[], [], [], None, [], []]
        for path in ("styles", "goods/limits"):
            assert (await house.ask("GET", path, token))[1]["rows"] == [], path
