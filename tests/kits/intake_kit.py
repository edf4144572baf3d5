"""A source with a hot folder over a real service, and sheets of orders for it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_agent.clock import Probe, no_probe
from edge_agent.intake.watcher import Watcher
from edge_agent.model.work_order import Source, SourceKind
from edge_agent.service.agent_service import AgentService
from edge_agent.work_orders.book import OrderBook
from tests.kits.ledger_kit import allot
from tests.kits.service_kit import a_service
from tests.kits.sheet_kit import text

SAMPLE = Path(__file__).parents[2] / "edge_agent" / "demo" / "samples" / "down_graded.json"
LOT = "L20261118A"
HEAD = ["生产单号", "行号", "款号", "号型", "数量", "批号", "模板", "打印机"]
ERP = Source("erp", "示例ERP", SourceKind.FOLDER, "计划科", 10_000, signable=True)
SHEETS = Source("plan", "计划表", SourceKind.SHEET, "计划科", 10_000)
REST = Source("mes", "示例MES", SourceKind.REST, "生产科", 10_000)


def order_row(order_no: str, line: str = "1", quantity: str = "8", printer: str = "p1") -> list[str]:
    return [order_no, line, "YR2026-0801", "175/92A", quantity, LOT, "down_grade_60x40", printer]


def sheet(*rows: list[str]) -> str:
    return text(HEAD, *rows)


@asynccontextmanager
async def intake_service(folder: Path, *sources: Source) -> AsyncIterator[AgentService]:
    """A service with a book of its own and the graded jacket in its catalogue."""
    async with a_service(folder) as service:
        parts = service.parts
        parts.work_orders = OrderBook(folder / "work-orders.db")
        parts.sources = sources or (ERP, SHEETS, REST)
        service = AgentService(parts)
        await service.catalogue.import_json(SAMPLE.read_bytes())
        await parts.ledger.do(allot, 1_000, LOT)
        try:
            yield service
        finally:
            parts.work_orders.close()


@dataclass
class HotFolder:
    """The folder of `ERP`, looked at when a test says so; `now_s` is its clock."""

    folder: Path
    service: AgentService
    probe: Probe = no_probe
    now_s: float = 0.0
    watcher: Watcher = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.watcher = Watcher(
            ERP,
            self.folder,
            self.service.intake,
            quiet_s=2.0,
            look_every_s=10.0,
            force_polling=False,
            probe=self.probe,
            clock_s=lambda: self.now_s,
        )

    async def look(self, after_s: float = 0.0) -> int:
        self.now_s += after_s
        return await self.watcher.look()

    async def settled(self) -> int:
        """Seen once, and again when it has been still long enough."""
        return await self.look() + await self.look(2.0)

    def put(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def answer(self, name: str) -> Any:
        return json.loads((self.folder / "结果" / f"{name}.answer.json").read_text("utf-8"))

    def names(self, place: str = "") -> list[str]:
        return sorted(path.name for path in (self.folder / place).iterdir() if path.is_file())

    async def left(self) -> str:
        (view, *_) = await self.service.intake.sources()
        return " | ".join((view.folder.trouble, *view.folder.left))
