"""Attacks on the floor that lost a label, stopped a line or told an untruth: each test is the attack as a story."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import LinkBrokenError
from edge_agent.ledger import Ledger
from edge_agent.messages import job as job_words
from edge_agent.messages.printer import STORAGE
from edge_agent.model.job import JobState
from edge_agent.model.printer import PrintMode, ProofLevel
from edge_agent.printing import window_printer
from edge_agent.printing.imposition import Imposition
from edge_agent.printing.printer_groups import Group, PrinterGroups
from tests.edge_agent.printing.test_floor import ENDED, _two_across, alarms, pair, settled
from tests.edge_agent.printing.test_printer_groups import JOB
from tests.kits.floor import Floor, an_imposition, floor

ONE_WAY = {"level": ProofLevel.SENT}


async def scan_last(here: Floor, job_id: str) -> None:
    """The operator scans the last label of every strip in doubt, and the job goes on."""
    for window, labels in await here.ledger.do(Ledger.doubts):
        last = labels[-1]
        text = f"HTTPS://H/01/{last.gtin}/10/L1/21/{last.serial}"
        await here.ledger.do(Ledger.settle_window, window.window_id, last.serial, text, "op")
    await here.resume(job_id)


# --- groups -----------------------------------------------------------------------------------------------------------


def test_a_job_that_waits_for_a_busy_printer_is_not_kept_from_the_one_that_came_back() -> None:
    """The first printer asked while it was out of paper, and the job was put aside for the second, which had its own
    work and then broke down. The first has its paper again and stands idle beside a job that nobody prints."""
    unready = {"a": 5.0}
    found = PrinterGroups([Group("g", ("a", "b"), 10.0)], lambda printer: unready.get(printer, 0.0))
    assert not found.take("a", JOB)
    unready.clear()
    unready["b"] = 99.0
    assert found.take("a", JOB)


def test_a_job_does_not_wait_for_a_printer_that_has_other_work_while_a_third_is_free() -> None:
    unready, busy = {"a": 30.0}, {"b"}
    found = PrinterGroups(
        [Group("g", ("a", "b", "c"), 10.0)], lambda one: unready.get(one, 0.0), lambda one: one in busy
    )
    assert [one for one in "ac" if found.take(one, JOB)] == ["c"]
    found.release(JOB)
    assert not found.keeps("a", JOB)
    busy.add("c")
    assert found.keeps("a", JOB), "handed over to nobody who could print it now"


async def test_a_pause_key_in_a_window_of_a_group_spoils_nothing(tmp_path: Path) -> None:
    """Somebody presses pause, looks at the roll for longer than `fallback_after_s`, and presses resume. What was sent
    cannot move to another printer, so nothing is gained by giving it up."""
    async with pair(tmp_path, faults=("pause@4",)) as two:
        await settled(two.here, lambda: all(one.window_printer.unready_since_s is None for one in two.workers.values()))
        opened = await two.here.submit(8, "g")
        await two.here.until(opened.job_id, JobState.WAITING)
        await asyncio.sleep(0.4)
        two.printers["p1"].fix("pause")
        job = await two.here.until(opened.job_id, *ENDED)
        assert (job.state, job.printed, job.in_doubt) == (JobState.DONE, 8, 0), job.reason


# --- one-way printers -------------------------------------------------------------------------------------------------


async def test_a_one_way_printer_that_hung_up_while_the_strip_was_scanned_gets_the_next_window(tmp_path: Path) -> None:
    """Print servers close a connection that was idle for a minute, and scanning a strip takes longer. Nobody listens
    to such a printer, so nobody noticed, and every second window went into a dead connection."""
    async with floor(tmp_path, window_printer=ONE_WAY, window_labels=4) as here:
        opened = await here.submit(8)
        job = await here.until(opened.job_id, *ENDED)
        assert job.reason == str(job_words.SCAN_WINDOW)
        await settled(here, lambda: here.worker.job_id is None and here.printer.odometer == 1004)
        wire = here.window_printer.link.transport._wire  # type: ignore[attr-defined]
        wire.transport.write_eof()
        wire._end("closed by the printer")
        await scan_last(here, opened.job_id)
        job = await here.until(opened.job_id, *ENDED)
        assert (job.reason, job.in_doubt) == (str(job_words.SCAN_WINDOW), 4)
        await settled(here, lambda: here.printer.odometer == 1008)


# --- counters ---------------------------------------------------------------------------------------------------------


async def test_a_calibration_before_the_first_job_of_the_day_stops_no_line(tmp_path: Path) -> None:
    """Yesterday's books end at a count; in the morning somebody calibrates the printer, which feeds labels. That the
    counter is ahead has a reason the agent knows best: it gave the order."""
    async with floor(tmp_path, run=False) as here:
        await here.ledger.do(Ledger.note_paper_fed, "p1", 900, here.printer.odometer)
        here.task = asyncio.create_task(here.worker.run())
        await here.worker.maintenance.calibrate()
        await settled(here, lambda: here.printer.odometer > 1000)
        job = await here.until((await here.submit(8)).job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 8), job.reason
        assert await alarms(here) == []


async def test_a_doubted_row_of_two_explains_one_count_and_no_more(tmp_path: Path) -> None:
    """A test label on a roll two across moves the counter by one; a copy made at the panel behind it is told."""
    wide = {"across": 2, "across_gap_mm": 8 * 25.4 / 203}
    async with floor(tmp_path, roll=_two_across, **wide) as here:  # type: ignore[arg-type]
        await here.until((await here.submit(8)).job_id, *ENDED)
        await settled(here, lambda: here.worker.job_id is None)
        plain = _two_across(an_imposition())
        frame = Imposition(plain.media, plain.background, lambda _row: (), lambda _row: plain.background, 2)
        await here.worker.maintenance.test(frame)
        here.printer.fault("reprint-key")
        await here.until((await here.submit(8)).job_id, *ENDED)
        assert await alarms(here) == ["possible_duplicate"]


# --- what is stored ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zpl", "tspl", "epl2"])
async def test_a_hundred_styles_do_not_fill_the_printers_memory(tmp_path: Path, language: str) -> None:
    """TSPL shows only the files it is asked for, so nobody saw the backgrounds of earlier jobs, and nobody deleted
    them: after weeks the printer takes no more and the line stands."""
    async with floor(tmp_path, language=language, run=False) as here:
        plain, styles = an_imposition(), iter(range(1, 100))

        async def render_job(_job: Any) -> Imposition:
            ink = next(styles)
            ground = type(plain.background)(64, 40, bytes([ink]) + plain.background.rows[1:])
            return Imposition(plain.media, ground, plain.patches, plain.full)

        here.worker._render_job = render_job
        here.task = asyncio.create_task(here.worker.run())
        for _ in range(4):
            job = await here.until((await here.submit(2)).job_id, *ENDED)
            assert job.state is JobState.DONE, job.reason
        stored = here.printer._firmware.state()["objects"]  # type: ignore[attr-defined]
        assert len([name for name in stored if not name.endswith(".OK") and not name.startswith("S")]) == 1, stored


# --- the check before a job -------------------------------------------------------------------------------------------


async def test_a_check_that_the_link_cut_off_is_made_again(tmp_path: Path) -> None:
    """The cable was pulled during the check before the first label: whoever resumes has seen nothing of what it would
    have said, such as that this printer confirms more than labels."""
    async with floor(tmp_path, run=False) as here:
        looked: list[str] = []

        async def inspect(_window_printer: Any, _sheet: Imposition) -> Any:
            looked.append("looked")
            if len(looked) == 1:
                raise LinkBrokenError("expected an open connection, got a torn cable")
            return STORAGE

        here.worker._inspect = inspect
        here.task = asyncio.create_task(here.worker.run())
        opened = await here.submit(8)
        job = await here.until(opened.job_id, *ENDED)
        if "torn cable" in job.reason:
            await settled(here, lambda: here.worker.job_id is None)
            await here.resume(opened.job_id)
            job = await here.until(opened.job_id, *ENDED)
        assert (len(looked), job.reason, job.drawn) == (2, str(STORAGE), 0)


# --- silence ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="no pty")
@pytest.mark.parametrize("language", ["zpl", "tspl", "epl2"])
async def test_a_printer_switched_off_and_on_while_bytes_crawl_is_not_believed(
    tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody trips over the power cord while a window crawls over a serial line that stays open. Two labels are
    lost; the rest comes out, busy turns to ready, nothing is stored that could be missing. All there is to see is one
    question between two labels that was never answered."""
    monkeypatch.setattr(window_printer, "UNSEEN_S", -1.0)
    driven = {"level": ProofLevel.IDLE, "reply_timeout_s": 0.1, "baud": 9600}
    async with floor(
        tmp_path, language=language, mode=PrintMode.FULL, window_printer=driven, pty=True, speed_ips=20.0
    ) as here:
        await settled(here, lambda: here.window_printer.unready_since_s is None)
        labels: list[str] = []
        lost = b""
        port: Any = here.printer._port
        hear = port._receive

        def probe(name: str) -> None:
            labels.extend([name] * (name == "mid_write"))
            if name == "mid_write" and len(labels) == 2:
                here.printer.fault("power-cut")

        def carried(data: bytes) -> None:
            nonlocal lost
            hear(data)
            if "power-cut" in here.printer._board.active:
                lost += data
                if any(query.request in lost for query in here.window_printer.link.language.status_queries):
                    here.printer.fix("power-cut")

        here.window_printer._probe = probe
        port._receive = carried
        job = await here.until((await here.submit(8)).job_id, *ENDED)
        assert lost and not here.printer._board.active, "no question fell into the void"
        assert (job.printed, job.in_doubt) == (0, 8), (job.reason, here.printer.odometer)


