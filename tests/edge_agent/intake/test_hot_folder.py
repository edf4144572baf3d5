"""Files of a hot folder: taken when whole, each once, answered beside, put away; whatever else lies there is told."""

from __future__ import annotations

import asyncio
import csv
import errno
import io
import os
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge_agent.errors import OrderBookError
from edge_agent.intake.folder import WatchedFolder
from edge_agent.service.agent_service import AgentService
from edge_agent.service.intake import MAX_FILE_BYTES
from edge_agent.work_orders.book import OrderBook
from tests.kits.intake_kit import HotFolder, intake_service, order_row, sheet


@pytest.fixture
async def hot(tmp_path: Path) -> AsyncIterator[HotFolder]:
    async with intake_service(tmp_path) as service:
        yield HotFolder(tmp_path / "hot", service)


async def orders(hot: HotFolder) -> list[str]:
    waiting = await hot.service.work_orders.waiting()
    return sorted(f"{view.order.asked.order_no}/{view.order.asked.line}" for view in waiting.orders)


async def test_a_file_is_taken_answered_and_put_away(hot: HotFolder) -> None:
    hot.put("十二月.csv", sheet(order_row("MO-1"), order_row("MO-2", quantity="x"), order_row("MO-3")))
    assert await hot.settled() == 1
    assert await orders(hot) == ["MO-1/1", "MO-3/1"]
    answer = hot.answer("十二月.csv")
    assert [answer[key] for key in ("taken", "same", "refused")] == [2, 0, 1]
    assert answer["words"]["zh"] == "收了 2 行，0 行以前已收，1 行没有收"
    assert "E3 数量" in answer["rows"][1]["why"]
    (kept,) = hot.names("已取")
    assert kept == f"{answer['file_id']}__十二月.csv"
    assert (hot.names(), hot.names("处理中")) == ([], [])


