"""The pump's turns: what it waits for, what it does about each refusal, what it shows; no print waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from edge_agent.errors import RegistryAwayError, RegistryBusyError, RegistryRefusedError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.sync import outbox, shipper
from edge_agent.sync.pump import Pump, PumpSettings, wait_for_ring
from label_protocol import wire
from label_protocol.answers import Distribution, Receipt
from tests.kits.ledger_kit import PROOF, Place, an_order, enrolled
from tests.kits.sync_kit import AnyTime, MemoryRegistry


class Moody(MemoryRegistry):
    """A registry in memory that first raises what it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.moods: list[Exception] = []
        self.most_events = 10**9
        self.conflicts: tuple[dict[str, Any], ...] = ()
        self.fed = 0

    async def send(self, batch: bytes) -> Receipt:
        if self.moods:
            raise self.moods.pop(0)
        if len(wire.read_batch(batch).events) > self.most_events:
            raise RegistryRefusedError("too much", {}, 413)
        receipt = await super().send(batch)
        return Receipt(receipt.acked_seq, receipt.head_hash, receipt.head, self.conflicts)

    async def distribution(self, after: str | None, hold_s: int = 0) -> Distribution:
        self.fed += 1
        return await super().distribution(after, hold_s)


@asynccontextmanager
async def pumping(folder: Path, client: MemoryRegistry, **more: Any) -> AsyncIterator[tuple[Pump, LedgerThread]]:
    place = Place(folder)
    thread = await LedgerThread.open(lambda: enrolled(place.open()))
    try:
        facts: dict[str, Any] = {"wait": AnyTime(), "jitter": lambda: 1.0, "settings": PumpSettings(idle_s=30.0)}
        yield Pump(thread, client, clock=place.clock, **(facts | more)), thread
    finally:
        await thread.close()


async def print_labels(thread: LedgerThread, labels: int, limit: int = 8) -> None:
    job = await thread.do(Ledger.open_job, an_order(labels))
    for _ in range(0, labels, limit):
        window = await thread.do(Ledger.begin_window, job.job_id, limit=limit)
        await thread.do(Ledger.prove_window, window.window_id, PROOF)


async def test_the_log_says_once_that_the_registry_was_lost_and_once_that_it_was_found(tmp_path: Path) -> None:
    client = Moody()
    client.moods = [RegistryAwayError("no route")] * 3
    async with pumping(tmp_path, client) as (pump, thread):
        with capture_logs() as lines:
            for _ in range(5):
                await print_labels(thread, 1)
                await pump.turn()
    told = [(line["event"], line.get("state"), line.get("why")) for line in lines]
    assert told == [("sync_lost", "offline", "no route"), ("sync_found", None, None)]


async def test_a_registry_that_is_away_is_asked_ever_later_and_printing_goes_on(tmp_path: Path) -> None:
    client = Moody()
    client.moods = [RegistryAwayError("no route")] * 12
    async with pumping(tmp_path, client) as (pump, thread):
        pauses = []
        for _ in range(12):
            pause_s, ring = await pump.turn()
            pauses.append(pause_s)
            await print_labels(thread, 1)
            pump.notify()
            assert not ring.is_set(), "news must not end a wait after a failure"
        assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
        view = pump.view()
        assert (view.state, view.error) == ("offline", "no route")
        assert view.pending > 0
        assert "打印不受影响" in view.words_zh
        pump.notify(now=True)
        assert ring.is_set(), "a person's order ends the wait"
        assert (await pump.turn())[0] == 30
        assert pump.view().online
        client.moods = [RegistryAwayError("again")]
        assert (await pump.turn())[0] == 1, "after a success the waits begin anew"


async def test_chance_shortens_each_wait_by_up_to_half(tmp_path: Path) -> None:
    client = Moody()
    client.moods = [RegistryAwayError("no route")] * 3
    async with pumping(tmp_path, client, jitter=lambda: 0.0) as (pump, _):
        assert [(await pump.turn())[0] for _ in range(3)] == [0.5, 1, 2]


