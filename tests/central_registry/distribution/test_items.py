"""What is distributed: what is true now, to whom it belongs, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from central_registry.distribution import pages
from central_registry.oversight import notices
from tests.kits.registry_kit import Registry, running


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


async def test_the_feed_is_what_is_true_now(registry: Registry) -> None:
    edge = await registry.enrolled()
    await registry.allot(edge.agent, 10)
    first = await edge.get("feed")
    allotment = {"kind": "allotment", "quota_key": "lot:L1", "quantity": 10, "spoilage_permille": 30}
    assert [item["kind"] for item in first["items"]] == ["allotment", "style", "lot"]
    assert first["items"][0] == allotment
    assert (await edge.get("feed", after=first["cursor"]))["items"] == []
    await registry.allot(edge.agent, 20)
    await registry.allot(edge.agent, 30)
    second = await edge.get("feed", after=first["cursor"])
    assert second["items"] == [{**allotment, "quantity": 30}], "a changed item comes once, as it is now"
    everything = [*first["items"][1:], *second["items"]]
    assert (await edge.get("feed", after="another-epoch:99"))["items"] == everything
    assert (await edge.get("feed", after="\u0661;DROP"))["items"] == everything


async def test_an_agents_allotment_is_nobody_elses(registry: Registry) -> None:
    one, two = await registry.enrolled("line-1"), await registry.enrolled("line-2")
    await registry.allot(one.agent, 10)
    assert (await two.get("feed"))["items"] == []
    two.agent = "line-1"
    answer = await registry.http.get("/v1/agents/line-1/feed", headers=two.auth())
    assert answer.status == 401


async def test_suspension_and_recall_reach_everybody_who_has_the_lot(registry: Registry) -> None:
    edge = await registry.enrolled()
    await registry.allot(edge.agent, 10)
    first = await edge.get("feed")
    await notices.suspend(registry.pool, "lot:L1", True, "复核")
    await notices.suspend(registry.pool, "lot:L1", False, "复核完成")
    await notices.recall(registry.pool, "lot:L1", "染料")
    assert (await edge.get("feed", after=first["cursor"]))["items"] == [
        {"kind": "suspension", "quota_key": "lot:L1", "suspended": False, "reason": "复核完成"},
        {"kind": "recall", "quota_key": "lot:L1", "reason": "染料"},
    ]


async def test_long_feeds_come_in_pages(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_ITEMS", 3)
    edge = await registry.enrolled()
    for number in range(7):
        await registry.allot(edge.agent, 1, f"lot:{number}")
    found, cursor = [], ""
    while page := (answer := await edge.get("feed", after=cursor))["items"]:
        found += [item["quota_key"] for item in page if item["kind"] == "allotment"]
        cursor = answer["cursor"]
    assert found == [f"lot:{number}" for number in range(7)]
