"""An association of one: it begins the registry, says that one person decides, and each row of the audit says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from central_registry.parties.actor import PartyKind
from central_registry.parties.admission import NewParty
from central_registry.parties.beginning import Beginning, begin
from label_protocol.codes.issuer_range import IssuerRange
from tests.kits.platform_kit import a_uscc
from tests.kits.platform_story import Story, a_story, garment_of

WORD = "correct horse battery"


async def call(story: Story, token: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
    head = {"Authorization": f"Bearer {token}"}
    more |= {"json": body} if body is not None else {}
    answer = await story.registry.http.request(method, f"/v1/admin/{path}", headers=head, **more)
    found = await answer.json()
    return {"status": answer.status, **found}


async def test_an_association_of_one(tmp_path: Path) -> None:
    """From `init` to codes by one officer; what they approve of their own is refused until they say that they are
    alone, and from then on the audit says that nobody else looked."""
    async with a_story(tmp_path) as story:
        wanted = Beginning(
            IssuerRange.parse("100-1ZZ"),
            NewParty(PartyKind.OPERATOR, "", "示例中心", "runs", "示例甲"),
            NewParty(PartyKind.ASSOCIATION, a_uscc(), "示例小协会", "only", "经办丁"),
        )
        begun = await begin(story.pool, wanted, story.clock.at)
        shown = {"login": "only", "password": begun.words[1].word, "new_password": WORD}
        token = (await call(story, "", "POST", "login", shown))["token"]
        firm = {
            "kind": "firm",
            "uscc": a_uscc(),
            "name": "示例家纺",
            "officer_login": "clerk",
            "officer_name": "跟单戊",
        }
        admitted = await call(story, token, "POST", "parties", firm)
        shown = {"login": "clerk", "password": admitted["officer"]["word"], "new_password": WORD}
        clerk = (await call(story, "", "POST", "login", shown))["token"]
        record, party = garment_of("L1"), admitted["party"]
        sent = {"data": json.dumps(record).encode(), "params": {"firm": party}}
        assert (await call(story, clerk, "POST", "goods/import", **sent))["status"] == 200
        today = str(story.clock.at.date())
        said = {"firm": party, "lot_no": "L1", "report_no": "R-1", "issued_on": today, "lab": "示例检测中心"}
        assert (await call(story, token, "POST", "reports", params={**said, "covers": "5000"}))["status"] == 200
        grade = {name: value for name, value in record["lot"]["grade"].items() if name != "scheme"}
        del said["issued_on"]
        filing = {**said, "scheme": "pinghu-down", "grade": grade, "quantity": 5000, "valid_from": today}
        assert (await call(story, token, "POST", "certificates", filing))["status"] == 200
        place = f"certificates/{party}/L1/1/approve"
        refused = await call(story, token, "POST", place, {"agreed": True})
        assert refused["status"] == 403 and "不能是同一人" in refused["detail"]

        assert (await call(story, token, "PUT", "party/four-eyes", {"on": False}))["on"] is False
        assert (await call(story, token, "POST", place, {"agreed": True}))["state"] == "approved"
        made = await call(story, clerk, "POST", "agents", {"name": "line-1"})
        edge = await story.spend(made["file"]["token"], "line-1", "pc")
        assert edge.issuer.startswith("1"), "of the range that was given"
        order = {"firm": party, "agent": "line-1", "quantity": 50, "lot_no": "L1"}
        asked = await call(story, token, "POST", "orders", order)
        given = await call(story, token, "POST", f"orders/{asked['code_order']}/approve", {})
        assert (given["status"], given["quantity"]) == (200, 50)

        rows = (await call(story, token, "GET", "audit?rows=100"))["rows"]
        eyes = {row["act"]: row["four_eyes"] for row in rows}
        assert eyes["certificate_approved"] == "off"
        assert [eyes[act] for act in eyes if act.startswith(("approve_codes", "code_order"))] == ["off"], eyes
        shown = {"login": "runs", "password": begun.words[0].word, "new_password": WORD}
        operator = (await call(story, "", "POST", "login", shown))["token"]
        assert (await call(story, operator, "GET", "audit/verification"))["status"] == 200
        await story.sees(token, "audit", "批准证书", "批次 L1 · 第 1 版", "双人复核关闭")
