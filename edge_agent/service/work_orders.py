"""Work orders as people meet them: what waits, what was given to which printer and what is left, printed whole or in
parts, put back, closed.

An order prints nothing by itself: a person gives a part of it to a printer, or a rule that a lead signed does
(`signed_rules.py`), and either goes through `JobService.submit` like any other job, with its checks, holds and quota.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge_agent.access.asking import Who
from edge_agent.access.roles import Action
from edge_agent.clock import now_utc, today_local
from edge_agent.messages.text import Words
from edge_agent.messages.work_order import ORDER_STATES
from edge_agent.model import names
from edge_agent.model.actor import Actor, Known
from edge_agent.model.job import Job, JobState
from edge_agent.model.work_order import OrderState, Part, Rule, WorkOrder, job_key
from edge_agent.service.jobs import JobService
from edge_agent.service.parts import AgentParts
from label_protocol.details import WorkOrderPlace
from label_protocol.errors import AgentError, ConflictError, InputError

_ACTIVE = (JobState.RUNNING, JobState.WAITING, JobState.PAUSED)


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order and how it stands now. `given`: labels that printers were given; `printed`: those that are proven;
    `left`: those that nobody was given yet. `next_part`: the number that the next part is ordered with."""

    order: WorkOrder
    state: OrderState
    words: Words
    ordered: int
    given: int
    printed: int
    in_doubt: int
    void: int
    left: int
    next_part: int
    jobs: tuple[Job, ...]

    @property
    def firm(self) -> str:
        """For whom its last part was given, else as the order says; empty: nobody had to say."""
        given = (found for part in reversed(self.order.order_parts) if (found := _firm(part)))
        return next(given, self.order.asked.firm)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The orders that still want labels, the most urgent first. `count`: how many there are; `matching`: how many of
    them were asked for, of which `orders` may be the first."""

    orders: tuple[OrderView, ...]
    count: int
    matching: int


@dataclass(frozen=True, slots=True)
class PartOrder:
    """What a person gives to a printer. `quantity` None: all that is left; `printer`, `template` None: the order's;
    `firm` None: as the part before."""

    part: int
    quantity: int | None = None
    printer: str | None = None
    template: str | None = None
    firm: str | None = None


class WorkOrderService:
    """Answers for the work orders of this site. Used by one event loop."""

    def __init__(self, parts: AgentParts, jobs: JobService, today: Callable[[], str] = today_local) -> None:
        self._parts, self._jobs, self._book, self._today = parts, jobs, parts.work_orders, today
        self._one_at_a_time = asyncio.Lock()

    async def waiting(self, find: str = "", limit: int = 200) -> Waiting:
        """What waits for labels; `find`: a fragment of an order number, a style or a lot. Orders that are found to be
        printed to the end leave the list. Raises OrderBookError."""
        views = await self._views(await asyncio.to_thread(self._book.open_orders, find, limit))
        for view in views:
            if view.state is OrderState.DONE:
                await asyncio.to_thread(self._book.end, view.order.order_id, "done")
        count = await asyncio.to_thread(self._book.count_open)
        matching = await asyncio.to_thread(self._book.count_open, None, find) if find else count
        return Waiting(tuple(view for view in views if view.state is not OrderState.DONE), count, matching)

    async def ended(self, limit: int = 200) -> Sequence[OrderView]:
        """Orders that are done or closed, the newest first. Raises OrderBookError."""
        return await self._views(await asyncio.to_thread(self._book.ended_orders, limit))

    async def find(self, order_id: str) -> OrderView:
        """One order. Raises NotFoundError, OrderBookError."""
        return (await self._views([await asyncio.to_thread(self._book.order, order_id)]))[0]

    async def print_part(self, order_id: str, wanted: PartOrder, who: Who) -> Job:
        """Give a part of an order to a printer; the same part again is the same job.

        Raises:
            RecordError: who may not act; as `JobService.submit`.
            NotFoundError: no such order.
            InputError: another part is next, or nobody says which printer.
            ConflictError: the order is closed, or has fewer labels left.
            IdempotencyError: the part was ordered otherwise.
        """
        actor = await self._parts.people.actor(who, Action.ORDER, f"work order {order_id}")
        async with self._one_at_a_time:
            await self._settle_intents()
            view = await self.find(order_id)
            job = await self._order(view.order, _part(view, wanted, actor.operator), actor)
        self._parts.changes.tell()
        return job

    async def print_under(self, order_id: str, rule: Rule) -> Job | None:
        """Give a whole order to its printer in the name of the lead who signed the rule; None: something of it was
        given already. Raises as `print_part`: a rule lifts nothing."""
        what, known = f"work order {order_id}, rule {rule.rule_id}", Known(rule.signed_known)
        actor = await self._parts.people.signed(rule.signed_by, known, Action.SIGN_RULE, what)
        async with self._one_at_a_time:
            await self._settle_intents()
            view = await self.find(order_id)
            if view.order.order_parts:
                return None
            printer = view.order.asked.printer or rule.printer
            part = _part(view, PartOrder(1, printer=printer), actor.operator, rule.rule_id)
            return await self._order(view.order, part, actor)

    async def settle(self) -> None:
        """Finds out what became of parts that were being ordered when the agent was killed. Raises OrderBookError."""
        async with self._one_at_a_time:
            await self._settle_intents()

    async def put_back(self, order_id: str, who: Who) -> OrderView:
        """Take an order off its printers: its jobs are cancelled, and what they did not draw is left again; a closed
        order is open again. Raises RecordError: who may not act; NotFoundError."""
        actor = await self._parts.people.actor(who, Action.ORDER, f"work order {order_id}")
        async with self._one_at_a_time:
            view = await self.find(order_id)
            for job in view.jobs:
                if job.state in _ACTIVE:
                    await self._jobs.cancel_for(job.job_id, actor)
            await asyncio.to_thread(self._book.end, order_id, "open")
        self._parts.changes.tell()
        return await self.find(order_id)

    async def close(self, order_id: str, who: Who, reason: str) -> OrderView:
        """Want no more labels of an order. Raises RecordError: who may not act; NotFoundError; InputError: no reason;
        ConflictError: a job is still at it."""
        actor = await self._parts.people.actor(who, Action.ORDER, f"work order {order_id}")
        reason = names.reason(reason, f"work order {order_id}: reason")
        async with self._one_at_a_time:
            view = await self.find(order_id)
            if any(job.state in _ACTIVE for job in view.jobs):
                raise ConflictError(
                    f"还有任务在打这张单，请先放回 · work order {order_id}: expected no job at it, got "
                    f"{view.given - view.printed} labels on their way; put it back first"
                )
            await asyncio.to_thread(self._book.end, order_id, "closed", actor.operator, reason)
        self._parts.changes.tell()
        return await self.find(order_id)

    async def order_of_job(self, job_id: str) -> tuple[WorkOrder, Part] | None:
        """The order that a job prints, and which part of it; None: it was ordered otherwise. Raises OrderBookError."""
        return await asyncio.to_thread(self._book.order_of_job, job_id)

    async def _views(self, orders: Sequence[WorkOrder]) -> list[OrderView]:
        ids = [part.job_id for order in orders for part in order.order_parts if part.job_id]
        jobs = await self._jobs.some(ids) if ids else {}
        return [_view(order, jobs) for order in orders]

    async def _order(self, order: WorkOrder, part: Part, actor: Actor) -> Job:
        """Intent, job, answer; a refusal takes the intent back. What a kill leaves is settled by `_settle_intents`."""
        part = await asyncio.to_thread(self._book.intend, part, self._today())
        if part.job_id is not None:
            return await self._jobs.find(part.job_id)
        try:
            key = job_key(order.asked, part.part)
            job = await self._jobs.submit_part(json.loads(part.body), key, actor, _place(order, part))
        except AgentError:
            await asyncio.to_thread(self._book.take_back, part.order_id, part.part)
            raise
        await asyncio.to_thread(self._book.opened, part.order_id, part.part, job.job_id)
        return job

    async def _settle_intents(self) -> None:
        """Asks the ledger of every part that was written down and never answered whether its job was opened."""
        for part in await asyncio.to_thread(self._book.intents):
            order = await asyncio.to_thread(self._book.order, part.order_id)
            job = await self._jobs.known(json.loads(part.body), job_key(order.asked, part.part))
            if job is None:
                await asyncio.to_thread(self._book.take_back, part.order_id, part.part)
            else:
                await asyncio.to_thread(self._book.opened, part.order_id, part.part, job.job_id)


def _place(order: WorkOrder, part: Part) -> WorkOrderPlace:
    source, order_no, line = order.asked.identity
    return WorkOrderPlace(source=source, order_no=order_no, line=line, part=part.part, rule=part.rule)


def _view(order: WorkOrder, jobs: Mapping[str, Job]) -> OrderView:
    """A part whose job the ledger does not know counts as given: unknown is never free to be printed again."""
    found = tuple(jobs[part.job_id] for part in order.order_parts if part.job_id and part.job_id in jobs)
    given = sum(_given(part, jobs.get(part.job_id or "")) for part in order.order_parts)
    left = max(0, order.asked.quantity - given)
    state = _state(order, left, any(job.state in _ACTIVE for job in found))
    return OrderView(
        order,
        state,
        ORDER_STATES[state],
        ordered=order.asked.quantity,
        given=given,
        printed=sum(job.printed for job in found),
        in_doubt=sum(job.in_doubt for job in found),
        void=sum(job.invalid + job.scrapped for job in found),
        left=left,
        next_part=max((part.part for part in order.order_parts), default=0) + 1,
        jobs=found,
    )


def _given(part: Part, job: Job | None) -> int:
    return job.drawn if job is not None and job.state is JobState.CANCELLED else part.quantity


def _state(order: WorkOrder, left: int, active: bool) -> OrderState:
    if active:
        return OrderState.PRINTING
    if order.closed:
        return OrderState.CLOSED
    if not left:
        return OrderState.DONE
    return OrderState.WAITING if left == order.asked.quantity else OrderState.PART


def _part(view: OrderView, wanted: PartOrder, operator: str, rule: str = "") -> Part:
    """The part as it is written down; one that is there already keeps what the request leaves open.

    Raises:
        InputError, ConflictError: as `print_part`.
    """
    order, known = view.order, next((one for one in view.order.order_parts if one.part == wanted.part), None)
    if known is None:
        _require_open(view, wanted)
    quantity = wanted.quantity or (known.quantity if known else view.left)
    printer = wanted.printer or (known.printer if known else order.asked.printer)
    template = wanted.template or (known.template if known else order.asked.template)
    if not printer:
        raise InputError(
            f"请选一台打印机 · work order {order.order_id}: expected a printer, since the order names none, got none; "
            "choose one"
        )
    firm = wanted.firm or (_firm(known) if known else view.firm)
    body = _body(order, (quantity, printer, template, firm), operator)
    return Part(order.order_id, wanted.part, quantity, printer, template, operator, rule, body, now_utc())


def _require_open(view: OrderView, wanted: PartOrder) -> None:
    what = f"work order {view.order.order_id}"
    if view.order.closed:
        raise ConflictError(
            f"这张单已经关闭：{view.order.reason}；还要打请先放回 · {what}: expected an open order, got one that "
            f"{view.order.closed_by} closed; put it back first"
        )
    if wanted.part != view.next_part:
        raise InputError(
            f"这张单下一次是第 {view.next_part} 次，请刷新页面 · {what}: expected part {view.next_part}, got "
            f"{wanted.part}; look at the order again"
        )
    if not 0 < (wanted.quantity or view.left) <= view.left:
        raise ConflictError(
            f"这张单只剩 {view.left} 张没打，不能打 {wanted.quantity or view.ordered} 张 · {what}: expected 1 to "
            f"{view.left} labels, got {wanted.quantity or view.ordered}; order at most what is left"
        )


def _firm(part: Part) -> str:
    return str(json.loads(part.body).get("firm") or "")


def _body(order: WorkOrder, given: tuple[int, str, str, str], operator: str) -> str:
    quantity, printer, template, firm = given
    asked: dict[str, Any] = {"style_no": order.asked.style_no, "size": order.asked.size}
    if order.asked.lot_no is not None:
        asked["lot_no"] = order.asked.lot_no
    if firm:
        asked["firm"] = firm
    asked |= {"quantity": quantity, "printer": printer, "template": template, "operator": operator}
    return json.dumps(asked, ensure_ascii=False, sort_keys=True)