async def test_everything_arrives_in_order_in_small_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipper, "BATCH_EVENTS", 5)
    client = Moody()
    async with pumping(tmp_path, client) as (pump, thread):
        await print_labels(thread, 40)
        await pump.turn()
        await pump.turn()
        life = (await thread.do(Ledger.incarnations))[-1]
        assert [event["seq"] for event, _ in client.lives[life.incarnation]] == list(range(1, life.last_seq + 1))
        assert max(len(batch.events) for batch in client.batches) == 5
        assert all(
            name in batch.snapshots for batch in client.batches for event in batch.events
            for name in wire.snapshots_needed(event)
        ), "each batch carries the snapshots its own events need"  # fmt: skip
        assert pump.view().pending == 0
        assert pump.view().acked_seq == life.last_seq


async def test_batches_are_bounded_by_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MAX_BATCH_BYTES", 1500)
    client = Moody()
    async with pumping(tmp_path, client) as (pump, thread):
        await print_labels(thread, 24)
        await pump.turn()
        assert max(len(batch.events) for batch in client.batches) < 6
        assert pump.view().state == "online"


async def test_413_halves_until_it_fits_and_grows_again(tmp_path: Path) -> None:
    client = Moody()
    client.most_events = 3
    async with pumping(tmp_path, client) as (pump, thread):
        await print_labels(thread, 40)
        await pump.turn()
        await pump.turn()
        assert pump.view().pending == 0
        client.most_events = 10**9
        await print_labels(thread, 40)
        await pump.turn()
        await print_labels(thread, 40)
        await pump.turn()
        assert max(len(batch.events) for batch in client.batches) > 3


async def test_a_single_event_that_is_too_large_is_shown_and_not_spun_on(tmp_path: Path) -> None:
    client = Moody()
    client.most_events = 0
    async with pumping(tmp_path, client) as (pump, thread):
        await print_labels(thread, 8)
        assert (await pump.turn())[0] == 30
        assert pump.view().state == "refused"
        assert "过大" in pump.view().words_zh


async def test_422_is_shown_and_not_spun_on_and_the_feed_still_comes_down(tmp_path: Path) -> None:
    client = Moody()
    client.moods = [RegistryRefusedError("event 3 is strange", {}, 422)]
    client.items = [{"kind": "recall", "quota_key": "lot:L1", "reason": "染料"}]
    async with pumping(tmp_path, client) as (pump, thread):
        pause_s, ring = await pump.turn()
        assert (pause_s, ring.is_set()) == (30, False)
        assert (pump.view().state, pump.view().error) == ("refused", "event 3 is strange")
        assert (await thread.do(Ledger.quota, "lot:L1")).blocked
        for turn in range(2, 11):
            client.items.append({"kind": "allotment", "quota_key": "lot:L1", "quantity": turn, "spoilage_permille": 0})
            await pump.turn()
            assert (await thread.do(Ledger.quota, "lot:L1")).allotted == turn, "asked for as often as ever"
        assert (client.batches, pump.view().state) == ([], "refused"), "and what was refused is not sent again"
        await pump.turn()
        assert pump.view().online and client.batches


async def test_401_says_enrol_again(tmp_path: Path) -> None:
    client = Moody()
    client.moods = [RegistryRefusedError("who are you", {}, 401)]
    async with pumping(tmp_path, client) as (pump, _):
        assert (await pump.turn())[0] == 300
        assert "重新登记" in pump.view().words_zh
        assert client.fed == 0