async def test_the_sheet_beside_it_is_for_people_and_calculates_nothing(hot: HotFolder) -> None:
    hot.put("a.csv", sheet(order_row('=HYPERLINK("http://x")', quantity="0")))
    await hot.settled()
    text = (hot.folder / "结果" / "a.csv.answer.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(text.decode("utf-8-sig")))
    assert head[:4] == ["位置", "生产单号", "行号", "结果"]
    assert row[1] == '\'=HYPERLINK("http://x")' and row[3] == "没有收"


@pytest.mark.skipif(sys.platform == "win32", reason="there a file has the rights of its folder")
@pytest.mark.parametrize(("mode", "file"), [(0o2775, 0o664), (0o700, 0o600)])
async def test_whoever_may_use_the_folder_may_read_its_answers(hot: HotFolder, mode: int, file: int) -> None:
    """A service of its own user writes for that user alone (UMask=0077 of its unit); the ERP is another."""
    hot.folder.chmod(mode)
    if os.getuid() == 0:
        os.chown(hot.folder, -1, 12345)  # a group that the ERP and the agent have
    before = os.umask(0o077)
    try:
        hot.put("a.csv", sheet(order_row("MO-1")))
        await hot.settled()
    finally:
        os.umask(before)
    modes = {name: stat.S_IMODE((hot.folder / name).stat().st_mode) for name in ("结果", "处理中", "已取")}
    assert modes == dict.fromkeys(modes, mode & 0o777)
    answers = [path.stat() for path in (hot.folder / "结果").iterdir()]
    assert {(stat.S_IMODE(one.st_mode), one.st_gid) for one in answers} == {(file, hot.folder.stat().st_gid)}


async def test_the_same_file_again_is_the_same_orders(hot: HotFolder) -> None:
    for name in ("a.csv", "a.csv", "b.csv"):
        hot.put(name, sheet(order_row("MO-1")))
        await hot.settled()
    assert [hot.answer(name)["same"] for name in ("a.csv", "b.csv")] == [1, 1]
    assert await orders(hot) == ["MO-1/1"]
    assert len(hot.names("已取")) == 3


async def test_a_file_that_grows_is_left_until_it_is_still(hot: HotFolder) -> None:
    path = hot.put("a.csv", sheet(order_row("MO-1"))[:-20])
    await hot.look()
    path.write_bytes(sheet(order_row("MO-1")).encode())
    assert await hot.look(3.0) == 0
    assert await hot.look(1.9) == 0
    assert await hot.look(0.1) == 1
    assert hot.answer("a.csv")["taken"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there an open file cannot be renamed, and the system says so")
async def test_a_half_file_whose_writer_has_it_open_is_left_however_long(hot: HotFolder) -> None:
    with (hot.folder / "a.csv").open("w", encoding="utf-8") as writer:
        writer.write(sheet(order_row("MO-1")))
        writer.flush()
        assert [await hot.look(60.0) for _ in range(3)] == [0, 0, 0]
        writer.write(sheet(order_row("MO-2")).partition("\n")[2])
    assert await hot.settled() == 1
    assert await orders(hot) == ["MO-1/1", "MO-2/1"]


async def test_a_file_under_the_name_of_an_unfinished_one_waits_for_its_rename(hot: HotFolder) -> None:
    for name in ("a.csv.part", "~$a.xlsx", ".a.csv", "a.csv.tmp"):
        hot.put(name, sheet(order_row("MO-1")))
    assert await hot.settled() == 0
    assert await hot.left() == " | ".join([""])
    (hot.folder / "a.csv.part").rename(hot.folder / "a.csv")
    assert await hot.settled() == 1


async def test_what_is_no_file_of_orders_is_left_and_told(hot: HotFolder) -> None:
    secret = hot.folder.parent / "secret.csv"
    secret.write_text(sheet(order_row("MO-9")))
    (hot.folder / "link.csv").symlink_to(secret)
    (hot.folder / "old").mkdir()
    hot.put("orders.xls", b"\xd0\xcf\x11\xe0")
    if hasattr(os, "mkfifo"):
        os.mkfifo(hot.folder / "pipe.csv")
    assert await hot.settled() == 0
    told = await hot.left()
    assert "link.csv: 链接，不取" in told and "old: 文件夹" in told and "orders.xls: 不认识的格式" in told
    assert "pipe.csv: 不是文件" in told or not hasattr(os, "mkfifo")
    assert await orders(hot) == [] and (hot.folder / "link.csv").is_symlink()


async def test_a_link_put_into_the_folder_in_hand_is_never_followed(hot: HotFolder) -> None:
    await hot.look()
    secret = hot.folder.parent / "secret.csv"
    secret.write_text(sheet(order_row("MO-9")))
    (hot.folder / "处理中" / f"{'0' * 16}__a.csv").symlink_to(secret)
    (hot.folder / "处理中" / "b.csv").write_text("x")
    assert await hot.settled() == 0
    assert "处理中/b.csv: 不是代理放的" in await hot.left() and f"{'0' * 16}__a.csv: 不是代理放的" in await hot.left()
    (hot.folder / "结果").rename(hot.folder / "elsewhere")
    (hot.folder / "结果").symlink_to(hot.folder.parent)
    hot.put("c.csv", sheet(order_row("MO-1")))
    assert await hot.settled() == 0
    assert "no link" in await hot.left()


@pytest.mark.parametrize(
    "name",
    [
        "a\nb.csv",
        b"\xff\xfe.csv",
        "单" * 80 + ".csv",
        "con.csv",
        "-rf.csv",
        "$(reboot).csv",
        "％s%s.csv",
        "A.CSV",
        " .csv",
    ],
)
async def test_odd_names_are_taken_and_answered_under_a_clean_one(hot: HotFolder, name: str | bytes) -> None:
    (hot.folder / os.fsdecode(name)).write_text(sheet(order_row("MO-1")))
    assert await hot.settled() == 1
    answers = hot.names("结果")
    assert [one.rpartition(".answer.")[2] for one in answers] == ["csv", "json"]
    assert answers[0].isprintable() and max(len(one.encode()) for one in answers) < 255
    assert await orders(hot) == ["MO-1/1"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "标题"), (b"%PDF-1.7", "PDF"), (b"PK\x03\x04x", "expected"), (b"\xff\xfe\x00", "损坏"), (b"[1", "JSON"),
     (b'"' + b"x" * 1000, "expected"), (b"a,b\n" * 3, "生产单号")],
)  # fmt: skip
async def test_a_file_of_which_nothing_can_be_read_is_answered_and_put_away(
    hot: HotFolder, content: bytes, said: str
) -> None:
    hot.put("a.csv", content)
    assert await hot.settled() == 1
    answer = hot.answer("a.csv")
    assert said in answer["refused_whole"] and answer["rows"] == []
    assert hot.names() == [] and len(hot.names("已取")) == 1


async def test_a_huge_file_is_refused_unread(hot: HotFolder) -> None:
    with hot.put("a.csv", b"").open("r+b") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    await hot.settled()
    assert "32 MiB" in hot.answer("a.csv")["refused_whole"]


