"""An agent with a valid secret that lies, and moments that two requests share: each test once went wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.agents import epoch
from central_registry.db import in_transaction
from central_registry.ingest.states import State
from central_registry.oversight import notices
from label_protocol import wire
from tests.kits.registry_kit import AT, Edge, Registry, running


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


def stretch(edge: Edge, events: int) -> None:
    for _ in range(events):
        edge.tell("unheard_of")


async def test_an_agent_that_claims_a_loss_cannot_allot_to_itself(registry: Registry) -> None:
    """It says that events are missing, which begins a new epoch, and then "gives back" a feed that never was."""
    edge = (await registry.enrolled()).begin()
    stretch(edge, 2)
    await edge.send(1, 1)
    assert wire.problem_kind(await edge.refused(3, 3)) == "gap"
    items = [
        {"kind": "allotment", "quota_key": "lot:L1", "quantity": 1_000_000, "spoilage_permille": 1000},
        {"kind": "recall", "quota_key": "lot:L2", "reason": "envy"},
        {"kind": "style", "style_no": "S\0", "record": {}},
    ]
    for cursor in ("e9:99999999999999999", "e9:7:" + "0" * 32, "e9:7:…", ""):
        edge.tell("feed_received", cursor=cursor, epoch="e9", items=items)
    edge.printed(edge.serials(3))
    await edge.send(2)
    assert await registry.rows("SELECT * FROM feed_item") == []
    assert {"forged_feed", "overdraft"} <= set(await registry.alarms())


async def test_a_true_feed_is_taken_back_and_only_for_the_agent_it_was_given_to(registry: Registry) -> None:
    one, two = (await registry.enrolled("line-1")).begin(), (await registry.enrolled("line-2")).begin()
    await registry.allot(one.agent, 10)
    page = await one.get("feed")
    await registry.pool.execute("DELETE FROM feed_item")
    for edge in (two, one):
        stretch(edge, 2)
        await edge.send(1, 1)
        await edge.refused(3, 3)
        edge.tell("feed_received", cursor=page["cursor"], epoch=page["epoch"], items=page["items"])
        await edge.send(2)
    rows = await registry.rows("SELECT agent, quantity FROM feed_item WHERE kind = 'allotment'")
    assert [(row["agent"], row["quantity"]) for row in rows] == [("line-1", 10)]


async def test_an_agent_closes_no_alarm_but_its_own(registry: Registry) -> None:
    """An alarm's name could be chosen through the allotment it is about."""
    edge = (await registry.enrolled()).begin()
    edge.printed(edge.serials(3), quota_key="agent:x")
    await edge.send()
    edge.tell("alarm_closed", alarm="x", operator="o", reason="r")
    await edge.send(len(edge.bodies))
    assert "overdraft" in await registry.alarms()


@pytest.mark.parametrize("verdict", ["window_printed", "window_never_sent"])
async def test_a_verdict_that_comes_after_doubt_changes_nothing(registry: Registry, verdict: str) -> None:
    """A fork tells its proof again, of a window that was doubted meanwhile. The agent's own ledger refuses that; only a
    scan or a decision leads out of doubt, here too."""
    edge = (await registry.enrolled()).begin()
    window = edge.sending(serials := edge.serials(3))
    edge.tell("window_in_doubt", window=window, reason="history recovered", evidence={})
    await edge.send()
    edge.tell(verdict, window=window, level="counter", evidence={}, counts_as="printed", reason="r")
    edge.tell("label_scanned", serial=serials[0], text="t", operator="o", step="scan")
    await edge.send(len(edge.bodies) - 1)
    rows = await registry.rows("SELECT serial, state FROM serial")
    assert {row["serial"]: State(row["state"]).word for row in rows} == {
        serials[0]: "printed",
        serials[1]: "in_doubt",
        serials[2]: "in_doubt",
    }
    assert "impossible_move" in await registry.alarms()


@pytest.mark.parametrize("parent", [{"incarnation": [], "seq": 1, "hash": "00"}, {"incarnation": "x", "seq": "1"}, "x"])
async def test_a_parent_that_is_none_is_refused_and_not_a_failure(registry: Registry, parent: Any) -> None:
    edge = await registry.enrolled()
    edge.incarnation = "a" * 32
    edge.tell("incarnation_began", parent=parent, reason="reenrolled", fingerprint="pc")
    status, _ = await edge.post(edge.batch())
    assert status == 422


async def test_no_allotment_is_skipped_when_the_last_agent_checks_in_while_another_asks(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is read while allotments are held back; they are renumbered and something newer is fed meanwhile."""
    edge, other_one = await registry.enrolled(), await registry.enrolled("line-9")
    for agent in (edge.agent, other_one.agent):
        await registry.allot(agent, 10)
    missing = epoch.missing

    async def one_is_missing(connection: Any) -> list[str]:
        monkeypatch.setattr(epoch, "missing", missing)
        await in_transaction(registry.pool, lambda other: epoch.release(other, "line-9", AT))
        await notices.suspend(registry.pool, "lot:L1", True, "复核")
        return ["line-9"]

    monkeypatch.setattr(epoch, "missing", one_is_missing)
    first = await edge.get("feed")
    second = await edge.get("feed", after=first["cursor"])
    kinds = {item["kind"] for item in first["items"] + second["items"]}
    assert {"allotment", "suspension"} <= kinds
