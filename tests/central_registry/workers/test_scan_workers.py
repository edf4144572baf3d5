"""Scan workers: processes of their own that answer scans alone, end with their parent, and are started again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from typing import Any

import aiohttp
import psutil  # type: ignore[import-untyped]
import pytest
from structlog.testing import capture_logs

from central_registry.cli.serve import tell_if_few
from central_registry.config import Database, Http, RegistryConfig
from central_registry.embedded import EmbeddedPostgres
from central_registry.fence.policies import Role
from central_registry.fence.roles import Logins, enter
from central_registry.http.counters import Counters
from central_registry.workers import parent
from central_registry.workers.parent import ScanWorkers, Task
from label_protocol.errors import ConfigError
from tests.kits.registry_kit import fresh_dsn, running

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SO_REUSEPORT; serve says so")


def _workers() -> list[Any]:
    """Those of this process that live."""
    found = []
    for one in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            found += [one] if "central_registry.workers.scans" in one.cmdline() else []
    return found


@pytest.mark.costly
async def test_they_answer_scans_alone_are_started_again_and_end_with_their_parent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parent, "AGAIN_S", 0.01)
    counters = Counters()
    async with running(dsn=await fresh_dsn()) as registry:
        edge = (await registry.enrolled()).begin()
        await registry.allot(edge.agent, 10)
        (serial,) = serials = edge.serials(1)
        edge.printed(serials)
        await edge.send()
        logins = await enter(registry.dsn)
        task = Task(logins, RegistryConfig(http=Http(scans_port=0)), "127.0.0.1", 0)
        async with ScanWorkers(2, task, counters) as port, aiohttp.ClientSession() as http:
            before = _workers()
            assert len(before) == 2
            seen = " ".join(word for one in before for word in (*one.cmdline(), *one.environ().values()))
            assert logins.of(Role.READER) not in seen, "what other users can read names no password"
            asked = f"http://127.0.0.1:{port}"
            async with http.get(f"{asked}/01/06901234567892/21/{serial}") as page:
                assert page.status == 200
            async with http.get(f"{asked}/readyz") as page:
                assert page.status == 200
            async with http.post(f"{asked}/v1/enrol", json={}) as page:
                assert page.status == 404
            before[0].kill()
            while before[0] in _workers() or len(_workers()) < 2:
                await asyncio.sleep(0.01)
            async with http.get(f"{asked}/01/06901234567892/21/{serial}") as page:
                assert page.status == 200
            while not counters.take().get("shown"):
                await asyncio.sleep(0.01)
    assert _workers() == []


def test_every_setting_goes_through_the_pipe() -> None:
    """An address of a proxy is no text: with one named, no worker ever started."""
    settings = RegistryConfig.model_validate({"http": {"proxies": ["10.0.0.1", "fd00::1"]}})
    told = json.loads(Task(Logins("postgresql://x"), settings, "127.0.0.1", 0).line())
    assert RegistryConfig.model_validate(told["settings"]) == settings


async def test_workers_that_do_not_start_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the database is nowhere."""
    monkeypatch.setattr(parent, "START_S", 0.5)
    task = Task(Logins("postgresql://nobody@127.0.0.1:1/none"), RegistryConfig(), "127.0.0.1", 0)
    with pytest.raises(ConfigError, match="expected them to listen"):
        async with ScanWorkers(1, task, Counters()):
            pass
    assert _workers() == []


async def test_a_worker_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has only begun has not read yet that its pipe ended: on a busy machine it would outlive the registry."""
    monkeypatch.setattr(parent, "START_S", 0.1)
    monkeypatch.setattr(parent, "END_S", 0.0)
    task = Task(Logins("postgresql://nobody@127.0.0.1:1/none"), RegistryConfig(), "127.0.0.1", 0)
    with pytest.raises(ConfigError, match="expected them to listen"):
        async with ScanWorkers(1, task, Counters()):
            pass
    assert _workers() == []


async def test_a_system_without_room_for_a_process_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "AGAIN_S", 0.0)
    tries = 0

    async def none(*_: Any, **__: Any) -> Any:
        nonlocal tries
        tries += 1
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(parent.asyncio, "create_subprocess_exec", none)
    task = Task(Logins("postgresql://nobody@127.0.0.1:1/none"), RegistryConfig(), "127.0.0.1", 0)
    monkeypatch.setattr(parent, "START_S", 0.2)
    with capture_logs() as lines, pytest.raises(ConfigError, match="expected them to listen"):
        async with ScanWorkers(1, task, Counters()):
            pass
    assert tries > 1 and "temporarily unavailable" in lines[0]["why"]


def test_connections_are_counted_for_every_process() -> None:
    """10 for agents, 10 for people, 5 and 2 for each process that answers scans, 10 for commands."""
    assert [Database().connections(workers) for workers in (0, 8)] == [37, 93]
    assert "max_connections = 93" in EmbeddedPostgres(connections=93)._settings


async def test_a_database_that_takes_too_few_is_told_of() -> None:
    async with running(dsn=await fresh_dsn()) as registry:
        with capture_logs() as lines:
            await tell_if_few(registry.pool, 37)
            await tell_if_few(registry.pool, 93)
    assert [(line["event"], line["needed"], line["given"]) for line in lines] == [("connections_few", 93, 57)]


def test_a_system_that_cannot_deal_out_a_port_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(parent.socket, "SO_REUSEPORT")
    with pytest.raises(ConfigError, match="such as Windows"):
        parent.hold("127.0.0.1", 0)
