"""The agent as a whole: where its sync stands, why nothing may be issued, its alarms, its books, and that something
changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from edge_agent.ledger import Ledger
from edge_agent.ledger.values import Balance, Report
from edge_agent.model.disk import Disk
from edge_agent.service import audit
from edge_agent.service.parts import AgentParts
from edge_agent.sync.pump import SyncView
from label_protocol.errors import RecordError


class SiteService:
    """Answers for the site."""

    def __init__(self, parts: AgentParts) -> None:
        self._parts = parts

    async def person(self, name: str) -> str:
        """The name under which somebody may act here. Raises InputError: no name; RecordError: who may not act."""
        return await self._parts.people.require(name, "operator", recorded=False)

    async def disk(self) -> Disk:
        """The disk that holds the ledger."""
        return await self._parts.disk()

    def sync_view(self) -> SyncView | None:
        """Where the sync stands; None if no registry is configured."""
        return self._parts.pump.view() if self._parts.pump else None

    def sync_now(self) -> None:
        """Call the registry at once instead of at the next turn. Raises RecordError: there is none."""
        if self._parts.pump is None:
            raise RecordError(
                "sync: expected an enrolled agent, got one without a registry; run edge-agent enrol first"
            )
        self._parts.pump.notify(now=True)

    async def holds(self) -> Sequence[Mapping[str, Any]]:
        """Why nothing may be issued now, if so."""
        return await self._parts.ledger.do(Ledger.holds)

    async def release_hold(self, kind: str, operator: str, reason: str) -> None:
        """An operator's recorded decision to go on without the registry's word, where that is an operator's to give.
        Raises RecordError: who may not act; as `Ledger.release_hold`."""
        operator = await self._parts.people.require(operator, f"hold {kind}")
        await self._parts.ledger.do(Ledger.release_hold, kind, by="operator", operator=operator, reason=reason)
        self._parts.changes.tell()

    async def alarms(self) -> Sequence[Mapping[str, Any]]:
        """Open alarms, oldest first."""
        return await self._parts.ledger.do(Ledger.alarms)

    async def close_alarm(self, alarm: str, operator: str, reason: str) -> None:
        """Close an alarm with a reason. Raises RecordError: who may not act; as `Ledger.close_alarm`."""
        operator = await self._parts.people.require(operator, f"alarm {alarm}")
        await self._parts.ledger.do(Ledger.close_alarm, alarm, operator, reason)
        self._parts.changes.tell()

    async def balance(self) -> Sequence[Balance]:
        """The books, a line for each allotment and the total last."""
        return await self._parts.ledger.do(Ledger.balance)

    async def verify(self) -> Report:
        """The whole chain, and rebuild == live; jobs go on meanwhile."""
        return await audit.verify(self._parts.ledger)

    async def changes(self) -> AsyncGenerator[int]:
        """The number of changes now, and again each time that something changes; without end."""
        changes = self._parts.changes
        heard = changes.count
        while True:
            yield heard
            while (count := await changes.wait(heard, 3600.0)) <= heard:
                continue
            heard = count
