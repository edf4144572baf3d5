"""An agent that is lost with honest labels in it, and a secret that somebody copied."""

from __future__ import annotations

from pathlib import Path

from label_protocol import wire
from label_protocol.answers import read_history
from tests.kits.platform_story import a_story, garment_of
from tests.kits.registry_kit import Edge


async def test_a_lost_agent_with_2000_honest_labels(tmp_path: Path) -> None:
    """Stolen with what it had not told yet; found again it tells, which is kept and shown as being verified until an
    approver admits it on the console."""
    async with a_story(tmp_path) as story:
        firm = await story.firm()
        record = await story.graded(firm, garment_of("L1"))
        async with story.line(firm) as line:
            await story.codes(firm, "line-1", 3_000)
            await line.tell()
            before = await line.printed(record, 8)
            await line.tell()
            honest = await line.printed(record, 2_000)
            lost = {"why": "lost", "reason": "车间失窃"}
            assert (await story.ask(firm.it, "POST", "agents/line-1/revoke", lost))["state"] == "revoked"
            await line.at.sync(6)
            assert line.at.pump.view().state == "refused", "it gets nothing more"
            assert (await story.scan(before[0], record)).status == "registered", "what was acknowledged before"
            seen = await story.scan(honest[-1], record)
            assert (seen.status, seen.reasons) == ("being_verified", ["told_after_loss"])
            assert "2000" in await story.follows(story.approver, "alarms", r"/console/(alarms/line-1/[^\"]+)")
            assert await story.sums(story.officer) == [(3_000, 2_008, 2_008, 0)]
            await story.on_a_phone(honest[-1], record, "正在核实")
            await story.sees(story.approver, "told", "待裁定", "报失")

            form = {"window": "", "decision": "admit", "reason": "设备已找回，逐箱核对"}
            assert "2,000" in await story.posts(story.approver, "told/line-1", "told/line-1/decide", **form)
            assert (await story.scan(honest[0], record)).status == "registered"
            assert "设备已找回" in await story.reads(story.officer, f"codes?code={honest[0]}")
            assert (await line.counted())["drawn"] == 2_008


async def test_a_copied_secret(tmp_path: Path) -> None:
    """Somebody copied the credentials and writes a history of their own beside the living line: it waits for the firm,
    which says who goes on. The secret ends with that; the honest line loses nothing and the copy's labels stay out."""
    async with a_story(tmp_path) as story:
        firm = await story.firm()
        record = await story.graded(firm, garment_of("L1"))
        async with story.line(firm) as line:
            await story.codes(firm, "line-1", 100)
            await line.tell()
            job = await line.order(record, 8)
            own, key = await line.print(job), job.quota_key
            await line.tell()
            thief = Edge(story.registry, "line-1", line.at.edge.issuer, line.at.edge.secret, fingerprint="elsewhere")
            last = read_history(await thief.get("events"))
            parent = Edge(story.registry, "line-1", "", "", incarnation=str(last.incarnation))
            parent.bodies, parent.hashes = [b""] * len(last.events), [bytes.fromhex(last.events[-1][2])]
            thief.begin(parent, "recovered")
            copied = thief.serials(4)
            thief.printed(copied, quota_key=key)
            assert wire.problem_kind(await thief.refused()) == "cloned"
            assert "two_machines" in (await story.scan(copied[0], record)).reasons

            shown = await story.reads(firm.it, "clones")
            assert "elsewhere" in shown and "pc of line-1" in shown
            assert "elsewhere" not in await story.reads((await story.firm("示例别厂")).it, "clones")
            await story.posts(
                firm.it, "clones", await story.action(firm.it, "clones"), goes_on="living", reason="密钥外泄"
            )
            more = await line.printed(record, 8)
            await line.tell()
            for serial in (own[0], more[0]):
                assert (await story.scan(serial, record)).status == "registered"
            thief.printed(thief.serials(1), quota_key=key)
            assert wire.problem_kind(await thief.refused(3)) == "cloned"
            assert "two_machines" in (await story.scan(copied[0], record)).reasons
            assert "密钥外泄" in await story.reads(story.officer, "audit")
            await story.on_a_phone(copied[0], record, "正在核实")
            await story.sees(story.officer, "audit", "裁定两台同名打印端", "密钥外泄")
            assert await story.sums(story.officer) == [(100, 21, 21, 0)]
