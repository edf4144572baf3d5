"""Attacks that once broke an invariant or stopped the line: each test is the attack, told as a story."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from edge_agent import words
from edge_agent.errors import LedgerFullError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.model import JobState
from tests import floor as factory
from tests.floor import Floor, floor, sheet

ENDED = (JobState.DONE, JobState.PAUSED)


async def settled(here: Floor, ready: Callable[[], bool]) -> None:
    """Wait a short while for something that no bell tells."""
    async with asyncio.timeout(10):
        while not ready():
            await here.bell.wait(here.bell.count, 0.02)


# --- the worker outlives what goes wrong ------------------------------------------------------------------------------


@dataclass
class FullDisk:
    """A ledger thread whose disk takes no write of the named kinds while `full`."""

    inner: LedgerThread
    full: bool = False
    refused: list[str] = field(default_factory=list)

    async def do(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self.full and method.__name__ in WRITES:
            self.refused.append(method.__name__)
            raise LedgerFullError("ledger: the disk did not take the write; make room")
        return await self.inner.do(method, *args, **kwargs)


WRITES = ("begin_window", "print_window", "doubt_window", "never_sent", "move_job", "advance_job", "feed_noted")


@contextlib.asynccontextmanager
async def on_a_small_disk(folder: Path, **more: Any) -> AsyncIterator[tuple[Floor, FullDisk]]:
    async with floor(folder, run=False, **more) as here:
        disk = FullDisk(here.ledger)
        here.worker._ledger = disk  # type: ignore[assignment]
        here.task = asyncio.create_task(here.worker.run())
        yield here, disk


async def test_a_disk_that_is_full_before_a_window_does_not_end_the_worker(tmp_path: Path) -> None:
    async with on_a_small_disk(tmp_path) as (here, disk):
        disk.full = True
        opened = await here.submit(8)
        await settled(here, lambda: len(disk.refused) >= 2)
        assert here.task is not None and not here.task.done()
        disk.full = False
        job = await here.until(opened.job_id, *ENDED)
        if job.state is JobState.PAUSED:
            await here.resume(opened.job_id)
            job = await here.until(opened.job_id, JobState.DONE)
        assert (job.printed, job.drawn) == (8, 8)


async def test_a_verdict_the_disk_does_not_take_becomes_doubt_once_it_does(tmp_path: Path) -> None:
    """The bytes are out and nothing can be recorded: no more bytes, no spinning; then doubt."""
    disks: list[FullDisk] = []

    def probe(name: str) -> None:
        if name == "after_write" and not disks[0].refused:
            disks[0].full = True

    async with on_a_small_disk(tmp_path, probe=probe) as (here, disk):
        disks.append(disk)
        opened = await here.submit(16)
        await settled(here, lambda: "print_window" in disk.refused)
        refused = len(disk.refused)
        await asyncio.sleep(0.09)
        assert len(disk.refused) - refused < 10, "it spins"
        assert here.task is not None and not here.task.done()
        assert (await here.job(opened.job_id)).drawn == 8, "bytes went out although nothing can be recorded"
        disk.full = False
        job = await here.until(opened.job_id, JobState.PAUSED)
        await settled(here, lambda: here.worker.job_id is None)
        job = await here.job(opened.job_id)
        assert (job.drawn, job.in_doubt, job.printed) == (8, 8, 0)
        await here.resume(opened.job_id)
        job = await here.until(opened.job_id, JobState.DONE)
        assert (job.drawn, job.in_doubt, job.printed) == (16, 8, 8)


async def test_an_error_nobody_planned_pauses_the_job_and_leaves_no_open_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, asked = sheet(), list[str]()

    def patches(serial: str) -> Any:
        asked.append(serial)
        if len(asked) == 3:
            raise ZeroDivisionError("a flaw in a template")
        return plain.patches(serial)

    monkeypatch.setattr(factory, "sheet", lambda: type(plain)(plain.media, plain.background, patches, plain.full))
    async with floor(tmp_path) as here:
        opened = await here.submit(8)
        job = await here.until(opened.job_id, *ENDED)
        await settled(here, lambda: here.worker.job_id is None)
        assert (job.state, (await here.job(opened.job_id)).in_doubt) == (JobState.PAUSED, 8)
        assert here.task is not None and not here.task.done()
        assert await here.ledger.do(Ledger.open_windows) == ()


async def test_history_recovered_inside_a_window_leaves_doubt_and_no_false_alarm(tmp_path: Path) -> None:
    """Recovery doubts what is open; the worker's own verdict comes too late and must change nothing."""
    async with floor(tmp_path, run=False) as here:
        done = False
        watch = here.press._watch

        async def interrupted(*args: Any) -> Any:
            nonlocal done
            found = await watch(*args)
            if not done:
                done = True
                await here.ledger.do(Ledger.recover, [])
            return found

        here.press._watch = interrupted  # type: ignore[method-assign]
        here.task = asyncio.create_task(here.worker.run())
        opened = await here.submit(16)
        job = await here.until(opened.job_id, JobState.PAUSED)
        await settled(here, lambda: here.worker.job_id is None)
        assert (job.drawn, job.in_doubt) == (8, 8)
        await here.resume(opened.job_id)
        job = await here.until(opened.job_id, JobState.DONE)
        assert (job.drawn, job.in_doubt, job.printed) == (16, 8, 8)
        assert await here.ledger.do(Ledger.alarms) == ()


# --- an operator's order stands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [JobState.PAUSED, JobState.CANCELLED])
async def test_an_order_given_while_the_worker_reports_is_not_overridden(tmp_path: Path, order: JobState) -> None:
    async with floor(tmp_path, run=False) as here:
        opened = await here.submit(8)
        await here.ledger.do(Ledger.move_job, opened.job_id, order, "operator")
        stale = opened  # what the worker read a moment before the order

        async def read(_job_id: str) -> Any:
            return stale

        here.worker._job = read  # type: ignore[method-assign]
        await here.worker._tell(opened.job_id)(None)
        assert (await here.ledger.do(Ledger.job, opened.job_id)).state is order
        await here.worker._pause(opened.job_id, words.SILENT)
        assert (await here.ledger.do(Ledger.job, opened.job_id)).state is order


def frame() -> Any:
    """A sheet without serials, as a test label is."""
    plain = sheet()
    return type(plain)(plain.media, plain.background, lambda _serial: (), lambda _serial: plain.background)


# --- test labels ------------------------------------------------------------------------------------------------------


async def test_a_test_label_explains_one_count_and_no_more(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        await here.until((await here.submit(8)).job_id, *ENDED)
        await here.worker.test(frame())
        await here.until((await here.submit(8)).job_id, *ENDED)
        assert await here.ledger.do(Ledger.alarms) == ()
        await here.worker.test(frame())
        here.printer.fault("reprint-key")
        await here.until((await here.submit(8)).job_id, *ENDED)
        assert [alarm["kind"] for alarm in await here.ledger.do(Ledger.alarms)] == ["possible_duplicate"]


async def test_a_test_label_that_fails_is_answered_all_the_same(tmp_path: Path) -> None:
    def broken(_serial: str) -> Any:
        raise ZeroDivisionError("a flaw")

    plain = sheet()
    async with floor(tmp_path) as here:
        async with asyncio.timeout(5):
            await here.worker.test(type(plain)(plain.media, plain.background, broken, broken))
        assert here.task is not None and not here.task.done()
