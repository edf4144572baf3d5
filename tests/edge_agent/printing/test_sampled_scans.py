"""Sampled scans on the floor: when a job stands, what it says, which scan lets it on, and who decides how often."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge_agent.ledger import Ledger
from edge_agent.messages import job as job_words
from edge_agent.model.job import Job, JobState
from edge_agent.service.requests import JobBody
from label_protocol.errors import CodeError, RecordError, StateError
from tests.edge_agent.printing.test_fleet import ENDED, Shop, code_on, shop

ONE = {"p1": {"profile": "zpl-203"}}
SAMPLE = str(job_words.scan_sample("p1"))


async def standing(here: Shop, job: Job, printed: int) -> Job:
    stood = await here.until(job.job_id, *ENDED)
    assert (stood.state, stood.reason, stood.printed) == (JobState.PAUSED, SAMPLE, printed)
    return stood


async def scan(here: Shop, n: int) -> None:
    """The label that came out as the `n`th comes under the scanner."""
    await here.service.labels.scan(code_on(here.picture("p1", n)), "A01")


async def test_a_job_stands_until_any_label_of_the_last_window_was_scanned_and_goes_on_by_itself(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path, ONE, proof={"scan_every": 2}) as here:
        job = await here.order("p1", 12)
        await standing(here, job, 8)
        with pytest.raises(StateError, match="不是刚打好的那一批"):
            await scan(here, 4)
        with pytest.raises(CodeError):
            await here.service.labels.scan(code_on(here.picture("p1", 8)).replace("/10/", "/10/X"), "A01")
        await standing(here, job, 8)
        await scan(here, 6)
        done = await here.until(job.job_id, *ENDED)
        assert (done.state, done.printed, done.scan_every, done.unscanned) == (JobState.DONE, 12, 2, 1)
        assert (await here.service.site.verify()).ok


async def test_the_last_window_is_sampled_before_the_job_is_done(tmp_path: Path) -> None:
    async with shop(tmp_path, ONE, proof={"scan_every": 1}) as here:
        job = await here.order("p1", 4)
        await standing(here, job, 4)
        await scan(here, 1)
        assert (await here.until(job.job_id, *ENDED)).state is JobState.DONE


async def test_a_restart_and_a_resume_lead_round_no_sample(tmp_path: Path) -> None:
    async with shop(tmp_path, ONE, proof={"scan_every": 1}) as here:
        job = await here.order("p1", 8)
        await standing(here, job, 4)
    async with shop(tmp_path, {"p1": {"profile": "zpl-203", "virtual": {"odometer": 1004}}}) as here:
        await standing(here, job, 4)
        with pytest.raises(StateError, match="先抽检"):
            await here.service.jobs.resume(job.job_id, "A01")
        label = (await here.service.labels.page("printed"))[0]
        text = f"https://id.example.cn/01/{label.gtin}/10/{label.lot_no}/21/{label.serial}"
        await here.service.labels.scan(text, "A01")
        await standing(here, job, 8)


async def test_where_none_of_it_reads_it_is_scrapped_and_the_next_window_is_asked_for(tmp_path: Path) -> None:
    async with shop(tmp_path, ONE, proof={"scan_every": 2}) as here:
        job = await here.order("p1", 16)
        await standing(here, job, 8)
        window = await here.service.parts.ledger.do(Ledger.awaits_sample, job.job_id)
        assert window is not None
        for serial in window.serials:
            await here.service.labels.scrap(serial, "A01", "扫不出来")
        await here.service.jobs.resume(job.job_id, "A01")
        await standing(here, job, 8)  # four void, four more printed: one window and not two
        await scan(here, 9)
        await here.until(job.job_id, *ENDED)


@pytest.mark.parametrize(
    ("site", "asked", "comes"), [(0, None, 0), (0, 3, 3), (5, None, 5), (5, 2, 2), (5, 5, 5), (5, 6, None)]
)
def test_a_job_may_ask_for_more_scans_than_the_site_and_never_for_fewer(
    site: int, asked: int | None, comes: int | None
) -> None:
    wanted = JobBody.read(BODY | ({"scan_every": asked} if asked else {}))
    if comes is None:
        with pytest.raises(RecordError, match=r"抽检只能更勤.*1 to 5.*got 6"):
            wanted.sampled(site)
    else:
        assert wanted.sampled(site) == comes


@pytest.mark.parametrize("wrong", [0, -1, 1001, 1.5, "2", True])
def test_a_number_that_is_none_is_refused(wrong: Any) -> None:
    with pytest.raises(RecordError, match="scan_every: expected an integer from 1 to 1000, got"):
        JobBody.read(BODY | {"scan_every": wrong})


async def test_what_a_job_asks_for_is_in_its_row_and_a_site_without_samples_asks_for_none(tmp_path: Path) -> None:
    async with shop(tmp_path, ONE) as here:
        record = here.record.model_dump(mode="json", exclude_none=True)
        job = await here.service.jobs.submit(BODY | {"record": record, "scan_every": 1}, "k")
        await standing(here, job, 4)
        other = await here.until((await here.order("p1", 8, "other")).job_id, *ENDED)
        assert (other.state, other.scan_every, other.unscanned) == (JobState.DONE, 0, 0)


BODY: dict[str, Any] = {"template": "down_grade_60x40", "printer": "p1", "quantity": 8, "operator": "A01"}
