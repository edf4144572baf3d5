"""The floor as a factory has it: every language on a line of its own, hands in the printer, rolls two across, printers
that stand in for each other, printers that say nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from structlog.testing import capture_logs

from edge_agent.change_signal import ChangeSignal
from edge_agent.errors import LinkDownError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.messages import job as job_words
from edge_agent.messages.printer import CALIBRATING, DOWN, ONE_WAY
from edge_agent.model.job import Job, JobState
from edge_agent.model.media import Handling, Setup
from edge_agent.model.printer import PrintMode, ProofLevel
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printing.imposition import Imposition, side_by_side
from edge_agent.printing.printer_groups import Group, PrinterGroups
from edge_agent.printing.worker import Worker, WorkerSettings
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from label_protocol.errors import ConflictError
from tests.kits.floor import SETUP, Floor, an_imposition, fill, floor, open_test_ledger, window_printer_of
from tests.kits.printer_bench import overlaid

ENDED = (JobState.DONE, JobState.PAUSED)
LINES = ["tcp"] if sys.platform == "win32" else ["tcp", "pty"]
PEEL = Setup(handling=Handling.PEEL, ribbon=False)


def papers(folder: Path) -> list[dict[str, Any]]:
    """The lines of the tape."""
    return [json.loads(line) for line in (folder / "tape" / "tape.jsonl").read_text("utf-8").splitlines()]


async def settled(here: Floor, ready: Callable[[], bool]) -> None:
    """Wait a short while for something that no change tells."""
    async with asyncio.timeout(10):
        while not ready():
            await here.changes.wait(here.changes.count, 0.02)


async def alarms(here: Floor) -> list[str]:
    """Kinds of open alarms."""
    return [str(alarm["kind"]) for alarm in await here.ledger.do(Ledger.alarms)]


async def levels(here: Floor) -> set[str | None]:
    """Proof levels of the printed labels."""
    return {label.level for label in await here.ledger.do(Ledger.labels, state="printed", limit=1000)}


# --- every language on every line -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(PrintMode))
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_sound_job_is_proven_as_well_as_its_language_can(
    tmp_path: Path, language: str, line: str, mode: PrintMode
) -> None:
    async with floor(tmp_path, language=language, mode=mode, pty=line == "pty") as here:
        job = await here.until((await here.submit(20)).job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 20), job.reason
        assert await levels(here) == {"response" if language == "epl2" else "counter"}
        assert await alarms(here) == []
    assert [paper["cause"] for paper in papers(tmp_path)] == ["label"] * 20


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_a_printer_cannot_count_is_proven_by_its_edge_to_ready(tmp_path: Path, language: str) -> None:
    async with floor(tmp_path, language=language, window_printer={"level": ProofLevel.IDLE}, speed_ips=5.0) as here:
        job = await here.until((await here.submit(20)).job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 20), job.reason
        assert await levels(here) == {"idle"}


# what happens in a window → alarms that must follow, and the labels it may leave in doubt
HANDS: dict[str, tuple[str, list[str]]] = {
    "unplug@5:60": ("the cable is pulled and plugged again", []),
    "power-cut@5:60": ("the printer is switched off and on behind the line", []),
    "foreign-label@5": ("another program prints a label of its own", ["possible_duplicate"]),
    "feed-key@5": ("somebody feeds a label", ["possible_duplicate"]),
    "roll-change@5:900": ("the roll is changed", []),
}


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("fault", HANDS)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_hands_in_the_printer_leave_balanced_books_and_true_alarms(
    tmp_path: Path, language: str, fault: str, line: str
) -> None:
    """A feed is told by a counter that counts it; a printer that confirms labels says nothing of feeds."""
    async with floor(tmp_path, language=language, pty=line == "pty", faults=(fault,), speed_ips=100.0) as here:
        opened = await here.submit(24)
        job = await here.until(opened.job_id, *ENDED)
        unseen = language == "epl2" and fault == "feed-key@5"
        assert (job.state, job.in_doubt) == ((JobState.DONE, 0) if unseen else (JobState.PAUSED, 8)), job.reason
        here.printer.fix()
        if job.state is JobState.PAUSED:
            await here.resume(job.job_id)
            job = await here.until(job.job_id, *ENDED)
        assert (job.state, job.drawn, job.printed + job.in_doubt) == (JobState.DONE, 24, 24), job.reason
        raised = await here.ledger.do(Ledger.alarms)
        assert [alarm["kind"] for alarm in raised] == ([] if unseen else HANDS[fault][1]), raised
        assert (await here.ledger.do(Ledger.verify)).ok
    assert [paper["cause"] for paper in papers(tmp_path)].count("reprint") == 0


# --- one-way printers -------------------------------------------------------------------------------------------------


async def test_a_printer_that_cannot_be_heard_ends_each_window_with_a_scan(tmp_path: Path) -> None:
    """Nothing is claimed; the operator is asked for the one thing that proves it, and not for a key beside it."""
    async with floor(tmp_path, window_printer={"level": ProofLevel.SENT}, window_labels=4) as here:
        job = await here.until((await here.submit(6)).job_id, *ENDED)
        assert (job.state, job.in_doubt, job.printed) == (JobState.PAUSED, 4, 0)
        assert job.reason == str(job_words.SCAN_WINDOW)
        assert here.window_printer.status_words is ONE_WAY
    assert len(papers(tmp_path)) == 4


async def test_below_the_sites_level_even_a_counted_window_waits_for_a_scan(tmp_path: Path) -> None:
    async with floor(tmp_path, window_printer={"accepted": ProofLevel.SCAN}) as here:
        job = await here.until((await here.submit(4)).job_id, *ENDED)
        assert (job.state, job.in_doubt, job.reason) == (JobState.PAUSED, 4, str(job_words.SCAN_WINDOW))


# --- what a model cannot answer ---------------------------------------------------------------------------------------


async def test_a_model_without_an_odometer_is_found_out_and_proven_by_idleness(tmp_path: Path) -> None:
    async with floor(tmp_path, unanswered=frozenset({"odometer"}), speed_ips=5.0) as here:
        job = await here.until((await here.submit(16)).job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 16), job.reason
        assert await levels(here) == {"idle"}


async def test_a_model_that_cannot_list_its_objects_prints_whole_labels(tmp_path: Path) -> None:
    async with floor(tmp_path, unanswered=frozenset({"^HW"})) as here:
        job = await here.until((await here.submit(16)).job_id, *ENDED)
        assert (job.state, job.printed, here.window_printer.runs) == (JobState.DONE, 16, False), job.reason
        assert await levels(here) == {"counter"}


async def test_a_question_once_answered_is_asked_again_after_any_silence(tmp_path: Path) -> None:
    """A counter that falls silent later is silence, not a model without one."""
    async with floor(tmp_path) as here:
        await here.until((await here.submit(8)).job_id, *ENDED)
        query = here.window_printer.link.language.counter_query
        assert query is not None
        for _ in range(10):
            here.window_printer.link._learn([query], [None])
        assert here.window_printer.link._asked(query) is query


# --- peel -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_label_nobody_takes_is_waited_for_and_said_and_no_fault(tmp_path: Path, language: str) -> None:
    async with floor(tmp_path, language=language, window_printer={"setup": PEEL}) as here:
        opened = await here.submit(4)
        job = await here.until(opened.job_id, JobState.WAITING)
        assert "待取标签" in job.reason
        await asyncio.sleep(0.6)  # longer than stall and silence of this printer
        assert (await here.job(opened.job_id)).in_doubt == 0
        while (await here.job(opened.job_id)).state not in ENDED:
            here.printer.fault("take-label")
            await asyncio.sleep(0.02)
        job = await here.job(opened.job_id)
        assert (job.state, job.printed) == (JobState.DONE, 4), job.reason


# --- rolls two and three across ---------------------------------------------------------------------------------------


def _two_across(one_up: Imposition) -> Imposition:
    return side_by_side(one_up, 2, 8)


@pytest.mark.parametrize("mode", list(PrintMode))
@pytest.mark.parametrize("language", LANGUAGES)
async def test_two_across_the_counter_counts_rows_and_every_label_is_whole(
    tmp_path: Path, language: str, mode: PrintMode
) -> None:
    """Seven labels are four rows, the last half empty: blank, not a label with facts and no code."""
    gap_mm = 8 * 25.4 / 203
    wide = {"across": 2, "across_gap_mm": gap_mm}
    async with floor(tmp_path, language=language, mode=mode, roll=_two_across, window_labels=5, **wide) as here:
        before = here.printer.odometer
        job = await here.until((await here.submit(7)).job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 7), job.reason
        assert here.printer.odometer - before == 4
        labels = await here.ledger.do(Ledger.labels, state="printed", limit=100)
    found = [_ink(tmp_path / "tape" / f"{n:06d}.png") for n in range(1, 9)]
    assert sum(not any(rows) for rows in found) == 1
    for label in labels:
        row, plain = (label.serial,), an_imposition()
        forms = (plain.full(row).rows, overlaid(plain.background, *plain.patches(row)))
        assert sum(rows in forms for rows in found) == 1


def _ink(path: Path) -> bytes:
    with Image.open(path) as picture:
        return bytes(255 - byte for byte in picture.convert("1").tobytes())


# --- between jobs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_calibration_feeds_and_raises_no_alarm(tmp_path: Path, language: str) -> None:
    async with floor(tmp_path, language=language) as here:
        await here.until((await here.submit(8)).job_id, *ENDED)
        await settled(here, lambda: here.worker.job_id is None)
        assert await here.worker.maintenance.calibrate() is CALIBRATING
        job = await here.until((await here.submit(8)).job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 8), job.reason
        assert await alarms(here) == []
    assert "feed" in {paper["cause"] for paper in papers(tmp_path)}


async def test_no_chore_comes_between_the_windows_of_a_job(tmp_path: Path) -> None:
    async with floor(tmp_path, speed_ips=2.0) as here:
        await here.submit(30)
        await settled(here, lambda: here.worker.job_id is not None)
        with pytest.raises(ConflictError):
            await here.worker.maintenance.calibrate()
        with pytest.raises(ConflictError):
            await here.worker.maintenance.test(an_imposition())


async def test_a_calibration_of_a_printer_that_is_away_says_so(tmp_path: Path) -> None:
    async with floor(tmp_path, faults=("refuse-connect",)) as here:
        with pytest.raises(LinkDownError):
            await here.worker.maintenance.calibrate()
        assert here.window_printer.status_words is DOWN


# --- groups -----------------------------------------------------------------------------------------------------------


@dataclass
class Pair:
    """Two printers in one group `g`, each with a worker."""

    printers: dict[str, VirtualPrinter]
    workers: dict[str, Worker]
    here: Floor


@contextlib.asynccontextmanager
async def pair(
    folder: Path,
    *,
    fallback_after_s: float = 0.1,
    faults: tuple[str, ...] = (),
    moves: bool = False,
    window_printer: Mapping[str, Any] | None = None,
) -> AsyncIterator[Pair]:
    """The first printer has the faults."""
    ledger, changes = await LedgerThread.open(lambda: open_test_ledger(folder)), ChangeSignal()
    await fill(ledger, 1000)
    workers: dict[str, Worker] = {}
    printer_groups = PrinterGroups(
        [Group("g", ("p1", "p2"), fallback_after_s, moves)],
        lambda one: _unready_s(workers[one]),
        lambda one: workers[one].job_id is not None,
        lambda one: workers[one].queue.strip is not None,
    )
    printers: dict[str, VirtualPrinter] = {}
    for name in ("p1", "p2"):
        options = VirtualPrinterOptions(tape=folder / name, width_dots=64, height_dots=40, speed_ips=100.0)
        printers[name] = VirtualPrinter(options)
        await printers[name].start()
        workers[name] = Worker(
            name,
            window_printer_of(printers[name], "zpl", **(window_printer or {})),
            ledger,
            _draw,
            changes,
            WorkerSettings(8, idle_poll_s=0.02),
            printer_groups=printer_groups,
        )
    for fault in faults:
        printers["p1"].fault(fault)
    tasks = [asyncio.create_task(worker.run()) for worker in workers.values()]
    try:
        yield Pair(
            printers, workers, Floor(printers["p1"], ledger, workers["p1"], workers["p1"].window_printer, changes)
        )
    finally:
        for worker in workers.values():
            worker.stop()
        await asyncio.gather(*tasks)
        await ledger.close()
        for printer in printers.values():
            await printer.stop()


async def _draw(_job: Job) -> Imposition:
    return an_imposition()


def _unready_s(worker: Worker) -> float:
    since_s = worker.window_printer.unready_since_s
    return 0.0 if since_s is None else max(0.001, asyncio.get_running_loop().time() - since_s)


async def _printers_of(here: Floor) -> list[str]:
    return sorted(label.printer for label in await here.ledger.do(Ledger.labels, state="printed", limit=100))


async def test_a_group_prints_on_the_preferred_printer(tmp_path: Path) -> None:
    async with pair(tmp_path) as two:
        await settled(two.here, lambda: all(one.window_printer.unready_since_s is None for one in two.workers.values()))
        job = await two.here.until((await two.here.submit(20, "g")).job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 20)
        assert set(await _printers_of(two.here)) == {"p1"}


async def test_who_cannot_print_hands_over_the_labels_that_were_never_sent(tmp_path: Path) -> None:
    """Out of paper in the second window: that window is the operator's, the rest goes to the other printer at once."""
    async with pair(tmp_path, faults=("media-out@12",)) as two:
        await settled(two.here, lambda: all(one.window_printer.unready_since_s is None for one in two.workers.values()))
        opened = await two.here.submit(24, "g")
        job = await two.here.until(opened.job_id, *ENDED)
        assert (job.state, job.in_doubt) == (JobState.PAUSED, 8), job.reason
        await two.here.press_resume(opened.job_id)
        job = await two.here.until(opened.job_id, *ENDED)
        assert (job.state, job.printed, job.in_doubt) == (JobState.DONE, 16, 8), job.reason
        assert await _printers_of(two.here) == ["p1"] * 8 + ["p2"] * 8


