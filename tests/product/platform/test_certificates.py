"""What a label says and what a certificate says: forged, amended, and stopped where it is still paper."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import FindingsError
from label_protocol import chain
from tests.kits.platform_story import Story, a_story, garment_of
from tests.kits.registry_kit import Edge


def says(record: dict[str, Any], overall: str) -> dict[str, Any]:
    """The same goods with another grade."""
    found = copy.deepcopy(record)
    found["lot"]["grade"]["overall"] = overall
    return found


async def test_a_forged_grade(tmp_path: Path) -> None:
    """A slip of the keyboard is stopped at the agent, which draws nothing; a false agent is caught when it tells."""
    async with a_story(tmp_path) as story:
        firm = await story.firm()
        record = await story.graded(firm, garment_of("L1"))
        async with story.line(firm) as line:
            await story.codes(firm, "line-1", 100)
            await line.tell()
            with pytest.raises(FindingsError) as stopped:
                await line.order(says(record, "AAAAA"), 8)
            (found,) = [one for one in stopped.value.findings if one.rule == "C1"]
            assert (found.got, found.expected, found.path) == ("AAAAA", "AAAA", "lot.grade.overall")
            assert (await line.counted())["drawn"] == 0
            honest = await line.printed(record, 8)
            await line.tell()
        edge = (await story.enrolled(firm, "line-2")).begin()
        await story.codes(firm, "line-2", 50)
        forged = await forge(story, edge, says(record, "AAAAA"))

        seen = await story.scan(forged, record)
        assert (seen.status, seen.facts) == ("being_verified", "differ")
        assert [(one["fact"], one["label"], one["lot"]) for one in seen.found["differences"]] == [
            ("grade", "AAAAA", "AAAA")
        ]
        assert "AAAAA" in seen.text and "证书不同" in seen.text
        seen = await story.scan(honest[0], record)
        assert (seen.status, seen.facts) == ("registered", "confirmed"), seen.text
        alarms = await story.reads(story.officer, "alarms")
        assert "line-2" in alarms and "line-1" not in alarms
        life = await story.reads(story.officer, f"codes?code={forged}")
        assert "AAAAA" in life and firm.name in life
        await story.on_a_phone(forged, record, "AAAAA", "证书不同")
        await story.sees(story.officer, "alarms", "标签与证书不一致", "line-2")
        assert await story.sums(story.officer, "agent") == [(100, 8, 8, 0), (50, 1, 1, 0)]


async def forge(story: Story, edge: Edge, record: dict[str, Any]) -> str:
    """A label of a false agent, which heard the certificate and prints something else."""
    items = await story.hears(edge)
    key = next(item["quota_key"] for item in items if item["kind"] == "allotment")
    assert "certificate" in {item["kind"] for item in items}
    template = {"name": "t", "version": 1, "kind": "down_grade"}
    snapshot = {"snapshot": 1, **record, "template": template, "rules": {}}
    serial, name = edge.serial(), chain.address(snapshot)
    edge.snapshots[name] = snapshot
    lot_no, gtin = record["lot"]["lot_no"], record["product"]["gtin"]
    edge.tell(
        "window_sending", window="w1", job="j1", printer="p1", snapshot=name, quota_key=key, gtin=gtin.zfill(14),
        lot_no=lot_no, serials=[serial], replaces={}, counter=None,
    )  # fmt: skip
    edge.tell("window_printed", window="w1", level="counter", evidence={}, counts_as="printed")
    await edge.send()
    return serial


async def test_a_certificate_amended_between_printing_and_telling(tmp_path: Path) -> None:
    """Printed offline under version 1, told when version 2 stands: what was printed honestly stays confirmed, the page
    tells of the amendment; what is ordered from then on says what version 2 says."""
    async with a_story(tmp_path) as story:
        firm = await story.firm()
        record = await story.graded(firm, garment_of("L1"))
        async with story.line(firm) as line:
            await story.codes(firm, "line-1", 100)
            await line.tell()
            early = await line.printed(record, 8)
            story.later(days=3)
            amended = await story.certified(firm, says(record, "AAA"), "R-2")
            await line.tell()
            seen = await story.scan(early[0], record)
            assert (seen.status, seen.facts) == ("registered", "confirmed")
            assert (seen.found["certificate"]["version"], seen.found["certificate"]["amended_to"]) == (1, 2)
            assert "证书已更正（2026-11-23）" in seen.text

            with pytest.raises(FindingsError):
                await line.order(record, 8)
            late = await line.printed(amended, 8)
            await line.tell()
            seen = await story.scan(late[0], record)
            assert (seen.status, seen.facts) == ("registered", "confirmed")
            assert (seen.found["certificate"]["version"], seen.found["certificate"]["since"]) == (2, [])
            await story.on_a_phone(early[0], record, "证书已更正（2026-11-23）")
            await story.sees(story.officer, f"lots/{firm.party}/L1", "第 2 版", "有效", "AAA")
            assert await story.sums(story.officer) == [(100, 16, 16, 0)]
            assert await story.registry.alarms() == []
