"""A set is made while labels are printed, and put back as docs/backups.md says: the agent goes on, no serial twice."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import shutil
import sqlite3
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edge_agent.clock import now_utc
from edge_agent.config import config_from
from edge_agent.errors import LedgerFullError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.messages.hold import HOLDS
from edge_agent.model.job import JobState
from edge_agent.ops.backups import make
from edge_agent.ops.backups.aside import Aside
from edge_agent.ops.backups.make import ROOM_BYTES, Folders, make_set
from edge_agent.ops.backups.sets import BackupSet, sets_in
from edge_agent.ops.backups.sources import Source, sources
from edge_agent.wiring import open_ledger
from label_protocol.errors import LedgerDamagedError
from label_protocol.kinds import HoldKind
from tests.edge_agent.printing.test_fleet import ENDED, Shop, shop
from tests.kits import cli_kit
from tests.kits.floor import open_test_ledger

PRINTER = {"p1": {"profile": "zpl-203"}}
ROOT_OF_LABELS = "SELECT rootpage FROM sqlite_master WHERE name = 'label'"
ROOT = Path(__file__).resolve().parents[4]


async def a_set_of(here: Shop, folder: Path) -> BackupSet:
    site = config_from({"data": {"catalog_path": str(here.folder / "catalog_path" / "catalog_path")}}, folder / "x")
    return await made_of(here, [*sources(site)], folder)


async def made_of(here: Shop, what: list[Source], folder: Path, version: str = "1") -> BackupSet:
    folders = Folders(folder, here.folder / "ledger_path" / "ledger_path")
    return await make_set(here.service.parts.ledger, what, folders, now_utc(), aside=Aside(), version=version)


async def serials_of(here: Shop) -> set[str]:
    return {label.serial for label in await here.service.parts.ledger.do(Ledger.labels)}


async def printed(here: Shop, key: str) -> None:
    job = await here.order("p1", 4, key)
    assert (await here.until(job.job_id, *ENDED)).state is JobState.DONE


def site_file(folder: Path) -> Path:
    """The configuration of `shop`, for the commands."""
    path = folder / "agent.toml"
    keys = ("ledger_path", "witness_path", "catalog_path")
    path.write_text("[data]\n" + "".join(f'{key} = "{key}/{key}"\n' for key in keys), "utf-8")
    return path


def steps() -> list[list[str]]:
    """The commands of the page, in its order."""
    text = (ROOT / "docs" / "backups.md").read_text("utf-8").partition("## 恢复")[2]
    return [line.split() for line in re.findall(r"^ +(edge-agent .+)$", text, re.MULTILINE)]


async def test_a_set_is_put_back_step_by_step_and_the_agent_goes_on(tmp_path: Path) -> None:
    """Without a registry to ask: what the page calls the second way. The first is `sync/test_recovery.py`."""
    async with shop(tmp_path, PRINTER) as here:
        await printed(here, "before")
        made = await a_set_of(here, tmp_path / "sets")
        await printed(here, "after")
        all_of_then = await serials_of(here)
    given = {"SET": str(made.folder), "OLD": str(tmp_path / "old" / "ledger.db"), "F": str(site_file(tmp_path))}
    restore, balance, release = (
        [given.get(word, re.sub("^SET", given["SET"], word)) for word in step] for step in steps()
    )
    said = await asyncio.to_thread(cli_kit.run, *restore[1:])
    assert said.code == 0 and "已恢复 restored" in said.out, said
    printer = {"p1": {"profile": "zpl-203", "virtual": {"odometer": 1008}}}
    async with shop(tmp_path, printer) as here:
        assert [hold["words"] for hold in await here.service.site.holds()] == [str(HOLDS[HoldKind.WITNESS_AHEAD])]
        restored = await serials_of(here)
        assert restored < all_of_then and len(restored) == 4
        job = await here.order("p1", 4, "held")
        stood = await here.until(job.job_id, JobState.PAUSED, JobState.WAITING)
        assert stood.drawn == 0 and "账本比见证文件旧" in stood.reason
    assert (await asyncio.to_thread(cli_kit.run, *balance[1:])).code == 0
    said = await asyncio.to_thread(cli_kit.run, *release[1:])
    assert said.code == 0 and "已解除" in said.out, said
    async with shop(tmp_path, printer) as here:
        job = await here.order("p1", 4, "again")
        await here.until(job.job_id, JobState.PAUSED)
        (counted,) = await here.service.site.holds()
        assert counted["kind"] == HoldKind.COUNTER_AHEAD, "the printer knows of four that the backup does not"
        await here.service.site.release_hold(HoldKind.COUNTER_AHEAD, "A01", "备份以后打的 4 张都在")
        await here.service.jobs.resume(job.job_id, "A01")
        assert (await here.until(job.job_id, *ENDED)).state is JobState.DONE
        assert not (await serials_of(here) - restored) & all_of_then, "a serial is drawn by chance, never counted"
        assert (await here.service.site.verify()).ok


async def test_a_set_holds_the_files_of_the_site_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "a.png").write_bytes(b"art")
    (tmp_path / "outside").write_text("not of the site")
    (tmp_path / "art" / "link.png").symlink_to(tmp_path / "outside")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "art" / "pipe.png")
    async with shop(tmp_path, PRINTER, data=_data(tmp_path)) as here:
        made = await made_of(here, [Source("artwork", tmp_path / "art")], tmp_path / "sets", "1.2")
        head = await here.service.parts.ledger.do(Ledger.head)
    told: dict[str, Any] = json.loads((made.folder / "manifest.json").read_text("utf-8"))
    assert sorted(told["files"]) == ["artwork/a.png", "ledger.db"]
    assert told["files"]["artwork/a.png"] == {"bytes": 3, "sha256": hashlib.sha256(b"art").hexdigest()}
    assert told["version"] == "1.2" and told["ledger"]["seq"] <= head.seq
    assert any("credentials.json" in one for one in told["left_out"])
    assert Ledger.verify_copy(made.folder / "ledger.db").ok


def _data(folder: Path) -> dict[str, str]:
    return {key: str(folder / key / key) for key in ("ledger_path", "witness_path", "catalog_path")}


async def test_an_agent_makes_its_first_set_by_itself_and_none_where_none_are_wanted(tmp_path: Path) -> None:
    for name, every_h, expected in (("off", 0, 0), ("on", 24, 1)):
        async with shop(tmp_path / name, PRINTER, backup={"every_h": every_h, "path": "sets"}) as here:
            await printed(here, "k")
            async with asyncio.timeout(10):
                while len(sets_in(tmp_path / name / "sets")) < expected:
                    await asyncio.sleep(0.01)
        assert len(sets_in(tmp_path / name / "sets")) == expected


async def test_no_print_waits_for_a_share_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, back = threading.Event(), threading.Event()

    def hangs(*_: object) -> None:
        begun.set()
        back.wait(20)

    monkeypatch.setattr(make, "_copy_plainly", hangs)
    async with shop(tmp_path, PRINTER, backup={"every_h": 24, "path": "sets"}) as here:
        async with asyncio.timeout(10):
            while not begun.is_set():
                await asyncio.sleep(0.01)
        await printed(here, "k")
        assert (tmp_path / "ledger_path" / ".copy-for-backup.db").exists(), "its thread wrote to its own disk"
        back.set()


async def test_a_copy_that_would_fill_the_ledgers_disk_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shop(tmp_path, PRINTER) as here:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=ROOM_BYTES))
        with pytest.raises(LedgerFullError, match="make room"):
            await a_set_of(here, tmp_path / "sets")
        assert not (tmp_path / "sets").exists()


async def test_no_secret_of_the_agent_is_in_a_set(tmp_path: Path) -> None:
    async with shop(tmp_path, PRINTER, backup={"every_h": 24}) as here:
        (tmp_path / "credentials.json").write_text('{"secret": "s3cret-of-the-agent"}')
        site = config_from({"data": _data(tmp_path)}, tmp_path / "agent.toml")
        made = await made_of(here, [*sources(site)], tmp_path / "sets")
    salt = (tmp_path / "ledger_path" / "machine-salt").read_bytes()
    files = [path.read_bytes() for path in made.folder.rglob("*") if path.is_file()]
    assert files and not [one for one in files if b"s3cret" in one or salt in one]


async def test_a_set_that_could_not_be_finished_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with shop(tmp_path, PRINTER) as here:
        with monkeypatch.context() as full:
            full.setattr(shutil, "copyfileobj", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
            with pytest.raises(OSError, match="No space"):
                await a_set_of(here, tmp_path / "sets")
        assert sets_in(tmp_path / "sets") == () and not list((tmp_path / "sets").iterdir())
        assert sets_in((await a_set_of(here, tmp_path / "sets")).folder.parent)


async def test_people_and_work_orders_are_in_a_set_also_while_they_are_written(tmp_path: Path) -> None:
    """What a writer has committed may stand in the file beside the database; a plain copy of the file would miss it."""
    site = config_from({"data": _data(tmp_path)}, tmp_path / "agent.toml")
    names = {"people.db": site.people_path, "work-orders.db": site.data.work_orders}
    ledger = await LedgerThread.open(lambda: open_ledger(site, create=True))
    with contextlib.ExitStack() as stack:
        for path in names.values():
            writer = stack.enter_context(contextlib.closing(sqlite3.connect(path)))
            writer.executescript("PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)")
        folders = Folders(tmp_path / "sets", site.data.ledger_path)
        made = await make_set(ledger, [*sources(site)], folders, now_utc(), aside=Aside(), version="1")
    await ledger.close()
    for name in names:
        with contextlib.closing(sqlite3.connect(made.folder / name)) as copy:
            assert copy.execute("SELECT x FROM t").fetchall() == [(1,)], name
    assert not list(made.folder.glob("*-wal")) and not list(made.folder.glob("*.token"))


def test_a_copy_that_is_not_whole_is_not_believed(tmp_path: Path) -> None:
    ledger = open_test_ledger(tmp_path)
    copy = ledger.backup(tmp_path / "copy.db")
    assert Ledger.head_of_copy(copy) == ledger.head()
    ledger.close()
    with contextlib.closing(sqlite3.connect(copy)) as db:  # a page that no look at the newest event comes by
        page, size = (db.execute(what).fetchone()[0] for what in (ROOT_OF_LABELS, "PRAGMA page_size"))
    data = bytearray(copy.read_bytes())
    data[(page - 1) * size : page * size] = bytes(size)
    copy.write_bytes(bytes(data))
    with pytest.raises(LedgerDamagedError):
        Ledger.head_of_copy(copy)
