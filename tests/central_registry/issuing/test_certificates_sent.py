"""What becomes of a certificate reaches whoever holds its lot, and nobody else (docs/flow.md, promise 8)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.goods import certificate_moves
from tests.kits.issuing_kit import Site, a_site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with a_site() as found:
        yield found


def told(page: dict[str, Any]) -> list[tuple[int, bool, str]]:
    items = [item for item in page["items"] if item["kind"] == "certificate"]
    return [(item["version"], item["withdrawn"], item["reason"]) for item in items]


async def test_a_suspended_certificate_is_told_and_a_lifted_one_again(site: Site) -> None:
    house, edge = await site.ready()
    other = await site.house("示例乙")
    stranger = await site.agent(other.firm, "line-2")
    await site.given(house, 100)
    page = await site.fed(edge)
    assert told(page) == [(1, False, "")]
    pool, place, at = site.registry.pool, (house.firm, "L1", 1), site.clock.now
    await certificate_moves.stop(pool, site.officer, place, withdraw=False, reason="抽检复核", at=at)
    page = await site.fed(edge, page["cursor"])
    assert told(page) == [(1, True, "抽检复核")]
    await certificate_moves.lift(pool, site.approver, place, reason="复核合格", at=at)
    page = await site.fed(edge, page["cursor"])
    assert told(page) == [(1, False, "")]
    assert (await site.fed(stranger))["items"] == []


async def test_an_amended_certificate_takes_the_place_of_the_one_before(site: Site) -> None:
    house, edge = await site.ready()
    await site.given(house, 100)
    page = await site.fed(edge)
    await site.certificate(house.firm, 4000, version=2, report_no="R2")
    await site.registry.pool.execute("UPDATE certificate SET state = 'superseded' WHERE version = 1")
    await site.given(house, 100)
    assert told(await site.fed(edge, page["cursor"])) == [(2, False, "")]
    order = await site.ask(house, 3801)
    assert [one["rule"] for one in order["checks"] if not one["passed"]] == ["quantity_free"]
