"""A former platform's file: a firm, a style and a lot, a certificate, what stood on labels, codes in the shops."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from central_registry.former.importing import import_former, preview_former
from central_registry.former.report import Report
from central_registry.former.source import Source
from central_registry.parties.actor import Actor, PartyKind, Role
from tests.central_registry.goods.goods_kit import GRADE
from tests.kits.platform_kit import a_uscc, add_party, add_person
from tests.kits.registry_kit import AT, Registry, garment, running

HEADER = {"kind": "import", "form": 1, "platform": "示例旧平台", "exported_on": "2026-11-01"}
HOST = "code.example.cn"


def code(n: int) -> str:
    return f"https://{HOST}/q?c={n:04d}"


def a_file(firm: str, serials: int = 3, **other: Any) -> list[dict[str, Any]]:
    """Lot L9 of 5000 pieces, graded AAAA; of `serials` codes the last is void. `other`: of every serial."""
    lot = garment("L9", "S9", gtin="06901234567908", size="165")
    certificate = {
        "kind": "certificate", "number": "OLD-1", "firm": firm, "lot_no": "L9", "scheme": "pinghu-down",
        "grade": GRADE, "quantity": 5000, "valid_from": "2026-01-05", "valid_to": "2027-01-04", "lab": "示例检测中心",
        "report_no": "OR-1", "issued_on": "2026-01-04",
    }  # fmt: skip
    rows = [
        {"kind": "serial", "firm": firm, "code": code(n), "lot_no": "L9", "style_no": "S9", "label": "A",
         "state": "void" if n == serials else "in_use", **other}
        for n in range(1, serials + 1)
    ]  # fmt: skip
    return [
        HEADER,
        {"kind": "firm", "uscc": firm, "name": "示例服饰", "brands": ["示例"], "status": "watched"},
        {"kind": "goods", "firm": firm, "record": lot},
        certificate,
        {"kind": "label", "firm": firm, "label": "A", "facts": {"品名": "羽绒服", "绒子含量": "90%"}},
        *rows,
    ]


def source(rows: list[Any]) -> Source:
    lines = [row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode() for row in rows]
    return Source(io.BytesIO(b"\n".join(lines)))


@dataclass
class Association:
    """An association that had another platform before; `firm` is none of this registry's yet."""

    registry: Registry
    officer: Actor
    approver: Actor
    firm: str
    logins: Any = None

    @property
    def pool(self) -> Any:
        return self.registry.pool

    async def brings(self, rows: list[Any], *, replace: bool = False, actor: Actor | None = None) -> Report:
        return await import_former(self.pool, actor or self.officer, source(rows), AT, replace=replace)

    async def previews(self, rows: list[Any], *, replace: bool = False) -> Report:
        return await preview_former(self.pool, self.officer, source(rows), AT, replace=replace)

    async def counts(self) -> dict[str, int]:
        names = ("party", "membership", "style", "lot", "certificate", "report", "former_row", "former_serial",
                 "former_import", "feed_item", "quota_key")  # fmt: skip
        return {name: await self.pool.fetchval(f"SELECT count(*) FROM {name}") for name in names}


@asynccontextmanager
async def an_association() -> AsyncIterator[Association]:
    async with running(fenced=True) as registry:
        pool = registry.pool
        party = await add_party(pool, PartyKind.ASSOCIATION, "示例协会")
        officer = await add_person(pool, party, Role.OFFICER)
        approver = await add_person(pool, party, Role.APPROVER, name="示例乙")
        yield Association(registry, officer, approver, a_uscc())
