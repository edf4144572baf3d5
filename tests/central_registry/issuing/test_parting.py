"""An association and a firm part: what the one gave the other ends, what is printed stays (docs/flow.md, promise 5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from central_registry.issuing.parting import end_due
from central_registry.parties.actor import PartyKind, Role
from tests.kits.issuing_kit import Site, a_site
from tests.kits.platform_kit import add_party, add_person, token_of


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with a_site(fenced=True) as found:
        yield found


async def _end(site: Site, by: Any, firm: str, **more: Any) -> tuple[int, Any]:
    token = await token_of(site.registry.pool, by, site.clock.now)
    path = f"/v1/admin/memberships/{site.association}/{firm}/end"
    head = {"Authorization": f"Bearer {token}"}
    answer = await site.registry.http.post(path, json={"reason": "迁出本省", **more}, headers=head)
    return answer.status, await answer.json()


async def _until(site: Site) -> list[str]:
    return [row["until"].isoformat() for row in await site.registry.rows("SELECT until FROM lease ORDER BY agent")]


@pytest.mark.parametrize("who", ["association", "firm"])
async def test_either_side_ends_it_and_what_was_given_ends_with_it(site: Site, who: str) -> None:
    house, edge = await site.ready()
    await site.given(house, 100)
    open_order = (await site.ask(house, 50))["code_order"]
    site.clock.on(days=3)
    cursor = (await site.fed(edge))["cursor"]
    by = site.officer if who == "association" else house.clerk
    assert (await _end(site, site.approver, house.firm))[0] == 403
    status, done = await _end(site, by, house.firm)
    assert (status, done["ended"]) == (200, True)
    order = (await site.registry.rows("SELECT state, reason FROM code_order WHERE code_order = $1", open_order))[0]
    assert (order["state"], "准入已终止" in order["reason"]) == ("rejected", True)
    now = site.clock.now.isoformat()
    assert await _until(site) == [now]
    assert [item["kind"] for item in (await site.fed(edge, cursor))["items"]] == ["lease"], "it hears at once"
    site.clock.on(days=1)
    await site.fed(edge)
    assert await _until(site) == [now], "and nothing renews it"
    assert await site.registry.pool.fetchval("SELECT association FROM agent") == "", "its own line stays its own"
    seen = await site.registry.http.get(
        f"/v1/admin/parties/{house.firm}",
        headers={"Authorization": f"Bearer {await token_of(site.registry.pool, site.officer, site.clock.now)}"},
    )
    assert seen.status == 404
    assert (await _end(site, by, house.firm))[0] == 404
    edge.begin()
    edge.printed(edge.serials(2), quota_key=await site.registry.pool.fetchval("SELECT quota_key FROM lease"))
    await edge.send()  # what is printed is told as ever


async def test_what_another_association_approved_goes_on_and_it_vouches(site: Site) -> None:
    house, _ = await site.ready()
    other = await add_party(site.registry.pool, PartyKind.ASSOCIATION, "示例羊毛衫协会")
    await site.registry.pool.execute(
        "INSERT INTO membership VALUES ($1, $2, $3, NULL, 'kit')", other, house.firm, site.clock.now
    )
    order = await site.ask(house, 100, association=other)
    await site.approve(order, by=await add_person(site.registry.pool, other, Role.APPROVER))
    before = await _until(site)
    mine = await site.agent(site.association, "line-2", house.firm)
    assert (await _end(site, site.officer, house.firm))[0] == 200
    assert await _until(site) == before
    vouched = await site.registry.rows("SELECT agent, association FROM agent ORDER BY agent")
    assert [tuple(row.values()) for row in vouched] == [("line-1", other), ("line-2", site.association)]
    ended = "SELECT agent FROM agent_firm WHERE firm = $1 AND ended_at IS NOT NULL"
    assert [row["agent"] for row in await site.registry.rows(ended, house.firm)] == [mine.agent]


async def test_from_a_later_day_it_ends_when_that_day_has_come(site: Site) -> None:
    house, edge = await site.ready()
    await site.given(house, 100)
    today = site.clock.now.date()
    for day in (today - timedelta(days=1), today + timedelta(days=400)):
        assert (await _end(site, site.officer, house.firm, ends_on=day.isoformat()))[0] == 422
    status, done = await _end(site, site.officer, house.firm, ends_on=(today + timedelta(days=30)).isoformat())
    assert (status, done["ended"]) == (200, False)
    assert (await _end(site, house.clerk, house.firm))[0] == 409, "it is to end already"
    pool = site.registry.pool
    site.clock.on(days=29)
    await site.fed(edge)
    assert (await end_due(pool, pool, site.clock.now), (await _until(site))[0] > site.clock.now.isoformat()) == (
        0,
        True,
    )
    site.clock.on(days=1)
    assert await end_due(pool, pool, site.clock.now) == 1
    assert await _until(site) == [site.clock.now.isoformat()]
    assert await end_due(pool, pool, site.clock.now) == 0
    rows = await site.registry.rows("SELECT how FROM audit WHERE act = 'end_membership' ORDER BY n")
    assert [row["how"] for row in rows] == ["password", "due"]


async def test_an_end_to_come_is_taken_back_by_who_asked_for_it(site: Site) -> None:
    house, _ = await site.ready()
    await site.given(house, 100)
    until = await _until(site)
    day = (site.clock.now + timedelta(days=5)).date().isoformat()
    assert (await _end(site, house.clerk, house.firm, ends_on=day))[0] == 200
    assert [(await _take_back(site, by, house.firm))[0] for by in (site.approver, site.officer)] == [403, 409]
    assert (await _take_back(site, house.clerk, house.firm)) == (200, day)
    assert (await _take_back(site, house.clerk, house.firm))[0] == 409, "there is none any more"
    site.clock.on(days=6)
    assert await end_due(site.registry.pool, site.registry.pool, site.clock.now) == 0
    assert await _until(site) == until
    assert (await _end(site, site.officer, house.firm))[0] == 200, "it may end another time"
    assert (await _take_back(site, site.officer, house.firm))[0] == 404, "what is over is over: admit it anew"


async def _take_back(site: Site, by: Any, firm: str) -> tuple[int, Any]:
    head = {"Authorization": f"Bearer {await token_of(site.registry.pool, by, site.clock.now)}"}
    path = f"/v1/admin/memberships/{site.association}/{firm}/end/take-back"
    answer = await site.registry.http.post(path, headers=head)
    return answer.status, (await answer.json()).get("taken_back")
