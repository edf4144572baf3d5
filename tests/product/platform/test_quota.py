"""What may be drawn: over two agents of which one is offline, and until when."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.errors import HeldError, QuotaError
from tests.kits.platform_story import a_story, garment_of


async def test_quota_over_two_agents_one_offline(tmp_path: Path) -> None:
    """A certificate of 20 pieces: 12 for one line, 8 for one that goes offline; not one label more, and none lost."""
    async with a_story(tmp_path) as story:
        firm = await story.firm()
        record = await story.graded(firm, garment_of("L1", quantity=20))
        async with story.line(firm, "line-1") as near, story.line(firm, "line-2") as far:
            await story.codes(firm, "line-1", 12)
            await story.codes(firm, "line-2", 8)
            for line in (near, far):
                await line.tell()
            wanted = {"firm": firm.party, "agent": "line-1", "quantity": 1, "lot_no": "L1"}
            order = await story.ask(firm.clerk, "POST", "orders", wanted)
            status, refused = await story.said(story.approver, "POST", f"orders/{order['code_order']}/approve", {})
            assert (status, [one["rule"] for one in refused["checks"] if not one["passed"]]) == (409, ["quantity_free"])

            here, there = await near.printed(record, 12), await far.printed(record, 8)
            with pytest.raises(QuotaError):
                await far.print(await far.order(record, 1))
            await near.tell()
            assert await story.sums(story.officer) == [(20, 12, 12, 0)]
            story.later(days=3)
            assert "line-2" in await story.reads(story.officer, "agents?state=silent")
            await story.sees(story.officer, "agents?state=silent", "line-2", "失联")
            assert (await story.scan(there[0], record)).status == "not_yet_registered"
            await far.tell()
            assert await story.sums(story.officer) == [(20, 20, 20, 0)]
            for serial in (here[-1], there[-1]):
                seen = await story.scan(serial, record)
                assert (seen.status, seen.facts) == ("registered", "confirmed"), seen.text
            await story.on_a_phone(there[0], record, "已登记")


@pytest.mark.parametrize("clock", ["1970-01-01T00:00:10", "2099-01-01T00:00:00"])
async def test_a_lease_that_ends_offline(tmp_path: Path, clock: str) -> None:
    """A line goes offline with ten days of codes. Its clock, set to 1970 or to 2099, prolongs nothing and loses
    nothing: what was printed stays, drawing ends, and after the next contact the unused codes are another line's."""
    async with a_story(tmp_path) as story:
        firm = await story.firm()
        record = await story.graded(firm, garment_of("L1", quantity=24))
        async with story.line(firm, "line-1") as away, story.line(firm, "line-2") as other:
            await story.codes(firm, "line-1", 24, days=10)
            await away.tell()
            job = await away.order(record, 24)
            early = await away.print(job, 8)
            story.later(days=9)
            early += await away.print(job, 8)
            away.at.place.clock.second = clock
            with pytest.raises((QuotaError, HeldError)) as stopped:
                await away.print(job)
            assert ("领用期限" if clock > "2026" else "时钟") in str(stopped.value)
            story.later(days=2)
            with pytest.raises(QuotaError, match="领用期限"):
                await away.print(job)
            assert (await away.counted())["drawn"] == 16, "offline nothing is given back"

            away.at.place.clock.second = clock
            await story.stands(firm, "suspended")
            await away.tell()
            for serial in (early[0], early[-1]):
                seen = await story.scan(serial, record)
                assert (seen.status, seen.facts) == ("registered", "confirmed"), seen.text
            assert await story.sums(story.officer) == [(16, 16, 16, 0)], "the eight came back"
            await story.stands(firm, "active")
            await story.codes(firm, "line-2", 8)
            await other.tell()
            late = await other.printed(record, 8)
            await other.tell()
            assert (await story.scan(late[-1], record)).status == "registered"
            assert await story.sums(story.officer) == [(24, 24, 24, 0)]
            await story.on_a_phone(late[-1], record, "已登记")
            await story.sees(story.officer, "agents/line-1", "已交回", "16 / 16")
