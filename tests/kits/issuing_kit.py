"""An association with a firm, its lot and certificate, an agent that prints for it, and who orders and approves; put
into the database directly where another room's work is meant."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from central_registry.issuing import approving, orders
from central_registry.issuing.orders import Asked
from central_registry.parties.actor import Actor, PartyKind, Role
from label_protocol import chain
from tests.kits.platform_kit import add_party, add_person
from tests.kits.registry_kit import AT, Edge, Registry, garment, running

CAN = "certificates, leases, firms"
GRADE = {"scheme": "pinghu-down", "overall": "AAAA"}


@dataclass
class Clock:
    """The registry's, moved by hand."""

    now: datetime = AT

    def __call__(self) -> datetime:
        return self.now

    def on(self, **more: float) -> datetime:
        self.now += timedelta(**more)
        return self.now


@dataclass
class House:
    """A firm of the association, and who works there."""

    firm: str
    clerk: Actor


@dataclass
class Site:
    """All that a code order needs."""

    registry: Registry
    clock: Clock
    association: str
    officer: Actor
    approver: Actor
    houses: dict[str, House] = field(default_factory=dict)

    async def house(self, name: str = "示例甲") -> House:
        firm = await add_party(self.registry.pool, PartyKind.FIRM, name, of=self.association)
        self.houses[name] = House(firm, await add_person(self.registry.pool, firm, Role.OFFICER))
        return self.houses[name]

    async def lot(self, firm: str, lot_no: str = "L1", style_no: str = "S1", *, graded: bool = True) -> None:
        record = garment(lot_no, style_no)
        if graded:
            record["lot"]["grade"] = GRADE
        await self.registry.pool.execute(
            "INSERT INTO style VALUES ($1, $2, $3, 'kit', $4, 'kit') ON CONFLICT DO NOTHING",
            firm,
            style_no,
            json.dumps({"product": record["product"]}),
            AT,
        )
        await self.registry.pool.execute(
            "INSERT INTO lot (firm, lot_no, style_no, record, quantity, source, changed_at, person) "
            "VALUES ($1, $2, $3, $4, 5000, 'kit', $5, 'kit')",
            firm,
            lot_no,
            style_no,
            json.dumps(record),
            AT,
        )

    async def certificate(
        self, firm: str, quantity: int = 5000, lot_no: str = "L1", version: int = 1, *, report_no: str = "R1",
        valid_to: date | None = None, covers: int | None = None,
    ) -> None:  # fmt: skip
        facts = {"product": {}, "lot": {"lot_no": lot_no, "quantity": quantity, "grade": GRADE}}
        await self.registry.pool.execute(
            "INSERT INTO certificate VALUES ($1, $2, $3, 'pinghu-down', $4, $5, $6, $7, '示例检测', $8, 'approved', "
            "'kit', $9, 'kit', $9, 'kit', $10)",
            firm, lot_no, version, json.dumps(facts, ensure_ascii=False), quantity, AT.date(), valid_to, report_no, AT,
            chain.address(facts),
        )  # fmt: skip
        await self.registry.pool.execute(
            "INSERT INTO report (lab, report_no, firm, lot_no, covers, issued_on, filed_by, at, person) "
            "VALUES ('示例检测', $1, $2, $3, $4, $5, 'kit', $6, 'kit') ON CONFLICT DO NOTHING",
            report_no, firm, lot_no, covers, AT.date(), AT,
        )  # fmt: skip

    async def agent(self, firm: str, name: str = "line-1", *firms: str, can: str = CAN) -> Edge:
        edge = await self.registry.enrolled(name, f"machine of {name}")
        await self.registry.pool.execute(
            "UPDATE agent SET owner = $2, association = $3 WHERE agent = $1", name, firm, self.association
        )
        for one in (firm, *firms):
            await self.registry.pool.execute("INSERT INTO agent_firm VALUES ($1, $2, $3)", name, one, AT)
        await self.fed(edge, can=can)
        return edge

    async def ready(self, name: str = "示例甲") -> tuple[House, Edge]:
        """A firm with the certified lot L1 of 5000 and an agent."""
        house = await self.house(name)
        await self.lot(house.firm)
        await self.certificate(house.firm, report_no=f"R-{name}")
        return house, await self.agent(house.firm)

    async def ask(self, house: House, quantity: int, agent: str = "line-1", **more: Any) -> dict[str, Any]:
        wanted = Asked(house.firm, agent, quantity, **({"lot_no": "L1"} | more))
        return await orders.ask(self.registry.pool, house.clerk, wanted, self.clock.now)

    async def approve(self, order: dict[str, Any], by: Actor | None = None, **more: Any) -> dict[str, Any]:
        who, number = by or self.approver, order["code_order"]
        return await approving.approve(self.registry.pool, who, number, self.clock.now, **more)

    async def given(self, house: House, quantity: int, agent: str = "line-1", **more: Any) -> dict[str, Any]:
        """Ordered and approved."""
        return await self.approve(await self.ask(house, quantity, agent), **more)

    async def fed(self, edge: Edge, after: str = "", can: str = CAN) -> dict[str, Any]:
        """A page of news, asked by an agent that can so much."""
        head = {**edge.auth(), "X-Agent-Can": can, "X-Agent-Version": "1.0.0"}
        url = f"/v1/agents/{edge.agent}/feed"
        answer = await self.registry.http.get(url, params={"after": after} if after else {}, headers=head)
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found


@asynccontextmanager
async def a_site(clock: Callable[[], datetime] | None = None, *, fenced: bool = False) -> AsyncIterator[Site]:
    """A registry with an association, its officer and its approver; `fenced`: who asks over HTTP asks as a role."""
    hands = clock if isinstance(clock, Clock) else Clock()
    async with running(clock=hands, fenced=fenced) as registry:
        association = await add_party(registry.pool, PartyKind.ASSOCIATION, "示例协会")
        officer = await add_person(registry.pool, association, Role.OFFICER)
        approver = await add_person(registry.pool, association, Role.APPROVER)
        yield Site(registry, hands, association, officer, approver)
