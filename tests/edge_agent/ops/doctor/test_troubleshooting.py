"""docs/troubleshooting.md, row by row: what it says that somebody sees is what is seen, with the virtual printer."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edge_agent.errors import NotFoundError
from edge_agent.ledger import Ledger
from edge_agent.ledger.disk_space import Room
from edge_agent.model.job import JobState
from edge_agent.ops.doctor import examine, upkeep
from edge_agent.wiring import open_ledger
from label_protocol.chain import address
from label_protocol.kinds import HoldKind
from tests.edge_agent.ops.doctor.test_printers import PROFILES, a_printer, config_of
from tests.edge_agent.printing.test_fleet import Shop, shop
from tests.kits.floor import url_of

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "troubleshooting.md").read_text("utf-8")
STOOD = (JobState.PAUSED, JobState.WAITING)


@dataclass(frozen=True)
class Tried:
    """A row of the page: the words it quotes, and how they are brought about."""

    words: str
    how: str


def rows(table: str) -> list[Tried]:
    found = re.search(rf"<!-- tried: {table} -->\n(.*?)<!-- /tried -->", PAGE, re.DOTALL)
    assert found, table
    cells = [line.strip("| ").split(" | ") for line in found[1].splitlines()[2:]]
    assert all(len(row) == 4 for row in cells), cells
    return [Tried(re.findall("「(.+?)」", row[0])[0], row[3].strip("`")) for row in cells]


def named(table: str) -> dict[str, Tried]:
    return {one.how: one for one in rows(table)}


# --- 1 ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tried", rows("printer"), ids=lambda one: one.how)
async def test_the_printer_says_what_the_page_quotes(tmp_path: Path, tried: Tried) -> None:
    language, fault, *handling = tried.how.split()
    options = {"handling": handling[0]} if handling else {}
    async with a_printer(language, faults=(fault,), **options) as printer:
        config = config_of(tmp_path, {"url": url_of(printer), "profile": _PROFILE.get(language, PROFILES[language])})
        (row,) = [row for row in await examine(config) if row.what.startswith("打印机")]
    assert tried.words in row.found and row.state == "bad", row
    assert "docs/troubleshooting.md" in row.todo.en


_PROFILE = {"zpl": "zpl-203"}


# --- 2 ----------------------------------------------------------------------------------------------------------------


Case = Callable[[Path, pytest.MonkeyPatch], Awaitable[str]]


def printer(*faults: str, profile: str = "zpl-203", **virtual: Any) -> dict[str, Any]:
    return {"p1": {"profile": profile, "virtual": {"faults": faults, **virtual}}}


async def stood(here: Shop, quantity: int = 8, key: str = "k") -> str:
    """Why a job of these labels does not go on."""
    job = await here.order("p1", quantity, key)
    return (await here.until(job.job_id, *STOOD)).reason


async def restart(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer("media-out")) as here:
        job = await here.order("p1", 4)
        await here.until(job.job_id, JobState.WAITING)
    async with shop(folder, printer()) as here:
        return (await here.service.jobs.find(job.job_id)).reason


async def doubt(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer("media-out@2")) as here:
        job = await here.order("p1", 8)
        return (await here.until(job.job_id, JobState.PAUSED)).reason


async def one_way(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer(profile="zpl-203-one-way")) as here:
        return await stood(here)


async def behind_a_strip(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer("media-out@2")) as here:
        job = await here.order("p1", 8)
        await here.until(job.job_id, JobState.PAUSED)
        here.printers["p1"].fix()
        await here.service.jobs.resume(job.job_id, "A01")
        return (await here.until(job.job_id, JobState.WAITING)).reason


async def sampled(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer(), proof={"scan_every": 1}) as here:
        return await stood(here)


async def quota(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer()) as here:
        return await stood(here, 104)


async def suspended(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer("media-out")) as here:
        job = await here.order("p1", 4)
        await here.until(job.job_id, JobState.WAITING)
        stop = {"kind": "suspension", "quota_key": here.record.quota_key, "suspended": True, "reason": "复检"}
        await here.service.parts.ledger.do(Ledger.receive_distribution, "c2", "epoch-1", [stop])
        here.printers["p1"].fix()
        return (await here.until(job.job_id, JobState.PAUSED)).reason


async def swap(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer(serial_number="A1")) as here:
        await here.until((await here.order("p1", 4, "a")).job_id, JobState.DONE)
    async with shop(folder, printer(serial_number="B2")) as here:
        return await stood(here, key="b")


async def counter(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer()) as here:
        await here.until((await here.order("p1", 4, "a")).job_id, JobState.DONE)
    async with shop(folder, printer(odometer=1010)) as here:
        return await stood(here, key="b")


async def restored(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer()) as here:
        copy = await here.service.parts.ledger.do(Ledger.backup, folder / "copy.db")
        await here.until((await here.order("p1", 4, "a")).job_id, JobState.DONE)
    Ledger.restore(copy, folder / "ledger_path" / "ledger_path", move_aside=folder / "aside.db")
    async with shop(folder, printer(odometer=1004)) as here:
        return await stood(here, key="b")


async def fed_and_stood(folder: Path, *items: dict[str, Any], clock: str = "") -> str:
    """Why a job that waits for paper does not go on after that was fed, and the clock says that."""
    async with shop(folder, printer("media-out")) as here:
        job = await here.order("p1", 4)
        await here.until(job.job_id, JobState.WAITING)
        do, key = here.service.parts.ledger.do, here.record.quota_key
        await do(Ledger.receive_distribution, "c2", "epoch-1", [{**item, "quota_key": key} for item in items])
        if clock:
            await do(lambda ledger: setattr(ledger._log, "clock", lambda: clock))
        here.printers["p1"].fix()
        return await stands(here, job.job_id)


async def stands(here: Shop, job_id: str) -> str:
    """Its reason, once that is not its printer's any more."""
    while (job := await here.service.jobs.find(job_id)).state not in STOOD or "缺纸" in job.reason:
        await asyncio.sleep(0.01)
    return job.reason


