"""Drawing: quota, holds, uniqueness, idempotency, replacements; and that nothing is half done."""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edge_agent.errors import HeldError, NotFoundError, QuotaError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.model.job import JobState
from label_protocol.errors import InputError, StateError
from label_protocol.states import Step
from tests.kits.ledger_kit import (
    PROOF,
    Place,
    a_job,
    allot,
    an_order,
    doubted,
    enrolled,
    new_serial,
    printed,
    require_sound,
)

OP = "操作员甲"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    found = enrolled(place.open())
    yield found
    found.close()


# --- intent before ink ------------------------------------------------------------------------------------------------


def test_the_file_is_as_durable_as_we_say(ledger: Ledger) -> None:
    assert ledger._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert ledger._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert ledger._db.execute("PRAGMA locking_mode").fetchone() == ("exclusive",)


def test_sending_is_committed_before_begin_window_returns(place: Place) -> None:
    seen: list[str] = []
    ledger = place.open(probe=lambda name: seen.append(f"{name} {ledger._db.in_transaction}"))
    enrolled(ledger)
    window = ledger.begin_window(a_job(ledger).job_id)
    assert seen[-2:] == ["before_commit:window_sending True", "after_commit:window_sending False"]
    event = json.loads(ledger.events(ledger.head().incarnation, ledger.head().seq - 1)[0].body)
    assert (event["type"], tuple(event["serials"])) == ("window_sending", window.serials)
    ledger.close()


def test_a_failed_commit_leaves_nothing_behind(place: Place) -> None:
    fail = [False]

    def probe(name: str) -> None:
        if fail[0] and name == "before_commit:window_sending":
            raise RuntimeError("power")

    ledger = enrolled(place.open(probe=probe))
    job, head = a_job(ledger), ledger.head()
    head, fail[0] = ledger.head(), True
    with pytest.raises(RuntimeError, match="power"):
        ledger.begin_window(job.job_id)
    assert (ledger.head(), ledger.job(job.job_id).drawn, ledger.open_windows()) == (head, 0, ())
    fail[0] = False
    printed(ledger, job)
    require_sound(ledger)
    ledger.close()


# --- who may draw, and how much ---------------------------------------------------------------------------------------


def test_not_enrolled_is_held(place: Place) -> None:
    ledger = place.open()
    allot(ledger, 10)
    with pytest.raises(HeldError, match=r"尚未注册.*enrol"):
        ledger.begin_window(a_job(ledger).job_id)
    ledger.close()


def test_a_hold_stops_issuing_through_a_restart_until_it_is_released(place: Place) -> None:
    ledger = enrolled(place.open())
    job = a_job(ledger)
    ledger.place_hold("counter_ahead", {"printer": "p1", "before": 5, "after": 9})
    ledger.place_hold("counter_ahead", {"printer": "p1", "before": 5, "after": 9})
    ledger.close()
    ledger = place.open()
    with pytest.raises(HeldError, match="打印机计数"):
        ledger.begin_window(job.job_id)
    with pytest.raises(InputError):
        ledger.release_hold("counter_ahead", by="operator", operator="", reason="checked")
    with pytest.raises(InputError):
        ledger.release_hold("counter_ahead", by="somebody")
    ledger.release_hold("counter_ahead", by="operator", operator=OP, reason="已检查")
    with pytest.raises(NotFoundError):
        ledger.release_hold("counter_ahead", by="registry")
    assert ledger.begin_window(job.job_id).serials
    ledger.close()


def test_a_window_draws_no_more_than_limit_job_and_quota_allow(ledger: Ledger) -> None:
    allot(ledger, 13)
    job = a_job(ledger, 100)
    assert len(printed(ledger, job, 8).serials) == 8
    assert len(printed(ledger, job, 8).serials) == 5
    with pytest.raises(QuotaError, match=r"配额已用完.*13 used of 13"):
        ledger.begin_window(job.job_id)
    allot(ledger, 200)
    small = a_job(ledger, 3)
    assert len(printed(ledger, small, 8).serials) == 3
    with pytest.raises(StateError, match="none of 3"):
        ledger.begin_window(small.job_id)
    with pytest.raises(InputError):
        ledger.begin_window(job.job_id, limit=0)


def test_a_lot_nobody_allotted_draws_nothing(ledger: Ledger) -> None:
    job = a_job(ledger, lot_no="L9", quota_key="lot:L9")
    with pytest.raises(QuotaError, match="0 used of 0"):
        ledger.begin_window(job.job_id)


@pytest.mark.parametrize(
    "item",
    [
        {"kind": "suspension", "quota_key": "lot:L1", "suspended": True, "reason": "复检"},
        {"kind": "recall", "quota_key": "lot:L1", "reason": "复检"},
    ],
)
def test_a_suspended_or_recalled_lot_draws_nothing(ledger: Ledger, item: dict[str, object]) -> None:
    job = a_job(ledger)
    ledger.receive_distribution("s1", "epoch-1", [item])
    with pytest.raises(QuotaError, match="复检"):
        ledger.begin_window(job.job_id)
    assert ledger.quota("lot:L1").free == 0
    ledger.receive_distribution("s2", "epoch-1", [{**item, "kind": "suspension", "suspended": False}])
    if item["kind"] == "suspension":
        assert printed(ledger, job).serials


def test_only_a_running_or_waiting_job_draws(ledger: Ledger) -> None:
    job = a_job(ledger)
    ledger.move_job(job.job_id, JobState.PAUSED, "lunch", OP)
    with pytest.raises(StateError, match="resume"):
        ledger.begin_window(job.job_id)
    ledger.move_job(job.job_id, JobState.WAITING, "paper")
    printed(ledger, job)
    with pytest.raises(NotFoundError):
        ledger.begin_window("nobody")


