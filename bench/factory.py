"""The agent of the product, whole and in this process, at printers in another; and what its commits cost."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.kit import ISSUER, TEMPLATE, record
from edge_agent.app import agent
from edge_agent.config import AgentConfig, config_from
from edge_agent.ledger import Ledger
from edge_agent.model.job import Job, JobState
from edge_agent.model.printer import PrintMode
from edge_agent.service.agent_service import AgentService
from edge_agent.wiring import open_ledger
from label_protocol import collector

ALLOTTED = 10_000_000


@dataclass
class Watch:
    """A probe for the agent: makes each commit wait, and times intent → first byte.

    A worker goes from its commit to its first byte without waiting for anything, so the two moments pair up in order.
    `first_byte_at_s`: by worker, when the first byte of its newest window left, by `perf_counter`.
    """

    commit_s: float = 0.0
    to_first_byte_s: list[float] = field(default_factory=list)
    first_byte_at_s: dict[str, float] = field(default_factory=dict)
    _intents: deque[float] = field(default_factory=deque)

    def __call__(self, name: str) -> None:
        """As `model.Probe`."""
        if name.startswith("before_commit:"):
            time.sleep(self.commit_s)
        elif name == "after_commit:window_sending":
            self._intents.append(time.perf_counter())
        elif name == "before_write":
            now_s = time.perf_counter()
            if (worker := asyncio.current_task()) is not None:
                self.first_byte_at_s[worker.get_name()] = now_s
            if self._intents:
                self.to_first_byte_s.append(now_s - self._intents.popleft())


def config(
    folder: Path, urls: Sequence[str], languages: Sequence[str] = (), mode: PrintMode = PrintMode.RUN
) -> AgentConfig:
    """The product's defaults and these printers; ZPL unless the languages are named."""
    spoken = languages or ["zpl"] * len(urls)
    printers = [
        {"id": f"p{number}", "name": f"{number}", "url": url, "profile": f"virtual-{language}"}
        for number, (url, language) in enumerate(zip(urls, spoken, strict=True))
    ]
    data = {
        "ledger_path": str(folder / "ledger" / "ledger.db"),
        "witness_path": str(folder / "witness" / "witness"),
        "catalog_path": str(folder / "catalogue" / "catalogue.json"),
    }
    registry = {"credentials_path": str(folder / "none.json")}
    link = {"host": "id.example.cn"}
    table = {
        "data": data,
        "web": {"port": 0},
        "registry": registry,
        "link": link,
        "printing": {"mode": mode.value},
        "printers": printers,
    }
    return config_from(table, folder / "agent.toml")


def allot(ledger: Ledger) -> None:
    """Enrol it, and allot more labels of the sample's lot than any run needs."""
    ledger.enrol("bench", ISSUER, "e1", "http://registry.example")
    item = {"kind": "allotment", "quota_key": record().quota_key, "quantity": ALLOTTED, "spoilage_permille": 30}
    ledger.receive_distribution("1", "e1", [item])


@contextlib.asynccontextmanager
async def factory(settings: AgentConfig, watch: Watch) -> AsyncIterator[AgentService]:
    """The running agent, allotted."""
    with contextlib.closing(open_ledger(settings, create=True)) as ledger:
        allot(ledger)
    async with agent(settings, probe=watch) as (service, _):
        collector.started()  # as `edge-agent run` does
        yield service


async def submit(service: AgentService, quantity: int, printer: str = "p0", key: str = "bench") -> Job:
    """Order labels of the sample."""
    body = {
        "template": TEMPLATE,
        "printer": printer,
        "quantity": quantity,
        "operator": "bench",
        "record": record().model_dump(mode="json", exclude_none=True),
    }
    return await service.jobs.submit(body, f"{key}-{printer}")


async def ended(service: AgentService, job: Job) -> Job:
    """The job when it is done; raises if it stops before."""
    async for seen in service.jobs.follow(job.job_id):
        if seen.state is JobState.PAUSED:
            raise RuntimeError(f"the job stopped: {seen.reason}")
        job = seen
    return job


async def until(ready: Callable[[], bool], timeout_s: float) -> None:
    """Look every 50 ms until it is so."""
    async with asyncio.timeout(timeout_s):
        while not ready():
            await asyncio.sleep(0.05)
