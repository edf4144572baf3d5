"""When a set is due, which may go, what a failure leaves behind: with a clock that is told and waits that are not."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from edge_agent.errors import LedgerFullError
from edge_agent.ops.backups import keeper
from edge_agent.ops.backups.aside import Aside
from edge_agent.ops.backups.keeper import RETRY_S, BackupKeeper
from edge_agent.ops.backups.sets import MANIFEST, BackupSet, name_of, prune, sets_in

START = datetime(2026, 11, 30, 2, 0, 0, tzinfo=UTC)


class Site:
    """A folder of sets, a clock, and a maker that may fail."""

    def __init__(self, folder: Path, *, keep: int = 3, every_h: int = 24) -> None:
        self.folder, self.now = folder, START
        self.fails: Exception | None = None
        self.waited: list[float] = []
        self.keeper = BackupKeeper(
            self.make, folder, every_h=every_h, keep=keep, clock=self.clock, aside=Aside(), wait=self.wait
        )

    def clock(self) -> str:
        return self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    async def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    async def make(self, now: str) -> BackupSet:
        if self.fails is not None:
            raise self.fails
        return a_set(self.folder, now)

    @property
    def names(self) -> list[str]:
        return [one.folder.name for one in sets_in(self.folder)]

    async def run_for(self, hours: float) -> None:
        end = self.now + timedelta(hours=hours)
        task = asyncio.create_task(self.keeper.run())
        while self.now < end:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def a_set(folder: Path, now: str) -> BackupSet:
    made = folder / name_of(now)
    made.mkdir(parents=True)
    (made / MANIFEST).write_text("{}")
    return next(one for one in sets_in(folder) if one.folder == made)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "sets")


async def test_the_first_is_made_at_once_and_the_others_when_they_are_due(site: Site) -> None:
    await site.run_for(72.5)
    assert site.names == [f"edge-agent-2026{day}T020000.000Z" for day in ("1201", "1202", "1203")]


async def test_a_restart_neither_forgets_one_nor_makes_one_too_many(site: Site) -> None:
    await site.run_for(1)
    again = Site(site.folder)
    again.now = START + timedelta(hours=5)
    await again.run_for(1)
    assert len(again.names) == 1
    later = Site(site.folder)
    later.now = START + timedelta(days=9)
    await later.run_for(1)
    assert len(later.names) == 2


async def test_a_failure_is_kept_told_and_tried_again(site: Site) -> None:
    site.fails = LedgerFullError("no room")
    with structlog.testing.capture_logs() as told:
        await site.run_for(0.5)
        assert "磁盘已满" in site.keeper.trouble and site.names == []
        site.fails = None
        await site.run_for(0.5)
    assert site.keeper.trouble == "" and len(site.names) == 1
    assert [one["event"] for one in told][:2] == ["backup_failed", "backup_failed"]
    assert told[-1]["event"] == "backup_made"
    assert site.waited[0] == RETRY_S


async def test_whatever_fails_the_keeper_goes_on(site: Site) -> None:
    site.fails = ValueError("nobody planned this")
    await site.run_for(0.3)
    site.fails = None
    await site.run_for(0.3)
    assert len(site.names) == 1


async def test_a_clock_that_was_ahead_costs_neither_the_next_set_nor_the_newest(site: Site) -> None:
    """Sets of a day that has not come sort last; the one just made stays all the same."""
    for day in ("05", "06", "07"):
        a_set(site.folder, f"2027-01-{day}T02:00:00.000Z")
    await site.run_for(0.1)
    assert "edge-agent-20261130T020000.000Z" in site.names and len(site.names) == 3


async def test_a_share_that_went_away_is_told_waited_for_by_nobody_and_left_no_thread_each_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    back, looks = threading.Event(), []

    def hangs(*_: object) -> tuple[list[float], int]:
        looks.append(1)
        back.wait(10)
        return [], 1_000

    monkeypatch.setattr(keeper, "GIVE_UP_S", 0.05)
    with monkeypatch.context() as gone:
        gone.setattr(keeper, "_seen", hangs)
        for _ in range(3):
            assert await site.keeper.turn() == RETRY_S
            assert "放备份的文件夹不能用" in site.keeper.trouble
    assert looks == [1]
    back.set()
    async with asyncio.timeout(30):
        while site.keeper.trouble:
            await asyncio.sleep(0.01)
            await site.keeper.turn()
    assert len(site.names) == 1 and site.keeper.free_mb


async def test_what_is_done_aside_gives_its_value_or_its_error() -> None:
    aside = Aside()
    assert await aside.do(int, "7") == 7
    with pytest.raises(ValueError, match="invalid"):
        await aside.do(int, "x")
    assert await aside.do(int, "8") == 8


def test_only_whole_sets_of_ours_are_counted_and_deleted(tmp_path: Path) -> None:
    made = [a_set(tmp_path, f"2026-11-{day}T02:00:00.000Z") for day in (10, 11, 12)]
    (tmp_path / "edge-agent-20261101T020000.000Z").mkdir()
    (tmp_path / "ledger.db").write_text("a person's own copy")
    (tmp_path / "edge-agent-backup").mkdir()
    (tmp_path / ".unfinished-edge-agent-20261112T020000.000Z").mkdir()
    assert prune(tmp_path, 1, made=made[-1].folder) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "edge-agent-20261101T020000.000Z",
        "edge-agent-20261112T020000.000Z",
        "edge-agent-backup",
        "ledger.db",
    ]


def test_a_folder_that_is_not_there_has_no_sets(tmp_path: Path) -> None:
    assert sets_in(tmp_path / "none") == ()
