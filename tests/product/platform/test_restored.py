"""A ledger put back from a backup at night, and a registry put back of which one agent is never heard again."""

from __future__ import annotations

from pathlib import Path

from tests.kits.platform_story import a_story, garment_of
from tests.kits.sync_kit import restore_into


async def test_a_restored_backup_at_night(tmp_path: Path) -> None:
    """Yesterday's ledger on the same computer, printing before it reaches the registry: it recovers by itself. No
    serial is drawn twice, no code is drawn above the order, every label is what it was."""
    async with a_story(tmp_path) as story:
        firm = await story.firm()
        record = await story.graded(firm, garment_of("L1", quantity=64))
        async with story.line(firm) as line:
            await story.codes(firm, "line-1", 64)
            await line.tell()
            before = await line.printed(record, 16)
            await line.tell()
            backup, edge = await line.at.backup(tmp_path), line.at.edge
            story.later(hours=9)
            lost = await line.printed(record, 24)
            await line.tell()
        story.later(hours=8)
        async with story.running(edge, restore_into(tmp_path / "restored", backup)) as line:
            offline = await line.printed(record, 8)
            await line.tell()
            assert await line.at.holds() == set()
            assert (await line.counted())["drawn"] == 48, "what was lost is back in its ledger"
            rest = await line.printed(record, 16)
            await line.tell()
            assert len({*before, *lost, *offline, *rest}) == 64
            for serial in (before[0], lost[0], offline[0], rest[0]):
                seen = await story.scan(serial, record)
                assert (seen.status, seen.facts) == ("registered", "confirmed"), seen.text
            assert await story.sums(story.officer) == [(64, 64, 64, 0)]
            assert "没有两台同名的打印端" in await story.reads(firm.it, "clones"), (
                "nobody had to decide anything at night"
            )
            assert await story.registry.alarms() == ["recovered"]
            await story.on_a_phone(lost[0], record, "已登记")
            await story.sees(story.officer, "alarms", "打印端从平台恢复了记录")


async def test_a_restored_registry_with_one_agent_silent_for_ever(tmp_path: Path) -> None:
    """The registry loses what came after a dump. The line that is back brings its labels back and goes on with its own
    lot; the lot that the silent one shares is withheld, until people declare it lost."""
    async with a_story(tmp_path) as story:
        firm = await story.firm()
        shared = await story.graded(firm, garment_of("L1", 101), "R-1")
        own = await story.graded(firm, garment_of("L2", 101), "R-2")
        async with story.line(firm, "line-1") as near, story.line(firm, "line-2") as silent:
            for lot_no, agent in (("L1", "line-1"), ("L2", "line-1"), ("L1", "line-2")):
                await story.codes(firm, agent, 40, lot_no)
            for line in (near, silent):
                await line.tell()
            kept = await near.printed(shared, 8)
            await near.tell()
            dump = await story.dumped()
            gone = await near.printed(shared, 8)
            never = await silent.printed(shared, 8)
            for line in (near, silent):
                await line.tell()
            await story.restored(dump)

            assert (await story.scan(gone[0], shared)).status == "not_yet_registered"
            await near.tell()
            for serial in (kept[0], gone[0]):
                assert (await story.scan(serial, shared)).status == "registered"
            assert (await story.scan(never[0], shared)).status != "registered"
            assert "registry_restored" in await story.registry.alarms()
            assert len(await near.printed(own, 8)) == 8
            await near.tell()
            order = {"firm": firm.party, "agent": "line-1", "quantity": 40, "lot_no": "L1"}
            asked = await story.ask(firm.clerk, "POST", "orders", order)
            approve = f"orders/{asked['code_order']}/approve"
            status, refused = await story.said(story.approver, "POST", approve, {})
            assert status == 409 and "line-2" in str(refused), refused

            lost = {"why": "lost", "reason": "电脑烧毁"}
            await story.ask(firm.it, "POST", "agents/line-2/revoke", lost)
            assert (await story.ask(story.approver, "POST", approve, {}))["quantity"] == 80
            await near.tell()
            more = await near.printed(shared, 8)
            await near.tell()
            assert (await story.scan(more[0], shared)).status == "registered"
            await story.on_a_phone(never[0], shared, "尚未登记")
            await story.sees(story.officer, "agents", "line-2", "已停用")
