"""Orders and agents over HTTP: from a firm's question to codes on its agent, and what a revoked agent reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.http.context import NEWS
from central_registry.parties.actor import Actor, PartyKind, Role
from tests.kits.issuing_kit import CAN, Site, a_site
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import Edge


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with a_site() as found:
        yield found


async def said(site: Site, actor: Actor, method: str, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    token = await token_of(site.registry.pool, actor, site.clock.now)
    head = {"Authorization": f"Bearer {token}"}
    more = {"json": body} if body else {}
    answer = await site.registry.http.request(method, f"/v1/admin/{path}", headers=head, **more)
    return answer.status, await answer.json()


async def waiting(site: Site, edge: Edge, after: str) -> asyncio.Task[dict[str, Any]]:
    """An agent's question that is held open."""

    async def ask() -> dict[str, Any]:
        head = {**edge.auth(), "X-Agent-Can": CAN, "X-Agent-Version": "1.0.0"}
        query = {"after": after, "wait": "25"}
        answer = await site.registry.http.get(f"/v1/agents/{edge.agent}/feed", params=query, headers=head)
        found: dict[str, Any] = await answer.json()
        return found

    task = asyncio.create_task(ask())
    async with asyncio.timeout(20):
        while edge.agent not in news_of(site).waiting:
            await asyncio.sleep(0.005)
    return task


def news_of(site: Site) -> Any:
    app = site.registry.http.app
    assert app is not None
    return app[NEWS]


async def test_codes_are_on_the_agent_as_soon_as_they_are_approved(site: Site) -> None:
    """Its question stands open; no connection of the pool is held by it, and events are not asked about."""
    house, edge = await site.ready()
    news_of(site).look_s = 60.0
    task = await waiting(site, edge, (await site.fed(edge))["cursor"])
    status, order = await said(
        site, house.clerk, "POST", "orders", firm=house.firm, agent="line-1", quantity=300, lot_no="L1"
    )
    assert (status, [one["rule"] for one in order["checks"] if not one["passed"]]) == (200, [])
    assert site.registry.pool.get_idle_size() == site.registry.pool.get_size()
    status, given = await said(site, site.approver, "POST", f"orders/{order['code_order']}/approve", days=30)
    assert (status, given["quantity"], given["until"]) == (200, 300, "2026-12-20T09:15:03Z")
    async with asyncio.timeout(10):
        items = (await task)["items"]
    assert {item["kind"] for item in items} == {"allotment", "lease", "lot", "style", "certificate"}
    status, shown = await said(site, house.clerk, "GET", f"orders/{order['code_order']}")
    assert (status, shown["state"], len(shown["checks"])) == (200, "approved", 10)
    status, listed = await said(site, site.officer, "GET", "orders?state=approved&sort=-quantity")
    assert (status, listed["total"], listed["rows"][0]["firm_name"]) == (200, 1, "示例甲")


async def test_what_another_process_put_is_found_by_looking(site: Site) -> None:
    house, edge = await site.ready()
    other = await site.agent(house.firm, "line-2")
    order = await site.ask(house, 300)
    mine = await waiting(site, edge, (await site.fed(edge))["cursor"])
    theirs = await waiting(site, other, (await site.fed(other))["cursor"])
    await news_of(site).look()
    await site.approve(order)
    await news_of(site).look()
    async with asyncio.timeout(10):
        assert (await mine)["items"]
    await asyncio.sleep(0)
    assert not theirs.done(), "what is not its own answers no agent"
    await site.registry.pool.execute("UPDATE agent SET lost_at = now()")
    news_of(site).end()
    assert (await theirs)["items"] == [], "who is let go at the end is asked about nothing more"


async def test_an_answer_that_says_no_is_a_sentence(site: Site) -> None:
    house, _ = await site.ready()
    status, found = await said(
        site, house.clerk, "POST", "orders", firm=house.firm, agent="line-1", quantity=6000, lot_no="L1"
    )
    order = found["code_order"]
    status, found = await said(site, site.approver, "POST", f"orders/{order}/approve", days=45)
    assert (status, found["detail"][:5]) == (409, "审核未通过")
    assert [one["rule"] for one in found["checks"] if not one["passed"]] == ["quantity_free"]
    status, found = await said(site, house.clerk, "POST", f"orders/{order}/approve", days=45)
    assert status == 403
    status, found = await said(site, site.approver, "POST", f"orders/{order}/reject", reason="数量不符")
    assert (status, found["state"]) == (200, "rejected")


