"""A claim that the registry lost events: what it must show, and who waits."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from central_registry.agents import enrolment, epoch
from central_registry.oversight import notices
from central_registry.problems import RefusedError
from edge_agent.ledger import Ledger
from label_protocol import wire
from label_protocol.answers import read_receipt
from tests.central_registry.ingest.test_verdicts import hear
from tests.kits.registry_kit import AT, Edge, Registry, running
from tests.kits.sync_kit import station
from tests.kits.told_kit import forget_after


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


async def _cut(registry: Registry, agent: str, seq: int) -> None:
    """The registry as an older dump of it."""
    await forget_after(registry.pool, agent, seq)


def _far(edge: Edge, seq: int = 10**12, **more: Any) -> bytes:
    """An empty batch from nowhere."""
    frame = {"wire": 1, "incarnation": edge.incarnation, "first_seq": seq, "prev_hash": "0" * 64, "events": []}
    return gzip.compress(json.dumps({**frame, **more}).encode())


async def _epoch(registry: Registry) -> str:
    async with registry.pool.acquire() as connection:
        return await epoch.current(connection)


def _allotted(fed: dict[str, Any]) -> list[tuple[str, int]]:
    return [(item["quota_key"], item["quantity"]) for item in fed["items"] if item["kind"] == "allotment"]


async def test_one_empty_batch_from_nowhere_holds_up_nobody(registry: Registry) -> None:
    edge, other = (await registry.enrolled("line-1")).begin(), await registry.enrolled("line-2")
    await edge.send()
    for agent in (edge.agent, other.agent):
        await registry.allot(agent, 10)
    before = await _epoch(registry)
    status, found = await edge.post(_far(edge))
    assert (status, wire.problem_kind(found)) == (409, "gap")
    assert await _epoch(registry) == before
    for one in (edge, other):
        await registry.allot(one.agent, 20)
        assert [quantity for _, quantity in _allotted(await one.get("feed"))] == [20]
    alarms = await registry.rows("SELECT agent, kind FROM alarm WHERE closed_at IS NULL")
    assert [(row["agent"], row["kind"]) for row in alarms] == [("line-1", "claim_without_receipt")]


@pytest.mark.parametrize("wrong", ["seal", "seq", "agent", "incarnation", "hash", "known"])
async def test_a_receipt_that_was_not_sealed_for_this_proves_nothing(registry: Registry, wrong: str) -> None:
    edge, other = (await registry.enrolled("line-1")).begin(), (await registry.enrolled("line-2")).begin()
    receipt = (await edge.send())["receipt"]
    theirs = (await other.send())["receipt"]
    changed = {
        "seal": {**receipt, "seal": "0" * 32, "seq": 9},
        "seq": {**receipt, "seq": 9},
        "agent": theirs,
        "incarnation": {**receipt, "incarnation": "a" * 32},
        "hash": {**receipt, "hash": "b" * 64},
        "known": receipt,
    }[wrong]
    before = await _epoch(registry)
    await edge.post(_far(edge, receipt=changed))
    assert await _epoch(registry) == before
    assert await registry.alarms() == ["claim_without_receipt"]


@pytest.mark.parametrize(
    "receipt", [3, {}, {"incarnation": None, "seq": 1, "hash": "0" * 64, "seal": "x"}, {"seq": "1"}]
)
async def test_a_receipt_that_is_none_is_refused_by_name(registry: Registry, receipt: Any) -> None:
    edge = (await registry.enrolled()).begin()
    status, found = await edge.post(_far(edge, receipt=receipt))
    assert (status, "receipt" in found["detail"]) == (422, True)


async def test_a_true_loss_withholds_only_the_lots_of_agents_that_have_not_checked_in(registry: Registry) -> None:
    one, two, three = [(await registry.enrolled(f"line-{n}")).begin() for n in (1, 2, 3)]
    one.tell("x")
    one.receipt = (await one.send())["receipt"]
    await two.send()
    await registry.allot(two.agent, 10, "lot:L2")
    await registry.allot(three.agent, 10, "lot:L2")
    await registry.allot(three.agent, 10, "lot:L3")
    await three.send()
    await _cut(registry, one.agent, 1)
    await one.refused(3)
    assert "registry_restored" in await registry.alarms()
    await three.send(2)
    with pytest.raises(RefusedError, match="missing line-2"):
        await registry.allot(three.agent, 20, "lot:L2")
    await registry.allot(three.agent, 20, "lot:L3")
    await registry.allot(one.agent, 5, "lot:L9")
    page = await three.get("feed")
    assert _allotted(page) == [("lot:L3", 20)]
    await two.send(2)
    await registry.allot(three.agent, 20, "lot:L2")
    more = await three.get("feed", after=page["cursor"])
    assert _allotted(more) == [("lot:L2", 20)]
    await one.send(2)
    assert "registry_restored" not in await registry.alarms()


async def test_what_was_withheld_comes_when_its_last_holder_is_back_or_lost(registry: Registry) -> None:
    """While another agent is still missing, and although cursors have moved past it."""
    one, two, three = [(await registry.enrolled(f"line-{n}")).begin() for n in (1, 2, 3)]
    one.tell("x")
    one.receipt = (await one.send())["receipt"]
    for edge in (two, three):
        await edge.send()
        await registry.allot(edge.agent, 10, "lot:L2")
    await registry.allot(one.agent, 10, "lot:L1")
    await _cut(registry, one.agent, 1)
    await one.refused(3)
    await three.send(2)
    await notices.suspend(registry.pool, "lot:L2", True, "复核")
    page = await three.get("feed")
    assert "suspension" in [item["kind"] for item in page["items"]]
    assert _allotted(page) == []
    await enrolment.lose_agent(registry.pool, "line-2", AT)
    page = await three.get("feed", after=page["cursor"])
    assert _allotted(page) == [("lot:L2", 10)]
    assert "registry_restored" in await registry.alarms(), "line-1 has not told again yet"


async def test_the_loss_of_an_agent_nobody_waited_for_feeds_nothing_anew(registry: Registry) -> None:
    """Else the loss of one agent would send every other all allotments of its lots again."""
    one, two = (await registry.enrolled("line-1")).begin(), (await registry.enrolled("line-2")).begin()
    for edge in (one, two):
        await edge.send()
        await registry.allot(edge.agent, 10)
    page = await two.get("feed")
    numbers = "SELECT agent, key, n FROM feed_item ORDER BY n"
    before = await registry.rows(numbers)
    for _ in range(2):
        await enrolment.lose_agent(registry.pool, one.agent, AT)
    assert await registry.rows(numbers) == before
    assert (await two.get("feed", after=page["cursor"]))["items"] == []


async def test_a_claim_ends_when_what_the_receipt_names_was_told_again(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    await registry.allot(edge.agent, 10)
    edge.tell("x")
    edge.tell("y")
    edge.receipt = (await edge.send())["receipt"]
    await _cut(registry, edge.agent, 1)
    await edge.refused(4)
    await edge.send(2, 2)
    with pytest.raises(RefusedError, match="missing line-1"):
        await registry.allot(edge.agent, 20)
    await edge.send(3)
    await registry.allot(edge.agent, 20)
    assert await registry.alarms() == []


# --- the agent's side -------------------------------------------------------------------------------------------------


async def test_an_agent_keeps_the_newest_receipt_and_shows_it(registry: Registry, tmp_path: Path) -> None:
    async with station(tmp_path, registry) as one:
        await registry.allot(one.edge.agent, 100)
        await one.sync()
        await one.print(8)
        await one.sync()
        line = await one.ledger.do(Ledger.incarnations)
        kept = await one.ledger.do(Ledger.receipt, line[-1].incarnation)
        assert kept is not None
        assert kept.seq == await one.ledger.do(Ledger.acked, line[-1].incarnation)
        lower = replace(kept, seq=2, seal="0" * 32)
        await one.ledger.do(Ledger.set_acked, kept.incarnation, 2, lower)
        assert await one.ledger.do(Ledger.receipt, kept.incarnation) == kept, "a lower one proves less"
        await _cut(registry, one.edge.agent, 2)
        before = await _epoch(registry)
        await one.ledger.do(Ledger.set_acked, kept.incarnation, kept.seq)
        assert await one.sync() == "online"
        assert await _epoch(registry) != before, "it showed the receipt"
        assert await one.equals(registry)
        kept = await one.ledger.do(Ledger.receipt, kept.incarnation)
    async with station(tmp_path, registry, one.edge) as again:
        assert await again.ledger.do(Ledger.receipt, kept.incarnation) == kept, "it outlives the process"


async def test_an_agent_of_the_last_release_shows_none_and_is_fed_again_all_the_same(registry: Registry) -> None:
    """Its claim is an alarm about it, nobody waits, and what it was fed is taken back from its books."""
    edge = (await registry.enrolled()).begin()
    await registry.allot(edge.agent, 10)
    page = await edge.get("feed")
    edge.tell("feed_received", cursor=page["cursor"], epoch=page["epoch"], items=page["items"])
    edge.printed(edge.serials(3))
    await edge.send()
    await registry.pool.execute("TRUNCATE serial, drawing, quota_use, label_sum, feed_item")
    await _cut(registry, edge.agent, 1)
    await edge.refused(len(edge.bodies) + 1)
    await registry.allot(edge.agent, 2, "lot:L2")
    await edge.send(2)
    assert await registry.rows("SELECT quantity FROM feed_item WHERE key = 'lot:L1'") == [{"quantity": 10}]
    assert set(await registry.alarms()) == {"claim_without_receipt", "fed_again"}


async def test_an_order_after_a_restore_reaches_an_agent_that_had_read_further(registry: Registry) -> None:
    """Nobody shows a receipt, so there is no new epoch that would make its cursor void."""
    edge, other = (await registry.enrolled("line-1")).begin(), (await registry.enrolled("line-2")).begin()
    await registry.allot(other.agent, 10)
    await notices.suspend(registry.pool, "lot:L1", True, "复核")
    await notices.suspend(registry.pool, "lot:L1", False, "复核完毕")
    hear(other, await other.get("feed"))
    for one in (edge, other):
        await one.send()
    dumped = await registry.pool.fetchval("SELECT value FROM meta WHERE key = 'feed'")
    for quantity in (20, 30, 40):
        await registry.allot(other.agent, quantity)
    page = await other.get("feed")
    await notices.suspend(registry.pool, "lot:L1", True, "再次复核")
    await notices.suspend(registry.pool, "lot:L1", False, "再次复核完毕")
    hear(other, await other.get("feed", after=page["cursor"]))
    await registry.pool.execute("UPDATE meta SET value = $1 WHERE key = 'feed'", dumped)
    await registry.pool.execute("UPDATE feed_item SET n = $1 WHERE n > $1", int(dumped))
    await edge.post(_far(edge))
    await notices.suspend(registry.pool, "lot:L1", True, "复核")
    assert [item["kind"] for item in (await other.get("feed", after=page["cursor"]))["items"]] == ["suspension"]
    await other.post(_far(other))
    await other.send(3)
    last = await registry.rows("SELECT body FROM feed_item WHERE kind = 'suspension'")
    assert json.loads(last[0]["body"])["suspended"], "what is taken back is older than what was ordered since"


def test_an_answer_of_the_last_release_holds_no_receipt() -> None:
    head = {"incarnation": "a" * 32, "seq": 3, "hash": "b" * 64}
    answer = {"acked_seq": 3, "head_hash": "b" * 64, "head": head, "conflicts": []}
    assert read_receipt(answer).sealed is None
    batch = wire.read_batch(wire.pack_batch("a" * 32, 4, b"b" * 32, [], {}))
    assert batch.receipt is None
