"""What may be drawn: over two agents of which one is offline, and until when."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.errors import QuotaError
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
            assert (await story.scan(there[0], record)).status == "not_yet_registered"
            await far.tell()
            assert await story.sums(story.officer) == [(20, 20, 20, 0)]
            for serial in (here[-1], there[-1]):
                seen = await story.scan(serial, record)
                assert (seen.status, seen.facts) == ("registered", "confirmed"), seen.text
