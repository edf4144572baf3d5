"""The agent as a whole: where its sync stands, why nothing may be issued, its alarms, its books, and that something
changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from edge_agent.access.asking import Who
from edge_agent.access.roles import HOLDS, Action
from edge_agent.ledger import Ledger
from edge_agent.ledger.holds import HISTORY
from edge_agent.ledger.values import Balance, EndingLease, Report
from edge_agent.messages import refusal
from edge_agent.messages.text import Words
from edge_agent.model.actor import Actor, Known
from edge_agent.model.disk import Disk
from edge_agent.model.setting import Setting
from edge_agent.service import audit
from edge_agent.service.parts import AgentParts
from edge_agent.sync.pump import SyncView
from label_protocol.errors import ConflictError, LedgerDamagedError, RecordError

UNREACHABLE = ("starting", "offline")
"""States of the sync in which the registry has said nothing: not asked yet, or no answer."""


class SiteService:
    """Answers for the site."""

    def __init__(self, parts: AgentParts) -> None:
        self._parts = parts

    async def person(self, name: str) -> str:
        """The name under which somebody may act here. Raises InputError: no name; RecordError: who may not act."""
        return (await self._parts.people.actor(name, Action.ORDER, "operator", recorded=False)).operator

    def settings(self) -> Sequence[Setting]:
        """What this agent is set to."""
        return self._parts.settings

    async def disk(self) -> Disk:
        """The disk that holds the ledger."""
        return await self._parts.disk()

    def sync_view(self) -> SyncView | None:
        """Where the sync stands; None if no registry is configured."""
        return self._parts.pump.view() if self._parts.pump else None

    def two_machines(self) -> Words | None:
        """What this machine says of another one of its identity; None: it knows of none."""
        view = self.sync_view()
        return view.two_machines if view else None

    async def sync_now(self, who: Who = "") -> None:
        """Call the registry at once instead of at the next turn. Raises RecordError: there is none; AccessError: who
        may not."""
        await self._parts.people.allow(who, Action.SYNC, "sync")
        if self._parts.pump is None:
            raise RecordError(
                "sync: expected an enrolled agent, got one without a registry; run edge-agent enrol first"
            )
        self._parts.pump.notify(now=True)

    async def holds(self) -> Sequence[Mapping[str, Any]]:
        """Why nothing may be issued now, if so. `release`: who may lift it here; where people are asked, that is a lead
        also for what IT lifts with the agent stopped where nobody is named."""
        found = await self._parts.ledger.do(Ledger.holds)
        asked = await self._parts.people.asked()
        return tuple(one | {"release": "lead"} if asked and one["kind"] in HISTORY else one for one in found)

    async def release_hold(self, kind: str, operator: Who, reason: str) -> None:
        """An operator's recorded decision to go on without the registry's word, where that is an operator's to give.
        Raises RecordError: who may not act; as `Ledger.release_hold`."""
        actor = await self._parts.people.actor(operator, HOLDS.get(kind, Action.LIFT_HISTORY), f"hold {kind}")
        by = await self._lifted_by(kind, actor)
        do_as, signed = self._parts.ledger.do_as, {"operator": actor.operator, "reason": reason}
        await do_as(actor, Ledger.release_hold, kind, by=by, **signed)
        self._parts.changes.tell()

    async def _lifted_by(self, kind: str, actor: Actor) -> str:
        """A lead who logged in may lift more than whoever stated a name: doubts about the ledger's own history, too,
        but only while the registry cannot be asked, and of a ledger that holds together.

        Raises:
            ConflictError: the registry answers, and knows better.
            LedgerDamagedError: the ledger does not hold together.
        """
        if actor.known is Known.STATED:
            return "operator"
        if kind in HISTORY:
            view = self.sync_view()
            if view is not None and view.state not in UNREACHABLE:
                raise ConflictError(refusal.registry_answers(kind))
            report = await audit.verify(self._parts.ledger)
            if not report.ok:
                raise LedgerDamagedError(refusal.does_not_hold(next(iter(report.findings), "")))
        return "lead"

    async def leases(self) -> Sequence[EndingLease]:
        """Leases that end soon or have ended, with codes left under them."""
        return await self._parts.ledger.do(Ledger.ending_leases)

    async def alarms(self) -> Sequence[Mapping[str, Any]]:
        """Open alarms, oldest first."""
        return await self._parts.ledger.do(Ledger.alarms)

    async def close_alarm(self, alarm: str, operator: Who, reason: str) -> None:
        """Close an alarm with a reason. Raises RecordError: who may not act; as `Ledger.close_alarm`."""
        actor = await self._parts.people.actor(operator, Action.CLOSE_ALARM, f"alarm {alarm}")
        await self._parts.ledger.do_as(actor, Ledger.close_alarm, alarm, actor.operator, reason)
        self._parts.changes.tell()

    async def balance(self) -> Sequence[Balance]:
        """The books, a line for each allotment and the total last."""
        return await self._parts.ledger.do(Ledger.balance)

    async def verify(self, who: Who = "") -> Report:
        """The whole chain, and rebuild == live; jobs go on meanwhile. Raises AccessError: who may not."""
        await self._parts.people.allow(who, Action.VERIFY, "ledger verify")
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
