"""The first start of another version: held, told, and let go when it is well."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import AsyncMock, Mock

import aiohttp
import pytest
from aiohttp import web

from edge_agent.cli import serve
from edge_agent.config import AgentConfig, PrinterRow, load_config
from edge_agent.errors import LedgerBusyError
from edge_agent.ledger.peek import peek
from edge_agent.listening import in_its_place
from edge_agent.model.printer import Health, PrinterStatus
from edge_agent.ops.doctor import self_check as checked
from edge_agent.ops.doctor.self_check import self_check
from edge_agent.ops.service.notify import Notifier
from edge_agent.ops.update import held
from edge_agent.ops.update.held import confirm, hold_until_well
from edge_agent.ops.update.standing import Standing, keep, kept
from edge_agent.wiring import open_ledger
from tests.kits import cli_kit
from tests.kits.ledger_kit import enrolled


class Told(Notifier):
    """What the service manager was told."""

    def __init__(self) -> None:
        super().__init__({}, 1)
        self.lines: list[str] = []

    def tell(self, *lines: str) -> None:
        self.lines += lines


class Site:
    """A site whose ledger 0.1.0 had, and a self-check that finds what it is told."""

    def __init__(self, folder: Path) -> None:
        source = cli_kit.a_site(folder)
        source.write_text(source.read_text("utf-8") + "[web]\nport = 0\n", encoding="utf-8")
        self.config: AgentConfig = load_config(source)
        self.folder = self.config.update.beside(self.config.data.ledger_path)
        enrolled(open_ledger(self.config, create=True)).close()
        self.flaws: list[str] = []
        self.looks, self.systemd = 0, Told()
        self.address = ""

    @contextlib.asynccontextmanager
    async def listen(self, app: web.Application) -> AsyncIterator[str]:
        async with in_its_place(self.config, app) as self.address:
            yield self.address

    async def look(self) -> list[str]:
        self.looks += 1
        return self.flaws

    async def start(self, version: str) -> None:
        await hold_until_well(self.config, version, self.look, systemd=self.systemd, listen=self.listen, wait=self.wait)

    async def wait(self, _: float) -> None:
        self.flaws = []


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


async def test_the_version_that_had_it_starts_at_once(site: Site) -> None:
    site.flaws = ["something"]
    await site.start("0.1.0")
    confirm(site.config, "0.1.0")
    assert kept(site.folder) == Standing("0.1.0", True)
    await site.start("0.1.0")
    assert site.looks == 0


async def test_another_one_is_looked_at_first_and_confirmed_when_it_has_started(site: Site) -> None:
    keep(site.folder, Standing("0.1.0", True))
    await site.start("0.2.0")
    assert site.looks == 1
    held = kept(site.folder)
    assert held is not None and (held.version, held.confirmed, held.before) == ("0.2.0", False, "0.1.0")
    await site.start("0.2.0")
    assert site.looks == 2, "killed before it had started: it proves itself again"
    confirm(site.config, "0.2.0")
    await site.start("0.2.0")
    assert site.looks == 2


async def test_while_it_is_not_well_nothing_is_written_and_the_page_says_why(site: Site) -> None:
    keep(site.folder, Standing("0.1.0", True))
    before = peek(site.config.data.ledger_path)
    heard: dict[str, tuple[int, str]] = {}

    async def ask(_: float) -> None:
        async with aiohttp.ClientSession() as session:
            for path, kind in (("/", "text/html"), ("/api/v1/jobs", "application/json"), ("/healthz", "*/*")):
                async with session.get(site.address + path, headers={"Accept": kind}) as answer:
                    heard[path] = (answer.status, await answer.text())
            async with session.post(f"{site.address}/api/v1/jobs", json={}) as answer:
                heard["order"] = (answer.status, await answer.text())
        site.flaws = []

    site.wait = ask  # type: ignore[method-assign]
    site.flaws = ["模板 templates: <expected> one"]
    await site.start("0.2.0")
    assert {path: status for path, (status, _) in heard.items()} == {
        "/": 503,
        "/api/v1/jobs": 503,
        "/healthz": 200,
        "order": 503,
    }
    assert "自检没有通过" in heard["/"][1] and "&lt;expected&gt;" in heard["/"][1] and "update back" in heard["/"][1]
    assert "<expected>" in heard["order"][1]
    assert peek(site.config.data.ledger_path) == before
    assert site.systemd.lines[0] == "READY=1" and "held" in site.systemd.lines[1]
    with pytest.raises(aiohttp.ClientError):
        async with aiohttp.ClientSession() as session:
            await session.get(site.address)


async def test_a_site_without_printers_is_well(site: Site) -> None:
    assert await self_check(site.config) == []


async def test_a_printer_that_is_off_is_no_flaw_and_one_that_speaks_strangely_is(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            writer.write(b"\x02what is this\x03\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    source = cli_kit.a_site(tmp_path)
    rows = "".join(
        f'[[printers]]\nid = "{name}"\nname = "{name}"\nurl = "tcp://127.0.0.1:{at}"\nprofile = "virtual-zpl"\n'
        for name, at in (("off", 1), ("strange", port))
    )
    source.write_text(source.read_text("utf-8") + "[printing]\nreply_timeout_s = 0.2\n" + rows, encoding="utf-8")
    flaws = await self_check(load_config(source))
    server.close()
    assert len(flaws) == 1 and "strange" in flaws[0] and "what is this" in flaws[0], flaws


async def test_what_is_unread_beside_a_known_status_is_no_flaw(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Firmware that answers one question strangely did so under the version before, and printed."""
    link = AsyncMock(unread={"~HI": "?"})
    link.status.return_value = PrinterStatus(Health.OK)
    monkeypatch.setattr(checked, "window_printer_for", lambda *_: Mock(link=link, blind=False))
    row = PrinterRow(id="line-1", name="1", url="tcp://127.0.0.1:1", profile="virtual-zpl")
    config = site.config.model_copy(update={"printers": (row,)})
    assert await self_check(config) == []
    link.status.return_value = PrinterStatus(Health.UNKNOWN)
    assert len(await self_check(config)) == 1


async def test_the_command_run_holds_before_the_ledger_is_opened(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way: a flaw at first, then none; while there was one, nobody had the ledger."""
    keep(site.folder, Standing("0.0.9", True))
    found = iter([["a flaw"], []])

    async def look(_: AgentConfig) -> list[str]:
        with pytest.raises(LedgerBusyError):
            peek(site.config.data.ledger_path)  # nor does a command of this version get at it
        return next(found)

    async def at_once() -> None:
        standing = kept(site.folder)
        assert standing is not None and standing.confirmed and standing.before == "0.0.9"

    monkeypatch.setattr(serve, "self_check", look)
    monkeypatch.setattr(serve, "_until_told", at_once)
    monkeypatch.setattr(held, "RETRY_S", 0.0)
    await serve._run(site.config)
    assert list(found) == []