async def test_a_job_ordered_from_one_printer_stays_there(tmp_path: Path) -> None:
    async with pair(tmp_path, faults=("head-open",)) as two:
        opened = await two.here.submit(8, "p1")
        job = await two.here.until(opened.job_id, JobState.WAITING)
        await asyncio.sleep(0.3)
        assert (await two.here.job(opened.job_id)).drawn == 0
        two.printers["p1"].fix()
        job = await two.here.until(opened.job_id, *ENDED)
        assert (job.state, await _printers_of(two.here)) == (JobState.DONE, ["p1"] * 8), job.reason


async def test_a_group_waits_while_nobody_in_it_can_print(tmp_path: Path) -> None:
    async with pair(tmp_path, faults=("head-open",)) as two:
        two.printers["p2"].fault("head-open")
        opened = await two.here.submit(8, "g")
        await two.here.until(opened.job_id, JobState.WAITING)
        two.printers["p2"].fix()
        job = await two.here.until(opened.job_id, *ENDED)
        assert (job.state, await _printers_of(two.here)) == (JobState.DONE, ["p2"] * 8), job.reason


def test_setup_of_the_floor_is_the_one_every_language_takes() -> None:
    assert SETUP.ribbon is False


async def test_a_chore_ordered_before_a_job_was_taken_does_not_wait_for_the_whole_job(tmp_path: Path) -> None:
    async with floor(tmp_path, run=False, speed_ips=2.0) as here:
        asked = asyncio.ensure_future(here.worker.maintenance.test(an_imposition()))
        opened = await here.submit(30)
        here.task = asyncio.create_task(here.worker.run())
        async with asyncio.timeout(30):
            await asked
        assert (await here.job(opened.job_id)).drawn < 30


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_label_that_waits_to_be_taken_is_no_fault_in_the_log(tmp_path: Path, language: str) -> None:
    """EPL2 has one code for it and for the pause key; told as a fault it would be two lines for every label."""
    peel = {"setup": PEEL}
    with capture_logs() as lines:
        async with floor(tmp_path, language=language, window_printer=peel, take_after_s=0.05) as here:
            opened = await here.submit(4)
            await here.until(opened.job_id, JobState.WAITING)
            await here.until(opened.job_id, *ENDED)
    assert [line["event"] for line in lines if line["event"].startswith("printer_")] == ["printer_found"]


