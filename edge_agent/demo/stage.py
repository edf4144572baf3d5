"""What both demonstrations stand on: a virtual printer, an enrolled agent, waiting for what it does, and words."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from edge_agent.clock import now_utc
from edge_agent.config import AgentConfig
from edge_agent.identity.credentials import Credentials, fingerprint
from edge_agent.model.job import Job, JobState
from edge_agent.service.agent_service import AgentService
from edge_agent.sync import http_client
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from edge_agent.wiring import open_ledger


@contextlib.asynccontextmanager
async def printer(tape: Path) -> AsyncIterator[VirtualPrinter]:
    """A virtual printer for as long as the block lasts; its labels lie in the folder `tape`."""
    found = VirtualPrinter(VirtualPrinterOptions(tape=tape, speed_ips=14.0))
    await found.start()
    try:
        yield found
    finally:
        await found.stop()


def settings(name: str, registry: str, *printers: dict[str, Any]) -> dict[str, Any]:
    """The configuration of an agent of that name, as `config_from` reads it; its files lie where that says."""
    return {
        "site": {"name": name},
        "data": {
            "ledger_path": "ledger/ledger.db",
            "witness_path": "witness/witness",
            "catalog_path": "catalogue/catalogue.json",
            "artwork_path": "artwork",
        },
        "web": {"port": 0},
        "registry": {"url": registry, "interval_s": 1.0, "credentials_path": "credentials.json"},
        "link": {"host": "id.example.cn"},
        "printers": list(printers),
    }


def virtual(printer_id: str, name: str, port: int) -> dict[str, Any]:
    """The row of a virtual printer on that port of this computer."""
    return {"id": printer_id, "name": name, "url": f"tcp://127.0.0.1:{port}", "profile": "virtual-zpl"}


async def enrol(config: AgentConfig, name: str, registry: str, token: str) -> None:
    """Spend a one-time token, and keep what it bought where the agent looks for it. Raises SyncError."""
    answer = await http_client.enrol(registry, token, name, fingerprint(config.data.ledger_path.parent))
    Credentials(registry, answer.agent, answer.secret).save(config.registry.credentials_path)
    with contextlib.closing(open_ledger(config, create=True, clock=now_utc)) as ledger:
        ledger.enrol(answer.agent, answer.issuer, answer.epoch, registry)


async def until_ended(service: AgentService, job: Job) -> Job:
    """The job as it ends, or pauses. Raises TimeoutError: after 30 s."""
    async with asyncio.timeout(30):
        async for seen in service.jobs.follow(job.job_id):
            job = seen
            if job.state is JobState.PAUSED:
                break
    return job


async def until_synced(service: AgentService) -> None:
    """Until the registry has all that the agent has to tell. Raises TimeoutError: after 30 s."""
    async with asyncio.timeout(30):
        while (view := service.site.sync_view()) is None or view.pending:
            await service.parts.changes.wait(service.parts.changes.count, 0.05)


def say(text: str) -> None:
    """One line for whoever watches."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