async def test_cloned_places_one_hold_and_telling_goes_on_until_it_is_lifted(tmp_path: Path) -> None:
    client = Moody()
    head = {"incarnation": "f" * 32, "seq": 9, "hash": "0" * 64}
    facts = {"head": head, "fingerprints": ["pc-1", "pc-2"]}
    old = wire.problem("cloned", 409, "t", "d", **facts)
    elsewhere = {"head": head | {"seq": 10}, "standing": "waits"}
    client.moods = [RegistryRefusedError("two", old, 409), RegistryRefusedError("two", old | elsewhere, 409)]
    async with pumping(tmp_path, client) as (pump, thread):
        await pump.turn()
        assert pump.view().state == "cloned"
        hold = (await thread.do(Ledger.holds))[0]
        assert (hold["kind"], hold["detail"]["fingerprints"]) == ("cloned", ["pc-1", "pc-2"])
        assert "请联系平台" in pump.view().words_zh, "a registry of an older release says no more"
        await pump.turn()
        assert (client.moods, client.batches, client.fed) == ([], [], 0), "asked again, and given nothing"
        assert "裁定由哪台继续" in pump.view().words_zh
        assert len(await thread.do(Ledger.holds)) == 1
        await pump.turn()
        assert pump.view().state == "cloned" and "由本机继续" in pump.view().words_zh
        assert len(client.batches[-1].events) == pump.view().acked_seq, "and all is told"
        client.moods = [RegistryRefusedError("who are you", {}, 401)]
        await pump.turn()
        assert "导出账本" in pump.view().words_zh, "its secret was changed"
        await thread.do(Ledger.release_hold, "cloned", by="registry", reason="the other one was stopped")
        await pump.turn()
        assert pump.view().online


async def test_holds_that_wait_for_the_registry_end_when_it_was_asked_and_others_do_not(tmp_path: Path) -> None:
    client = Moody()
    client.moods = [RegistryAwayError("no route")]
    async with pumping(tmp_path, client) as (pump, thread):
        for kind in ("witness_ahead", "counter_ahead", "forked", "something_else"):
            await thread.do(Ledger.place_hold, kind, {})
        await pump.turn()
        assert len(await thread.do(Ledger.holds)) == 4
        await pump.turn()
        assert [hold["kind"] for hold in await thread.do(Ledger.holds)] == ["something_else"]


async def test_a_conflict_raises_one_alarm_however_often_it_is_told(tmp_path: Path) -> None:
    client = Moody()
    client.conflicts = ({"serial": "ABC1", "seq": 3, "held_by": "line-2"},)
    async with pumping(tmp_path, client) as (pump, thread):
        for _ in range(3):
            await print_labels(thread, 1)
            await pump.turn()
        alarms = [row for row in await thread.do(Ledger.alarms) if row["kind"] == "serial_conflict"]
        assert [row["detail"] for row in alarms] == [{"serial": "ABC1"}]


async def test_a_registry_that_keeps_refusing_is_not_spun_on(tmp_path: Path) -> None:
    client = Moody()
    client.moods = [
        RegistryRefusedError("gap", wire.problem("gap", 409, "t", "d", head=wire.NO_HEAD.as_json()), 409)
        for _ in range(50)
    ]
    async with pumping(tmp_path, client) as (pump, _):
        await pump.turn()
        assert pump.view().state == "offline"
        assert len(client.moods) > 40


async def test_a_failure_nobody_foresaw_is_shown_and_tried_again(tmp_path: Path) -> None:
    client = Moody()
    client.moods = [ZeroDivisionError("oops")]
    async with pumping(tmp_path, client) as (pump, _):
        assert (await pump.turn())[0] == 1
        assert pump.view().state == "failed"
        await pump.turn()
        assert pump.view().online


async def test_a_slow_registry_keeps_no_print_waiting(tmp_path: Path) -> None:
    class Silent(Moody):
        def __init__(self) -> None:
            super().__init__()
            self.asked = asyncio.Event()
            self.release = asyncio.Event()

        async def send(self, batch: bytes) -> Receipt:
            self.asked.set()
            await self.release.wait()
            return await super().send(batch)

    client = Silent()
    async with pumping(tmp_path, client) as (pump, thread):
        turn = asyncio.create_task(pump.turn())
        await client.asked.wait()
        await print_labels(thread, 16)
        assert not turn.done()
        client.release.set()
        await turn
        assert pump.view().pending > 0, "what was printed meanwhile is not told yet"
        await pump.turn()
        assert pump.view().pending == 0