async def test_a_job_paused_between_two_taken_labels_ends_behind_the_window_in_hand(tmp_path: Path) -> None:
    """A label that waits to be taken is the rhythm of peel mode, not a stop that breaks the window off."""
    async with floor(tmp_path, window_printer={"setup": PEEL}, take_after_s=0.05, window_labels=6) as here:
        opened = await here.submit(12)
        await settled(here, lambda: here.printer.printed == 2)
        await here.ledger.do(Ledger.move_job, opened.job_id, JobState.PAUSED, "operator")
        here.changes.tell()
        await settled(here, lambda: here.worker.job_id is None)
        job = await here.job(opened.job_id)
        assert (job.state, job.printed, job.in_doubt) == (JobState.PAUSED, 6, 0)


async def test_a_job_can_be_cancelled_though_nobody_takes_its_label(tmp_path: Path) -> None:
    async with floor(tmp_path, window_printer={"setup": PEEL}, silence_limit_s=0.2) as here:
        opened = await here.submit(4)
        await here.until(opened.job_id, JobState.WAITING)
        await here.ledger.do(Ledger.move_job, opened.job_id, JobState.CANCELLED, "operator")
        await settled(here, lambda: here.worker.job_id is None)
        assert (await here.job(opened.job_id)).in_doubt == 4
