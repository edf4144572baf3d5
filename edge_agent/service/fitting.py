"""Which labels a garment can be printed with, found out by making each of them once: what is offered is never refused.

Rules and drawing are those of an order (`prepare`, `require_drawn`), so the answer cannot differ from the order's own.
Drawing costs some 20 ms a template, so it is done in a thread, one question at a time, and what was found is kept under
all that it depends on: the record, the template's version, the day, the printers' resolutions, key and artwork.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge_agent.labels.check_code_key import require_key
from edge_agent.labels.prepare import Prepared, draw_prepared, prepare, require_drawn
from edge_agent.ledger import Ledger
from edge_agent.render.templates.template import Template
from edge_agent.service.lots import said_of
from garment.record import GarmentRecord
from label_protocol.errors import AgentError

if TYPE_CHECKING:
    from edge_agent.service.agent_service import AgentService

MOST_TEMPLATES = 60
"""A site with more templates than this asks for one by its name; drawing all of them would keep the others waiting."""
KEPT = 2_000
"""Answers kept: some thirty styles with every template; a hundred bytes each."""
USUAL_DPI = 203
"""For an agent without a printer."""

Depends = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Fitting:
    """`templates` the record can be printed with, best first; `refused`: the others, each with the sentence why not."""

    templates: tuple[str, ...]
    refused: Mapping[str, str]


class FittingRoom:
    """Answers for one agent. Used by one event loop."""

    def __init__(self, shop: AgentService) -> None:
        self._shop = shop
        self._kept: OrderedDict[Depends, str] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    async def fitting(self, body: Mapping[str, Any]) -> Fitting:
        """What the garment of an order body (`record`, or `style_no`, `size`, `lot_no`) can be printed with.

        Raises:
            RecordError, NotFoundError: the body names no garment, or its lot is another style's.
        """
        shop, record = self._shop, await asyncio.to_thread(self._shop.lots.record_of, body)
        key, resolutions = await shop.check_key(), sorted({view.dpi for view in shop.printers.views()} or {USUAL_DPI})
        stop = await shop.ledger.do(Ledger.stop, record.quota_key)
        async with self._one_at_a_time:
            labels = await asyncio.to_thread(shop.library.labels)
            chosen = dict(list(labels.items())[:MOST_TEMPLATES])
            if stop is not None:
                return Fitting((), dict.fromkeys(chosen, str(said_of(stop))))
            why = await asyncio.to_thread(self._try_all, record, chosen, key, resolutions)
        fits = sorted((name for name in why if not why[name]), key=lambda name: _rank(record, chosen[name]))
        return Fitting(tuple(fits), {name: said for name, said in why.items() if said})

    def _try_all(
        self, record: GarmentRecord, labels: Mapping[str, Template], key: str, resolutions: list[int]
    ) -> dict[str, str]:
        """Name → why not; empty: it fits."""
        facts = hashlib.sha256(json.dumps(record.facts(), sort_keys=True).encode()).hexdigest()
        shop, found = self._shop, dict[str, str]()
        mark = record.product.carbon_mark.artwork_sha256 if record.product.carbon_mark else None
        held = shop.artwork(mark) is not None if mark else False
        for name, template in labels.items():
            depends = (facts, name, template.version, shop.today(), shop.link, key, held, *resolutions)
            if depends not in self._kept:
                self._kept[depends] = self._why_not(record, name, template, key, resolutions)
            self._kept.move_to_end(depends)
            found[name] = self._kept[depends]
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def _why_not(self, record: GarmentRecord, name: str, template: Template, key: str, resolutions: list[int]) -> str:
        """One printer that can print it is enough; what was said last stands for all."""
        shop, said = self._shop, ""
        try:
            prepared = prepare(record, name, shop.today(), shop.link, shop.overrides, shop.artwork, key)
            if template.coded:
                require_key(prepared.require())
        except AgentError as cause:
            return str(cause)
        for dpi in resolutions:
            said = _drawn(prepared, dpi)
            if not said:
                return ""
        return said


def _drawn(prepared: Prepared, dpi: int) -> str:
    try:
        prepared.require()
        require_drawn(draw_prepared(prepared, dpi), prepared.context)
    except AgentError as cause:
        return str(cause)
    return ""


def _rank(record: GarmentRecord, template: Template) -> tuple[bool, bool, bool, float]:
    """Coded before copies; a graded lot's own labels first; what shows the lot before what leaves it out; then the
    larger label, which tells more."""
    shown = {*template.required, *(getattr(slot, "path", None) or "" for slot in template.slot)}
    graded = record.lot is not None and record.lot.grade is not None
    shows_grade = any("grade" in path for path in shown) or template.kind.startswith("down_")
    child = record.product.wearer != "adult"
    width_mm, height_mm = template.size_mm
    fits_kind = shows_grade if graded else (template.kind == "child_tag") == child
    return (not template.coded, not fits_kind, template.kind == "code_sticker", -width_mm * height_mm)
