"""When a source is looked at, and what is kept of a look for the doctor."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from edge_agent.config import AgentConfig, config_from
from edge_agent.errors import UpdateError
from edge_agent.ops.backups.aside import Aside
from edge_agent.ops.doctor import todo
from edge_agent.ops.doctor.updates import update
from edge_agent.ops.update import roots
from edge_agent.ops.update.here import Form
from edge_agent.ops.update.look import RETRY_S, Place, UpdateWatch, look
from edge_agent.ops.update.records import Heard, heard, keep_heard
from edge_agent.ops.update.standing import Standing, keep
from label_protocol.errors import ConfigError
from tests.kits.update_kit import Maker, a_wheel

NOW = "2026-11-30T02:00:00.000Z"


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Maker:
    """Whose root this build ships for once."""
    made = Maker(tmp_path / "updates")
    made.release(a_wheel(tmp_path / "built", "0.2.0"))
    monkeypatch.setattr(roots, "shipped", lambda: made.root)
    return made


@pytest.fixture
def place(maker: Maker, tmp_path: Path) -> Place:
    return Place(str(maker.folder), tmp_path / "kept", Form("wheel", ""))


def test_a_look_is_kept(place: Place) -> None:
    found = look(place, lambda: NOW)
    assert found is not None and found.version == "0.2.0"
    kept = heard(place.folder)
    assert (kept.at, kept.newest, kept.trouble) == (NOW, "0.2.0", "")
    assert datetime.fromisoformat(kept.until) > datetime.now(UTC) + timedelta(days=29)


def test_a_look_that_fails_keeps_what_was_heard_before(place: Place, maker: Maker) -> None:
    look(place, lambda: NOW)
    maker.stamp_that_ended()
    with pytest.raises(UpdateError, match="已过期"):
        look(place, lambda: "2026-12-30T02:00:00.000Z")
    kept = heard(place.folder)
    assert (kept.at, kept.newest) == (NOW, "0.2.0")
    assert "已过期" in kept.trouble


@pytest.mark.parametrize("content", [b"", b"[]", b'{"at": "x"}', b"\xff" * 20_000])
def test_a_damaged_file_is_as_none(place: Place, content: bytes) -> None:
    place.folder.mkdir(parents=True)
    (place.folder / "heard.json").write_bytes(content)
    assert heard(place.folder) == Heard()
    look(place, lambda: NOW)
    assert heard(place.folder).at == NOW


# --- on schedule ---------------------------------------------------------------------------------------------------


class Watched:
    """A watch whose time is told."""

    def __init__(self, place: Place, every_h: int) -> None:
        self.now, self.waited = datetime.fromisoformat(NOW), [0.0]
        self.watch = UpdateWatch(place, every_h, clock=self.clock, aside=Aside(), wait=self.wait)

    def clock(self) -> str:
        return self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    async def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


async def test_it_looks_when_it_is_time_and_not_before(place: Place) -> None:
    site = Watched(place, 24)
    assert await site.watch.turn() == 24 * 3600
    assert heard(place.folder).at == NOW
    site.now += timedelta(hours=23)
    assert await site.watch.turn() == 3600
    assert heard(place.folder).at == NOW, "not looked again"
    site.now += timedelta(hours=1)
    await site.watch.turn()
    assert heard(place.folder).at == site.clock() != NOW


async def test_a_look_that_fails_is_tried_again_and_told(place: Place, maker: Maker) -> None:
    site = Watched(place, 24)
    (maker.folder / "metadata" / "timestamp.json").unlink()
    with structlog.testing.capture_logs() as said:
        await site.watch.turn()
    assert said == [{"event": "update_check_failed", "why": "UpdateError", "log_level": "warning"}]
    assert site.waited[-1] == RETRY_S
    maker.stamp()
    await site.watch.turn()
    assert heard(place.folder).trouble == ""


async def test_a_watch_without_end_stops_when_told(place: Place) -> None:
    site = Watched(place, 24)
    task = asyncio.create_task(site.watch.run())
    while len(site.waited) < 5:
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert max(site.waited) <= 600


def test_a_schedule_needs_a_place() -> None:
    with pytest.raises(ConfigError, match="expected mirror beside check_every_h"):
        config_from({"update": {"check_every_h": 24}}, Path("agent.toml"))


# --- the doctor's row ----------------------------------------------------------------------------------------------


def _config(folder: Path, every_h: int = 0) -> AgentConfig:
    data = {"ledger_path": str(folder / "ledger.db"), "witness_path": str(folder / "w" / "witness")}
    table = {"mirror": "https://updates.example.cn", "check_every_h": every_h}
    return config_from({"data": data, "update": table}, folder / "agent.toml")


LATER = "2026-12-20T02:00:00.000Z"
GOOD = Heard(NOW, "2026-12-30T00:00:00Z", "0.1.0")


async def test_the_doctor_is_red_while_a_new_version_is_held(tmp_path: Path) -> None:
    config = _config(tmp_path)
    keep(config.update.beside(config.data.ledger_path), Standing("0.2.0", False, "0.1.0"))
    with pytest.raises(UpdateError, match=r"新版本 0\.2\.0 自检还没有通过"):
        await update(config, LATER)


@pytest.mark.parametrize(
    ("kept", "every_h", "says", "does"),
    [
        (Heard(), 0, "没有查过", None),
        (Heard(trouble="expected …"), 0, "没查成", todo.UPDATE_LOOK),
        (GOOD, 0, "2026-11-30 查过", None),
        (Heard(NOW, GOOD.until, "0.10.0"), 0, "有新版本 0.10.0", todo.UPDATE),
        (Heard(NOW, "2026-12-19T00:00:00Z", ""), 0, "清单 2026-12-19 已过期", todo.UPDATE_LOOK),
        (GOOD, 24, "之后没查成", todo.UPDATE_LOOK),
        (Heard(NOW, GOOD.until, "", "expected …"), 0, "之后没查成", todo.UPDATE_LOOK),
    ],
)
async def test_the_doctor_tells(kept: Heard, every_h: int, says: str, does: object, tmp_path: Path) -> None:
    config = _config(tmp_path, every_h)
    if kept != Heard():
        keep_heard(config.update.beside(config.data.ledger_path), kept)
    found = await update(config, LATER)
    assert says in str(found.words)
    assert found.todo == (does or type(found)(found.words).todo)
