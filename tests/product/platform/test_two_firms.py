"""Two firms whose lot, style and size have the same numbers, and one agent that prints for both."""

from __future__ import annotations

from pathlib import Path

import pytest

from central_registry.goods import lot_import
from central_registry.oversight import notices
from edge_agent.errors import FirmNeededError, LotStoppedError
from tests.kits.platform_story import a_story, garment_of, gtin_of
from tests.kits.registry_kit import garment


async def test_two_firms_with_equal_lot_style_and_size_numbers(tmp_path: Path) -> None:
    """Nothing of one reaches the other: not a code, not a grade, not a stop, not a row."""
    async with a_story(tmp_path) as story:
        one, two = await story.firm("示例甲厂"), await story.firm("示例乙厂")
        first = await story.graded(one, garment_of("L1", 101), "R-1")
        second = await story.graded(two, garment_of("L1", 102, grade="AAA"), "R-2")
        assert first["product"]["style_no"] == second["product"]["style_no"]
        async with story.line(one, "line-1", two) as line:
            await story.codes(one, "line-1", 30)
            await story.codes(two, "line-1", 20)
            await line.tell()
            with pytest.raises(FirmNeededError) as asked:
                await line.order({**first, "product": {**first["product"], "gtin": gtin_of(103)}}, 8)
            assert asked.value.firms == {one.party: one.name, two.party: two.name}
            ours = await line.printed(first, 8, firm=one.party)
            theirs = await line.printed(second, 20, firm=two.party)
            await line.tell()
            for serial, record, grade in ((ours[0], first, "AAAA"), (theirs[0], second, "AAA")):
                seen = await story.scan(serial, record)
                assert (seen.status, seen.facts) == ("registered", "confirmed"), seen.text
                assert seen.found["lot"]["grade"]["overall"] == grade
            assert await story.sums(one.clerk) == [(30, 8, 8, 0)]
            assert await story.sums(two.clerk) == [(20, 20, 20, 0)]
            assert sorted(await story.sums(story.officer)) == [(20, 20, 20, 0), (30, 8, 8, 0)]
            assert two.name not in await story.reads(one.clerk, "sums")

            stop = {"firm": one.party, "lot_no": "L1", "reason": "抽检不合格"}
            asked = await story.ask(story.officer, "POST", "recalls", stop)
            word = {"agreed": True, "reason": "复检仍不合格"}
            await story.ask(story.approver, "POST", f"decisions/{asked['decision']}/outcome", word)
            await line.tell()
            seen = await story.scan(ours[0], first)
            assert seen.status == "recalled" and "抽检不合格" in seen.text
            assert (await story.scan(theirs[0], second)).status == "registered"
            await story.on_a_phone(ours[0], first, "召回", "抽检不合格")
            await story.sees(two.clerk, "stops", "没有暂停或召回的货品")
            with pytest.raises(LotStoppedError, match="召回"):
                await line.commission(ours[1], first)
            assert await line.commission(theirs[1], second) == "commissioned"

            await lot_import.import_lots(story.pool, [garment("L1", size="165")])
            await notices.recall(story.pool, "lot:L1", "以前的批次")
            assert (await story.scan(theirs[0], second)).status == "registered", "nor a lot of before"
