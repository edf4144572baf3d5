"""The association's print centre: one agent with two virtual lines, which prints for both firms."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_agent.app import agent
from edge_agent.config import config_from
from edge_agent.demo.association.cast import BY_KEY
from edge_agent.demo.association.goods import Goods
from edge_agent.demo.stage import enrol, printer, settings, until_ended, until_synced, virtual
from edge_agent.errors import FindingsError
from edge_agent.ledger import Ledger
from edge_agent.model.job import Label
from edge_agent.service.agent_service import AgentService

CENTRE = "print-centre"
LINES = ("line-1", "line-2")
_RULE = "C1"


@dataclass(frozen=True, slots=True)
class Centre:
    """The running agent, and the address of its page."""

    service: AgentService
    page: str

    async def print(self, goods: Goods, key: str, line: str, count: int) -> Sequence[Label]:
        """Print, and wait until the registry was told; the labels on paper.

        Raises:
            TimeoutError: the allotment, the paper or the registry took longer than 30 s.
        """
        await self._until_allotted(key, count)
        job = await self.service.jobs.submit(_body(goods, goods.record, line, count), f"{key} {line}")
        await until_ended(self.service, job)
        await until_synced(self.service)
        labels = await self.service.labels.page("printed", limit=1000)
        return [one for one in labels if one.job_id == job.job_id]

    async def refusal(self, goods: Goods, record: Mapping[str, Any], line: str) -> str:
        """What the agent says when it is to print another grade than is certified; '' if it would print it."""
        try:
            await self.service.jobs.submit(_body(goods, record, line, 1), f"forged {line}")
        except FindingsError as cause:
            return str(cause) if any(one.rule == _RULE for one in cause.findings) else ""
        return ""

    async def used(self, keys: Sequence[str]) -> int:
        """How many labels its own ledger has drawn under these keys."""
        return sum([(await self.service.parts.ledger.do(Ledger.quota, key)).used for key in keys])

    async def _until_allotted(self, key: str, count: int) -> None:
        changes = self.service.parts.changes
        async with asyncio.timeout(30):
            while (await self.service.parts.ledger.do(Ledger.quota, key)).free < count:
                await changes.wait(changes.count, 0.05)


def _body(goods: Goods, record: Mapping[str, Any], line: str, count: int) -> dict[str, Any]:
    return {
        "template": "down_grade_60x40" if goods.graded else "composition_card_60x40",
        "printer": line,
        "quantity": count,
        "operator": "demo",
        "firm": BY_KEY[goods.firm].uscc,
        "record": dict(record),
    }


@contextlib.asynccontextmanager
async def centre(home: Path, registry: str, token: str) -> AsyncIterator[Centre]:
    """It runs for as long as the block lasts; its files and tapes lie in `home`."""
    async with contextlib.AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(printer(home / name)) for name in LINES]
        rows = [virtual(name, f"{n}号线", one.port) for n, (name, one) in enumerate(zip(LINES, lines, strict=True), 1)]
        config = config_from(settings(CENTRE, registry, *rows), home / "agent.toml")
        await enrol(config, CENTRE, registry, token)
        yield Centre(*await stack.enter_async_context(agent(config)))
