"""Rules that leads sign, and the orders that print under them. A rule lifts nothing: what it lets through is ordered as
a person would order it, and what a check, a hold or the quota refuses waits for a person with the reason beside it.

Rules are asked once, when an order has come; who signs one later lets later orders through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date

import structlog

from edge_agent.access.asking import Who
from edge_agent.access.roles import Action
from edge_agent.clock import today_local
from edge_agent.errors import OrderBookError
from edge_agent.messages.error import of_class
from edge_agent.messages.work_order import NO_RULE
from edge_agent.model.work_order import Rule, RuleTerms, WorkOrder
from edge_agent.service.intake import IntakeService
from edge_agent.service.parts import AgentParts
from edge_agent.service.work_orders import WorkOrderService
from edge_agent.work_orders.fitting_rule import why_not
from label_protocol.errors import AgentError, ConflictError, InputError

_log = structlog.get_logger("edge_agent.service")

LONGEST_DAYS = 366
"""A rule that nobody looks at for longer than a year is nobody's decision any more."""


class SignedRules:
    """Answers for the rules of this site. Used by one event loop."""

    def __init__(
        self,
        parts: AgentParts,
        work_orders: WorkOrderService,
        intake: IntakeService,
        today: Callable[[], str] = today_local,
    ) -> None:
        self._parts, self._work_orders, self._intake, self._today = parts, work_orders, intake, today
        self._book = parts.work_orders

    async def all(self) -> Sequence[Rule]:
        """Every rule there ever was, the newest first. Raises OrderBookError."""
        return await asyncio.to_thread(self._book.rules.all)

    async def sign(self, terms: RuleTerms, who: Who) -> Rule:
        """Sign a rule.

        Raises:
            RecordError: who may not act.
            NotFoundError: no such source or printer.
            ConflictError: the site lets no rule be signed for it.
            InputError: a last day that is past, or more than a year away.
        """
        actor = await self._parts.people.actor(who, Action.SIGN_RULE, f"rule of {terms.source}")
        source = self._intake.source(terms.source)
        if not source.signable:
            raise ConflictError(
                f'来源“{source.name}”的单都要等人打印；要签规则，请技术人员在配置里写 rule = "signed" · source '
                f"{terms.source}: expected one that rules may be signed for, got one whose orders wait; set rule = "
                '"signed" in its [[intake]]'
            )
        self._require_day(terms.until)
        if terms.printer:
            self._parts.printers.targets(terms.printer)
        rule = await asyncio.to_thread(self._book.rules.sign, terms, actor)
        told = {"source": rule.source, "until": rule.until, "quantity_most": rule.quantity_most}
        _log.info("rule_signed", rule=rule.rule_id, **told)
        return rule

    async def end(self, rule_id: str, who: Who) -> Rule:
        """End a rule now. Raises RecordError: who may not act; NotFoundError."""
        actor = await self._parts.people.actor(who, Action.SIGN_RULE, f"rule {rule_id}")
        rule = await asyncio.to_thread(self._book.rules.end, rule_id, actor.operator)
        _log.info("rule_ended", rule=rule_id, source=rule.source)
        return rule

    async def try_all(self) -> int:
        """Asks the rules of every order that has come since; returns how many were given to a printer. Raises
        OrderBookError."""
        given = 0
        while orders := await asyncio.to_thread(self._book.untried):
            rules = await self.all()
            for order in orders:
                note = await self._tried(order, rules)
                await asyncio.to_thread(self._book.note, order.order_id, note)
                given += not note
        if given:
            self._parts.changes.tell()
        return given

    async def run(self) -> None:
        """Asks them whenever something has changed, until it is cancelled."""
        heard = -1
        while True:
            heard = self._parts.changes.count
            try:
                await self.try_all()
            except OrderBookError as cause:
                _log.warning("rules_not_asked", why=of_class(cause))
            except Exception:  # something nobody planned: told, and asked again
                _log.exception("rules_stumbled")
            await self._parts.changes.wait(heard, 60.0)

    async def _tried(self, order: WorkOrder, rules: Sequence[Rule]) -> str:
        """Why an order waits for a person; empty: it is being printed."""
        if any(part.rule for part in order.order_parts):
            return ""  # a kill came between the job and this note
        note = str(NO_RULE)
        for rule in (one for one in rules if one.source == order.asked.source and self._signable(one.source)):
            today = self._today()
            used = await asyncio.to_thread(self._book.rules.used_on, rule.rule_id, today)
            note = why_not(rule, order.asked, today=today, used_today=used)
            if not note:
                return await self._printed(order, rule)
        return note

    async def _printed(self, order: WorkOrder, rule: Rule) -> str:
        try:
            await self._work_orders.print_under(order.order_id, rule)
        except OrderBookError:
            raise
        except AgentError as cause:
            return str(cause)
        return ""

    def _signable(self, source_id: str) -> bool:
        """A site that takes the leave back in its configuration takes it from rules that are signed already."""
        return any(one.source_id == source_id and one.signable for one in self._parts.sources)

    def _require_day(self, until: str) -> None:
        try:
            days = (date.fromisoformat(until) - date.fromisoformat(self._today())).days
        except ValueError:
            days = -1
        if not 0 <= days <= LONGEST_DAYS:
            raise InputError(
                f"规则的最后一天要写成 2026-12-31 这样，今天起一年之内 · until: expected a day from today to "
                f"{LONGEST_DAYS} days on, got {until[:20]!r}; correct it"
            )