async def test_a_file_that_is_locked_is_told_and_taken_later(hot: HotFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    hot.put("a.csv", sheet(order_row("MO-1")))
    hot.put("b.csv", sheet(order_row("MO-2")))
    take = WatchedFolder.take_in_hand

    def locked(self: WatchedFolder, name: str) -> object:
        if name == "a.csv":
            raise PermissionError(errno.EACCES, "in use")
        return take(self, name)

    with monkeypatch.context() as patched:
        patched.setattr(WatchedFolder, "take_in_hand", locked)
        assert await hot.settled() == 1
        assert "a.csv: 别的程序正在用" in await hot.left()
        hot.put("c.csv", sheet(order_row("MO-3")))
        await hot.settled()
        assert "a.csv" in await hot.left()
    assert await hot.look(10.0) == 1
    assert await hot.left() == ""


async def test_a_share_that_goes_away_is_told_and_comes_back(hot: HotFolder) -> None:
    away = hot.folder.with_name("away")
    hot.folder.rename(away)
    assert await hot.settled() == 0
    assert "文件夹不能用" in await hot.left()
    away.rename(hot.folder)
    hot.put("a.csv", sheet(order_row("MO-1")))
    assert await hot.settled() == 1
    assert await hot.left() == ""


@pytest.mark.parametrize("step", ["read", "answer", "put_away"])
async def test_a_step_that_fails_is_done_again_and_the_orders_are_taken_once(
    hot: HotFolder, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    hot.put("a.csv", sheet(order_row("MO-1")))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    with monkeypatch.context() as patched:
        patched.setattr(WatchedFolder, step, full)
        assert await hot.settled() == 0
        assert "a.csv: 收到一半" in await hot.left()
    assert await hot.look() == 1
    assert hot.answer("a.csv")["taken"] == 1  # the first answer, and not that all are known already
    assert (hot.names("处理中"), len(hot.names("已取")), await hot.left()) == ([], 1, "")


async def test_a_share_that_syncs_no_folder_is_used_all_the_same(
    hot: HotFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Path) -> None:
        raise OSError(errno.EINVAL, "no fsync of folders here")

    monkeypatch.setattr("edge_agent.intake.folder.sync_folder", refused)
    hot.put("a.csv", sheet(order_row("MO-1")))
    assert await hot.settled() == 1 and await hot.left() == ""


async def test_a_book_that_takes_no_write_leaves_the_file_in_hand(
    hot: HotFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    hot.put("a.csv", sheet(order_row("MO-1")))

    def full(*_: object, **__: object) -> None:
        raise OrderBookError("磁盘已满 · disk full")

    with monkeypatch.context() as patched:
        patched.setattr(hot.service.parts.work_orders, "take", full)
        assert await hot.settled() == 0
        assert "磁盘已满" in await hot.left()
        assert (hot.names("处理中") != [], hot.names("结果")) == (True, [])
    assert await hot.look() == 1
    assert hot.answer("a.csv")["taken"] == 1


async def test_the_watcher_is_woken_by_a_file_and_ends_when_it_is_told(
    hot: HotFolder, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real clock once: quiet after 2 s by the told clock, which a look moves on. The first look stumbles."""
    caplog.set_level("INFO")
    look, stumbles = hot.watcher.look, iter([ValueError("nobody planned it")])

    async def stumbling() -> int:
        for one in stumbles:
            raise one
        return await look()

    monkeypatch.setattr(hot.watcher, "look", stumbling)
    task = asyncio.create_task(hot.watcher.run())
    try:
        hot.put("a.csv", sheet(order_row("MO-1")))
        async with asyncio.timeout(20):
            while not (hot.folder / "结果" / "a.csv.answer.json").exists():
                hot.now_s += 1.0
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await orders(hot) == ["MO-1/1"]
    assert not [one for one in caplog.records if one.name.startswith("watchfiles")]


class Killed(BaseException):
    """Ends everything where it is raised, as a kill does: nothing after it runs."""


@pytest.mark.parametrize("point", ["in_hand", "taken", "answered", "put_away"])
async def test_a_kill_at_any_point_is_made_good_by_the_next_start(tmp_path: Path, point: str) -> None:
    def probe(name: str) -> None:
        if name == f"intake:{point}":
            raise Killed

    async with intake_service(tmp_path) as service:
        hot = HotFolder(tmp_path / "hot", service, probe)
        hot.put("a.csv", sheet(order_row("MO-1"), order_row("MO-2", quantity="x")))
        with pytest.raises(Killed):
            await hot.settled()
        service.parts.work_orders.close()
        service.parts.work_orders = OrderBook(tmp_path / "work-orders.db")
        hot = HotFolder(tmp_path / "hot", AgentService(service.parts))
        await hot.settled()
        assert [row["outcome"] for row in hot.answer("a.csv")["rows"]] == ["taken", "refused"]
        assert (await orders(hot), hot.names(), hot.names("处理中")) == (["MO-1/1"], [], [])
        assert len(hot.names("已取")) == 1