def test_in_doubt_counts_as_used_and_invalid_does_not(ledger: Ledger) -> None:
    allot(ledger, 8)
    job = a_job(ledger, 100)
    window = doubted(ledger, job)
    with pytest.raises(QuotaError):
        ledger.begin_window(job.job_id)
    ledger.decide(window.serials[0], Step.INVALIDATE, OP, "找不到")
    assert len(ledger.begin_window(job.job_id).serials) == 1


def test_scrapping_frees_quota_only_up_to_the_spoilage_limit(ledger: Ledger) -> None:
    allot(ledger, 100, permille=30)
    job = a_job(ledger, 200)
    serials = [serial for _ in range(13) for serial in printed(ledger, job, 8).serials]
    assert len(serials) == 100
    for scrapped, serial in enumerate(serials[:10], start=1):
        ledger.decide(serial, Step.SCRAP, OP, "污损")
        quota = ledger.quota("lot:L1")
        assert (quota.free, quota.used, quota.scrapped) == (min(scrapped, 3), 100 - min(scrapped, 3), scrapped)
    assert len(printed(ledger, job, 8).serials) == 3
    with pytest.raises(QuotaError, match="10 scrapped, 3 of them"):
        ledger.begin_window(job.job_id)
    require_sound(ledger)


# --- 16 workers, 10 labels --------------------------------------------------------------------------------------------


async def test_sixteen_tasks_race_for_the_last_ten_labels(place: Place) -> None:
    thread = await LedgerThread.open(lambda: enrolled(place.open(), allotted=10))
    jobs = [await thread.do(Ledger.open_job, an_order(50, printer=f"p{n}")) for n in range(16)]

    async def worker(job_id: str) -> int:
        drawn = 0
        try:
            while True:
                window = await thread.do(Ledger.begin_window, job_id, limit=3)
                drawn += len(window.serials)
                await thread.do(Ledger.prove_window, window.window_id, PROOF)
        except QuotaError:
            return drawn

    assert sum(await asyncio.gather(*(worker(job.job_id) for job in jobs))) == 10
    await thread.do(require_sound)
    await thread.close()


async def test_sixteen_threads_race_for_the_last_ten_labels(place: Place) -> None:
    thread = await LedgerThread.open(lambda: enrolled(place.open(), allotted=10))
    jobs = [await thread.do(Ledger.open_job, an_order(50, printer=f"p{n}")) for n in range(16)]
    loop = asyncio.get_running_loop()

    def worker(job_id: str) -> int:
        try:
            call = thread.do(Ledger.begin_window, job_id, limit=3)
            return len(asyncio.run_coroutine_threadsafe(call, loop).result(10).serials)
        except QuotaError:
            return 0

    with ThreadPoolExecutor(16) as pool:
        drawn = await asyncio.gather(*(loop.run_in_executor(pool, worker, job.job_id) for job in jobs))
    assert sorted(drawn, reverse=True)[:4] == [3, 3, 3, 1] and sum(drawn) == 10
    assert (await thread.do(Ledger.quota, "lot:L1")).free == 0
    await thread.close()


# --- a serial exists once ---------------------------------------------------------------------------------------------


def test_a_drawn_serial_that_exists_is_drawn_again(place: Place) -> None:
    source = iter(["ABC1", "ABC2", "ABC2", "ABC1", "ABC3", "ABC4", "ABC5", "ABC5", "ABC6", "ABC7"])
    ledger = enrolled(place.open(new_serial=lambda _issuer: next(source)))
    job = a_job(ledger, 6)
    assert printed(ledger, job, 2).serials == ("ABC1", "ABC2")
    assert printed(ledger, job, 2).serials == ("ABC3", "ABC4")
    assert printed(ledger, job, 2).serials == ("ABC6", "ABC7")
    require_sound(ledger)
    ledger.close()


def test_a_random_source_that_repeats_itself_stops_issuing(place: Place) -> None:
    ledger = enrolled(place.open(new_serial=lambda issuer: f"{issuer}0000"))
    job = a_job(ledger)
    with pytest.raises(HeldError, match="随机源"):
        ledger.begin_window(job.job_id, limit=2)
    assert ledger.job(job.job_id).drawn == 0
    ledger.close()


def test_uniqueness_is_the_databases_and_not_a_check_of_ours(ledger: Ledger) -> None:
    serial = printed(ledger, a_job(ledger), 1).serials[0]
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        ledger._db.execute("INSERT INTO label (serial, state, window_no) VALUES (?, 'sending', 1)", (serial,))


def test_serials_of_a_window_come_from_the_given_source_in_print_order(place: Place) -> None:
    numbers = itertools.count(1)
    ledger = enrolled(place.open(new_serial=lambda issuer: f"{issuer}{1000 - next(numbers)}"))
    window = printed(ledger, a_job(ledger), 4)
    assert window.serials == ("ABC999", "ABC998", "ABC997", "ABC996") == ledger.window_serials(window.window_id)
    assert new_serial("ABC").startswith("ABC")
    ledger.close()


async def test_an_order_taken_back_in_the_queue_is_not_carried_out(place: Place) -> None:
    thread = await LedgerThread.open(lambda: enrolled(place.open()))
    job = await thread.do(Ledger.open_job, an_order(8))
    first = asyncio.ensure_future(thread.do(Ledger.verify))
    second = asyncio.ensure_future(thread.do(Ledger.begin_window, job.job_id))
    await asyncio.sleep(0)
    second.cancel()
    assert (await first).ok
    drawn = (await thread.do(Ledger.job, job.job_id)).drawn
    assert second.cancelled() or drawn == 0
    assert drawn in (0, 8) and drawn == 8 * len(await thread.do(Ledger.open_windows))
    await thread.close()
    await thread.close()
