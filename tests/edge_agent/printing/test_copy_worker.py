"""Labels that carry no code, window by window on virtual printers: what is said of them is what is on paper."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from edge_agent.errors import LinkBrokenError
from edge_agent.ledger import Ledger
from edge_agent.messages.job import of_copies
from edge_agent.messages.printer import CALIBRATING, FAULTS
from edge_agent.messages.text import Words
from edge_agent.model.copies import Copies, CopiesState
from edge_agent.model.job import JobState
from edge_agent.model.media import Handling, Sensor, Setup
from edge_agent.model.printer import Fault, PrintMode, ProofLevel
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printing.imposition import Imposition, side_by_side
from edge_agent.printing.proof import Trace
from edge_agent.virtual_printer import mechanism as virtual
from tests.kits.floor import COPY, Floor, floor


def papers(folder: Path) -> list[dict[str, Any]]:
    """The lines of the tape."""
    return [json.loads(line) for line in (folder / "tape" / "tape.jsonl").read_text("utf-8").splitlines()]


def shows_the_copy(folder: Path, n: int) -> bool:
    """Whether paper n is the label, dot for dot."""
    with Image.open(folder / "tape" / f"{n:06d}.png") as found:
        return found.size == (64, 40) and bytes(255 - byte for byte in found.tobytes()) == COPY.rows


async def alarms(here: Floor) -> list[str]:
    return [str(alarm["kind"]) for alarm in await here.ledger.do(Ledger.alarms)]


def numbers(order: Copies) -> tuple[CopiesState, int, int, int]:
    """State, proven, not proven, never sent."""
    return order.state, order.printed, order.unproven, order.left


def said(order: Copies) -> Words:
    zh, _, en = order.reason.partition(" · ")
    return of_copies(order, Words(zh, en))


# --- what comes out ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(PrintMode))
@pytest.mark.parametrize("language", LANGUAGES)
async def test_so_many_copies_come_out_and_every_one_is_proven(tmp_path: Path, language: str, mode: PrintMode) -> None:
    async with floor(tmp_path, language=language, mode=mode) as here:
        order = await here.copied((await here.order_copies(19)).copies_id)
        assert numbers(order) == (CopiesState.PRINTED, 19, 0, 0)
        assert "共 19 张：证实打印 19 张" in said(order).zh and "未送出 0 张。已完成" in said(order).zh
        assert here.printer.printed == 19
        assert [row["cause"] for row in papers(tmp_path)] == ["label"] * 19
        assert all(shows_the_copy(tmp_path, n) for n in range(1, 20))
        assert await here.ledger.do(Ledger.labels) == ()
        assert await alarms(here) == []


async def test_three_across_the_last_row_may_be_short_and_the_counter_counts_rows(tmp_path: Path) -> None:
    rolled: dict[str, Any] = {"across": 3, "across_gap_mm": 2.0, "width_dots": 64}
    async with floor(tmp_path, roll=lambda one: side_by_side(one, 3, 16), **rolled) as here:
        order = await here.copied((await here.order_copies(10)).copies_id)
        assert numbers(order) == (CopiesState.PRINTED, 10, 0, 0)
        assert here.printer.odometer == 1004
        assert [shows_the_copy(tmp_path, n) for n in range(1, 13)] == [True] * 10 + [False] * 2


# --- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["media-out@12", "power-cut@12", "unplug@12", "head-open@12"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_fault_in_the_second_window_ends_the_order_and_its_window_is_not_proven(
    tmp_path: Path, language: str, fault: str
) -> None:
    async with floor(tmp_path, language=language, faults=(fault,), window_printer={"reply_timeout_s": 0.15}) as here:
        order = await here.copied((await here.order_copies(30)).copies_id)
        assert numbers(order) == (CopiesState.ENDED, 8, 8, 14)
        told_zh = said(order).zh
        assert "共 30 张：证实打印 8 张" in told_zh and "送出未证实 8 张，未送出 14 张。" in told_zh
        assert "不会自动续打" in told_zh
        if fault == "media-out@12":
            assert "缺纸" in told_zh
        await here.changes.wait(here.changes.count, 0.3)
        assert here.printer.printed <= 16  # nothing was sent again, and nothing more


async def test_a_printer_that_is_not_ready_gets_none_until_it_is(tmp_path: Path) -> None:
    async with floor(tmp_path, faults=("media-out",)) as here:
        opened = await here.order_copies(3)
        async with asyncio.timeout(30):
            while here.worker.window_printer.status_words != FAULTS[Fault.MEDIA_OUT]:
                await here.changes.wait(here.changes.count, 0.02)
        assert numbers(await here.ledger.do(Ledger.copies, opened.copies_id)) == (CopiesState.OPEN, 0, 0, 3)
        here.printer.fix()
        assert numbers(await here.copied(opened.copies_id)) == (CopiesState.PRINTED, 3, 0, 0)


@pytest.mark.parametrize("level", [ProofLevel.SENT, ProofLevel.IDLE])
async def test_who_can_prove_less_than_is_accepted_prints_all_and_not_one_is_called_printed(
    tmp_path: Path, level: ProofLevel
) -> None:
    window_printer = {"level": level, "accepted": ProofLevel.COUNTER}
    async with floor(tmp_path, window_printer=window_printer, speed_ips=4.0) as here:
        order = await here.copied((await here.order_copies(10)).copies_id)
        assert numbers(order) == (CopiesState.ENDED, 0, 10, 0)
        assert "证实打印 0 张，送出未证实 10 张" in said(order).zh and "看纸" in said(order).zh


async def test_a_copy_that_was_fed_too_much_is_no_success(tmp_path: Path) -> None:
    async with floor(tmp_path, faults=("foreign-label@3",)) as here:
        order = await here.copied((await here.order_copies(8)).copies_id)
        assert numbers(order) == (CopiesState.ENDED, 0, 8, 0)
        assert await alarms(here) == ["possible_duplicate"]


# --- beside jobs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_job_before_and_after_copies_keeps_its_books(tmp_path: Path, language: str) -> None:
    async with floor(tmp_path, language=language) as here:
        for _ in range(2):
            job = await here.until((await here.submit(9)).job_id, JobState.DONE, JobState.PAUSED)
            assert (job.state, job.printed) == (JobState.DONE, 9), job.reason
            order = await here.copied((await here.order_copies(9)).copies_id)
            assert numbers(order) == (CopiesState.PRINTED, 9, 0, 0)
        assert await alarms(here) == [] and await here.ledger.do(Ledger.holds) == ()
        assert (await here.ledger.do(Ledger.verify)).findings == ()


async def test_copies_that_were_not_proven_explain_the_count_of_the_next_job(tmp_path: Path) -> None:
    async with floor(tmp_path, faults=("media-out@5",)) as here:
        order = await here.copied((await here.order_copies(8)).copies_id)
        assert order.unproven == 8
        here.printer.fix()
        job = await here.until((await here.submit(8)).job_id, JobState.DONE, JobState.PAUSED)
        assert (job.state, job.printed) == (JobState.DONE, 8), job.reason
        assert await alarms(here) == []


async def test_a_job_does_not_wait_for_the_end_of_a_long_order(tmp_path: Path) -> None:
    async with floor(tmp_path, speed_ips=4.0, window_labels=4) as here:
        opened = await here.order_copies(200)
        async with asyncio.timeout(30):
            while here.printer.printed < 2:
                await here.changes.wait(here.changes.count, 0.02)
        job = await here.until((await here.submit(4)).job_id, JobState.DONE, JobState.PAUSED)
        assert (job.state, job.printed) == (JobState.DONE, 4), job.reason
        assert (await here.ledger.do(Ledger.copies, opened.copies_id)).printed <= 12
        await here.ledger.do(Ledger.end_copies, opened.copies_id, CopiesState.CANCELLED, "x", "A01")


async def test_a_cancelled_order_judges_the_window_in_hand_and_sends_no_more(tmp_path: Path) -> None:
    async with floor(tmp_path, speed_ips=4.0, window_labels=4) as here:
        opened = await here.order_copies(200)
        async with asyncio.timeout(30):
            while here.printer.printed < 6:
                await here.changes.wait(here.changes.count, 0.02)
        await here.ledger.do(Ledger.end_copies, opened.copies_id, CopiesState.CANCELLED, "取消 · cancelled", "A01")
        here.changes.tell()
        order = await here.copied(opened.copies_id)
        assert order.state is CopiesState.CANCELLED and order.printed % 4 == 0 and order.unproven == 0
        job = await here.until((await here.submit(1)).job_id, JobState.DONE)
        assert here.printer.printed == order.printed + job.printed


async def test_a_test_label_does_not_wait_for_a_long_order(tmp_path: Path) -> None:
    async with floor(tmp_path, speed_ips=4.0, window_labels=4) as here:
        opened = await here.order_copies(200)
        async with asyncio.timeout(30):
            while here.printer.printed < 2:
                await here.changes.wait(here.changes.count, 0.02)
            assert await here.worker.maintenance.calibrate() == CALIBRATING
        assert (await here.ledger.do(Ledger.copies, opened.copies_id)).printed <= 12
        await here.ledger.do(Ledger.end_copies, opened.copies_id, CopiesState.CANCELLED, "x", "A01")


# --- the ledger fails, the agent ends ---------------------------------------------------------------------------------


async def test_a_window_whose_verdict_was_lost_is_not_proven_and_not_sent_again(tmp_path: Path) -> None:
    async with floor(tmp_path, run=False) as here:
        opened = await here.order_copies(8)
        await here.ledger.do(Ledger.begin_copies, opened.copies_id, 5, rows=5, counter=1000)
        here.task = asyncio.create_task(here.worker.run())
        order = await here.copied(opened.copies_id)
        assert numbers(order) == (CopiesState.ENDED, 0, 5, 3)
        assert here.printer.printed == 0


async def test_after_a_restart_nothing_is_resumed_and_its_counts_alarm_nobody(tmp_path: Path) -> None:
    """The agent died while five were on their way, and three of them came out."""
    async with floor(tmp_path, run=False) as here:
        await here.ledger.do(Ledger.note_paper_fed, "p1", 990, 1000)
        opened = await here.order_copies(20)
        await here.ledger.do(Ledger.begin_copies, opened.copies_id, 8, rows=8, counter=1000)
        for _ in range(3):
            here.printer.fault("feed-key")
        async with asyncio.timeout(30):
            while here.printer.odometer < 1003:
                await asyncio.sleep(0)
        await here.ledger.do(Ledger.boot)
        order = await here.ledger.do(Ledger.copies, opened.copies_id)
        assert numbers(order) == (CopiesState.ENDED, 0, 8, 12)
        assert "重启" in said(order).zh
        here.task = asyncio.create_task(here.worker.run())
        job = await here.until((await here.submit(2)).job_id, JobState.DONE, JobState.PAUSED)
        assert (job.state, job.printed) == (JobState.DONE, 2), job.reason
        assert await alarms(here) == [] and await here.ledger.do(Ledger.holds) == ()
        assert here.printer.printed == 5


async def test_what_breaks_amid_a_window_leaves_it_not_proven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with floor(tmp_path, run=False) as here:

        async def breaks(*_: object) -> tuple[None, Trace]:
            raise RuntimeError("nobody planned this")

        monkeypatch.setattr(here.window_printer, "send_window", breaks)
        here.task = asyncio.create_task(here.worker.run())
        order = await here.copied((await here.order_copies(9)).copies_id)
        assert numbers(order) == (CopiesState.ENDED, 0, 8, 1)


async def test_what_the_check_finds_ends_the_order_before_a_byte_and_may_be_overruled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with floor(tmp_path, run=False) as here:

        async def inspect(*_: object) -> Words:
            return Words("纸不对", "wrong roll")

        monkeypatch.setattr(here.worker.copier, "_inspect", inspect)
        here.task = asyncio.create_task(here.worker.run())
        order = await here.copied((await here.order_copies(3)).copies_id)
        assert numbers(order) == (CopiesState.ENDED, 0, 0, 3)
        assert "一张也没有送出：纸不对" in said(order).zh and here.printer.printed == 0


# --- hands, and lines that fail before a byte -------------------------------------------------------------------------


async def test_a_copy_that_waits_to_be_taken_is_the_rhythm_of_peel_mode(tmp_path: Path) -> None:
    setup = Setup(handling=Handling.PEEL, ribbon=False)
    async with floor(tmp_path, window_printer={"setup": setup}, take_after_s=0.02, window_labels=4) as here:
        assert numbers(await here.copied((await here.order_copies(6)).copies_id)) == (CopiesState.PRINTED, 6, 0, 0)


async def test_a_line_that_fails_before_a_byte_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with floor(tmp_path, run=False) as here:
        failed: list[int] = []

        async def inspect(*_: object) -> None:
            if not failed:
                failed.append(1)
                raise LinkBrokenError("somebody pulled the cable")

        monkeypatch.setattr(here.worker.copier, "_inspect", inspect)
        here.task = asyncio.create_task(here.worker.run())
        assert numbers(await here.copied((await here.order_copies(3)).copies_id)) == (CopiesState.PRINTED, 3, 0, 0)


@pytest.mark.parametrize("setup", [Setup(ribbon=False), Setup(ribbon=False, sensor=Sensor.CONTINUOUS)])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_on_a_continuous_roll_no_paper_goes_by_between_two_labels(
    tmp_path: Path, language: str, setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever says it: the label's media, or the printer's row."""
    fed: list[float] = []

    def paper_fed_in(paper: Any, options: Any) -> float:
        fed.append(round(real(paper, options) * options.dpi))
        return 0.0

    real = virtual.Paper.paper_fed_in
    monkeypatch.setattr(virtual.Paper, "paper_fed_in", paper_fed_in)

    def endless(imposition: Imposition) -> Imposition:
        return replace(imposition, media=replace(imposition.media, gap_mm=0.0))

    async with floor(tmp_path, language=language, window_printer={"setup": setup}, roll=endless, speed_ips=4.0) as here:
        await here.copied((await here.order_copies(2)).copies_id)
    assert fed == [40, 40]
