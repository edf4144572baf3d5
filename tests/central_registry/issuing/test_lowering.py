"""A person lowers what an agent may have: exactly, without an honest label becoming unregistered (docs/flow.md,
promises 5 and 8)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.central_registry.issuing.test_leases import close, draw, of_kind, promised
from tests.kits.issuing_kit import Site, a_site
from tests.kits.platform_kit import token_of


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with a_site(fenced=True) as found:
        yield found


async def _lower(site: Site, by: Any, key: str, quantity: int) -> tuple[int, Any]:
    head = {"Authorization": f"Bearer {await token_of(site.registry.pool, by, site.clock.now)}"}
    body = {"agent": "line-1", "quota_key": key, "quantity": quantity, "reason": "改款"}
    answer = await site.registry.http.post("/v1/admin/lowerings", json=body, headers=head)
    return answer.status, await answer.json()


async def test_an_agent_with_a_lease_gives_back_what_it_did_not_use_and_keeps_the_rest(site: Site) -> None:
    house, edge = await site.ready()
    given = await site.given(house, 100, days=30)
    key, cursor = given["quota_key"], (await site.fed(edge))["cursor"]
    await draw(edge, key, 10)
    other = await site.house("示例乙")
    assert [(await _lower(site, by, key, 40))[0] for by in (house.clerk, other.clerk)] == [403, 403]
    assert [(await _lower(site, site.officer, key, n))[0] for n in (9, 100, 200)] == [409] * 3
    site.clock.on(days=1)
    status, done = await _lower(site, site.officer, key, 40)
    assert (status, done["quantity"], done["waits"]) == (200, 40, True)
    assert (await promised(site))[-1][1] == 100, "it may have drawn more, and nobody else may order that yet"
    await draw(edge, key, 5)
    page = await site.fed(edge, cursor)
    lease = of_kind(page, "lease")
    assert lease["until"] == site.clock.now.strftime("%Y-%m-%dT%H:%M:%SZ"), "nothing renews it meanwhile"
    await close(edge, lease, 15, 85)
    assert await promised(site) == [("order", 100, 100), ("lease_closed", 40, -60)]
    page = await site.fed(edge, page["cursor"])
    assert (of_kind(page, "allotment")["quantity"], of_kind(page, "lease")["until"] > lease["until"]) == (40, True)
    await draw(edge, key, 25)
    against = "SELECT count(*) FROM serial WHERE verdict <> 0"
    assert await site.registry.pool.fetchval(against) == 0, "what it drew meanwhile is registered as ever"


async def test_what_it_drew_beyond_stays_registered_and_nothing_more_is_given(site: Site) -> None:
    house, edge = await site.ready()
    key = (await site.given(house, 100))["quota_key"]
    cursor = (await site.fed(edge))["cursor"]
    await draw(edge, key, 10)
    assert (await _lower(site, site.officer, key, 20))[0] == 200
    await draw(edge, key, 60)
    page = await site.fed(edge, cursor)
    await close(edge, of_kind(page, "lease"), 70, 30)
    assert (await promised(site))[-1] == ("lease_closed", 70, -30)
    assert await site.registry.pool.fetchval("SELECT count(*) FROM serial WHERE verdict <> 0") == 0
    assert await site.registry.pool.fetchval("SELECT closed_at IS NOT NULL FROM lease"), "none to draw under"
    assert (await _lower(site, site.officer, key, 69))[0] == 409


async def test_an_agent_without_leases_keeps_the_part_that_it_was_fed(site: Site) -> None:
    house = await site.house()
    await site.lot(house.firm)
    await site.certificate(house.firm)
    edge = await site.agent(house.firm, can="")
    key = (await site.given(house, 4000))["quota_key"]
    fed = of_kind(await site.fed(edge, can=""), "allotment")["quantity"]
    status, done = await _lower(site, site.officer, key, 1)
    assert (status, done["quantity"], done["waits"]) == (200, fed, False)
    assert (await promised(site))[-1] == ("lowered", fed, fed - 4000)
