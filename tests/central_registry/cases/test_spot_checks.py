"""A spot check from the lots drawn to a failing result that stops its lot in the same act, behind the fence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from central_registry.cases import spot_checks, sums, work
from central_registry.cases.complaints import Complaint, file, goods_of
from central_registry.cases.steps import About, Step
from central_registry.db import in_transaction
from central_registry.distribution import items
from central_registry.http.context import PEOPLE, SCANS
from central_registry.lists import Ask
from central_registry.oversight import stops
from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.problems import ProblemError
from tests.kits.platform_kit import add_party, add_person
from tests.kits.registry_kit import AT, Registry, garment, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Market:
    """Two lots of a firm with labels on sale, and who may look at them."""

    registry: Registry
    firm: str
    serials: dict[str, list[str]]
    officer: Actor
    inspector: Actor
    clerk: Actor
    stranger: Actor

    @property
    def app(self) -> Any:
        return self.registry.http.server.app  # type: ignore[attr-defined]

    @property
    def people(self) -> Any:
        return self.app[PEOPLE]

    async def planned(self, pieces: int = 2) -> tuple[str, str]:
        made = await spot_checks.plan(self.people, self.inspector, self.firm, "", lots=1, pieces=pieces, at=AT)
        return made[0]["spot"], made[0]["lot_no"]

    async def drawn(self, pieces: int = 2) -> tuple[str, str]:
        spot, lot = await self.planned(pieces)
        for one in self.serials[lot][:pieces]:
            link = f"https://id.example.cn/01/06901234567892/21/{one}"
            await spot_checks.sample(self.people, self.inspector, spot, link, AT)
        return spot, lot

    async def close(self, actor: Actor, spot: str, *, passed: bool, at: Any = AT) -> dict[str, Any]:
        return await spot_checks.close(self.people, actor, spot, "检验报告R-7", passed=passed, at=at)

    async def stopped(self) -> set[str]:
        return {row["lot_no"] for row in (await stops.list_stops(self.people, self.officer, Ask(rows=100))).rows}


@pytest_asyncio.fixture(loop_scope="module")
async def market() -> AsyncIterator[Market]:
    async with running(fenced=True) as registry:
        pool = registry.pool
        association, other = [await add_party(pool, PartyKind.ASSOCIATION, name) for name in ("示例协会", "示例别会")]
        firm = await add_party(pool, PartyKind.FIRM, "示例甲", of=association)
        inspection = await add_party(pool, PartyKind.INSPECTOR, "示例稽查", of=association)
        lots = [{"kind": "lot", "lot_no": lot, "record": garment(lot)} for lot in ("L1", "L2")]
        await in_transaction(pool, lambda c: items.put_goods(c, firm, lots, AT))
        edge = (await registry.enrolled()).begin()
        serials: dict[str, list[str]] = {}
        for lot in ("L1", "L2"):
            key = await pool.fetchval("SELECT quota_key FROM quota_key WHERE firm = $1 AND lot_no = $2", firm, lot)
            serials[lot] = [edge.serial() for _ in range(3)]
            edge.printed(serials[lot], quota_key=key, lot_no=lot)
        await edge.send()
        actors = [
            await add_person(pool, party, role)
            for party, role in (
                (association, Role.OFFICER),
                (inspection, Role.INSPECTOR),
                (firm, Role.OFFICER),
                (other, Role.OFFICER),
            )
        ]
        yield Market(registry, firm, serials, *actors)


async def test_a_failing_check_stops_its_lot_in_the_same_act(market: Market) -> None:
    spot, lot = await market.drawn()
    with pytest.raises(ProblemError, match="expected one of yours"):
        await spot_checks.show_spot_check(market.people, market.clerk, spot)
    done = await market.close(market.inspector, spot, passed=False)
    assert sorted(done["serials"]) == sorted(market.serials[lot][:2])
    assert done["decision"], "a second person confirms"
    assert await market.stopped() == {lot}
    seen = await spot_checks.show_spot_check(market.people, market.clerk, spot)
    assert (seen["state"], seen["sampled"], seen["lot_no"]) == ("failed", 2, lot)
    acts = await market.registry.pool.fetch("SELECT act FROM audit ORDER BY n DESC LIMIT 2")
    assert {row["act"] for row in acts} == {"spot_check_failed", "suspend"}
    with pytest.raises(ProblemError, match="抽查已有结果"):
        await market.close(market.inspector, spot, passed=True)


async def test_what_is_stopped_already_fails_as_well(market: Market) -> None:
    spot, lot = await market.drawn()
    await stops.suspend(market.people, market.officer, stops.Named(market.firm, lot), "证书复核", AT)
    assert (await market.close(market.inspector, spot, passed=False))["decision"] == ""
    assert await market.stopped() == {lot}


async def test_a_result_is_bound_to_codes_of_its_lot(market: Market) -> None:
    spot, lot = await market.planned()
    other = next(one for one in market.serials if one != lot)
    with pytest.raises(ProblemError, match="不是该批次的"):
        await spot_checks.sample(market.people, market.inspector, spot, market.serials[other][0], AT)
    await spot_checks.sample(market.people, market.inspector, spot, market.serials[lot][0], AT)
    with pytest.raises(ProblemError, match="已抽过"):
        await spot_checks.sample(market.people, market.inspector, spot, market.serials[lot][0], AT)
    with pytest.raises(ProblemError, match="还没有抽满"):
        await market.close(market.inspector, spot, passed=True)
    assert await market.stopped() == set()


async def test_another_association_and_the_firm_plan_and_close_nothing(market: Market) -> None:
    spot, _ = await market.drawn()
    with pytest.raises(ProblemError, match="expected one of yours"):
        await market.close(market.stranger, spot, passed=False)
    with pytest.raises(ProblemError, match="expected one of yours"):
        await spot_checks.plan(market.people, market.stranger, market.firm, "", lots=1, pieces=1, at=AT)
    with pytest.raises(ProblemError, match="您的账号不能"):
        await market.close(market.clerk, spot, passed=True)


async def test_the_rate_of_a_month_and_what_cases_add_up_to(market: Market) -> None:
    for passed in (True, False):
        spot, _ = await market.drawn()
        await market.close(market.inspector, spot, passed=passed)
    later = AT + timedelta(days=40)
    await market.close(market.officer, (await market.drawn())[0], passed=True, at=later)
    goods = await goods_of(market.app[SCANS], market.serials["L1"][0])
    number = (await file(market.people, goods, Complaint(About.QUALITY, "掉毛"), AT)).number
    rates = await sums.qualified_rates(market.people, market.clerk)
    assert [(row["passed"], row["failed"], row["rate"]) for row in rates] == [(1, 0, 100.0), (1, 1, 50.0)]
    by_firm = await sums.case_sums(market.people, market.officer, "firm")
    counted = [(row["firm"], row["complaints"], row["open"], row["rate"]) for row in by_firm]
    assert counted == [(market.firm, 1, 1, 66.7)]
    assert sum(row["passed"] for row in await sums.case_sums(market.people, market.officer, "lot")) == 2
    assert await sums.case_sums(market.people, market.stranger, "firm") == []
    assert await sums.qualified_rates(market.people, market.stranger) == []
    assert [row["complaints"] for row in await sums.case_sums(market.people, market.clerk, "firm")] == [0]
    taken = await work.step(market.people, market.inspector, number, Step.TAKE, "", AT)
    assert taken["state"] == "at_work", "an inspector works on cases, past the fence as well"
