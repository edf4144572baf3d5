"""A graded lot from its style to the phone that scans it, with a real agent and paper that is read."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

from edge_agent.app import agent
from edge_agent.config import AgentConfig, config_from
from edge_agent.identity.credentials import Credentials
from edge_agent.ledger import Ledger
from edge_agent.service.agent_service import AgentService
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from edge_agent.wiring import open_ledger
from tests.kits.platform_story import TEMPLATE, Firm, Story, a_story, garment_of

LABELS = 3


def site(folder: Path, printer_port: int) -> AgentConfig:
    keys = {"ledger_path": "l/ledger.db", "witness_path": "w/witness", "catalog_path": "c/catalogue.json"}
    printer = {"id": "p1", "name": "一号线", "url": f"tcp://127.0.0.1:{printer_port}", "profile": "virtual-zpl"}
    settings: dict[str, Any] = {
        "data": keys,
        "web": {"port": 0},
        "registry": {"credentials_path": "credentials.json", "interval_s": 1.0},
        "link": {"host": "id.example.cn"},
        "printers": [printer],
    }
    return config_from(settings, folder / "agent.toml")


async def enrol(story: Story, firm: Firm, config: AgentConfig) -> None:
    edge = await story.enrolled(firm)
    Credentials(story.registry.url, edge.agent, edge.secret).save(config.registry.credentials_path)
    ledger = open_ledger(config, create=True, clock=lambda: f"{story.now}.000Z")
    ledger.enrol(edge.agent, edge.issuer, "e0", story.registry.url)
    ledger.close()


async def printed(service: AgentService, record: dict[str, Any]) -> list[str]:
    """Ordered as soon as the codes are there, printed, told; the serials."""
    body = {"template": TEMPLATE, "printer": "p1", "quantity": LABELS, "operator": "示例甲", "record": record}
    async with asyncio.timeout(60):
        while not await service.parts.ledger.do(Ledger.leases):
            await asyncio.sleep(0.05)
        job = await service.jobs.submit(body, "one")
        async for seen in service.jobs.follow(job.job_id):
            job = seen
        while (view := service.site.sync_view()) is None or view.pending:
            await asyncio.sleep(0.05)
    return [label.serial for label in await service.parts.ledger.do(Ledger.labels)]


async def test_a_graded_lot_from_style_to_phone(tmp_path: Path) -> None:
    async with a_story(tmp_path) as story:
        firm = await story.firm()
        printer = VirtualPrinter(VirtualPrinterOptions(tape=tmp_path / "tape", control_port=None, speed_ips=14.0))
        await printer.start()
        try:
            config = site(tmp_path, printer.port)
            await enrol(story, firm, config)
            async with agent(config, clock=lambda: f"{story.now}.000Z") as (service, _):
                record = await story.graded(firm, garment_of("L1"))
                await story.codes(firm, "line-1", 100)
                serials = await printed(service, record)
        finally:
            await printer.stop()
        with Image.open(tmp_path / "tape" / "000001.png") as paper:
            link = zxingcpp.read_barcodes(paper.convert("L"))[0].text
        assert link.lower().startswith("https://id.example.cn/01/") and link.rpartition("/")[2] in serials
        seen = await story.scan(link.rpartition("/")[2], record)
        assert (seen.status, seen.facts) == ("registered", "confirmed"), seen.text
        for words in ("示例羽", "AAAA", "示例检测中心", "R-1", "90%"):
            assert words in seen.text, words
        assert await story.sums(story.officer) == [(100, LABELS, LABELS, 0)]
        assert (await story.sums(firm.clerk)) == [(100, LABELS, LABELS, 0)]
        life = await story.reads(story.officer, f"codes?code={serials[0]}")
        assert "打印已确认" in life and firm.name in life
        await story.on_a_phone(serials[0], record, "AAAA", "示例检测中心", "已登记")
        await story.sees(story.officer, f"codes?code={serials[0]}", serials[0], "与证书一致", "打印已确认", firm.name)
