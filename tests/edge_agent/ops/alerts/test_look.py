"""What stands is what the page says: a printer that work waits for, doubts, quota, disks, the registry, backups."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edge_agent.ledger import Ledger
from edge_agent.messages import alert
from edge_agent.model.disk import Disk
from edge_agent.model.job import JobState
from edge_agent.ops.alerts.cause import Cause
from edge_agent.ops.alerts.certificates import ending
from edge_agent.ops.alerts.look import Looks
from edge_agent.sync.pump import SyncView
from tests.edge_agent.printing.test_fleet import Shop, shop

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def looks(here: Shop, *, trouble: str = "", free_mb: int | None = None) -> Looks:
    backups: Any = SimpleNamespace(trouble=trouble, free_mb=free_mb)
    return Looks(here.service, backups)


async def told(here: Shop, **more: Any) -> dict[str, str]:
    return {f"{one.event} {one.key}": one.words.zh for one in await looks(here, **more).causes()}


def a_printer(*faults: str, profile: str = "zpl-203") -> dict[str, Any]:
    return {"p1": {"profile": profile, "virtual": {"faults": faults}}}


async def test_a_printer_is_told_only_while_work_waits_for_it(tmp_path: Path) -> None:
    async with shop(tmp_path, a_printer("media-out")) as here:
        await asyncio.sleep(0)
        assert await told(here) == {}, "nobody wants to print"
        job = await here.order("p1", 4)
        await here.until(job.job_id, JobState.WAITING)
        assert await told(here) == {"printer_fault p1": "打印机 p1：缺纸，请装入标签纸"}
        here.printers["p1"].fix()
        await here.until(job.job_id, JobState.DONE)
        assert await told(here) == {}


async def test_what_holds_issuing_is_told_in_the_words_of_the_page(tmp_path: Path) -> None:
    """A ledger that holds 2099, and a clock that was put right offline: the lease runs, so it is asked about."""
    async with shop(tmp_path, a_printer()) as here:
        do = here.service.parts.ledger.do
        lease = {"kind": "lease", "quota_key": here.record.quota_key, "until": "2027-01-15T00:00:00Z"}
        await do(lambda ledger: setattr(ledger._log, "clock", lambda: "2099-01-01T00:00:00.000Z"))
        await do(Ledger.receive_distribution, "c2", "epoch-1", [lease])
        await do(lambda ledger: setattr(ledger._log, "clock", lambda: "2026-11-20T10:00:00.000Z"))
        assert "时钟是 2026-11-20" in (await told(here))["issuing_held clock_behind"]
        assert "请校准时钟" in (await told(here))["issuing_held clock_behind"]
        signed = {"by": "lead", "operator": "班长甲", "reason": "核对过时间"}
        await do(lambda ledger: ledger.release_hold("clock_behind", **signed))
        assert await told(here) == {}


async def test_doubts_are_counted_by_printer_and_no_serial_is_told(tmp_path: Path) -> None:
    async with shop(tmp_path, a_printer("media-out@2")) as here:
        job = await here.order("p1", 8)
        await here.until(job.job_id, JobState.PAUSED)
        found = await looks(here).causes()
        assert [(one.event, one.words.zh) for one in found] == [("doubt", "p1 有 4 张标签存疑，等人处理")]
        ((window, _),) = await here.service.labels.doubts()
        assert not any(serial in str(found) for serial in window.serials)


async def test_a_one_way_printers_scan_is_its_days_work_and_no_doubt(tmp_path: Path) -> None:
    async with shop(tmp_path, a_printer(profile="zpl-203-one-way")) as here:
        job = await here.order("p1", 6)
        await here.until(job.job_id, JobState.PAUSED)
        assert await here.service.labels.doubts() and await told(here) == {}


async def test_a_job_that_its_quota_does_not_reach_for_is_told(tmp_path: Path) -> None:
    async with shop(tmp_path, a_printer("media-out")) as here:
        await here.until((await here.order("p1", 60, "a")).job_id, JobState.WAITING)
        assert "quota_low" not in " ".join(await told(here)), "100 are allotted"
        await here.until((await here.order("p1", 60, "b")).job_id, JobState.RUNNING, JobState.WAITING)
        key, lot = here.record.quota_key, here.record.lot
        assert lot and (await told(here))[f"quota_low {key}"] == (
            f"批次 {lot.lot_no} 的配额不够：任务还要 120 张，只剩 100 张"
        )


async def test_a_lease_that_ends_soon_is_told(tmp_path: Path) -> None:
    async with shop(tmp_path, a_printer()) as here:
        until = (datetime.now(UTC) + timedelta(days=3, hours=1)).isoformat(timespec="seconds")
        lease = {"kind": "lease", "quota_key": here.record.quota_key, "until": until, "warn_days": 7}
        await here.service.parts.ledger.do(Ledger.receive_distribution, "c-lease", "epoch-1", [lease])
        (words,) = (await told(here)).values()
        assert "的领用期限到" in words and "还有 3 天，还剩 100 个码没用" in words


async def test_disks_the_registry_and_backups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with shop(tmp_path, a_printer()) as here:

        async def nearly_full() -> Disk:
            return Disk(200_000_000, 50_000_000, refused=False)

        view = SyncView("offline", "", 1, 0, None, "联系不上登记平台", "away", "")
        monkeypatch.setattr(here.service.site, "disk", nearly_full)
        monkeypatch.setattr(here.service.site, "sync_view", lambda: view)
        assert await told(here, trouble="磁盘已满，请清理磁盘 · LedgerFullError", free_mb=300) == {
            "disk_low the disk of the ledger": "账本所在的盘快满了，只剩 200 MB",
            "disk_low the disk of the backups": "备份所在的盘快满了，只剩 300 MB",
            "registry_lost registry": "联系不上登记平台",
            "backup_failed backup": "自动备份没做成：磁盘已满，请清理磁盘",
        }


@pytest.mark.parametrize(("state", "lost"), [("starting", False), ("online", False), ("refused", True), ("new", True)])
async def test_a_state_of_the_sync_that_nobody_knows_is_no_good_one(tmp_path: Path, state: str, lost: bool) -> None:
    service: Any = SimpleNamespace(site=SimpleNamespace(sync_view=lambda: SyncView(state, "", 0, 0, None, "", "", "")))
    assert bool([*Looks(service, None)._registry()]) is lost


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (NOW + timedelta(days=90), None),
        (NOW + timedelta(days=20, hours=1), "平台的证书到 2026-12-20 为止，还有 20 天"),
        (ssl.SSLError(1, "x"), "平台的证书不能用（SSLError）"),
        (ConnectionRefusedError(), None),
        (TimeoutError(), None),
    ],
)
async def test_a_certificate_is_told_when_it_ends_and_not_when_nobody_is_there(
    found: datetime | Exception, words: str | None
) -> None:
    async def look() -> datetime:
        if isinstance(found, Exception):
            raise found
        return found

    causes: tuple[Cause, ...] = await ending([(alert.REGISTRY_CERTIFICATE, look)], lambda: NOW)
    assert [one.words.zh for one in causes] == ([words] if words else [])
