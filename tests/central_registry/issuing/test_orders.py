"""Code orders: asked, checked, approved by another person, and on the agent (docs/flow.md, promises 5 and 8)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from central_registry.agents.enrolment import add_agent
from central_registry.issuing import order_lists, orders
from central_registry.issuing.checks import WORDS
from central_registry.lists import Ask
from central_registry.parties.actor import PartyKind, Role
from central_registry.problems import ProblemError
from tests.kits.issuing_kit import CAN, Site, a_site
from tests.kits.platform_kit import add_party, add_person


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with a_site() as found:
        yield found


def by_kind(page: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["kind"]: item for item in page["items"]}


def failed(order: dict[str, Any]) -> list[str]:
    return [one["rule"] for one in order["checks"] if not one["passed"]]


async def test_from_an_order_to_the_agent(site: Site) -> None:
    house, edge = await site.ready()
    order = await site.ask(house, 3000)
    assert failed(order) == []
    assert (await site.fed(edge))["items"] == [], "passed checks alone approve nothing"
    given = await site.approve(order)
    code = await site.registry.pool.fetchval("SELECT code FROM party_code WHERE party = $1", house.firm)
    key = f"lot:{code}:L1"
    assert (given["quota_key"], given["quantity"], given["until"]) == (key, 3000, "2027-01-04T09:15:03Z")
    news = by_kind(await site.fed(edge))
    assert news["allotment"] == {
        "kind": "allotment", "quota_key": key, "quantity": 3000, "spoilage_permille": 30, "firm": house.firm,
        "firm_name": "示例甲", "lot_no": "L1", "style_no": "S1", "gtins": [],
    }  # fmt: skip
    assert news["lease"] == {"kind": "lease", "quota_key": key, "until": given["until"], "warn_days": 7}
    certificate = news["certificate"]
    assert (certificate["quota_key"], certificate["firm"], certificate["version"]) == (key, house.firm, 1)
    assert (certificate["withdrawn"], certificate["facts"]["lot"]["quantity"]) == (False, 5000)
    assert (news["lot"]["firm"], news["lot"]["quota_key"], news["lot"]["lot_no"]) == (house.firm, key, "L1")
    assert news["style"]["firm"] == house.firm
    moves = await site.registry.rows("SELECT quantity, delta, why, code_order, person FROM allotment_move")
    assert moves == [
        {"quantity": 3000, "delta": 3000, "why": "order", "code_order": order["code_order"],
         "person": site.approver.person}
    ]  # fmt: skip


async def test_orders_add_up_and_no_more_is_approved_than_is_certified(site: Site) -> None:
    house, _ = await site.ready()
    await site.agent(house.firm, "line-2")
    assert (await site.given(house, 3000))["quantity"] == 3000
    assert (await site.given(house, 1000))["quantity"] == 4000, "the total of an allotment is the sum of its orders"
    over = await site.ask(house, 1001, "line-2")
    assert failed(over) == ["quantity_free"]
    with pytest.raises(ProblemError, match=r"quantity_free: expected 最多 at most 1000（共 of 5000，已用 taken 4000）"):
        await site.approve(over)
    await site.given(house, 1000, "line-2")


async def test_two_approvals_at_once_do_not_exceed_a_lot_together(site: Site) -> None:
    house, _ = await site.ready()
    await site.agent(house.firm, "line-2")
    asked = [await site.ask(house, 3000, agent) for agent in ("line-1", "line-2")]
    ended = await asyncio.gather(*(site.approve(order) for order in asked), return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["ProblemError", "dict"]


async def test_more_needs_an_approvers_reason_which_stays(site: Site) -> None:
    house, _ = await site.ready()
    order = await site.ask(house, 5200)
    given = await site.approve(order, override="补检200件，报告在途")
    assert given["quantity"] == 5200
    shown = await order_lists.show_order(site.registry.pool, site.officer, order["code_order"])
    assert (shown["state"], shown["override"]) == ("approved", "补检200件，报告在途")
    kept = await site.registry.rows("SELECT allotted, inspected, by_whom, reason FROM allotment_override")
    assert kept == [
        {"allotted": 5200, "inspected": 5000, "by_whom": site.approver.person, "reason": "补检200件，报告在途"}
    ]
    again = await site.ask(house, 1)
    with pytest.raises(ProblemError, match="quantity_free"):
        await site.approve(again, override="  ")


async def test_who_asked_does_not_approve(site: Site) -> None:
    house, _ = await site.ready()
    both = await add_person(site.registry.pool, site.association, Role.OFFICER, Role.APPROVER)
    order = await site.ask(replace(house, clerk=both), 100)
    with pytest.raises(ProblemError, match="提出和批准不能是同一人"):
        await site.approve(order, both)
    given = await site.approve(order, replace(both, four_eyes=False))
    assert given["quantity"] == 100
    eyes = await site.registry.rows("SELECT four_eyes FROM audit WHERE act = 'approve_codes'")
    assert eyes == [{"four_eyes": "off"}]


async def test_a_firms_person_does_not_approve_and_another_association_sees_nothing(site: Site) -> None:
    house, _ = await site.ready()
    order = await site.ask(house, 100)
    with pytest.raises(ProblemError, match="您的账号不能"):
        await site.approve(order, replace(house.clerk, roles=frozenset({Role.APPROVER})))
    other = await add_party(site.registry.pool, PartyKind.ASSOCIATION, "示例他会")
    stranger = await add_person(site.registry.pool, other, Role.APPROVER, Role.OFFICER)
    for refused in (
        site.approve(order, stranger),
        orders.reject(site.registry.pool, stranger, order["code_order"], "不", site.clock.now),
        order_lists.show_order(site.registry.pool, stranger, order["code_order"]),
        site.ask(replace(house, clerk=stranger), 1),
    ):
        with pytest.raises(ProblemError, match="expected one of yours"):
            await refused
    assert (await order_lists.list_orders(site.registry.pool, stranger, Ask())).total == 0
    assert (await order_lists.list_orders(site.registry.pool, house.clerk, Ask())).total == 1
    assert (await order_lists.list_orders(site.registry.pool, site.officer, Ask(search="L1"))).total == 1


async def test_a_repeated_tap_is_one_order(site: Site) -> None:
    house, _ = await site.ready()
    one = await site.ask(house, 100, code_order="form-0001")
    two = await site.ask(house, 100, code_order="form-0001")
    assert one["code_order"] == two["code_order"] == "form-0001"
    assert (await order_lists.list_orders(site.registry.pool, site.officer, Ask())).total == 1
    with pytest.raises(ProblemError, match="got that of another order"):
        await site.ask(house, 200, code_order="form-0001")
    await site.ask(house, 100, lot_no=None, style_no="S1", code_order="form-0002")
    with pytest.raises(ProblemError, match="got that of another order"):
        await site.ask(house, 100, lot_no=None, style_no="S2", code_order="form-0002")
    await site.approve(one)
    with pytest.raises(ProblemError, match="申请已处理"):
        await site.approve(one)


async def test_it_waits_for_somebody_until_it_is_decided(site: Site) -> None:
    house, _ = await site.ready()
    waiting = "SELECT party, act, about, concerns, outcome, reason FROM decision ORDER BY made_at, decision"
    order = await site.ask(house, 100)
    row = {
        "party": site.association, "act": "approve_codes", "about": order["code_order"], "concerns": house.firm,
        "outcome": None, "reason": "",
    }  # fmt: skip
    assert await site.registry.rows(waiting) == [row]
    with pytest.raises(ProblemError, match="驳回原因"):
        await orders.reject(site.registry.pool, site.approver, order["code_order"], " ", site.clock.now)
    await orders.reject(site.registry.pool, site.approver, order["code_order"], "数量不符", site.clock.now)
    assert await site.registry.rows(waiting) == [{**row, "outcome": "rejected", "reason": "数量不符"}]
    other = await site.ask(house, 5)
    await orders.take_back(site.registry.pool, house.clerk, other["code_order"], site.clock.now)
    shown = await order_lists.show_order(site.registry.pool, house.clerk, other["code_order"])
    assert shown["state"] == "taken_back"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("UPDATE party_status SET status = 'suspended' WHERE party = $1", "firm_active"),
        ("UPDATE party_status SET status = 'barred' WHERE party = $1", "firm_active"),
        ("UPDATE certificate SET state = 'suspended' WHERE firm = $1", "certificate_valid"),
        ("UPDATE certificate SET valid_to = '2026-11-01' WHERE firm = $1", "certificate_valid"),
        ("UPDATE certificate SET valid_from = '2026-12-01' WHERE firm = $1", "certificate_valid"),
        ("UPDATE report SET lot_no = 'L2' WHERE firm = $1", "report_unique"),
        ("UPDATE report SET covers = 100 WHERE firm = $1", "report_unique"),
        ("UPDATE agent SET lost_at = now() WHERE owner = $1", "agent_entitled"),
        ("UPDATE agent SET enrolled_at = NULL WHERE owner = $1", "agent_entitled"),
        ("UPDATE agent_firm SET ended_at = now() WHERE firm = $1", "agent_entitled"),
    ],
)
async def test_what_changed_since_it_was_asked_is_found_at_approval(site: Site, change: str, rule: str) -> None:
    house, _ = await site.ready()
    order = await site.ask(house, 100)
    await site.registry.pool.execute(change, house.firm)
    with pytest.raises(ProblemError, match=f"审核未通过：{WORDS[rule][0]}.*{rule}: expected"):
        await site.approve(order, override="无论如何")
    assert rule in failed(await site.ask(house, 100)), "and the next one is told at once"


async def test_an_agent_that_never_spoke_is_not_called_old(site: Site) -> None:
    """Before its first word nobody knows what it understands."""
    house, other = await site.ready(), await site.house("示例乙")
    await site.registry.pool.execute("INSERT INTO agent_firm VALUES ('line-1', $1, $2)", other.firm, site.clock.now)
    for asked_at, told in (
        (None, "尚未联系，请先启动它 not in contact yet"),
        (site.clock.now, "旧版只能为一家企业打印"),
    ):
        await site.registry.pool.execute("UPDATE agent SET can = '', asked_at = $1, seen_at = NULL", asked_at)
        order = await site.ask(house[0], 10)
        found = next(one for one in order["checks"] if one["rule"] == "agent_entitled")
        assert not found["passed"] and told in found["got"], found


async def test_goods_without_certificate_take_the_associations_limit(site: Site) -> None:
    house = await site.house()
    await site.lot(house.firm, graded=False)
    await site.agent(house.firm)
    assert failed(await site.ask(house, 100)) == ["quantity_free"], "no limit yet, and none is guessed"
    limit = "INSERT INTO issuing_limit VALUES ($1, $2, $3, $4, $5, '', now(), 'kit')"
    await site.registry.pool.execute(limit, house.firm, "style", "S1", 300, site.association)
    assert failed(await site.ask(house, 301)) == ["quantity_free"]
    await site.given(house, 300)
    assert failed(await site.ask(house, 1)) == ["quantity_free"]
    await site.registry.pool.execute(limit, house.firm, "lot", "L1", 400, site.association)
    assert failed(await site.ask(house, 100)) == [], "the lot's own limit is before its style's"


async def test_two_firms_with_one_lot_number_never_meet(site: Site) -> None:
    house, edge = await site.ready()
    other = await site.house("示例乙")
    await site.lot(other.firm)
    await site.certificate(other.firm, 700, report_no="R-乙")
    two = await site.agent(other.firm, "line-2")
    mine, theirs = await site.given(house, 5000), await site.given(other, 700, "line-2")
    assert mine["quota_key"] != theirs["quota_key"]
    for one, house_ in ((edge, house), (two, other)):
        items = (await site.fed(one))["items"]
        assert {item["firm"] for item in items if "firm" in item} == {house_.firm}
        assert sorted(item["kind"] for item in items) == ["allotment", "certificate", "lease", "lot", "style"]


async def test_a_warehouse_is_fed_both_of_two_equal_lots(site: Site) -> None:
    house = await site.house()
    other = await site.house("示例乙")
    for one, report_no in ((house, "R1"), (other, "R2")):
        await site.lot(one.firm)
        await site.certificate(one.firm, report_no=report_no)
    edge = await site.agent(house.firm, "line-1", other.firm)
    await site.fed(edge)
    await site.given(house, 10)
    await site.given(other, 20)
    items = (await site.fed(edge))["items"]
    lots = {item["firm"]: item["lot_no"] for item in items if item["kind"] == "lot"}
    assert lots == {house.firm: "L1", other.firm: "L1"}


async def test_codes_are_ordered_for_an_agent_that_was_enrolled_and_not_started_yet(site: Site) -> None:
    """It says what it understands when it enrols; of one that said nothing yet the order says what is missing."""
    house = await site.house()
    other = await site.house("示例乙")
    await site.lot(house.firm)
    await site.certificate(house.firm)
    pool = site.registry.pool
    await site.registry.enrolled("line-1")
    await pool.execute("UPDATE agent SET owner = $1, association = $2", house.firm, site.association)
    await pool.executemany("INSERT INTO agent_firm VALUES ('line-1', $1, now())", [[house.firm], [other.firm]])
    silent = next(one for one in (await site.ask(house, 1))["checks"] if not one["passed"])
    assert (silent["rule"], "尚未联系" in silent["got"], "旧版" in silent["got"]) == ("agent_entitled", True, False)
    token = await add_agent(pool, "line-1", site.clock.now)
    said = {"X-Agent-Can": CAN, "X-Agent-Version": "1.0.0"}
    body = {"token": token, "name": "line-1", "fingerprint": "machine-1"}
    assert (await site.registry.http.post("/v1/enrol", json=body, headers=said)).status == 200
    given = await site.given(house, 300)
    assert given["quota_key"] != "lot:L1" and given["quantity"] == 300, "the form that it understands, and all of it"


async def test_an_unknown_lot_and_a_bad_number_are_named(site: Site) -> None:
    house, _ = await site.ready()
    with pytest.raises(ProblemError, match="批次 L9"):
        await site.ask(house, 1, lot_no="L9")
    with pytest.raises(ProblemError, match="expected 1 to"):
        await site.ask(house, 0)
    with pytest.raises(ProblemError, match="exactly one of lot_no and style_no"):
        await site.ask(house, 1, style_no="S1")
    with pytest.raises(ProblemError, match="expected 7 to 180, got 6"):
        await site.approve(await site.ask(house, 1), days=6)
    assert failed(await site.ask(house, 1, "line-9")) == ["agent_entitled"]