async def test_a_firm_adds_an_agent_and_enrols_it(site: Site) -> None:
    house = await site.house()
    status, made = await said(site, house.clerk, "POST", "agents", name="line-7")
    assert (status, made["until"]) == (200, "2026-11-23T09:15+00:00")
    assert made["file"]["registry"] == site.registry.url.rstrip("/")
    order = {"token": made["file"]["token"], "name": "缝制车间", "fingerprint": "m7"}
    assert (await site.registry.http.post("/v1/enrol", json=order)).status == 200
    status, shown = await said(site, house.clerk, "GET", "agents/line-7")
    assert (shown["owner"], shown["association"], shown["firms"]) == (house.firm, site.association, [house.firm])
    assert (shown["state"], shown["held"]) == ("enrolled", [])
    other = await site.house("示例乙")
    for path, body in (
        ("agents", {"name": "line-7"}),
        ("agents", {"name": "line-8", "owner": house.firm}),
        ("agents", {"name": "line-8", "firms": [house.firm]}),
        ("agents", {"name": "../8"}),
    ):
        assert (await said(site, other.clerk, "POST", path, **body))[0] == 409
    for path, body in (("token", {}), ("revoke", {"why": "lost", "reason": "x"}), ("firms", {"firms": []})):
        assert (await said(site, other.clerk, "POST", f"agents/line-7/{path}", **body))[0] == 404
    assert (await said(site, other.clerk, "GET", "agents/line-7"))[0] == 404
    assert (await said(site, other.clerk, "GET", "agents"))[1]["total"] == 0


@pytest.mark.parametrize(
    ("why", "words"), [("lost", "已声明丢失"), ("copied", "密钥已泄露"), ("barred", "已被协会停用")]
)
async def test_a_revoked_agent_gets_nothing_tells_and_is_told_why(site: Site, why: str, words: str) -> None:
    _, edge = await site.ready()
    edge.begin()
    await edge.send()
    await said(site, site.officer, "POST", "agents/line-1/token")
    status, done = await said(site, site.officer, "POST", "agents/line-1/revoke", why=why, reason="示例原因")
    assert (status, done["state"]) == (200, "revoked")
    for path in ("feed", "check-keys"):
        answer = await site.registry.http.get(f"/v1/agents/line-1/{path}", headers=edge.auth())
        assert answer.status == 409
        assert words in (await answer.json())["detail"]
    edge.tell("unheard_of")
    await edge.send(2)
    assert await site.registry.pool.fetchval("SELECT token_hash FROM agent") is None, "an old token brings it not back"


async def test_a_question_that_stands_open_ends_with_a_revocation(site: Site) -> None:
    _, edge = await site.ready()
    task = await waiting(site, edge, (await site.fed(edge))["cursor"])
    await said(site, site.officer, "POST", "agents/line-1/revoke", why="copied", reason="示例原因")
    await site.registry.pool.execute("UPDATE feed_item SET n = n + 1000 WHERE agent = 'line-1'")
    await site.registry.pool.execute("UPDATE meta SET value = '5000' WHERE key = 'feed'")
    async with asyncio.timeout(40):
        assert "密钥已泄露" in (await task)["detail"]


async def test_a_revoked_agent_comes_back_by_a_new_token(site: Site) -> None:
    house, _ = await site.ready()
    await said(site, site.officer, "POST", "agents/line-1/revoke", why="barred", reason="示例原因")
    status, found = await said(site, house.clerk, "POST", "agents/line-1/token")
    assert (status, "协会已停用" in found["detail"]) == (409, True)
    status, found = await said(site, house.clerk, "POST", "agents/line-1/revoke", why="lost", reason="示例原因")
    assert (status, "协会已停用" in found["detail"]) == (409, True), "a lesser reason would let it bring it back"
    _, given = await said(site, site.officer, "POST", "agents/line-1/token")
    order = {"token": given["token"], "name": "line-1", "fingerprint": "m1"}
    assert (await site.registry.http.post("/v1/enrol", json=order)).status == 200
    rows = await site.registry.rows("SELECT lost_at, revoked_why, revoked_reason FROM agent")
    assert rows == [{"lost_at": None, "revoked_why": "", "revoked_reason": ""}]


async def test_who_is_printed_for_sees_its_own_part_of_a_warehouse(site: Site) -> None:
    house, other = await site.house(), await site.house("示例乙")
    for one, report_no in ((house, "R1"), (other, "R2")):
        await site.lot(one.firm)
        await site.certificate(one.firm, report_no=report_no)
    await site.agent(house.firm)
    status, _ = await said(site, site.officer, "POST", "agents/line-1/firms", firms=[house.firm, other.firm])
    assert status == 200
    await site.given(house, 10)
    await site.given(other, 20)
    for actor, firms, left in (
        (house.clerk, {house.firm, other.firm}, 30),
        (other.clerk, {other.firm}, 20),
        (site.officer, {house.firm, other.firm}, 30),
    ):
        _, shown = await said(site, actor, "GET", "agents/line-1")
        assert (set(shown["firms"]), shown["quota_left"]) == (firms, left)
        assert {row["firm"] for row in shown["held"]} == firms
    stranger = await add_party(site.registry.pool, PartyKind.ASSOCIATION, "示例他会")
    nobody = await add_person(site.registry.pool, stranger, Role.OFFICER)
    assert (await said(site, nobody, "GET", "agents"))[1]["total"] == 0
    site.clock.on(days=2)
    assert (await said(site, site.officer, "GET", "agents?state=silent"))[1]["total"] == 1
