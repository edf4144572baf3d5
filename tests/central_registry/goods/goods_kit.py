"""An association with a firm, a lab and their people, a graded lot, and a certificate for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from central_registry.goods import lot_import
from central_registry.goods.certify import Filed, Filing, file_certificate
from central_registry.goods.kept_files import KeptFile
from central_registry.goods.reports import Report, file_report
from central_registry.parties.actor import Actor, PartyKind, Role
from tests.kits.platform_kit import add_party, add_person
from tests.kits.registry_kit import AT, Registry, garment, running

PDF = KeptFile("报告.pdf", b"%PDF-1.7\nexample")
LEVELS = ("cluster_content", "fill_power", "turbidity", "down_leakage", "colour_fastness")
GRADE: dict[str, Any] = {"scheme": "pinghu-down", "overall": "AAAA", "indicators": dict.fromkeys(LEVELS, "AAAA")}


@dataclass
class House:
    """One association's house: parties by name, and who acts."""

    registry: Registry
    association: str
    firm: str
    lab: str
    officer: Actor
    approver: Actor
    technician: Actor
    clerk: Actor

    @property
    def pool(self) -> Any:
        return self.registry.pool

    def filing(self, **other: Any) -> Filing:
        """A certificate of the lot L1, as the lab's report R1 says."""
        facts: dict[str, Any] = {
            "firm": self.firm, "lot_no": "L1", "scheme": "pinghu-down", "grade": GRADE, "quantity": 5000,
            "valid_from": AT.date(), "valid_to": date(2027, 11, 19), "lab": self.lab, "report_no": "R1",
        }  # fmt: skip
        return Filing(**{**facts, **other})

    async def report(self, number: str = "R1", lot_no: str = "L1", covers: int | None = 5000) -> dict[str, Any]:
        report = Report(self.firm, lot_no, self.lab, number, AT.date(), covers)
        return await file_report(self.pool, self.technician, report, PDF, AT)

    async def filed(self, **other: Any) -> Filed:
        """Filed by the lab, with its report."""
        filing = self.filing(**other)
        await self.report(filing.report_no, filing.lot_no)
        return await file_certificate(self.pool, self.technician, filing, AT)

    async def moves(self, version: int = 1) -> list[tuple[str, bool]]:
        rows = await self.registry.rows(
            "SELECT state, provisional FROM certificate_move WHERE version = $1 ORDER BY n", version
        )
        return [(row["state"], row["provisional"]) for row in rows]

    async def waiting(self) -> list[str]:
        rows = await self.registry.rows("SELECT act FROM decision WHERE outcome IS NULL ORDER BY act")
        return [row["act"] for row in rows]


@asynccontextmanager
async def a_house() -> AsyncIterator[House]:
    """The lots L1 (5000 pieces) and L2 of style S1 are known; nothing is filed."""
    async with running() as registry:
        pool = registry.pool
        association = await add_party(pool, PartyKind.ASSOCIATION, "示例协会")
        firm = await add_party(pool, PartyKind.FIRM, "示例服饰", of=association)
        lab = await add_party(pool, PartyKind.LAB, "示例检测中心", of=association)
        officer = await add_person(pool, association, Role.OFFICER, Role.APPROVER)
        approver = await add_person(pool, association, Role.APPROVER, name="示例乙")
        technician = await add_person(pool, lab, Role.LAB)
        clerk = await add_person(pool, firm, Role.OFFICER)
        await lot_import.import_lots(pool, [garment("L1", size="165"), garment("L2", size="165")], firm=firm)
        yield House(registry, association, firm, lab, officer, approver, technician, clerk)
