"""What an order draws on: rule C1 with the certificate that came, and 为哪家 where two firms have the lot."""

from __future__ import annotations

import json
import re
from typing import Any

from edge_agent.ledger import Ledger
from edge_agent.service.agent_service import AgentService
from label_protocol.chain import address
from tests.edge_agent.service.test_service import LOT, ask
from tests.edge_agent.service.test_stopped_lots import DOWN, JACKET, client, feed, service

__all__ = ["client", "service"]

ORDER = {**DOWN, **JACKET, "lot_no": LOT}
QUERY = f"fitting?style_no={JACKET['style_no']}&size={JACKET['size']}&lot_no={LOT}"


def certificate(overall: str, version: int = 1) -> dict[str, Any]:
    facts = {"lot": {"lot_no": LOT, "grade": {"scheme": "pinghu-down", "overall": overall}}}
    facts["lot"]["grade"]["indicators"] = {
        "cluster_content": "5A",
        "fill_power": "4A",
        "turbidity": "4A",
        "down_leakage": "5A",
        "colour_fastness": "4A",
    }
    named = {"firm": "F1", "lot_no": LOT, "scheme": "pinghu-down", "valid_from": "2026-11-01", "valid_to": None}
    word = {"version": version, "facts": facts, "sha256": address(facts), "withdrawn": False, "reason": ""}
    return {"kind": "certificate", "quota_key": f"lot:{LOT}", **named, **word}


async def test_an_honest_slip_is_stopped_and_both_values_are_named(client: Any, service: AgentService) -> None:
    await feed(service, certificate("AAA"))
    problem = await ask(client, "POST", "jobs", 422, ORDER, "k1")
    assert problem["type"] == "/problems/findings"
    (finding,) = problem["findings"]
    assert (finding["rule"], finding["severity"], finding["path"]) == ("C1", "BLOCK", "lot.grade.overall")
    assert (finding["got"], finding["expected"]) == ("AAAA", "AAA")
    fits = await ask(client, "GET", QUERY, 200)
    assert not fits["templates"] and "AAA" in next(iter(fits["refused"].values()))
    service.parts.changes.tell()
    await service.parts.ledger.do(Ledger.receive_distribution, "c-right", "epoch-1", [certificate("4A", 2)])
    job = await ask(client, "POST", "jobs", 201, ORDER, "k1")
    assert (await ask(client, "GET", QUERY, 200))["templates"]
    snapshot = await service.parts.ledger.do(Ledger.snapshot, job["snapshot_hash"])
    assert b'"lot_certificate":' in snapshot, "the label says that it was compared"


async def test_where_two_firms_have_the_lot_it_is_asked_for_whom(client: Any, service: AgentService) -> None:
    await feed(service, *(_allotted(firm, code) for firm, code in (("F1", "AB"), ("F2", "CD"))))
    problem = await ask(client, "POST", "jobs", 409, ORDER, "k1")
    assert problem["type"] == "/problems/firmneeded" and problem["detail"].startswith("批号")
    assert problem["firms"] == [{"firm": "F1", "firm_name": "示例F1"}, {"firm": "F2", "firm_name": "示例F2"}]
    fits = await ask(client, "GET", QUERY, 200)
    assert (fits["templates"], fits["firms"]) == ([], problem["firms"])
    assert (await ask(client, "GET", f"{QUERY}&firm=F2", 200))["templates"]
    job = await ask(client, "POST", "jobs", 201, ORDER | {"firm": "F2"}, "k2")
    assert job["quota_key"] == f"lot:CD:{LOT}"
    assert (await ask(client, "POST", "jobs", 422, ORDER | {"firm": "F9"}, "k3"))["type"] == "/problems/record"


async def test_goods_that_were_imported_apart_are_found_where_one_firm_has_them(
    client: Any, service: AgentService
) -> None:
    """Programs of before say no firm; nothing of theirs stands among everybody's goods any more."""
    catalog = service.parts.catalog
    own = json.dumps({"styles": catalog.export()["styles"], "lots": catalog.export()["lots"]}).encode()
    catalog.styles.delete(JACKET["style_no"], JACKET["size"])
    assert (await ask(client, "POST", "jobs", 404, ORDER, "k0"))["type"] == "/problems/notfound"
    catalog.of_firm("F1").import_json(own)
    await feed(service, _allotted("F1", "AB"))
    assert (await ask(client, "POST", "jobs", 201, ORDER, "k1"))["quota_key"] == f"lot:AB:{LOT}"
    catalog.of_firm("F2").import_json(own)
    problem = await ask(client, "POST", "jobs", 409, ORDER, "k2")
    assert [one["firm"] for one in problem["firms"]] == ["F1", "F2"]


async def test_the_page_asks_for_whom_before_anything_else(client: Any, service: AgentService) -> None:
    await feed(service, *(_allotted(firm, code) for firm, code in (("F1", "AB"), ("F2", "CD"))))
    asked = f"/console/print?style_no={JACKET['style_no']}&size={JACKET['size']}&lot_no={LOT}"
    async with client.get(asked) as answer:
        page = await answer.text()
    assert 'name="firm"' in page and "示例F1" in page and "示例F2" in page and "请先选为哪家打" in page
    assert 'name="quantity"' not in page, "nothing can be ordered for nobody"
    async with client.get(f"{asked}&firm=F2") as answer:
        page = await answer.text()
    assert 'name="quantity"' in page and re.search(r'name="firm" value="F2"[^>]* checked', page)


def _allotted(firm: str, code: str) -> dict[str, Any]:
    named = {"firm": firm, "firm_name": f"示例{firm}", "lot_no": LOT, "style_no": JACKET["style_no"], "gtins": []}
    return {"kind": "allotment", "quota_key": f"lot:{code}:{LOT}", "quantity": 10, "spoilage_permille": 0, **named}
