"""Both sides lose data, in every way docs/architecture.md, 7.4 names, and come back to one history.

Real ledger and registry.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from central_registry.agents import enrolment
from central_registry.problems import RefusedError
from edge_agent.errors import HeldError
from edge_agent.ledger import Ledger
from tests.kits.registry_kit import AT, Registry, running
from tests.kits.sync_kit import Station, restore_into, station


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


async def _ready(registry: Registry, one: Station, allotted: int = 1000) -> None:
    await registry.allot(one.edge.agent, allotted)
    assert await one.sync() == "online"


async def _lose_after(registry: Registry, agent: str, seq: int) -> None:
    """The registry as an older dump of it: everything after `seq` never happened."""
    await registry.pool.execute("DELETE FROM edge_event WHERE agent = $1 AND seq > $2", agent, seq)
    for table in ("serial", "drawing", "quota_use", "label_sum", "alarm", "conflict"):
        await registry.pool.execute(f"DELETE FROM {table}")
    await registry.pool.execute(
        "UPDATE incarnation i SET seq = $2, hash = e.hash FROM edge_event e "
        "WHERE e.agent = i.agent AND e.incarnation = i.incarnation AND e.seq = $2 AND i.agent = $1",
        agent,
        seq,
    )


async def test_what_was_issued_arrives_and_is_the_same_byte_by_byte(registry: Registry, tmp_path: Path) -> None:
    async with station(tmp_path, registry) as one:
        await _ready(registry, one)
        serials = await one.print(40)
        assert one.pump.view().pending >= 1 or (one.pump.notify(), one.pump.view().pending)[1] >= 1
        assert await one.sync() == "online"
        assert one.pump.view().pending == 0
        assert await one.equals(registry)
        assert set(await registry.states()) == set(serials)
        assert (await registry.rows("SELECT count(*) AS n FROM snapshot"))[0]["n"] == 1
        assert await registry.alarms() == []


async def test_a_restored_backup_that_printed_100_labels_offline_first(registry: Registry, tmp_path: Path) -> None:
    async with station(tmp_path / "a", registry) as one:
        await _ready(registry, one)
        before = await one.print(16)
        await one.sync()
        backup = await one.backup(tmp_path)
        after = await one.print(24)
        await one.sync()
        old_life = (await one.lives())[-1]
    folder = restore_into(tmp_path / "b", backup)
    async with station(folder, registry, one.edge, fingerprint="pc-1") as two:
        offline = await two.print(100)
        assert await two.sync(5) == "online"
        assert await two.holds() == set()
        assert await two.equals(registry)
        assert (await two.lives())[0] == old_life
        assert len(await two.lives()) == 2
        assert set(await registry.states()) == {*before, *after, *offline}
        assert await registry.rows("SELECT 1 FROM conflict") == []
        told = [event for _, _, event in await two.events() if b'"type":"adopted"' in event]
        assert len(told) > 25, "the 13 windows printed offline are told again"
        await two.print(8)
        assert await two.sync() == "online"
        assert await two.equals(registry)
        assert "recovered" in await registry.alarms(), "a fork is never hidden"


async def test_a_restored_backup_with_its_witness_is_held_until_the_registry_was_asked(
    registry: Registry, tmp_path: Path
) -> None:
    async with station(tmp_path / "a", registry) as one:
        await _ready(registry, one)
        await one.print(8)
        await one.sync()
        backup = await one.backup(tmp_path)
        await one.print(16)
        await one.sync()
    folder = restore_into(tmp_path / "b", backup, witness=one.place.witness)
    async with station(folder, registry, one.edge) as two:
        assert await two.holds() == {"witness_ahead"}
        with pytest.raises(HeldError):
            await two.print(8)
        assert await two.sync(5) == "online"
        assert await two.holds() == set()
        assert await two.equals(registry)
        await two.print(8)


async def test_a_restored_backup_that_printed_nothing_takes_back_what_it_lost(
    registry: Registry, tmp_path: Path
) -> None:
    async with station(tmp_path / "a", registry) as one:
        await _ready(registry, one)
        await one.sync()
        backup = await one.backup(tmp_path)
        lost = await one.print(16)
        await one.sync()
    async with station(restore_into(tmp_path / "b", backup), registry, one.edge) as two:
        assert await two.sync(5) == "online"
        assert await two.equals(registry)
        assert (await two.ledger.do(Ledger.label, lost[0])).state == "printed"
        assert (await two.ledger.do(Ledger.quota, "lot:L1")).used == 16


async def test_an_old_backup_from_before_a_recovery_is_no_clone(registry: Registry, tmp_path: Path) -> None:
    """It prints at the very end of an incarnation that was superseded: only the question asked first tells it so."""
    async with station(tmp_path / "a", registry) as one:
        await _ready(registry, one)
        await one.print(8)
        await one.sync()
        first_backup = await one.backup(tmp_path)
    async with station(restore_into(tmp_path / "b", first_backup), registry, one.edge) as two:
        await two.print(8)
        await two.ledger.do(Ledger.recover, [], "recovered")
        assert await two.sync(5) == "online"
        two_printed = list(two.printed)
    async with station(restore_into(tmp_path / "c", first_backup), registry, one.edge) as three:
        offline = await three.print(8)
        assert await three.sync(5) == "online"
        assert await three.holds() == set()
        assert await three.equals(registry)
        assert set(offline) | set(two_printed) <= set(await registry.states())
    assert "cloned" not in await registry.alarms()


async def test_two_machines_with_one_identity_the_second_is_refused_and_named(
    registry: Registry, tmp_path: Path
) -> None:
    async with station(tmp_path / "a", registry, fingerprint="pc-1") as one:
        await _ready(registry, one)
        await one.print(8)
        await one.sync()
        copy = restore_into(tmp_path / "b", await one.backup(tmp_path))
        await one.print(8)
        await one.sync()
        async with station(copy, registry, one.edge, fingerprint="pc-2") as two:
            taken = await two.print(8)
            assert await two.sync(5) == "online", "to itself it is a restored backup"
            own = await one.print(8)
            assert await one.sync() == "cloned"
            assert await one.holds() == {"cloned"}
            with pytest.raises(HeldError):
                await one.print(8)
            assert await one.sync() == "cloned", "no recovery by itself"
            assert "由另一台电脑接着用" in one.pump.view().words_zh
            verdicts = await registry.rows(
                "SELECT DISTINCT against FROM serial JOIN drawing d USING (draw) WHERE serial = ANY($1)", own
            )
            assert verdicts == [{"against": 512}], "what it printed is kept, and verified"
            detail = (await registry.rows("SELECT detail FROM alarm WHERE kind = 'cloned'"))[0]["detail"]
            assert "pc-1" in detail
            assert "pc-2" in detail
            await two.print(8)
            assert await two.sync() == "online"
            assert set(taken) <= set(await registry.states())
            assert two.pump.view().twin == "pc-1", "its page says that there are two"
            assert set(own) & set(two.printed) == set() and await two.equals(registry), (
                "nor is it in the other's history"
            )
        await one.ledger.do(Ledger.release_hold, "cloned", by="registry", reason="pc-2 was scrapped")
        assert await one.sync(5) == "online"
        assert await one.equals(registry)
        assert set(own) <= set(await registry.states()), "once a person has settled it, nothing is lost"


async def test_a_machine_that_is_superseded_while_it_runs_stops_before_it_prints_again(
    registry: Registry, tmp_path: Path
) -> None:
    """It has nothing to tell: the answer to its next question is enough."""
    async with station(tmp_path / "a", registry) as one:
        await _ready(registry, one)
        copy = restore_into(tmp_path / "b", await one.backup(tmp_path))
        await one.print(8)
        await one.sync()
        async with station(copy, registry, one.edge, fingerprint="pc-2") as two:
            assert await two.sync(5) == "online"
        await one.pump.turn()
        assert one.pump.view().state == "cloned"
        assert await one.holds() == {"cloned"}


async def test_a_restored_registry_is_fed_again_and_withholds_the_lots_of_those_who_are_not_back(
    registry: Registry, tmp_path: Path
) -> None:
    other = (await registry.enrolled("line-2")).begin()
    await other.send()
    async with station(tmp_path, registry) as one:
        await _ready(registry, one, 500)
        await one.print(40)
        await one.sync()
        epoch = (await other.get("feed"))["epoch"]
        await registry.pool.execute("DELETE FROM feed_item")
        await registry.allot("line-2", 7, "lot:L2")
        await _lose_after(registry, one.edge.agent, 2)
        assert not await one.equals(registry)

        assert await one.sync(5) == "online"
        assert await one.equals(registry)
        assert set(one.printed) == set(await registry.states())
        assert "registry_restored" in await registry.alarms()
        assert "fed_again" in await registry.alarms(), "the allotment came back out of the agent's books"
        assert "overdraft" not in await registry.alarms()

        with pytest.raises(RefusedError, match="missing line-2"):
            await registry.allot(one.edge.agent, 10, "lot:L2")
        fed = await one.edge.get("feed")
        assert fed["epoch"] != epoch
        assert _allotted(fed) == ["lot:L1"]
        assert _allotted(await other.get("feed")) == [], "its own is withheld until it has told what it drew"
        await registry.allot(one.edge.agent, 5, "lot:L3")
        rows = {row["agent"]: row["waited_for"] for row in await enrolment.list_agents(registry.pool)}
        assert rows == {"line-1": False, "line-2": True}

        await other.send()
        await registry.allot(one.edge.agent, 10, "lot:L2")
        assert "registry_restored" not in await registry.alarms()
        assert await one.sync() == "online"
        assert (await one.ledger.do(Ledger.quota, "lot:L2")).allotted == 10
        assert (await one.ledger.do(Ledger.quota, "lot:L1")).allotted == 500


async def test_an_agent_declared_lost_is_not_waited_for(registry: Registry, tmp_path: Path) -> None:
    gone = (await registry.enrolled("line-2")).begin()
    await gone.send()
    await registry.allot(gone.agent, 10)
    async with station(tmp_path, registry) as one:
        await _ready(registry, one)
        await one.print(8)
        await one.sync()
        await _lose_after(registry, one.edge.agent, 2)
        await one.sync(5)
        with pytest.raises(RefusedError):
            await registry.allot(one.edge.agent, 2000)
        await enrolment.lose_agent(registry.pool, "line-2", AT)
        await registry.allot(one.edge.agent, 2000)
        gone.printed(gone.serials(2))
        await gone.send(2)
        assert "lost_agent_returned" in await registry.alarms(), "its events are facts all the same"


async def test_a_lost_agent_goes_on_telling_and_says_that_it_is_refused(registry: Registry, tmp_path: Path) -> None:
    async with station(tmp_path, registry) as one:
        await _ready(registry, one)
        await one.print(8)
        await one.sync()
        await enrolment.lose_agent(registry.pool, one.edge.agent, AT)
        later = await one.print(8)
        assert await one.sync() == "refused"
        assert await one.equals(registry), "one history, lost or not"
        assert "declared lost" in one.pump.view().error
        judged = "SELECT serial FROM serial JOIN drawing d USING (draw) WHERE (verdict | d.against) & 4 = 4"
        rows = await registry.rows(judged)
        assert {row["serial"] for row in rows} == set(later)


async def test_a_registry_that_lost_the_agents_whole_history_is_fed_from_the_start(
    registry: Registry, tmp_path: Path
) -> None:
    async with station(tmp_path, registry) as one:
        await _ready(registry, one)
        await one.print(16)
        await one.sync()
        for table in ("edge_event", "incarnation", "serial", "drawing", "quota_use"):
            await registry.pool.execute(f"DELETE FROM {table}")
        await one.sync(5)
        assert await one.equals(registry)
        rows = await registry.rows("SELECT closed_at FROM alarm WHERE kind = 'registry_restored'")
        assert [row["closed_at"] for row in rows] == [AT], "raised, and closed once the only agent was back"


async def test_a_new_machine_for_an_agent_that_lost_everything_takes_its_history_back(
    registry: Registry, tmp_path: Path
) -> None:
    async with station(tmp_path / "a", registry) as one:
        await _ready(registry, one)
        printed = await one.print(16)
        await one.sync()
    edge = await registry.enrolled("line-1", "machine-2")
    assert edge.issuer == one.edge.issuer, "an agent keeps its issuer"
    async with station(tmp_path / "b", registry, edge, fingerprint="pc-2") as two:
        assert await two.sync(5) == "online"
        assert await two.equals(registry)
        assert (await two.ledger.do(Ledger.label, printed[3])).state == "printed"
        await two.print(8)
        assert await two.sync() == "online"


async def test_a_kill_in_the_middle_of_a_sync_costs_nothing(registry: Registry, tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    def probe(name: str) -> None:
        if name == armed[-1]:
            armed.pop()
            raise Killed

    armed = ["none"]
    async with station(tmp_path, registry, probe=probe) as one:
        await _ready(registry, one)
        for point in ("mid_sync:sent", "mid_sync:acked"):
            await one.print(8)
            armed.append(point)
            with pytest.raises(Killed):
                await one.pump.turn()
    async with station(tmp_path, registry, one.edge) as again:
        assert await again.sync() == "online"
        assert await again.equals(registry)
        assert len(await registry.states()) == 16


async def test_a_pump_cancelled_anywhere_leaves_a_ledger_that_syncs(registry: Registry, tmp_path: Path) -> None:
    async with station(tmp_path, registry) as one:
        await _ready(registry, one)
        for polls in range(12):
            await one.print(8)
            turn = asyncio.ensure_future(one.pump.turn())
            for _ in range(polls * 3):
                await asyncio.sleep(0)
            turn.cancel()
            await asyncio.gather(turn, return_exceptions=True)
        assert await one.sync() == "online"
        assert await one.equals(registry)


def _allotted(fed: dict[str, Any]) -> list[str]:
    return [item["quota_key"] for item in fed["items"] if item["kind"] == "allotment"]
