"""A group whose jobs move on after a fault: where the rest is printed, what stays behind, and what is said of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from edge_agent.change_signal import ChangeSignal
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.messages import job as job_words
from edge_agent.messages.printer import FAULTS
from edge_agent.messages.text import Words
from edge_agent.model.job import Job, JobState
from edge_agent.model.printer import Fault, ProofLevel
from edge_agent.printing.printer_groups import Group, PrinterGroups
from tests.edge_agent.printing.test_fleet import shop
from tests.edge_agent.printing.test_floor import ENDED, Pair, pair, settled
from tests.edge_agent.printing.test_printer_groups import JOB
from tests.kits.floor import Floor, fill, open_test_ledger

OUT = FAULTS[Fault.MEDIA_OUT]


def codes(folder: Path, name: str) -> list[str]:
    """What each paper of a printer shows, in order."""
    return [one.read_bytes().hex() for one in sorted((folder / name).glob("*.png"))]


async def ready(two: Pair) -> None:
    await settled(two.here, lambda: all(one.window_printer.unready_since_s is None for one in two.workers.values()))


async def by_printer(two: Pair) -> dict[str, Counter[str]]:
    """Printer → how many of its labels stand in each state."""
    found: dict[str, Counter[str]] = {}
    for label in await two.here.ledger.do(Ledger.labels, limit=1000):
        found.setdefault(label.printer, Counter())[label.state] += 1
    return found


async def played(two: Pair, quantity: int = 24) -> Job:
    await ready(two)
    return await two.here.until((await two.here.submit(quantity, "g")).job_id, *ENDED)


# a fault of each kind: of the roll, of the line, of the power, of the count, of the store
FAILING = ["media-out@12", "unplug@12", "power-cut@12:60", "silence@12", "feed-key@12", "lose-objects@12"]


@pytest.mark.parametrize("fault", FAILING)
async def test_what_was_never_drawn_goes_on_at_the_next_printer_and_the_window_stays_whole(
    tmp_path: Path, fault: str
) -> None:
    async with pair(tmp_path, faults=(fault,), moves=True) as two:
        job = await played(two)
        assert (job.state, job.drawn, job.printed, job.in_doubt) == (JobState.DONE, 24, 16, 8), job.reason
        assert await by_printer(two) == {"p1": Counter(printed=8, in_doubt=8), "p2": Counter(printed=8)}
        ((window, doubted),) = await two.here.ledger.do(Ledger.doubts)
        assert (window.printer, len(doubted)) == ("p1", 8)
        assert (await two.here.ledger.do(Ledger.verify)).ok
    papers = codes(tmp_path, "p2")
    assert len(papers) == 8 and not set(papers) & set(codes(tmp_path, "p1")), "a code came out of both printers"


async def test_the_job_says_where_it_went_and_why_and_the_log_too(tmp_path: Path) -> None:
    with capture_logs() as lines:
        async with pair(tmp_path, faults=("media-out@4",), moves=True) as two:
            two.printers["p2"].fault("pause@2")
            await ready(two)
            opened = await two.here.submit(16, "g")
            await settled(two.here, lambda: two.printers["p2"].printed == 2)
            went = str(job_words.moved("p2", "p1", OUT))
            assert "已转到 p2" in went and OUT.zh in went and "p1" in went
            assert went in [line["why"] for line in lines if line["event"] == "job_running"]
            two.printers["p2"].fix()
            await two.here.until(opened.job_id, JobState.DONE)
    told = [(line["event"], line["why"]) for line in lines if line["event"].startswith("job_")]
    moving = ("job_waiting", str(job_words.moves_on("p1", OUT, 8)))
    assert told.index(moving) < told.index(("job_running", went))


@pytest.mark.parametrize("window_open", [True, False], ids=["in the window", "behind its verdict"])
async def test_killed_in_between_nothing_moves_by_itself_and_nothing_is_drawn_twice(
    tmp_path: Path, window_open: bool
) -> None:
    """Before the verdict, or between the verdict and the order to move."""
    ledger = await LedgerThread.open(lambda: open_test_ledger(tmp_path))
    await fill(ledger, 1000)
    opened = await Floor.submit(SimpleNamespace(ledger=ledger, keys=count(), changes=ChangeSignal()), 24, "g")
    window = await ledger.do(Ledger.begin_window, opened.job_id, printer="p1", limit=8)
    if not window_open:
        await ledger.do(Ledger.doubt_window, window.window_id, "fault during the window: media_out")
    await ledger.do(Ledger.boot)
    await ledger.close()
    async with pair(tmp_path, moves=True) as two:
        await ready(two)
        await asyncio.sleep(0.1)
        assert (await two.here.job(opened.job_id)).drawn == 8
        await two.here.press_resume(opened.job_id)
        job = await two.here.until(opened.job_id, *ENDED)
        assert (job.state, job.drawn, job.printed) == (JobState.DONE, 24, 16), job.reason
        assert await by_printer(two) == {"p1": Counter(in_doubt=8), "p2": Counter(printed=16)}
        assert two.printers["p1"].printed == 0, "sent again"


async def test_the_printer_that_failed_prints_nothing_until_somebody_looked(tmp_path: Path) -> None:
    """Its hand is in the printer and the roll is in again, but the strip still hangs."""
    async with pair(tmp_path, faults=("media-out@4",), moves=True) as two:
        two.printers["p2"].fault("head-open")
        await ready_or_open(two)
        opened = await two.here.submit(16, "g")
        await two.here.until(opened.job_id, JobState.WAITING)
        await settled(two.here, lambda: two.workers["p1"].job_id is None)
        two.printers["p1"].fix()
        await asyncio.sleep(0.2)
        job = await two.here.job(opened.job_id)
        assert (job.state, job.drawn) == (JobState.WAITING, 8)
        ((window, _),) = await two.here.ledger.do(Ledger.doubts)
        await two.here.ledger.do(Ledger.settle_window, window.window_id, None, "", "A01", "scrapped")
        two.here.changes.tell()
        job = await two.here.until(opened.job_id, *ENDED)
        assert (job.state, job.printed, job.scrapped) == (JobState.DONE, 8, 8), job.reason
        assert set(await by_printer(two)) == {"p1"}, "nobody had to press Resume"


async def ready_or_open(two: Pair) -> None:
    await settled(two.here, lambda: two.workers["p1"].window_printer.unready_since_s is None)


async def test_a_job_that_fails_everywhere_leaves_one_window_at_each_printer(tmp_path: Path) -> None:
    async with pair(tmp_path, faults=("media-out@4",), moves=True) as two:
        two.printers["p2"].fault("media-out@4")
        await ready(two)
        opened = await two.here.submit(80, "g")
        await settled(two.here, lambda: all(one.queue.strip is not None for one in two.workers.values()))
        for printer in two.printers.values():
            printer.fix()
        await asyncio.sleep(0.2)
        job = await two.here.job(opened.job_id)
        assert (job.state, job.drawn, job.in_doubt) == (JobState.WAITING, 16, 16)
        assert job.reason == str(job_words.moves_on("p2", OUT, 64))


async def test_the_last_window_has_nothing_to_move_and_waits_for_a_person(tmp_path: Path) -> None:
    async with pair(tmp_path, faults=("media-out@4",), moves=True) as two:
        job = await played(two, 8)
        assert (job.state, job.in_doubt, set(await by_printer(two))) == (JobState.PAUSED, 8, {"p1"})


async def test_a_window_that_only_awaits_its_scan_is_no_fault(tmp_path: Path) -> None:
    """Else a job would wander from one printer that proves nothing to the next, and nobody would scan."""
    async with pair(tmp_path, moves=True, window_printer={"level": ProofLevel.SENT}) as two:
        job = await played(two)
        assert (job.state, job.reason, job.in_doubt) == (JobState.PAUSED, str(job_words.SCAN_WINDOW), 8)


async def test_what_this_program_broke_off_is_not_tried_at_the_next_printer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A label that cannot be drawn fails at every printer, and would leave a strip at each."""
    async with pair(tmp_path, moves=True) as two:
        encode, seen = two.here.window_printer.encode, list[Any]()

        def flawed(imposition: Any, row: Any) -> bytes:
            seen.append(row)
            if len(seen) == 3:
                raise ZeroDivisionError("a flaw in a template")
            return encode(imposition, row)

        monkeypatch.setattr(two.here.window_printer, "encode", flawed)
        job = await played(two)
        assert (job.state, job.in_doubt, set(await by_printer(two))) == (JobState.PAUSED, 8, {"p1"})


