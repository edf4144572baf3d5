"""A worker, a real ledger and a virtual printer: every fault alone, and what the books say of it afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge_agent.ledger import Ledger
from edge_agent.model.job import JobState
from edge_agent.model.printer import PrintMode
from edge_agent.virtual_printer.faults import KINDS
from label_protocol.errors import ConflictError
from tests.kits.floor import QUOTA_KEY, an_imposition, floor

ENDED = (JobState.DONE, JobState.PAUSED)


def tape(folder: Path) -> list[str]:
    """The causes of all papers."""
    lines = (folder / "tape" / "tape.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["cause"] for line in lines]


@pytest.mark.parametrize("mode", list(PrintMode))
async def test_a_sound_job_is_proven_by_the_counter(tmp_path: Path, mode: PrintMode) -> None:
    async with floor(tmp_path, mode=mode) as here:
        job = await here.until((await here.submit(20)).job_id, *ENDED)
        assert (job.state, job.printed, job.drawn) == (JobState.DONE, 20, 20)
        labels = await here.ledger.do(Ledger.labels, state="printed", limit=100)
        assert {label.level for label in labels} == {"counter"}
    assert tape(tmp_path) == ["label"] * 20


# fault → how often its window may be doubted, and words an operator must find in the job's reason
STOPPING = {
    "ribbon-out@5": "碳带用尽",
    "media-out@5": "缺纸",
    "head-open@5": "打印头打开",
    "paper-jam@5": "卡纸",
    "cutter-jam@5": "切刀",
    "head-hot@5": "过热",
    "roll-change@5:800": "缺纸",
    "unplug@5:50": "连不上打印机",
    "reset-before-ink@5": "连不上打印机",
    "reset-after-ink@5": "连不上打印机",
    "power-cut@5:50": "连不上打印机",
    "silence@5": "未应答",
    "late-replies@5:400": "未应答",
    "garbled-replies@5": "未应答",
    "echo@5": "线路回显",
    "feed-key@5": "无法证实",
    "reprint-key@5": "无法证实",
    "foreign-label@5": "无法证实",
    "counter-reset@5": "无法证实",
    "lose-objects@5": "无法证实",
    "swap@5": "连不上打印机",
}
ASKING = ("counter-reset@5", "swap@5")
"""After these it may be another printer, and the line waits for an answer besides."""


@pytest.mark.parametrize("fault", STOPPING)
async def test_each_fault_in_a_job_of_fifty_waits_for_the_operator_and_the_books_balance(
    tmp_path: Path, fault: str
) -> None:
    async with floor(tmp_path, faults=(fault,), speed_ips=100.0) as here:
        opened = await here.submit(50)
        job = await here.until(opened.job_id, *ENDED)
        assert job.state is JobState.PAUSED
        assert STOPPING[fault] in job.reason
        assert job.in_doubt == 8
        here.printer.fix()
        await here.resume(job.job_id)
        job = await here.until(job.job_id, *ENDED)
        assert ("换了打印机" in job.reason) is (fault in ASKING)
        if fault in ASKING:
            await here.answer()
            await here.resume(job.job_id)
            job = await here.until(job.job_id, *ENDED)
        assert (job.state, job.drawn, job.printed, job.in_doubt) == (JobState.DONE, 50, 43, 7)
        report = await here.ledger.do(Ledger.verify)
        assert report.ok
        quota = await here.ledger.do(Ledger.quota, QUOTA_KEY)
        assert quota.used == 50
    causes = tape(tmp_path)
    assert causes.count("label") + causes.count("reprint") <= 51


# the last two need a peel bar, which this job does not use
DELAYING = ["slow-replies:30", "split-replies", "pause@5", "take-label@5", "label-not-taken@5"]


@pytest.mark.parametrize("fault", DELAYING)
async def test_what_only_delays_spoils_nothing(tmp_path: Path, fault: str) -> None:
    async with floor(tmp_path, faults=(fault,)) as here:
        opened = await here.submit(50)
        if fault.startswith("pause"):
            job = await here.until(opened.job_id, JobState.WAITING)
            assert "已暂停" in job.reason
            here.printer.fix("pause")
        job = await here.until(opened.job_id, *ENDED)
        assert (job.state, job.printed, job.in_doubt) == (JobState.DONE, 50, 0)


KEEPING_NOTHING = ["storage-full", "drop-download"]


@pytest.mark.parametrize("fault", KEEPING_NOTHING)
async def test_a_printer_that_keeps_no_background_prints_nothing_in_run_mode(tmp_path: Path, fault: str) -> None:
    async with floor(tmp_path, faults=(fault,)) as here:
        opened = await here.submit(50)
        job = await here.until(opened.job_id, JobState.WAITING)
        assert "存不下底图" in job.reason
        assert (job.drawn, tape(tmp_path)) == (0, [])
        here.printer.fix()
        job = await here.until(opened.job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 50)


def test_every_fault_of_the_virtual_printer_is_tried_here() -> None:
    tried = {one.partition("@")[0].partition(":")[0] for one in [*STOPPING, *DELAYING, *KEEPING_NOTHING]}
    assert tried | {"refuse-connect"} == set(KINDS)


async def test_an_operators_pause_is_felt_within_one_window(tmp_path: Path) -> None:
    async with floor(tmp_path, speed_ips=30.0) as here:
        opened = await here.submit(400)
        await here.until(opened.job_id, JobState.RUNNING)
        while not (await here.job(opened.job_id)).printed:
            await here.changes.wait(here.changes.count, 0.05)
        before = await here.job(opened.job_id)
        await here.ledger.do(Ledger.move_job, opened.job_id, JobState.CANCELLED, "test")
        while here.worker.job_id is not None:
            await here.changes.wait(here.changes.count, 0.02)
        after = await here.job(opened.job_id)
        assert after.drawn - before.drawn <= 16
        assert after.drawn == after.printed + after.in_doubt


async def test_a_job_stops_at_the_quota_and_says_so(tmp_path: Path) -> None:
    async with floor(tmp_path, allotted=10) as here:
        job = await here.until((await here.submit(20)).job_id, *ENDED)
        assert (job.state, job.drawn, job.printed) == (JobState.PAUSED, 10, 10)
        assert "不能发码" in job.reason


async def test_a_printer_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    async with floor(tmp_path, faults=("refuse-connect",)) as here:
        opened = await here.submit(50)
        job = await here.until(opened.job_id, JobState.WAITING)
        assert "连不上打印机" in job.reason
        here.printer.fix()
        job = await here.until(opened.job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 50)


async def test_an_extra_label_between_windows_raises_the_alarm(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        await here.until((await here.submit(4)).job_id, *ENDED)
        here.printer.fault("reprint-key")
        await here.until((await here.submit(4)).job_id, *ENDED)
        alarms = await here.ledger.do(Ledger.alarms)
        assert [alarm["kind"] for alarm in alarms] == ["possible_duplicate"]


async def test_a_second_paper_inside_a_window_raises_one_alarm(tmp_path: Path) -> None:
    async with floor(tmp_path, faults=("reprint-key@3",), speed_ips=100.0) as here:
        job = await here.until((await here.submit(16)).job_id, *ENDED)
        assert (job.state, job.in_doubt) == (JobState.PAUSED, 8)
        await here.resume(job.job_id)
        await here.until(job.job_id, *ENDED)
        assert [alarm["kind"] for alarm in await here.ledger.do(Ledger.alarms)] == ["possible_duplicate"]


async def test_a_test_label_is_refused_while_a_job_has_the_printer(tmp_path: Path) -> None:
    async with floor(tmp_path, faults=("pause@2",)) as here:
        opened = await here.submit(8)
        await here.until(opened.job_id, JobState.WAITING)
        with pytest.raises(ConflictError, match="pause it first"):
            await here.worker.maintenance.test(an_imposition())
        here.printer.fix()
        await here.until(opened.job_id, *ENDED)
