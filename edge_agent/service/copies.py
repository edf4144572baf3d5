"""Orders of labels that carry no code, as people give them and are told of them: wash labels are sewn in before the
inspection, so they have no serial, are equal to each other, and may be printed on any printer in any number.

An order returns at once with its number and is asked for by it. What is said of it never says more than is known: how
many are proven, how many were sent and are not, how many were not sent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edge_agent.errors import NotFoundError
from edge_agent.labels.from_snapshot import copy_of_order
from edge_agent.labels.prepare import Prepared, prepare, require_drawn
from edge_agent.ledger import Ledger
from edge_agent.ledger.values import Copies, CopiesOrder, CopiesState
from edge_agent.messages.job import CANCELLED
from edge_agent.messages.printer import PROOFS
from edge_agent.messages.text import Words
from edge_agent.model.printer import ProofLevel
from edge_agent.service.requests import CopiesBody, request_hash

if TYPE_CHECKING:
    from edge_agent.service.agent_service import AgentService

STATES: dict[CopiesState, Words] = {
    CopiesState.OPEN: Words("进行中", "in progress"),
    CopiesState.PRINTED: Words("全部证实打印", "every copy proven"),
    CopiesState.ENDED: Words("已停，没有全部证实", "over, not every copy proven"),
    CopiesState.CANCELLED: Words("已取消", "cancelled"),
}


class CopyDesk:
    """Takes orders of copies, and answers for them."""

    def __init__(self, shop: AgentService) -> None:
        self._shop = shop

    async def order(self, body: Mapping[str, Any], key: str) -> Copies:
        """Open an order, or return the one that the same key and body opened before; printing goes on by itself.

        Body: `template` without a code, `printer`, `count`, and `record` (7.1) or `style_no` + `size` (+ `lot_no`) of
        the catalogue; optional `operator`, and `unchecked`: print though the check before the first label finds
        something.

        Raises:
            RecordError, TemplateError, RenderError, NotFoundError: the body does not describe a label that fits; a
                coded template.
            RefusedError: a group of printers.
            FindingsError: a rule blocks it.
            IdempotencyError: the key was used with another body.
        """
        shop, body_hash = self._shop, request_hash(body)
        known = await shop.ledger.do(Ledger.known_copies, key, body_hash)
        if known is not None:
            return known
        order = CopiesBody.read(body)
        operator = await shop.people.require(order.operator, "copies")
        dpi = shop.printers.require(order.printer).dpi
        known_here = (shop.today(), shop.link, shop.overrides, shop.artwork)
        prepared = prepare(await asyncio.to_thread(shop.lots.record_of, body), order.template, *known_here)
        snapshot = prepared.require()
        await asyncio.to_thread(_require_printable, order.template, prepared, dpi)
        wanted = CopiesOrder(
            key=key,
            request_hash=body_hash,
            template=order.template,
            printer=order.printer,
            quantity=order.count,
            snapshot=snapshot,
            operator=operator,
            unchecked=order.unchecked,
        )
        found = await shop.ledger.do(Ledger.open_copies, wanted)
        shop.changes.tell()
        return found

    async def find(self, copies_id: str) -> Copies:
        """One order. Raises NotFoundError."""
        return await self._shop.ledger.do(Ledger.copies, copies_id)

    async def snapshot(self, order: Copies) -> Any:
        """The data behind an order's labels, as it was when it was given; None: only the registry has it."""
        try:
            return json.loads(await self._shop.ledger.do(Ledger.snapshot, order.snapshot_hash))
        except NotFoundError:
            return None

    async def recent(self, limit: int = 100) -> Sequence[Copies]:
        """The newest orders, newest first."""
        return await self._shop.ledger.do(Ledger.recent_copies, limit)

    async def cancel(self, copies_id: str, operator: str) -> Copies:
        """Send no more; the window in hand is still judged. Raises StateError: it is over."""
        operator = await self._shop.people.require(operator, f"copies {copies_id}")
        found = await self._shop.ledger.do(
            Ledger.end_copies, copies_id, CopiesState.CANCELLED, str(CANCELLED), operator
        )
        self._shop.changes.tell()
        return found

    def told(self, order: Copies) -> Words:
        """What is known of an order: its numbers, then why it stands or what its printer is doing."""
        if order.state is not CopiesState.OPEN:
            zh, _, en = order.reason.partition(" · ")
            return told(order, Words(zh, en or zh))
        views = self._shop.printers.views()
        seen = next((view.words for view in views if view.printer_id == order.printer), None)
        return told(order, seen or STATES[CopiesState.OPEN])


def told(order: Copies, why: Words) -> Words:
    """The numbers of an order in words: none of them is more than is known."""
    proof = PROOFS[ProofLevel[order.level.upper()]] if order.level and order.printed else None
    by_zh, by_en = (f"（{proof.zh}）", f" ({proof.en})") if proof else ("", "")
    going_zh = f"正在打 {order.sending} 张，" if order.sending else ""
    going_en = f"{order.sending} on their way, " if order.sending else ""
    return Words(
        f"共 {order.quantity} 张：证实打印 {order.printed} 张{by_zh}，送出未证实 {order.unproven} 张，{going_zh}"
        f"未送出 {order.left} 张。{why.zh}",
        f"{order.quantity} ordered: {order.printed} proven printed{by_en}, {order.unproven} sent and not proven, "
        f"{going_en}{order.left} not sent. {why.en}",
    )


def _require_printable(template: str, prepared: Prepared, dpi: int) -> None:
    """Refuse now what could not be printed later: a code, a text that does not fit, a rule about what is drawn."""
    require_drawn(copy_of_order(template, prepared.require(), dpi, prepared.artwork), prepared.context)
