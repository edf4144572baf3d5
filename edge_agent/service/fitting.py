"""Which labels a garment can be printed with, found out by making each of them once: what is offered is never refused.

Rules and rendering are those of a request (`prepare`, `require_unblocked`), so the answer cannot differ from its own.
Rendering costs some 20 ms a template, so it is done in a thread, one question at a time, and what was found is
kept under all that it depends on: the record, the template's version, the day, the printers' resolutions, key,
artwork, and what leads approved.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from edge_agent.errors import FirmNeededError
from edge_agent.labels.check_code_key import require_check_code_key
from edge_agent.labels.prepare import LabelTerms, Prepared, prepare, render_prepared, require_unblocked
from edge_agent.labels.smallest import apt, apt_labels
from edge_agent.ledger import Ledger
from edge_agent.render.templates.template import Template
from edge_agent.service.allotted import drawn_on_of, firms_of, goods_of
from edge_agent.service.catalogue import CatalogueService
from edge_agent.service.parts import AgentParts
from edge_agent.service.requests import GarmentBody
from edge_agent.service.standing import words_of_stop
from garment.record import GarmentRecord
from label_protocol.errors import AgentError

MOST_TEMPLATES = 60
"""A site with more templates than this asks for one by its name; rendering all would keep the others waiting."""
KEPT = 2_000
"""Answers kept: some thirty styles with every template; a hundred bytes each."""
USUAL_DPI = 203
"""For an agent without a printer."""

Depends = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Fitting:
    """`templates` the record can be printed with, best first; `refused`: the others, each with the sentence why not.
    `smallest`: the smallest of the built-in ones that are apt for the record; None: none of them takes it. `firms`: by
    name, whose lot or style it may be, where several firms have one of this number; until one of them is named, nothing
    fits."""

    templates: tuple[str, ...]
    refused: Mapping[str, str]
    smallest: str | None = None
    firms: Mapping[str, str] = field(default_factory=dict)


class FittingService:
    """Answers for one agent. Used by one event loop."""

    def __init__(self, parts: AgentParts, catalogue: CatalogueService) -> None:
        self._parts = parts
        self._catalogue = catalogue
        self._kept: OrderedDict[Depends, str] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    async def of_garment(self, body: GarmentBody) -> Fitting:
        """What a garment can be printed with.

        Raises:
            RecordError, NotFoundError: the body names no garment, or its lot is another style's.
        """
        parts, record = self._parts, await asyncio.to_thread(self._catalogue.record_of, body)
        terms = replace(await parts.label_terms(), check_code_key=await parts.check_code_key())
        resolutions = sorted({view.dpi for view in parts.printers.views()} or {USUAL_DPI})
        goods = goods_of(record, body.firm)
        firms = await parts.ledger.do(firms_of, goods)
        try:
            drawn_on = await parts.ledger.do(drawn_on_of, goods)
        except FirmNeededError as cause:
            return Fitting((), {"": str(cause)}, firms=firms)
        terms, stop = (
            replace(terms, certified=drawn_on.certified),
            await parts.ledger.do(Ledger.stop, drawn_on.quota_key),
        )
        async with self._one_at_a_time:
            chosen = dict(list((await self._catalogue.templates()).items())[:MOST_TEMPLATES])
            if stop is not None:
                return Fitting((), dict.fromkeys(chosen, str(words_of_stop(stop))), firms=firms)
            why = await asyncio.to_thread(self._try_all, record, chosen, terms, resolutions)
        fits = sorted((name for name in why if not why[name]), key=lambda name: _rank(record, chosen[name]))
        smallest = next((one.name for one in apt_labels(record) if one.name in fits), None)
        return Fitting(tuple(fits), {name: said for name, said in why.items() if said}, smallest, firms)

    def _try_all(
        self, record: GarmentRecord, templates: Mapping[str, Template], terms: LabelTerms, resolutions: list[int]
    ) -> dict[str, str]:
        """Name → why not; empty: it fits."""
        record_hash = hashlib.sha256(json.dumps(record.facts(), sort_keys=True).encode()).hexdigest()
        mark = record.product.carbon_mark.artwork_sha256 if record.product.carbon_mark else None
        held = terms.artwork(mark) is not None if mark else False
        certified = json.dumps(asdict(terms.certified), sort_keys=True) if terms.certified else ""
        site = (terms.on_date, terms.link, terms.check_code_key, held, certified, *resolutions)
        found = dict[str, str]()
        for name, template in templates.items():
            depends = (record_hash, name, template.version, *site, *_approved(template, terms))
            if depends not in self._kept:
                self._kept[depends] = _why_not(record, name, template, terms, resolutions)
            self._kept.move_to_end(depends)
            found[name] = self._kept[depends]
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found


def _approved(template: Template, terms: LabelTerms) -> tuple[Any, ...]:
    if terms.in_force is None:
        return ()
    return terms.in_force.of_template(template.name, template.sha256), terms.in_force.overrides


def _why_not(record: GarmentRecord, name: str, template: Template, terms: LabelTerms, resolutions: list[int]) -> str:
    """One printer that can print it is enough; what was said last stands for all."""
    said = ""
    try:
        prepared = prepare(record, name, terms)
        prepared.require_approved()
        if template.coded:
            require_check_code_key(prepared.require())
    except AgentError as cause:
        return str(cause)
    for dpi in resolutions:
        said = _why_not_at(prepared, dpi)
        if not said:
            return ""
    return said


def _why_not_at(prepared: Prepared, dpi: int) -> str:
    try:
        prepared.require()
        require_unblocked(render_prepared(prepared, dpi), prepared.context)
    except AgentError as cause:
        return str(cause)
    return ""


def _rank(record: GarmentRecord, template: Template) -> tuple[bool, bool, bool, float]:
    """Coded before copies; a graded lot's own labels first; what shows the lot before what leaves it out; then the
    larger label, which tells more."""
    width_mm, height_mm = template.size_mm
    return (not template.coded, not apt(record, template), template.kind == "code_sticker", -width_mm * height_mm)
