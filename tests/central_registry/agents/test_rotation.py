"""An agent's secret is changed without a token: when it is due, by a person's word, and for whom it is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.agents import fleet
from central_registry.parties.actor import Role
from tests.kits.issuing_kit import Site, a_site
from tests.kits.platform_kit import add_person, token_of
from tests.kits.registry_kit import Edge


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with a_site(fenced=True) as found:
        yield found


async def _asked(site: Site, edge: Edge, method: str, what: str, secret: str = "") -> tuple[int, Any, bool]:
    """Status, answer, and whether another secret is due."""
    head = {"Authorization": f"Bearer {secret or edge.secret}"}
    answer = await site.registry.http.request(method, f"/v1/agents/{edge.agent}/{what}", headers=head)
    return answer.status, await answer.json(), answer.headers.get("X-Agent-Secret") == "due"


async def _due(site: Site, edge: Edge) -> bool:
    return (await _asked(site, edge, "GET", "feed"))[2]


async def _order(site: Site, by: Any, agent: str = "line-1") -> int:
    head = {"Authorization": f"Bearer {await token_of(site.registry.pool, by, site.clock.now)}"}
    return (await site.registry.http.post(f"/v1/admin/agents/{agent}/rotate", headers=head)).status


async def test_it_is_due_after_ninety_days_and_the_old_one_is_good_until_the_new_one_is_proven(site: Site) -> None:
    _, edge = await site.ready()
    site.clock.on(days=90, seconds=-1)
    assert not await _due(site, edge)
    site.clock.on(seconds=1)
    assert await _due(site, edge)
    lost = (await _asked(site, edge, "POST", "secret"))[1]["secret"]
    new = (await _asked(site, edge, "POST", "secret"))[1]["secret"]
    assert (await _asked(site, edge, "GET", "feed", new))[0] == 401, "not proven yet"
    assert (await _asked(site, edge, "PUT", "secret", lost))[0] == 401, "asked again: the first never arrived"
    assert await _due(site, edge), "the old one is good"
    for _ in range(2):
        assert (await _asked(site, edge, "PUT", "secret", new))[0] == 200
    assert [(await _asked(site, edge, "GET", "feed", one))[::2] for one in (edge.secret, new)] == [
        (401, False), (200, False)
    ]  # fmt: skip
    assert new not in str(await site.registry.rows("SELECT * FROM agent"))


async def test_a_person_of_it_says_so_and_the_audit_does(site: Site) -> None:
    house, edge = await site.ready()
    stranger = await site.house("示例乙")
    clerk = await add_person(site.registry.pool, house.firm, Role.VIEWER)
    assert [await _order(site, by) for by in (clerk, stranger.clerk, site.officer)] == [403, 404, 200]
    assert await _due(site, edge)
    rows = await site.registry.rows("SELECT act, about, concerns FROM audit")
    assert [tuple(row.values()) for row in rows] == [("rotate_agent", "line-1", house.firm)]
    edge.secret = (await _asked(site, edge, "POST", "secret"))[1]["secret"]
    await _asked(site, edge, "PUT", "secret")
    assert not await _due(site, edge)


async def test_a_revoked_one_and_one_that_is_two_get_none(site: Site) -> None:
    """Whoever holds a copy would have the agent for good: these need a token, which a person carries."""
    house, edge = await site.ready()
    begun = (await _asked(site, edge, "POST", "secret"))[1]["secret"]
    await site.registry.pool.execute("UPDATE agent SET cloned_at = now()")
    site.clock.on(days=91)
    assert not await _due(site, edge)
    assert [(await _asked(site, edge, "POST", "secret"))[0], await _order(site, site.officer)] == [409, 409]
    await site.registry.pool.execute("UPDATE agent SET cloned_at = NULL")
    await fleet.revoke(site.registry.pool, house.clerk, "line-1", fleet.Why.COPIED, "外泄", site.clock.now)
    asked = [(await _asked(site, edge, method, "secret", one))[0] for method, one in (("POST", ""), ("PUT", begun))]
    assert [*asked, await _order(site, site.officer)] == [409, 409, 409]


async def _rotated(site: Site, edge: Edge) -> str:
    """Its secret of before; the new one is proven, and has not been at work yet."""
    old, edge.secret = edge.secret, (await _asked(site, edge, "POST", "secret"))[1]["secret"]
    assert (await _asked(site, edge, "PUT", "secret"))[0] == 200
    return old


async def test_an_old_secret_that_is_shown_again_is_one_alarm_about_two_machines(site: Site) -> None:
    """A copied disk has the secret that the agent had when it was copied."""
    _, edge = await site.ready()
    old = await _rotated(site, edge)
    site.clock.on(hours=1)
    assert (await _asked(site, edge, "GET", "feed"))[0] == 200
    site.clock.on(hours=1)
    for method, what in (("GET", "feed"), ("GET", "check-keys"), ("PUT", "secret")):
        assert (await _asked(site, edge, method, what, old))[0] == 401
        assert (await _asked(site, edge, method, what, "nobody's"))[0] == 401
        site.clock.on(minutes=11)
    (alarm,) = await site.registry.rows("SELECT kind, agent, times, detail FROM alarm")
    assert (alarm["kind"], alarm["agent"], alarm["times"]) == ("old_secret_shown", "line-1", 3)
    prints = await site.registry.pool.fetchval("SELECT fingerprint FROM agent")
    assert prints in alarm["detail"] and "127.0.0.1" in alarm["detail"] and old not in alarm["detail"]
    for _ in range(3):
        await _asked(site, edge, "GET", "feed", old)
    assert await site.registry.pool.fetchval("SELECT times FROM alarm") == 4, "each try counts no more than each 10 min"


async def test_an_agent_that_crashed_while_it_changed_accuses_nobody(site: Site) -> None:
    """Also what was on its way while it changed: nothing of that is a second machine."""
    _, edge = await site.ready()
    old = await _rotated(site, edge)
    for wait in ({"seconds": 30}, {"days": 5}):
        site.clock.on(**wait)
        assert (await _asked(site, edge, "GET", "feed", old))[0] == 401
    assert (await _asked(site, edge, "GET", "feed"))[0] == 200, "the next one, which its disk has beside it"
    site.clock.on(hours=1)
    again = await _rotated(site, edge)
    assert (await _asked(site, edge, "GET", "feed"))[0] == 200
    assert (await _asked(site, edge, "GET", "feed", again))[0] == 401, "a question that was held open"
    assert await site.registry.alarms() == []
