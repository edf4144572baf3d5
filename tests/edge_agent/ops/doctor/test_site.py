"""What the doctor says of a site: a young one, a full disk, a lost catalogue, backups that stopped, nobody running."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestServer

from edge_agent.catalog import Catalog
from edge_agent.config import AgentConfig
from edge_agent.demo.play import samples
from edge_agent.errors import HeldError, LedgerBusyError, LedgerFullError, NotFoundError
from edge_agent.ops.doctor import Row, examine, site, todo, upkeep
from edge_agent.ops.doctor.row import Found, row_of
from edge_agent.web.api import build_web
from edge_agent.wiring import open_ledger
from label_protocol.errors import LedgerDamagedError, LedgerError
from tests.edge_agent.ops.backups.test_keeper import a_set
from tests.edge_agent.ops.doctor.test_printers import config_of
from tests.kits.cli_kit import a_site, run
from tests.kits.web_double import ServiceDouble

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
NOBODY = {"port": 1}
"""A port at which nobody listens."""


async def the_row(config: AgentConfig, what: str) -> Row:
    (row,) = [row for row in await examine(config) if row.what.endswith(what)]
    return row


@pytest.fixture
def config(tmp_path: Path) -> AgentConfig:
    return config_of(tmp_path, web=NOBODY, registry={"credentials_path": "credentials.json"})


def test_a_site_that_is_not_enrolled_is_not_red_and_is_told_what_it_cannot_do(tmp_path: Path) -> None:
    path = a_site(tmp_path)
    path.write_text(path.read_text("utf-8") + "[web]\nport = 1\n", "utf-8")
    said = run("doctor", "--config", path)
    assert said.code == 0 and "✗" not in said.out, said
    assert "! 中心 registry: 尚未登记：能检查、能预览，不能打印" in said.out
    assert "→ 向平台要一次性口令，再跑 edge-agent enrol" in said.out
    assert [one.name for one in tmp_path.iterdir()] == ["agent.toml"], "a look leaves nothing behind"


def test_programs_are_told_state_and_each_language_and_what_to_do(tmp_path: Path) -> None:
    path = a_site(tmp_path)
    row = '[[printers]]\nid = "p1"\nname = "线"\nurl = "tcp://127.0.0.1:1"\nprofile = "zpl-203"\n'
    path.write_text(path.read_text("utf-8") + "[web]\nport = 1\n" + row, "utf-8")
    rows = json.loads(run("doctor", "--config", path, "--json").out)
    for one in rows:
        assert {"ok", "what", "found", "warns", "state", "zh", "en", "todo_zh", "todo_en"} == set(one)
        assert one["state"] == ("bad" if not one["ok"] else "warn" if one["warns"] else "ok")
        assert bool(one["todo_zh"]) == bool(one["todo_en"])
    told = {one["what"]: one for one in rows}
    assert told["运行 service"]["zh"] == "没有运行" and told["运行 service"]["en"] == "not running"
    assert (
        told["打印机 printer p1"]["state"] == "bad"
        and "docs/troubleshooting.md" in told["打印机 printer p1"]["todo_en"]
    )


async def test_a_disk_that_is_nearly_full_is_red(config: AgentConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await the_row(config, "disk")).ok
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=499_999_999))
    row = await the_row(config, " disk")
    assert not row.ok and "磁盘快满了，只剩 499 MB" in row.found and "清理这块盘" in row.todo.zh


def test_the_disk_of_the_backups_is_told_where_it_is_another(tmp_path: Path) -> None:
    assert site.other_disk(tmp_path / "sets", tmp_path) is None
    memory = Path("/dev/shm")
    if memory.is_dir() and memory.stat().st_dev != tmp_path.stat().st_dev:
        assert site.other_disk(memory / "sets", tmp_path) == memory


@pytest.mark.parametrize(
    ("cause", "word"),
    [
        (LedgerFullError("full"), "清理这块盘"),
        (HeldError("held"), "照这句话做"),
        (LedgerDamagedError("bad"), "恢复备份"),
    ],
)
async def test_what_to_do_about_the_ledger_follows_from_what_is_wrong(cause: Exception, word: str) -> None:
    async def look() -> str:
        raise cause

    assert word in (await row_of("账本 ledger", look, todo.LEDGER)).todo.zh


async def test_a_catalogue_is_counted_and_a_damaged_one_is_red(config: AgentConfig) -> None:
    empty = await the_row(config, "catalogue")
    assert empty.state == "warn" and "catalog import" in empty.todo.en
    path = config.data.catalog_path
    Catalog.open(path).import_json(samples()["down_graded"].model_dump_json(exclude_none=True).encode())
    assert (await the_row(config, "catalogue")).words.zh == "款式 1，批次 1"
    path.write_bytes(b"")
    damaged = await the_row(config, "catalogue")
    assert damaged.state == "bad" and "docs/backups.md" in damaged.todo.zh


async def test_backups_are_off_awaited_fresh_or_late(tmp_path: Path) -> None:
    """Late is told where an agent runs that should have made one; a stopped one makes none."""
    off, on = (config_of(tmp_path, backup={"every_h": hours, "path": "sets"}) for hours in (0, 24))

    async def told(config: AgentConfig, later_h: float, *, running: bool = True) -> Found:
        return await upkeep.backup(config, (NOW + timedelta(hours=later_h)).isoformat(), running=running)

    assert "every_h = 24" in (await told(off, 0)).todo.zh
    assert "启动代理" in (await told(on, 0, running=False)).todo.zh
    with pytest.raises(LedgerError, match="还没有一份"):
        await told(on, 0)
    for hours in (200, 23):
        made = (NOW - timedelta(hours=hours)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        a_set(tmp_path / "sets", made)
    found = await told(on, 1.9)
    assert found.words.zh == "最新一份 25 小时前，共 2 份" and not found.todo.zh
    with pytest.raises(LedgerError, match=r"25 小时前.*look at backup_failed"):
        await told(on, 2.1)
    assert "启动代理" in (await told(on, 2.1, running=False)).todo.zh
    assert "NTP" in (await told(on, -99)).todo.en


@contextlib.contextmanager
def _held(config: AgentConfig) -> Iterator[None]:
    with contextlib.closing(open_ledger(config, create=True)):
        yield


async def test_who_has_the_ledger_and_answers_is_the_agent(tmp_path: Path) -> None:
    async with TestServer(build_web(cast(Any, ServiceDouble(tmp_path)))) as server:
        config = config_of(tmp_path, web={"port": server.port})
        with _held(config):
            assert (await the_row(config, "service")).words.zh == "运行中"


async def test_who_has_the_ledger_and_does_not_answer_is_named_with_the_port(config: AgentConfig) -> None:
    with _held(config):
        row = await the_row(config, "service")
    assert not row.ok and "账本被占用，页面却没有应答" in row.found and "127.0.0.1:1" in row.found
    with pytest.raises(LedgerBusyError):
        await upkeep.service(config, has_ledger=True)


async def test_a_service_that_is_installed_and_does_not_run_is_red(config: AgentConfig, tmp_path: Path) -> None:
    assert "edge-agent run" in (await upkeep.service(config, has_ledger=False, units=())).todo.zh
    (tmp_path / upkeep.UNIT).write_text("[Unit]\n")
    with pytest.raises(NotFoundError, match="装成了服务，却没有运行"):
        await upkeep.service(config, has_ledger=False, units=(tmp_path,))


async def test_two_computers_under_one_prefix_are_warned_of_and_one_with_digits_of_its_own_is_not(
    tmp_path: Path,
) -> None:
    prefix = {"gs1_company_prefix": "6901234"}
    row = await the_row(config_of(tmp_path, web=NOBODY, site=prefix), "carton numbers")
    assert row.state == "warn" and "sscc_block" in row.todo.en
    for site_table in ({}, prefix | {"sscc_block": "1"}):
        assert not [
            one for one in await examine(config_of(tmp_path, web=NOBODY, site=site_table)) if "箱号" in one.what
        ]
