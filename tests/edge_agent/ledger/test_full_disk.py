"""A disk that takes nothing is said in red everywhere, pauses nobody's job, and is over when there is room again; a
second start and an old reason are sentences too."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.config import config_from
from edge_agent.errors import HeldError, LedgerFullError
from edge_agent.ledger import Ledger
from edge_agent.ledger.disk_space import RESERVE_BYTES, Room, try_write
from edge_agent.model.job import JobState
from edge_agent.ops.doctor import running
from edge_agent.service.agent_service import AgentService
from edge_agent.service.standing import told
from edge_agent.web.api import build_web
from label_protocol.errors import AgentError, ConflictError
from tests.edge_agent.service.test_service import LOT, ask
from tests.edge_agent.service.test_stopped_lots import DOWN, JACKET, client, service
from tests.kits import cli_kit
from tests.kits.floor import floor
from tests.kits.ledger_kit import Place, a_job, enrolled, link_of, printed, require_sound
from tests.promises.test_adversary import settled

__all__ = ["client", "service"]


@dataclass
class Scales:
    """A disk that is told how much room it has, and whether it takes a write."""

    free: int = RESERVE_BYTES * 10
    takes: bool = True
    trials: list[Path] = field(default_factory=list)

    def room(self, folder: Path) -> Room:
        return Room(folder, free=lambda _: self.free, trial=self._trial)

    def _trial(self, folder: Path) -> None:
        self.trials.append(folder)
        if not self.takes:
            raise OSError(errno.ENOSPC, "No space left on device")

    def probe(self, name: str) -> None:
        """Stands in the way of each commit."""
        if name.startswith("before_commit") and not self.takes:
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def scales() -> Scales:
    return Scales()


@pytest.fixture
def ledger(tmp_path: Path, scales: Scales) -> Iterator[Ledger]:
    place = Place(tmp_path)
    found = enrolled(place.open(room=scales.room(place.path.parent), probe=scales.probe))
    yield found
    found.close()


def test_below_the_reserve_nothing_is_drawn_and_the_rest_is_still_recorded(ledger: Ledger, scales: Scales) -> None:
    job = a_job(ledger)
    window = printed(ledger, job)
    scales.free = RESERVE_BYTES - 1
    head = ledger.head()
    with pytest.raises(LedgerFullError, match="磁盘已满"):
        ledger.begin_window(job.job_id)
    assert ledger.head() == head
    (hold,) = ledger.holds()
    assert (hold["kind"], hold["release"], hold["detail"]["refused"]) == ("disk_full", "none", False)
    assert "磁盘已满" in hold["words"] and "make room" in hold["words"]
    assert ledger.scan(window.serials[0], link_of(window.serials[0]), "A01", on_garment=True).state == "commissioned"
    assert ledger.holds()[0]["placed_at"] == hold["placed_at"], "since when it is so"
    scales.free = RESERVE_BYTES
    assert ledger.holds() == ()
    printed(ledger, job)
    require_sound(ledger)


def test_a_refused_write_counts_as_full_until_one_is_taken(ledger: Ledger, scales: Scales) -> None:
    job = a_job(ledger)
    scales.takes = False
    assert ledger.holds() == (), "nobody has tried yet"
    with pytest.raises(LedgerFullError):
        ledger.begin_window(job.job_id)
    assert [hold["kind"] for hold in ledger.holds()] == ["disk_full"]
    assert scales.trials, "the free bytes alone would call it well"
    with pytest.raises(LedgerFullError, match="takes writes"):
        ledger.begin_window(job.job_id)
    scales.takes = True
    assert ledger.holds() == ()
    trials = len(scales.trials)
    printed(ledger, job)
    assert len(scales.trials) == trials, "a disk that is well is not written to for a question"
    require_sound(ledger)


def test_nobody_lifts_a_full_disk(ledger: Ledger, scales: Scales) -> None:
    scales.free = 0
    for by in ("operator", "command", "registry"):
        with pytest.raises(ConflictError, match="ends by itself"):
            ledger.release_hold("disk_full", by=by, operator="A01", reason="急")


def test_the_trial_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try_write(tmp_path)
    assert list(tmp_path.iterdir()) == []

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("edge_agent.ledger.disk_space.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        try_write(tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_a_job_waits_for_room_and_goes_on_by_itself(tmp_path: Path, scales: Scales) -> None:
    async with floor(tmp_path, run=False) as here:
        await here.ledger.do(lambda ledger: setattr(ledger, "_room", scales.room(tmp_path)))
        scales.free = 0
        opened = await here.submit(16)
        here.task = asyncio.create_task(here.worker.run())
        await settled(here, lambda: here.worker._full)
        job = await here.job(opened.job_id)
        assert (job.state, job.drawn) == (JobState.RUNNING, 0), "nobody has to resume it"
        scales.free = RESERVE_BYTES
        job = await here.until(opened.job_id, JobState.DONE, JobState.PAUSED)
        assert (job.state, job.printed) == (JobState.DONE, 16)


async def test_a_disk_that_fills_in_the_middle_pauses_no_job(tmp_path: Path, scales: Scales) -> None:
    def fill(name: str) -> None:
        if name == "after_write" and not scales.trials:
            scales.free = 0
            scales.trials.append(tmp_path)

    async with floor(tmp_path, run=False, probe=fill) as here:
        await here.ledger.do(lambda ledger: setattr(ledger, "_room", scales.room(tmp_path)))
        opened = await here.submit(24)
        here.task = asyncio.create_task(here.worker.run())
        await settled(here, lambda: here.worker._full)
        job = await here.job(opened.job_id)
        assert (job.state, job.drawn, job.printed) == (JobState.RUNNING, 8, 8)
        scales.free = RESERVE_BYTES
        assert (await here.until(opened.job_id, JobState.DONE, JobState.PAUSED)).printed == 24


async def test_everybody_is_told_of_a_full_disk(
    client: Any, service: AgentService, scales: Scales, tmp_path: Path
) -> None:
    order = {**DOWN, **JACKET, "lot_no": LOT}
    job = await ask(client, "POST", "jobs", 201, order, "k1")
    assert (await ask(client, "GET", f"jobs/{job['job_id']}", 200))["state"] == "running"
    await service.parts.ledger.do(lambda ledger: setattr(ledger, "_room", scales.room(tmp_path)))
    scales.free = 1_000

    async with client.get("/readyz") as answer:
        assert answer.status == 503
        assert "磁盘已满" in (await answer.json())["because"][0]
    (hold,) = (await ask(client, "GET", "holds", 200))["holds"]
    assert (hold["kind"], hold["release"]) == ("disk_full", "none")
    for found in (
        await ask(client, "GET", f"jobs/{job['job_id']}", 200),
        (await ask(client, "GET", "jobs", 200))["jobs"][0],
    ):
        assert (found["state"], found["words"]["zh"]) == ("waiting", "等待打印机")
        assert found["reason"].startswith("磁盘已满")
    (printer,) = (await ask(client, "GET", "printers", 200))["printers"]
    assert (printer["ready"], printer["words"]["zh"][:4]) == (False, "磁盘已满")
    async with client.get("/metrics") as answer:
        text = await answer.text()
    assert 'edge_agent_ledger_disk_bytes{what="free"} 1000.0' in text
    assert 'edge_agent_ledger_disk_bytes{what="reserve"} 5e+07' in text
    assert 'edge_agent_holds{kind="disk_full"} 1.0' in text
    assert "edge_agent_ledger_write_refused 0.0" in text
    assert 'edge_agent_printer_ready{printer="p1"} 0.0' in text

    copies = {"template": "wash_care_30", "printer": "p1", "count": 1, "operator": "A01", **JACKET}
    ordered = await ask(client, "POST", "copies", 202, copies, "k2")
    assert "磁盘已满" in ordered["told"]["zh"]

    scales.free = RESERVE_BYTES
    async with client.get("/readyz") as answer:
        assert (answer.status, await answer.json()) == (200, {"ready": True, "because": []})
    assert (await ask(client, "GET", f"jobs/{job['job_id']}", 200))["state"] == "running"


async def test_the_doctor_asks_the_running_agent(service: AgentService, scales: Scales, tmp_path: Path) -> None:
    async with TestClient(TestServer(build_web(service))) as found:
        config = config_from({"web": {"port": found.port}}, tmp_path / "agent.toml")
        assert await running.holds(config) == "没有 none"
        await service.parts.ledger.do(lambda ledger: setattr(ledger, "_room", scales.room(tmp_path)))
        scales.free = 0
        with pytest.raises(HeldError, match="磁盘已满"):
            await running.holds(config)


# --- a second start, and reasons that are words -----------------------------------------------------------------------


def test_a_second_start_says_that_the_first_one_runs(tmp_path: Path) -> None:
    config = cli_kit.a_site(tmp_path)
    place = Place(tmp_path)
    (tmp_path / "ledger").mkdir()
    ledger = Ledger.open(
        tmp_path / "ledger" / "ledger.db",
        witness=tmp_path / "witness" / "witness",
        clock=place.clock,
        new_serial=lambda issuer: issuer,
        fingerprint="pc",
    )
    refusal = cli_kit.run("run", "--config", config).refusal
    assert "已在运行" in refusal and "already running" in refusal and "stop the program" in refusal
    ledger.close()


def test_a_port_that_another_agent_has_says_so_too(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = cli_kit.a_site(tmp_path)
        config.write_text(config.read_text("utf-8") + f"[web]\nport = {port}\n", encoding="utf-8")
        refusal = cli_kit.run("run", "--config", config).refusal
    assert "已在运行" in refusal and "already running" in refusal and f"127.0.0.1:{port}" in refusal


def test_a_restart_is_a_sentence_and_so_is_what_an_old_ledger_calls_it(ledger: Ledger) -> None:
    job = a_job(ledger)
    ledger.boot()
    reason = ledger.job(job.job_id).reason
    assert "程序重启" in reason and "restarted" in reason
    assert told("restart") == reason
    assert (told("null"), told(None), told("碳带用尽 · out of ribbon")) == ("", "", "碳带用尽 · out of ribbon")


async def test_the_api_never_tells_a_bare_word(client: Any, service: AgentService) -> None:
    job = await ask(client, "POST", "jobs", 201, {**DOWN, **JACKET, "lot_no": LOT}, "k1")
    for raw in ("restart", "null", "None"):
        await service.parts.ledger.do(Ledger.move_job, job["job_id"], JobState.PAUSED, raw)
        found = await ask(client, "GET", f"jobs/{job['job_id']}", 200)
        assert raw not in found["reason"].split()


def test_a_write_that_is_refused_says_so_whoever_asked(ledger: Ledger, scales: Scales) -> None:
    scales.takes = False
    for order in (lambda: a_job(ledger), lambda: ledger.raise_alarm("clock_jumped", None, {})):
        with pytest.raises(AgentError, match="make room on the disk"):
            order()
    assert ledger.disk().refused