async def test_a_late_answer_between_two_labels_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some printers answer only when they have room again: late is not never, and spoils nothing."""
    monkeypatch.setattr(window_printer, "UNSEEN_S", -1.0)
    driven = {"reply_timeout_s": 0.1}
    async with floor(tmp_path, mode=PrintMode.FULL, window_printer=driven) as here:
        await settled(here, lambda: here.window_printer.unready_since_s is None)
        told: list[str] = []

        def probe(name: str) -> None:
            told.append(name)
            if name == "before_write":
                here.printer.fault("late-replies:150")
            elif name == "mid_write":
                here.printer.fix("late-replies")

        here.window_printer._probe = probe
        job = await here.until((await here.submit(4)).job_id, *ENDED)
        assert (job.printed, job.in_doubt) == (4, 0), job.reason


async def test_a_counter_that_was_slow_at_the_start_is_missed_by_name_and_asked_again(tmp_path: Path) -> None:
    """Warming up, the printer is well and does not tell its counter: the agent takes it for a model without one. Then
    the page must not go on saying that it proves by its counter, and a new connection must find it."""
    async with floor(tmp_path, run=False) as here:
        ask, slow = here.window_printer.link.ask_together, ["yes"]

        async def uncounted(queries: Any) -> list[Any]:
            answers = await ask(queries)
            return [None, *answers[1:]] if slow and queries[0].name == "odometer" else answers

        here.window_printer.link.ask_together = uncounted  # type: ignore[method-assign]
        await here.window_printer.ensure_connected()
        assert here.window_printer.provable is ProofLevel.COUNTER
        for _ in range(3):
            await here.window_printer.look()
        assert here.window_printer.provable is ProofLevel.IDLE
        slow.clear()
        await here.window_printer.look()
        assert here.window_printer.counter is None
        await here.window_printer.link.close()
        await here.window_printer.ensure_connected()
        await settled(here, lambda: here.window_printer.provable is ProofLevel.COUNTER)
        await here.window_printer.look()
        assert here.window_printer.counter == here.printer.odometer
