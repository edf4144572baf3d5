"""The last release and this one, both ways: its agent at today's registry, today's agent at its registry. Both are the
programs as they are installed; nothing is refused and everything is told."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from central_registry.agents.told import history_of
from edge_agent.config import load_config
from edge_agent.demo.stage import enrol
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from tests.kits.platform_story import TEMPLATE, Firm, Story, a_story, garment_of
from tests.made_before.kit import HERE, HOST, Asking, running_agent
from tests.made_before.last_release import WHEEL, LastRelease

NAME = "line-1"
_CONFIG = """[site]
name = "{name}"
[data]
ledger_path = "ledger/ledger.db"
witness_path = "witness/witness"
catalog_path = "catalogue/catalogue.json"
artwork_path = "artwork"
[web]
port = 0
[registry]
url = "{registry}"
interval_s = 1.0
credentials_path = "credentials.json"
[link]
host = "{host}"
[[printers]]
id = "p1"
name = "p1"
url = "tcp://127.0.0.1:{printer}"
profile = "virtual-zpl"
"""


@pytest.fixture(scope="module")
def last(tmp_path_factory: pytest.TempPathFactory) -> LastRelease:
    """Unpacked once: Python compiles it at its first start."""
    return LastRelease(tmp_path_factory.mktemp("last"))


@asynccontextmanager
async def configured(home: Path, registry: str) -> AsyncIterator[Path]:
    """A configuration that either release reads, with a virtual printer that is on."""
    machine = VirtualPrinter(VirtualPrinterOptions(speed_ips=14.0))
    await machine.start()
    try:
        config = home / "agent.toml"
        config.write_text(_CONFIG.format(name=NAME, registry=registry, host=HOST, printer=machine.port), "utf-8")
        yield config
    finally:
        await machine.stop()


async def until_allotted(agent: Asking, quota: int) -> None:
    """Until its ledger was promised so many under some key."""
    async with asyncio.timeout(30):
        while not any(row["allotted"] == quota for row in (await agent.get("/api/v1/ledger/balance"))["rows"]):
            await asyncio.sleep(0.05)


async def until_told(agent: Asking) -> None:
    """Everything, and nothing was refused."""
    view = await agent.until("/sync", state="online", pending=0)
    assert view["error"] == "", view


async def printed(agent: Asking, key: str, quantity: int, record: dict[str, Any]) -> list[str]:
    """The serials of a job that is done and told."""
    job = await agent.print(key, quantity=quantity, template=TEMPLATE, printer="p1", record=record)
    await until_told(agent)
    found = (await agent.get("/api/v1/labels?limit=1000"))["labels"]
    return [one["serial"] for one in found if one["job_id"] == job["job_id"]]


def test_the_wheel_is_the_one_that_was_kept() -> None:
    told = (HERE / "release" / "README.md").read_text("utf-8")
    assert f"`{WHEEL.name}` | `{hashlib.sha256(WHEEL.read_bytes()).hexdigest()}`" in told


# --- its agent, today's registry --------------------------------------------------------------------------------------


@asynccontextmanager
async def its_agent(last: LastRelease, story: Story, firm: Firm, home: Path) -> AsyncIterator[Asking]:
    """The old program, enrolled by a token of the console."""
    token = (await story.ask(firm.clerk, "POST", "agents", {"name": NAME}))["file"]["token"]
    url = story.registry.url.rstrip("/")
    async with configured(home, url) as config:
        await last.done("edge_agent", "enrol", "--registry", url, "--token", token, "--config", config)
        async with last.serving("edge_agent", "run", "--config", config) as said, aiohttp.ClientSession() as session:
            found = re.search(r"http://[\w.:]+", said[-1])
            assert found is not None
            yield Asking(found[0], session)


async def until_it_told_of(story: Story, words: str) -> None:
    """Until it says that it took in what has these words."""
    async with asyncio.timeout(30), story.pool.acquire() as connection:
        while not [one async for one in history_of(connection, NAME, [words.encode()])]:
            await asyncio.sleep(0.05)


@pytest.mark.costly
async def test_its_agent_at_todays_registry(last: LastRelease, tmp_path: Path) -> None:
    """Fed in the form it knows: codes that were approved arrive, more of them later, and a stop."""
    async with a_story(tmp_path) as story:
        firm = await story.firm()
        record = await story.graded(firm, garment_of("L1", quantity=40))
        async with its_agent(last, story, firm, tmp_path) as agent:
            await agent.until("/sync", state="online")
            await story.codes(firm, NAME, 4)
            await until_allotted(agent, 4)
            serials = await printed(agent, "k1", 4, record)
            await story.codes(firm, NAME, 3)
            await until_allotted(agent, 7)
            serials += await printed(agent, "k2", 3, record)
            assert len(set(serials)) == 7
            for serial in (serials[0], serials[-1]):
                seen = await story.scan(serial, record)
                assert (seen.status, seen.facts) == ("registered", "confirmed"), seen.text
            assert await story.sums(story.officer) == [(7, 7, 7, 0)]
            await story.ask(
                story.officer, "POST", "suspensions", {"firm": firm.party, "lot_no": "L1", "reason": "抽检"}
            )
            await until_it_told_of(story, "抽检")
            with pytest.raises(AssertionError, match="lotstopped"):
                await agent.print("k3", quantity=1, template=TEMPLATE, printer="p1", record=record)
            await until_told(agent)
        assert await story.registry.alarms() == []


# --- today's agent, its registry --------------------------------------------------------------------------------------


@asynccontextmanager
async def its_registry(last: LastRelease, home: Path, record: dict[str, Any]) -> AsyncIterator[tuple[str, str]]:
    """The old program on an embedded PostgreSQL, with a lot of which 5 are allotted; its address, and a token."""
    goods = home / "goods.json"
    goods.write_text(json.dumps(record), "utf-8")
    async with last.serving("central_registry", "serve", "--listen", "127.0.0.1:0") as said:
        dsn = re.search(r"--dsn '([^']+)'", said[0])
        assert dsn is not None, said
        at = "--dsn", dsn[1]
        token = (await last.done("central_registry", "agents", "add", NAME, *at)).split()[-1]
        await last.done("central_registry", "lots", "import", goods, *at)
        lot_no = record["lot"]["lot_no"]
        await last.done("central_registry", "allot", "--lot", lot_no, "--agent", NAME, "--quantity", 5, *at)
        yield said[-1].split()[-1], token


@pytest.mark.costly
async def test_todays_agent_at_its_registry(last: LastRelease, tmp_path: Path) -> None:
    """Without certificate, lease and firm it works as it did: what the registry has to say, the agent understands."""
    record = garment_of("L1", quantity=40)
    async with its_registry(last, tmp_path, record) as (url, token), configured(tmp_path, url) as config:
        await enrol(load_config(config), NAME, url, token)
        async with running_agent(config) as agent, aiohttp.ClientSession() as session:
            await until_allotted(agent, 5)
            serials = await printed(agent, "k1", 5, record)
            path = f"{url}/01/{record['product']['gtin']}/10/L1/21/{serials[-1]}"
            async with session.get(path, headers={"Accept": "application/json"}) as answer:
                page = await answer.json()
            assert (page["status"], "AAAA" in json.dumps(page)) == ("registered", True), page
            await agent.print("k2", "paused", quantity=1, template=TEMPLATE, printer="p1", record=record)
            await until_told(agent)
