"""A registry and an agent on one PC: enrolled with each other, in one backup set, and put back from it together."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from typer.testing import CliRunner

from central_registry import cli as registry_cli
from edge_agent.app import agent
from edge_agent.clock import now_utc
from edge_agent.config import AgentConfig, load_config
from edge_agent.demo.play import samples
from edge_agent.ledger import Ledger
from edge_agent.model.job import JobState
from edge_agent.ops.backups.aside import Aside
from edge_agent.ops.backups.make import Folders, make_set
from edge_agent.ops.backups.sources import sources
from edge_agent.ops.doctor import upkeep
from edge_agent.service.agent_service import AgentService
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from label_protocol.codes.digital_link import DigitalLink
from tests.kits.cli_kit import run
from tests.kits.own_registry_kit import config_for, new_data, own_folder, serving
from tests.kits.registry_kit import SAMPLES

JSON = {"Accept": "application/json"}
SAMPLE = samples()["down_graded"]


def ordered(*words: object) -> None:
    ended = CliRunner().invoke(registry_cli.app, [str(word) for word in words])
    assert ended.exit_code == 0, (ended.output, ended.exception)


@pytest.fixture
def data() -> Iterator[Path]:
    with own_folder() as folder:
        yield folder


def site(folder: Path, data: Path, printer_port: int) -> Path:
    path = folder / "agent.toml"
    keys = {"ledger_path": "l/ledger.db", "witness_path": "w/w.json", "catalog_path": "c/c.json"}
    lines = ["[data]", *(f'{key} = "{value}"' for key, value in keys.items()), "[web]", "port = 0"]
    lines += ["[registry]", 'credentials_path = "credentials.json"', "interval_s = 1.0"]
    lines += ["[registry_here]", f'dump_path = "{data}/dump/registry.dump"', "[[printers]]", 'id = "p1"', 'name = "一"']
    lines += ['profile = "virtual-zpl"', f'url = "tcp://127.0.0.1:{printer_port}"']
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@contextlib.asynccontextmanager
async def printing(folder: Path, data: Path) -> AsyncIterator[Path]:
    printer = VirtualPrinter(VirtualPrinterOptions(tape=folder / "tape", speed_ips=14.0))
    await printer.start()
    try:
        yield site(folder, data, printer.port)
    finally:
        await printer.stop()


async def printed(service: AgentService, key: str, quantity: int) -> set[str]:
    """So many labels more, told to the registry; the serials of all there are."""
    record = json.loads(SAMPLE.model_dump_json())
    body = {"template": "down_grade_60x40", "printer": "p1", "quantity": quantity, "operator": "t", "record": record}
    async with asyncio.timeout(30):
        while (await service.parts.ledger.do(Ledger.quota, SAMPLE.quota_key)).free < quantity:
            await asyncio.sleep(0.05)
        job = await service.jobs.submit(body, key)
        while (await service.parts.ledger.do(Ledger.job, job.job_id)).state is not JobState.DONE:
            await asyncio.sleep(0.05)
        while (view := service.site.sync_view()) is None or view.pending:
            await asyncio.sleep(0.05)
    return {label.serial for label in await service.parts.ledger.do(Ledger.labels)}


async def a_set(config: AgentConfig, service: AgentService, folder: Path) -> Path:
    folders = Folders(folder, config.data.ledger_path)
    made = await make_set(
        service.parts.ledger, tuple(sources(config)), folders, now_utc(), aside=Aside(), version="1"
    )  # fmt: skip
    return made.folder


@pytest.mark.costly
async def test_one_set_holds_both_and_both_come_back_from_it(tmp_path: Path, data: Path) -> None:
    async with printing(tmp_path, data) as path:
        there, back = config_for(data), new_data(data.parent, "back")
        with serving(there) as (_, url):
            words = ("--registry-config", there, "--registry", url, "--config", path)
            assert (await asyncio.to_thread(run, "registry-here", "enrol", *words)).code == 0
            for order in (("lots", "import", SAMPLES / "down_graded.json"), ("allot", "--agent", "agent-1")):
                more = ("--lot", "L20261118A", "--quantity", 20) if order[0] == "allot" else ()
                await asyncio.to_thread(ordered, *order, *more, "--config", there)
            config = load_config(path)
            async with agent(config) as (service, _):
                before = await printed(service, "one", 3)
                await asyncio.to_thread(ordered, "dump", "--config", there)
                kept = await a_set(config, service, tmp_path / "sets")
        assert (kept / "registry.dump").read_bytes() == (data / "dump" / "registry.dump").read_bytes()

        config.data.ledger_path.unlink()  # the disk: what is not in the set is gone
        again = config_for(back)
        again.write_text(again.read_text("utf-8").replace("port = 0", f"port = {url.rpartition(':')[2]}"), "utf-8")
        await asyncio.to_thread(ordered, "restore", "--from", kept / "registry.dump", "--config", again)
        put = ("ledger", "restore", "--from", kept / "ledger.db", "--move-aside", tmp_path / "old.db", "--config", path)
        assert (await asyncio.to_thread(run, *put)).code == 0
        with serving(again):
            async with agent(config) as (service, _):
                after = await printed(service, "two", 2)
                page = DigitalLink(SAMPLE.product.gtin or "", min(before), "L20261118A").path()
                async with aiohttp.ClientSession() as session, session.get(url + page, headers=JSON) as answer:
                    assert (await answer.json())["snapshot"], "it knows the labels of before"
        assert before < after and len(after) == 5


async def test_the_doctor_knows_how_old_the_dump_is(tmp_path: Path) -> None:
    dump = tmp_path / "registry.dump"
    with pytest.raises(FileNotFoundError):
        await upkeep.registry_dump(dump, time.time())
    dump.write_bytes(b"PGDMP")
    assert "0 h old" in (await upkeep.registry_dump(dump, time.time())).words.en
    with pytest.raises(OSError, match="expected one of the last 26 h"):
        await upkeep.registry_dump(dump, time.time() + 27 * 3600)