async def test_an_operators_pause_in_the_window_stands_though_the_job_would_move(tmp_path: Path) -> None:
    async with pair(tmp_path, faults=("silence@4",), moves=True) as two:
        await ready(two)
        opened = await two.here.submit(24, "g")
        await settled(two.here, lambda: two.printers["p1"].printed >= 4)
        await two.here.ledger.do(Ledger.move_job, opened.job_id, JobState.PAUSED, "operator")
        two.here.changes.tell()
        await settled(two.here, lambda: two.workers["p1"].job_id is None)
        await asyncio.sleep(0.1)
        job = await two.here.job(opened.job_id)
        assert (job.state, job.reason, job.drawn) == (JobState.PAUSED, "operator", 8)


@pytest.mark.parametrize(("said", "ends"), [({}, JobState.PAUSED), ({"after_fault": "move"}, JobState.DONE)])
async def test_the_site_says_whether_jobs_move_and_by_default_they_wait(
    tmp_path: Path, said: dict[str, str], ends: JobState
) -> None:
    rows = {"p1": {"profile": "zpl-203", "virtual": {"faults": ("media-out@2",)}}, "p2": {"profile": "zpl-203"}}
    group = {"id": "line-a", "name": "甲线", "printers": ["p1", "p2"], "fallback_after_s": 0.2, **said}
    async with shop(tmp_path, rows, groups=[group]) as here:
        while not all(one.ready for one in (await here.service.printers.all()).printers):
            await asyncio.sleep(0.01)
        job = await here.until((await here.order("line-a", 8)).job_id, *ENDED)
        assert (job.state, job.in_doubt, here.printers["p2"].printed) == (ends, 4, 4 if said else 0), job.reason


def test_where_a_job_was_left_is_told_as_long_as_its_strip_hangs() -> None:
    hanging = {"a", "b"}
    moving = Group("g", ("a", "b", "c"), 10.0, moves=True)
    groups = PrinterGroups([moving, Group("h", ("a", "b"), 1.0)], lambda _: 0.0, hangs=hanging.__contains__)
    assert not groups.leaves("a", of("h"), OUT), "the site did not say so"
    assert groups.leaves("a", of("g"), OUT) and groups.leaves("b", of("g"), Words("卡纸", "jam"))
    assert [one for one in "abc" if groups.take(one, of("g"))] == ["c"]
    assert groups.left_at(JOB.job_id) == ("b", Words("卡纸", "jam"))
    hanging.remove("b")
    assert groups.left_at(JOB.job_id) == ("a", OUT)
    hanging.clear()
    assert groups.left_at(JOB.job_id) is None
    assert groups.left_at("another") is None


def of(group: str) -> Job:
    return replace(JOB, printer=group)
