"""New labels do not go onto a strip that still waits for its last good label: who waits, for what, and until when."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_agent.ledger import Ledger
from edge_agent.messages import job as job_words
from edge_agent.model.job import Job, JobState
from edge_agent.model.printer import ProofLevel
from edge_agent.printing.printer_groups import Group, PrinterGroups
from label_protocol.states import Step
from tests.kits.floor import Floor, floor
from tests.kits.web_double import JOB

ENDED = (JobState.DONE, JobState.PAUSED)
ONE_WAY = {"window_labels": 4, "window_printer": {"level": ProofLevel.SENT}}
RIBBON = {"window_labels": 4, "faults": ("ribbon-out@3",), "speed_ips": 100.0}
BEHIND = str(job_words.behind_a_strip("p1"))


def papers(folder: Path) -> int:
    return len((folder / "tape" / "tape.jsonl").read_text(encoding="utf-8").splitlines())


async def strip_of(here: Floor) -> tuple[str, tuple[str, ...]]:
    ((window, _),) = await here.ledger.do(Ledger.doubts)
    return window.window_id, window.serials


async def settle(here: Floor, last: int | None, rest: str) -> None:
    """Somebody names the last good label, or none."""
    window, serials = await strip_of(here)
    serial = None if last is None else serials[last]
    text = "" if serial is None else f"HTTPS://ID.EXAMPLE/01/06901234567892/10/L1/21/{serial}"
    await here.ledger.do(Ledger.settle_window, window, serial, text, "A01", rest)
    here.changes.tell()


async def behind(here: Floor, opened: Job) -> Job:
    """A further job, until it says what it waits for; nothing of it was drawn."""
    job = await here.until(opened.job_id, JobState.WAITING)
    await here.changes.wait(here.changes.count, 0.15)  # three idle turns of the worker
    job = await here.job(job.job_id)
    assert (job.state, job.reason, job.drawn) == (JobState.WAITING, BEHIND, 0)
    return job


@pytest.mark.parametrize("kind", [ONE_WAY, RIBBON], ids=["one-way", "ribbon"])
@pytest.mark.parametrize(("last", "rest"), [(3, "invalid"), (1, "keep"), (None, "scrapped")])
async def test_another_job_waits_until_the_strip_is_settled_and_then_starts_by_itself(
    tmp_path: Path, kind: dict[str, Any], last: int | None, rest: str
) -> None:
    async with floor(tmp_path, **kind) as here:
        first = await here.until((await here.submit(8)).job_id, *ENDED)
        assert first.in_doubt == 4
        here.printer.fix()
        other = await behind(here, await here.submit(2))
        await settle(here, last, rest)
        job = await here.until(other.job_id, *ENDED)
        assert job.drawn == 2
        assert (await here.job(first.job_id)).drawn == 4, "the first stays paused: its operator has not said to go on"


async def test_labels_decided_one_by_one_let_the_next_job_on_when_one_is_good_or_none_is_left(tmp_path: Path) -> None:
    async with floor(tmp_path, **ONE_WAY) as here:
        await here.until((await here.submit(4)).job_id, *ENDED)
        other = await behind(here, await here.submit(2))
        _, serials = await strip_of(here)
        for serial in serials[:2]:
            await here.ledger.do(Ledger.decide, serial, Step.SCRAP, "A01", "皱")
        here.changes.tell()
        await behind(here, other)
        await here.ledger.do(Ledger.decide, serials[2], Step.SETTLE_PRINTED, "A01", "看过了")
        here.changes.tell()
        assert (await here.until(other.job_id, *ENDED)).drawn == 2


async def test_the_strip_hangs_after_a_restart_too(tmp_path: Path) -> None:
    async with floor(tmp_path, **ONE_WAY) as here:
        await here.until((await here.submit(4)).job_id, *ENDED)
    async with floor(tmp_path, run=False, **ONE_WAY) as here:
        await here.ledger.do(Ledger.boot)
        here.task = asyncio.create_task(here.worker.run())
        await behind(here, await submit_again(here, 2))
        await settle(here, 3, "invalid")


async def submit_again(here: Floor, quantity: int) -> Job:
    """The keys of a floor begin anew with it, and its ledger knows them."""
    for _ in range(9):
        next(here.keys)
    return await here.submit(quantity)


@pytest.mark.parametrize("kind", [ONE_WAY, RIBBON], ids=["one-way", "ribbon"])
async def test_its_own_job_waits_too_when_somebody_resumes_it_and_starts_by_itself(
    tmp_path: Path, kind: dict[str, Any]
) -> None:
    """Who presses Resume at a desk has not seen the strip, and its last good label is not the last any more."""
    async with floor(tmp_path, **kind) as here:
        first = await here.until((await here.submit(8)).job_id, *ENDED)
        here.printer.fix()
        await here.press_resume(first.job_id)
        stood = await here.until(first.job_id, JobState.WAITING)
        await here.changes.wait(here.changes.count, 0.15)  # three idle turns of the worker
        assert (stood.reason, (await here.job(first.job_id)).drawn) == (BEHIND, 4)
        await settle(here, 1, "scrapped")
        job = await here.until(first.job_id, *ENDED)
        assert (job.drawn, job.scrapped) == (8, 2)


async def test_a_job_that_has_nothing_left_ends_though_its_strip_hangs(tmp_path: Path) -> None:
    async with floor(tmp_path, **ONE_WAY) as here:
        first = await here.until((await here.submit(4)).job_id, *ENDED)
        await here.press_resume(first.job_id)
        assert (await here.until(first.job_id, JobState.DONE)).in_doubt == 4


async def test_copies_wait_as_well(tmp_path: Path) -> None:
    async with floor(tmp_path, **ONE_WAY) as here:
        await here.until((await here.submit(4)).job_id, *ENDED)
        hanging = papers(tmp_path)
        order = await here.order_copies(2)
        await here.changes.wait(here.changes.count, 0.15)
        assert ((await here.ledger.do(Ledger.copies, order.copies_id)).left, papers(tmp_path)) == (2, hanging)
        await settle(here, 3, "invalid")
        assert (await here.copied(order.copies_id)).left == 0


async def test_what_it_waits_for_is_recorded_once(tmp_path: Path) -> None:
    async with floor(tmp_path, **ONE_WAY) as here:
        await here.until((await here.submit(4)).job_id, *ENDED)
        await behind(here, await here.submit(2))
        head = await here.ledger.do(Ledger.head)
        for _ in range(3):
            here.changes.tell()
            await here.changes.wait(here.changes.count, 0.05)
        assert await here.ledger.do(Ledger.head) == head


def test_in_a_group_another_printer_takes_what_must_not_go_behind_a_strip() -> None:
    strips: dict[str, str] = {"a": "j1"}
    groups = PrinterGroups([Group("g", ("a", "b"), 10.0)], lambda _: 0.0, hangs=strips.__contains__)
    own, other = replace(JOB, printer="g"), replace(JOB, printer="g", job_id="j2")
    assert [groups.offers(one, other) for one in "ab"] == [False, True]
    assert [groups.offers(one, own) for one in "ab"] == [False, True], "not its own labels either"
    strips["b"] = "j3"
    assert [groups.offers(one, other) for one in "ab"] == [True, False], "one of them is told that it waits"