async def lease(folder: Path, _: pytest.MonkeyPatch) -> str:
    return await fed_and_stood(folder, {"kind": "lease", "until": "2020-01-01T00:00:00Z"})


async def clock(folder: Path, _: pytest.MonkeyPatch) -> str:
    runs = {"kind": "lease", "until": "2200-01-01T00:00:00Z"}
    return await fed_and_stood(folder, runs, clock="2020-01-01T00:00:00.000Z")


async def cloned(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer()) as here:
        await here.service.parts.ledger.do(Ledger.place_hold, HoldKind.CLONED, {})
        return await stood(here)


async def certificate(folder: Path, _: pytest.MonkeyPatch) -> str:
    facts: dict[str, Any] = {"lot": {}}
    one = {"firm": "f", "lot_no": "L1", "version": 1, "scheme": "s", "valid_from": "2020-01-01", "facts": facts}
    state = {"sha256": address(facts), "withdrawn": True, "reason": "抽检不合格"}
    return await fed_and_stood(folder, {"kind": "certificate", **one, **state})


async def not_enrolled(folder: Path, patch: pytest.MonkeyPatch) -> str:
    patch.setattr(Ledger, "enrol", lambda *_: None)
    async with shop(folder, printer()) as here:
        return await stood(here)


async def disk_full(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer()) as here:
        full = Room(folder, free=lambda _: 0, trial=lambda _: None)
        await here.service.parts.ledger.do(lambda ledger: setattr(ledger, "_room", full))
        return await stood(here)


async def storage_full(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer("storage-full")) as here:
        return await stood(here)


async def paused(folder: Path, _: pytest.MonkeyPatch) -> str:
    async with shop(folder, printer("media-out")) as here:
        job = await here.order("p1", 4)
        await here.until(job.job_id, JobState.WAITING)
        return (await here.service.jobs.pause(job.job_id, "A01")).reason


JOBS: dict[str, Case] = {
    "restart": restart,
    "doubt": doubt,
    "one-way": one_way,
    "behind-a-strip": behind_a_strip,
    "sampled": sampled,
    "quota": quota,
    "suspended": suspended,
    "swap": swap,
    "counter": counter,
    "restored": restored,
    "lease": lease,
    "clock": clock,
    "cloned": cloned,
    "certificate": certificate,
    "not-enrolled": not_enrolled,
    "disk-full": disk_full,
    "storage-full": storage_full,
    "paused": paused,
}


@pytest.mark.parametrize("how", JOBS)
async def test_the_job_says_what_the_page_quotes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    async with asyncio.timeout(20):
        assert named("job")[how].words in await JOBS[how](tmp_path, monkeypatch)


# --- 3 ----------------------------------------------------------------------------------------------------------------


async def doctor_says(folder: Path) -> str:
    config = config_of(folder, web={"port": 1}, registry={"credentials_path": "credentials.json"})
    return "\n".join(f"{row.found} {row.todo}" for row in await examine(config))


async def stopped(folder: Path, _: pytest.MonkeyPatch) -> str:
    return await doctor_says(folder)


async def service(folder: Path, _: pytest.MonkeyPatch) -> str:
    (folder / upkeep.UNIT).write_text("[Unit]\n")
    with pytest.raises(NotFoundError) as caught:
        await upkeep.service(config_of(folder, web={"port": 1}), has_ledger=False, units=(folder,))
    return str(caught.value)


async def taken(folder: Path, _: pytest.MonkeyPatch) -> str:
    with contextlib.closing(open_ledger(config_of(folder), create=True)):
        return await doctor_says(folder)


async def lost_ledger(folder: Path, _: pytest.MonkeyPatch) -> str:
    config = config_of(folder)
    open_ledger(config, create=True).close()
    config.data.ledger_path.unlink()
    return await doctor_says(folder)


async def low_disk(folder: Path, patch: pytest.MonkeyPatch) -> str:
    patch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000_000))
    return await doctor_says(folder)


DOCTOR: dict[str, Case] = {
    "stopped": stopped,
    "service": service,
    "taken": taken,
    "lost-ledger": lost_ledger,
    "low-disk": low_disk,
    "unregistered": stopped,
}


@pytest.mark.parametrize("how", DOCTOR)
async def test_the_doctor_says_what_the_page_quotes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    assert named("doctor")[how].words in await DOCTOR[how](tmp_path, monkeypatch)


def test_every_row_of_the_page_is_tried_and_nothing_else() -> None:
    assert list(named("job")) == list(JOBS) and list(named("doctor")) == list(DOCTOR)
    assert len(rows("printer")) == len(named("printer")) > 10
    assert PAGE.count("\n## ") == 3, "three steps"
