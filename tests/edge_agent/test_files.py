"""What the agent writes is for its owner alone, and a command's copy of the ledger is the command's own file."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.app import agent
from edge_agent.config import AgentConfig, load_config
from edge_agent.files import make_folder, new_file
from edge_agent.identity.credentials import Credentials, fingerprint
from edge_agent.ledger import Ledger
from tests.edge_agent.service.test_service import SAMPLE
from tests.kits import cli_kit
from tests.kits.cli_kit import a_site
from tests.kits.mark_kit import mark_png

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")


@pytest.fixture(autouse=True)
def _careless_umask() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """What anybody but its owner may read, write or enter."""
    found = [one for one in folder.rglob("*") if one.lstat().st_mode & 0o077]
    return sorted(f"{stat.filemode(one.lstat().st_mode)} {one.relative_to(folder)}" for one in found)


def site(tmp_path: Path) -> tuple[Path, AgentConfig]:
    home = tmp_path / "home"
    home.mkdir(0o700)
    path = a_site(home)
    path.write_text(path.read_text("utf-8") + "[web]\nport = 0\n", encoding="utf-8")
    path.chmod(0o600)
    return path, load_config(path)


async def say(*words: object) -> cli_kit.Said:
    return await asyncio.to_thread(cli_kit.run, *words)


async def test_nothing_the_agent_writes_is_for_others(tmp_path: Path) -> None:
    path, config = site(tmp_path)
    mark = tmp_path / "mark.png"
    mark.write_bytes(mark_png())
    assert (await say("artwork", "add", mark, "--config", path)).code == 0
    Credentials("http://127.0.0.1:1", "a", "secret").save(config.registry.credentials_path)
    async with agent(config) as (service, _):
        service.parts.catalog.import_json(SAMPLE.read_bytes())
        await service.parts.ledger.do(Ledger.backup, config.data.backups / "copy.db")
        assert open_to_others(path.parent) == []
    written = {one.name for one in path.parent.rglob("*") if one.is_file()}
    assert {"ledger.db", "ledger.db.lock", "machine-salt", "witness", "catalogue.json", "credentials.json"} <= written
    assert {"catalogue.json.used", "copy.db"} <= written and any(name.endswith(".png") for name in written)
    assert open_to_others(path.parent) == []


async def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    path, config = site(tmp_path)
    async with agent(config):
        pass
    old = [config.data.ledger_path, config.data.witness_path, config.data.ledger_path.parent / "machine-salt"]
    for one in old:
        one.chmod(0o644)
    async with agent(config):
        assert open_to_others(path.parent) == []


def test_a_folder_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(0o755)
    make_folder(shared / "a" / "b")
    assert [stat.S_IMODE(one.stat().st_mode) for one in (shared, shared / "a", shared / "a" / "b")] == [
        0o755,
        0o700,
        0o700,
    ]


def test_a_new_file_never_goes_over_one_that_came_meanwhile(tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    with pytest.raises(FileExistsError), new_file(target) as side:
        side.write_bytes(b"ours")
        target.write_bytes(b"somebody else's")
    assert target.read_bytes() == b"somebody else's"
    assert [one.name for one in tmp_path.iterdir()] == ["copy.db"]
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError), new_file(link):
        pass
    assert not (tmp_path / "nowhere").exists()


async def test_backup_and_export_go_on_while_the_agent_runs(tmp_path: Path) -> None:
    """Into a folder of the caller's that the agent is never told of."""
    path, config = site(tmp_path)
    async with agent(config) as (_, page):
        port = page.rpartition(":")[2]
        path.write_text(path.read_text("utf-8").replace("port = 0", f"port = {port}"), encoding="utf-8")
        copy, lines = tmp_path / "usb" / "copy.db", tmp_path / "events.jsonl"
        assert (await say("ledger", "backup", "--out", copy, "--config", path)).code == 0
        assert "exists" in (await say("ledger", "backup", "--out", copy, "--config", path)).err
        own = config.data.ledger_path.with_name("ledger.db-journal")
        assert "ledger's own" in (await say("ledger", "backup", "--out", own, "--config", path)).err
        assert (await say("ledger", "export", "--out", lines, "--config", path)).code == 0
    assert Ledger.verify_copy(copy).ok and not own.exists()
    assert lines.read_text("utf-8").startswith('{"incarnation"')
    assert [stat.S_IMODE(one.stat().st_mode) for one in (copy, copy.parent, lines)] == [0o600, 0o700, 0o600]
    assert not config.data.backups.exists() or list(config.data.backups.iterdir()) == []


async def test_a_fetch_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, config = site(tmp_path)
    fingerprint(config.data.ledger_path.parent)
    async with agent(config):  # on a port the command does not know
        text = path.read_text("utf-8").replace("port = 0", "port = 1")
        path.write_text(text, encoding="utf-8")
        said = await say("ledger", "backup", "--out", tmp_path / "copy.db", "--config", path)
    assert "expected it to run" in said.refusal
    assert sorted(one.name for one in tmp_path.iterdir()) == ["home"]
