"""Attacks that once broke an invariant or stopped the line: each test is the attack, told as a story."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import LedgerFullError, LinkBrokenError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.messages.printer import SILENT
from edge_agent.model.job import JobState
from edge_agent.model.printer import Health, Observation, PrintMode
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import Query
from edge_agent.printers.link import Link
from edge_agent.printers.status import SILENCE
from edge_agent.printing import window_printer
from edge_agent.printing.imposition import Row
from tests.kits import floor as factory
from tests.kits.floor import Floor, an_imposition, floor
from tests.promises.test_invariants import Mailbox

ENDED = (JobState.DONE, JobState.PAUSED)


async def settled(here: Floor, ready: Callable[[], bool]) -> None:
    """Wait a short while for something that no change signal tells."""
    async with asyncio.timeout(10):
        while not ready():
            await here.changes.wait(here.changes.count, 0.02)


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


WRITES = ("begin_window", "prove_window", "doubt_window", "never_sent", "move_job", "advance_job", "note_paper_fed")


@contextlib.asynccontextmanager
async def on_a_small_disk(folder: Path, **more: Any) -> AsyncIterator[tuple[Floor, FullDisk]]:
    async with floor(folder, run=False, **more) as here:
        disk = FullDisk(here.ledger)
        here.worker._ledger = here.worker._jobs._ledger = disk  # type: ignore[assignment]
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
        await settled(here, lambda: "prove_window" in disk.refused)
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
        assert (job.drawn, job.in_doubt, job.printed) == (16, 7, 9)


async def test_an_error_nobody_planned_pauses_the_job_and_leaves_no_open_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, asked = an_imposition(), list[str]()

    def patches(row: Row) -> Any:
        asked.extend(row)
        if len(asked) == 3:
            raise ZeroDivisionError("a flaw in a template")
        return plain.patches(row)

    monkeypatch.setattr(
        factory, "an_imposition", lambda: type(plain)(plain.media, plain.background, patches, plain.full)
    )
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
        watch = here.window_printer._watch

        async def interrupted(*args: Any) -> Any:
            nonlocal done
            found = await watch(*args)
            if not done:
                done = True
                await here.ledger.do(Ledger.recover, [])
            return found

        here.window_printer._watch = interrupted  # type: ignore[method-assign,assignment]
        here.task = asyncio.create_task(here.worker.run())
        opened = await here.submit(16)
        job = await here.until(opened.job_id, JobState.PAUSED)
        await settled(here, lambda: here.worker.job_id is None)
        assert (job.drawn, job.in_doubt) == (8, 8)
        await here.resume(opened.job_id)
        job = await here.until(opened.job_id, JobState.DONE)
        assert (job.drawn, job.in_doubt, job.printed) == (16, 7, 9)
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

        here.worker._jobs.now = read  # type: ignore[method-assign,assignment]
        await here.worker._tell(opened.job_id)(None)
        assert (await here.ledger.do(Ledger.job, opened.job_id)).state is order
        await here.worker._jobs.pause(opened.job_id, SILENT)
        assert (await here.ledger.do(Ledger.job, opened.job_id)).state is order


def frame() -> Any:
    """A sheet without serials, as a test label is."""
    plain = an_imposition()
    return type(plain)(plain.media, plain.background, lambda _serial: (), lambda _serial: plain.background)


# --- test labels ------------------------------------------------------------------------------------------------------


async def test_a_test_label_explains_one_count_and_no_more(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        await here.until((await here.submit(8)).job_id, *ENDED)
        await here.worker.maintenance.test(frame())
        await here.until((await here.submit(8)).job_id, *ENDED)
        assert await here.ledger.do(Ledger.alarms) == ()
        await here.worker.maintenance.test(frame())
        here.printer.fault("reprint-key")
        await here.until((await here.submit(8)).job_id, *ENDED)
        assert [alarm["kind"] for alarm in await here.ledger.do(Ledger.alarms)] == ["possible_duplicate"]


async def test_a_test_label_that_fails_is_answered_all_the_same(tmp_path: Path) -> None:
    def broken(_serial: str) -> Any:
        raise ZeroDivisionError("a flaw")

    plain = an_imposition()
    async with floor(tmp_path) as here:
        async with asyncio.timeout(30):
            await here.worker.maintenance.test(type(plain)(plain.media, plain.background, broken, broken))
        assert here.task is not None and not here.task.done()


# --- what is not known is not proof -----------------------------------------------------------------------------------


async def test_a_counter_that_falls_silent_hides_no_duplicate(tmp_path: Path) -> None:
    """It has counted before: two unanswered questions are no baseline, and the copy made meanwhile is found."""
    async with floor(tmp_path) as here:
        await here.until((await here.submit(8)).job_id, *ENDED)
        link, silences = here.window_printer.link, list(range(4))
        ask = link.ask_together

        async def uncounted(queries: Sequence[Query[Any]]) -> list[Any]:
            answers = await ask(queries)
            if queries[0].name == "odometer" and silences:
                silences.pop()
                return [None, *answers[1:]]
            return answers

        link.ask_together = uncounted  # type: ignore[method-assign]
        here.printer.fault("reprint-key")
        await here.until((await here.submit(8)).job_id, *ENDED)
        assert [alarm["kind"] for alarm in await here.ledger.do(Ledger.alarms)] == ["possible_duplicate"]
        labels = await here.ledger.do(Ledger.labels, state="printed", limit=100)
        assert [label.level for label in labels] == ["counter"] * 16


@pytest.mark.parametrize("mode", list(PrintMode))
async def test_silence_is_forgiven_only_where_the_printer_shows_that_it_stayed_on(
    tmp_path: Path, mode: PrintMode
) -> None:
    """A print server keeps the connection while the printer behind it restarts, and its power-up feed makes up the
    count. The stored background is gone then; a printer that stores nothing has only the silence to tell it."""
    async with floor(tmp_path, run=False, mode=mode) as here:
        link, status = here.window_printer.link, here.window_printer.link.status
        looks: list[str] = []

        async def once_silent() -> Any:
            if looks and looks.pop():
                return SILENCE
            return await status()

        link.status = once_silent  # type: ignore[method-assign]
        here.window_printer._probe = lambda name: looks.append(name) if name == "after_write" else None
        here.task = asyncio.create_task(here.worker.run())
        job = await here.until((await here.submit(8)).job_id, *ENDED)
        assert (job.printed, job.in_doubt) == ((8, 0) if mode is PrintMode.RUN else (0, 8))


async def test_a_background_of_an_earlier_connection_is_not_believed(tmp_path: Path) -> None:
    """Its download was cut off: the list may show its name and full size, and half the facts would be printed."""
    async with floor(tmp_path, run=False) as here:
        link, send = here.window_printer.link, here.window_printer.link.send
        stores: list[bytes] = []

        async def cut_off(data: bytes) -> None:
            await send(data)
            if data.startswith(b"~DG"):
                stores.append(data)
                if len(stores) == 1:
                    raise LinkBrokenError("expected an open connection, got a torn cable")

        link.send = cut_off  # type: ignore[method-assign]
        here.task = asyncio.create_task(here.worker.run())
        job = await here.until((await here.submit(16)).job_id, *ENDED)
        assert (job.printed, len(stores)) == (16, 2)


@pytest.mark.parametrize(("copies", "kinds"), [(2, []), (9, ["possible_duplicate"])])
async def test_a_lost_link_explains_a_power_up_feed_and_no_more(tmp_path: Path, copies: int, kinds: list[str]) -> None:
    async with floor(tmp_path, run=False) as here:
        here.task = asyncio.create_task(here.worker.run())
        await here.until((await here.submit(8)).job_id, *ENDED)
        await settled(here, lambda: here.worker.job_id is None)
        await here.window_printer.link.close()
        await settled(here, lambda: here.window_printer.link.connected)
        for _ in range(copies):
            here.printer.fault("reprint-key")
        await here.until((await here.submit(8)).job_id, *ENDED)
        assert [alarm["kind"] for alarm in await here.ledger.do(Ledger.alarms)] == kinds


async def test_a_printer_that_is_busy_for_ever_can_be_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a format in its buffer: it answers, has no fault and never becomes quiet."""
    monkeypatch.setattr(window_printer, "SLOWEST_LABEL_S", 0.0)
    async with floor(tmp_path, run=False, silence_limit_s=0.05) as here:
        observe = here.window_printer.link.observe

        async def busy(names: Sequence[str] = ()) -> Observation:
            seen = await observe(names)
            return replace(seen, status=replace(seen.status, idle=False)) if sent else seen

        sent: list[str] = []
        here.window_printer._probe = lambda name: sent.append(name) if name == "after_write" else None
        here.window_printer.link.observe = busy  # type: ignore[method-assign]
        here.task = asyncio.create_task(here.worker.run())
        opened = await here.submit(8)
        job = await here.until(opened.job_id, JobState.WAITING)
        assert "可以取消任务" in job.reason
        await here.ledger.do(Ledger.move_job, opened.job_id, JobState.CANCELLED, "operator")
        await settled(here, lambda: here.worker.job_id is None)
        assert (await here.job(opened.job_id)).in_doubt == 8


async def test_a_job_that_goes_on_after_a_pause_says_so(tmp_path: Path) -> None:
    async with floor(tmp_path, faults=("pause@5",), speed_ips=30.0) as here:
        opened = await here.submit(200)
        await here.until(opened.job_id, JobState.WAITING)
        here.printer.fix("pause")
        job = await here.until(opened.job_id, JobState.RUNNING)
        assert job.left > 0


async def test_a_line_that_never_falls_silent_is_told_as_nonsense_and_not_listened_to_for_ever() -> None:
    class Chatter(Mailbox):
        async def read(self, timeout_s: float) -> bytes:
            await asyncio.sleep(0)
            return b"noise " * 1000

    link = Link(LANGUAGES["zpl"], Chatter(), reply_timeout_s=0.01)
    await link.connect()
    async with asyncio.timeout(30):
        assert (await link.observe()).status.health is Health.UNKNOWN