async def test_what_is_being_told_is_not_told_yet(tmp_path: Path) -> None:
    """Whoever waits for pending == 0 would scan a label that the registry does not know."""
    seen = []

    class Slow(Moody):
        async def send(self, batch: bytes) -> Receipt:
            seen.append(pump.view().pending)
            return await super().send(batch)

    async with pumping(tmp_path, Slow()) as (pump, thread):
        await pump.turn()
        while pump.view().pending:
            await pump.turn()
        del seen[:]
        await print_labels(thread, 1)
        pump.notify()
        await pump.turn()
    assert seen and all(seen)


async def test_pending_is_never_none_while_it_is_not_known(tmp_path: Path) -> None:
    async with pumping(tmp_path, Moody()) as (pump, _):
        assert (pump.view().state, pump.view().pending) == ("starting", 1)
        await pump.turn()
        await pump.turn()
        assert pump.view().pending == 0
        pump.notify()
        assert pump.view().pending == 1


async def test_the_feed_is_taken_once_and_told(tmp_path: Path) -> None:
    client = Moody()
    client.items = [{"kind": "allotment", "quota_key": "lot:L9", "quantity": 7, "spoilage_permille": 30}]
    async with pumping(tmp_path, client) as (pump, thread):
        await pump.turn()
        assert (await thread.do(Ledger.quota, "lot:L9")).allotted == 7
        before = (await thread.do(Ledger.head)).seq
        for _ in range(3):
            await pump.turn()
        assert (await thread.do(Ledger.head)).seq == before, "the same feed again is no event"
        client.epoch = "e2"
        await pump.turn()
        assert (await thread.do(Ledger.distribution_cursor)).epoch == "e2"  # type: ignore[union-attr]


async def test_run_goes_on_until_it_is_cancelled_and_wakes_by_news(tmp_path: Path) -> None:
    client = Moody()
    turns = asyncio.Semaphore(0)

    async def wait(ring: asyncio.Event, timeout_s: float) -> None:
        turns.release()
        if timeout_s >= 1:
            await wait_for_ring(ring, timeout_s)

    async with pumping(tmp_path, client, wait=wait) as (pump, thread):
        running = asyncio.create_task(pump.run())
        while not (pump.view().online and pump.view().pending == 0):
            await turns.acquire()
        await print_labels(thread, 8)
        pump.notify()
        while pump.view().pending:
            await turns.acquire()
        life = (await thread.do(Ledger.incarnations))[-1]
        assert len(client.lives[life.incarnation]) == life.last_seq
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_waiting_for_a_ring_ends_by_ring_or_time() -> None:
    ring = asyncio.Event()
    await wait_for_ring(ring, 0.001)
    ring.set()
    await wait_for_ring(ring, 3600)


async def test_a_busy_registry_is_come_back_to_when_it_says_and_is_no_failure(tmp_path: Path) -> None:
    client = Moody()
    client.moods = [RegistryBusyError("busy", 8)] * 2 + [RegistryAwayError("no route")]
    client.items = [{"kind": "recall", "quota_key": "lot:L9", "reason": "…"}]
    chances = iter([0.0, 0.5, 1.0])
    async with pumping(tmp_path, client, jitter=lambda: next(chances)) as (pump, thread):
        await print_labels(thread, 8)
        assert [(await pump.turn())[0] for _ in range(2)] == [8, 12], "never before, and not all at once"
        view = pump.view()
        assert (view.state, view.error) == ("online", "")
        assert "繁忙" in view.words_zh
        assert view.pending > 0
        assert client.fed > 0, "a recall still comes down"
        assert (await pump.turn())[0] == 1, "the first failure is the first one"
        await pump.turn()
        assert (pump.view().state, pump.view().words_en) == ("online", "in step with the registry")


async def test_a_registry_that_is_busy_without_end_is_shown_as_away(tmp_path: Path) -> None:
    client = Moody()
    client.moods = [RegistryBusyError("busy", 3600)] * 30
    async with pumping(tmp_path, client) as (pump, _):
        assert (await pump.turn())[0] == 300, "however long it asks for"
        for _ in range(20):
            await pump.turn()
        assert pump.view().state == "offline"
