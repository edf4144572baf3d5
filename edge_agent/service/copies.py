"""Labels that carry no code, as people order them and are told of them: wash labels are sewn in before the inspection,
so they have no serial, are equal to each other, and may be printed on any printer in any number.

A request returns at once with its number and is asked for by it. What is said of it never says more than is known: how
many are proven, how many were sent and are not, how many were not sent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from edge_agent.access.asking import Who, stated_in
from edge_agent.access.roles import Action
from edge_agent.errors import NotFoundError
from edge_agent.labels.from_snapshot import layout_of_copies
from edge_agent.labels.prepare import Prepared, require_unblocked
from edge_agent.labels.smallest import prepare_label
from edge_agent.ledger import Ledger
from edge_agent.messages.job import CANCELLED, COPIES_STATES, of_copies
from edge_agent.messages.text import Words
from edge_agent.model.copies import Copies, CopiesState
from edge_agent.service.catalogue import CatalogueService
from edge_agent.service.parts import AgentParts
from edge_agent.service.requests import CopiesBody, request_hash
from edge_agent.service.standing import disk_full


class CopiesService:
    """Takes requests for copies, and answers for them."""

    def __init__(self, parts: AgentParts, catalogue: CatalogueService) -> None:
        self._parts = parts
        self._catalogue = catalogue

    async def submit(self, body: Mapping[str, Any], key: str, who: Who = "") -> Copies:
        """Order copies, or return those that the same key and body ordered before; printing goes on by itself.

        Body: as `CopiesBody`, and still as it came, because the key is held to all of it; `who` is what else shows
        who orders.

        Raises:
            RecordError, TemplateError, RenderError, NotFoundError: the body does not describe a label that fits; a
                coded template.
            RefusedError: a group of printers.
            FindingsError: a rule blocks it. ConflictError: its template is a draft.
            IdempotencyError: the key was used with another body.
        """
        parts, body_hash = self._parts, request_hash(body)
        known = await parts.ledger.do(Ledger.known_copies, key, body_hash)
        if known is not None:
            return known
        wanted = CopiesBody.read(body)
        actor = await parts.people.actor(stated_in(who, wanted.operator), Action.ORDER, "copies")
        dpi = parts.printers.require(wanted.printer).dpi
        record = await asyncio.to_thread(self._catalogue.record_of, wanted)
        terms = await parts.label_terms()
        prepared = await asyncio.to_thread(prepare_label, record, wanted.template, terms, (dpi,), coded=False)
        prepared.require_approved()
        await asyncio.to_thread(_require_printable, wanted.chosen(prepared), prepared, dpi)
        order = wanted.order(prepared, key, body_hash, actor.operator)
        found = await parts.ledger.do_as(actor, Ledger.open_copies, order)
        parts.changes.tell()
        return found

    async def find(self, copies_id: str) -> Copies:
        """The copies of one number. Raises NotFoundError."""
        return await self._parts.ledger.do(Ledger.copies, copies_id)

    async def snapshot(self, copies: Copies) -> Any:
        """The data behind the labels, as it was when they were ordered; None: only the registry has it."""
        try:
            return json.loads(await self._parts.ledger.do(Ledger.snapshot, copies.snapshot_hash))
        except NotFoundError:
            return None

    async def recent(self, limit: int = 100, skip: int = 0) -> Sequence[Copies]:
        """The newest but for the first `skip`, newest first."""
        return await self._parts.ledger.do(Ledger.recent_copies, limit, skip)

    async def open(self) -> Sequence[Copies]:
        """Those that are not over, or whose last window is not judged, oldest first: all of them, however old."""
        return await self._parts.ledger.do(Ledger.unfinished_copies)

    async def cancel(self, copies_id: str, operator: Who) -> Copies:
        """Send no more; the window in hand is still judged. Raises NotFoundError; StateError: all is over."""
        actor = await self._parts.people.actor(operator, Action.ORDER, f"copies {copies_id}")
        end = (copies_id, CopiesState.CANCELLED, str(CANCELLED), actor.operator)
        found = await self._parts.ledger.do_as(actor, Ledger.end_copies, *end)
        self._parts.changes.tell()
        return found

    async def told(self, copies: Copies) -> Words:
        """What is known of them: their numbers, then why they stand or what their printer is doing."""
        if copies.state is not CopiesState.OPEN:
            zh, _, en = copies.reason.partition(" · ")
            return of_copies(copies, Words(zh, en or zh))
        if (await self._parts.disk()).full:
            return of_copies(copies, disk_full())
        views = self._parts.printers.views()
        seen = next((view.words for view in views if view.printer_id == copies.printer), None)
        return of_copies(copies, seen or COPIES_STATES[CopiesState.OPEN])


def _require_printable(template: str, prepared: Prepared, dpi: int) -> None:
    """Refuse now what could not be printed later: a code, a text that does not fit, a rule about what is rendered."""
    require_unblocked(layout_of_copies(template, prepared.require(), dpi, prepared.artwork), prepared.context)
