"""The fleet as people ask for it."""

from __future__ import annotations

import pytest

from central_registry.agents import fleet
from central_registry.problems import ProblemError
from tests.kits.issuing_kit import a_site


async def test_who_asks_for_an_agent_of_another_firm_reads_nothing_of_it() -> None:
    """Its code is public; which associations admitted it is theirs to say."""
    async with a_site() as site:
        mine, other = await site.house(), await site.house("示例乙")
        new = fleet.NewAgent(name="line-9", owner=other.firm)
        with pytest.raises(ProblemError, match="expected your own party") as refused:
            await fleet.add(site.registry.pool, mine.clerk, new, site.clock.now)
        assert site.association not in str(refused.value)
        assert await site.registry.pool.fetchval("SELECT count(*) FROM agent") == 0
