"""The catalogue as people use it: which garment a request names, what there is to choose from, and what they import."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from functools import lru_cache, partial

from edge_agent.access.asking import Who
from edge_agent.access.roles import Action
from edge_agent.catalog import ImportReport
from edge_agent.catalog.sheets import OVER_API
from edge_agent.errors import FirmNeededError, NotFoundError
from edge_agent.ledger import Ledger
from edge_agent.ledger.values import Stop
from edge_agent.messages.firm import for_whom
from edge_agent.render.templates.template import Template
from edge_agent.service.allotted import drawn_on_of, goods_of
from edge_agent.service.lots import Listing, Lots
from edge_agent.service.parts import AgentParts
from edge_agent.service.requests import GarmentBody
from garment.record import GarmentRecord, record_from

RECORDS_KEPT = 200
"""Garments that are being looked at and printed: a few kB each. One costs up to three readings of the file, which is a
second for 10 000 styles."""


class CatalogueService:
    """Asks catalogue and ledger."""

    def __init__(self, parts: AgentParts) -> None:
        self._parts = parts
        self._kept: tuple[tuple[int, ...], Listing] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._record = lru_cache(RECORDS_KEPT)(self._read_record)

    def record_of(self, body: GarmentBody) -> GarmentRecord:
        """The record in a request, or that of the catalogue which it names. Raises RecordError (also: its lot is of
        other goods), NotFoundError."""
        catalog = self._parts.catalog.of_firm(body.firm or "")
        if "record" not in body.model_fields_set:
            return self._found(str(body.style_no), str(body.size), body.lot_no, catalog.firm)
        record = record_from(body.record)
        catalog.require_goods(record)
        return record

    def _found(self, style_no: str, size: str, lot_no: str | None, firm: str) -> GarmentRecord:
        """Where nobody says for whom, also what was imported apart for one firm. FirmNeededError: for several."""
        try:
            return self._named(style_no, size, lot_no, firm)
        except NotFoundError:
            apart = {} if firm else self._apart(style_no, size, lot_no)
            if not apart:
                raise
        if len(apart) > 1:
            firms = {one: one for one in apart}
            raise FirmNeededError(for_whom(lot_no, style_no, firms), firms)
        return apart.popitem()[1]

    def _apart(self, style_no: str, size: str, lot_no: str | None) -> dict[str, GarmentRecord]:
        found: dict[str, GarmentRecord] = {}
        for firm in self._parts.catalog.firms():
            with contextlib.suppress(NotFoundError):
                found[firm] = self._named(style_no, size, lot_no, firm)
        return found

    def _named(self, style_no: str, size: str, lot_no: str | None, firm: str) -> GarmentRecord:
        catalog = self._parts.catalog.of_firm(firm)
        try:
            stamp = catalog.stamp()
        except OSError:
            return catalog.record(style_no, size, lot_no)  # its own words say what is wrong
        return self._record((*stamp, firm), style_no, size, lot_no)

    def _read_record(self, stamp: tuple[int | str, ...], style_no: str, size: str, lot_no: str | None) -> GarmentRecord:
        return self._parts.catalog.of_firm(str(stamp[-1])).record(style_no, size, lot_no)

    async def templates(self) -> Mapping[str, Template]:
        """The templates that labels may be printed with, by the name that a request gives. Raises TemplateError."""
        return await asyncio.to_thread(self._parts.library.labels)

    async def listing(self) -> Listing:
        """What the catalogue names now; the file is read again only when it is another. Raises CatalogError."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._listing)

    def _listing(self) -> Listing:
        catalog = self._parts.catalog
        try:
            stamp = catalog.stamp()
        except OSError:
            return Listing.read(catalog)  # its own words say what is wrong
        if self._kept is None or self._kept[0] != stamp:
            self._kept = stamp, Listing.read(catalog)
        return self._kept[1]

    async def lots(self) -> Lots:
        """What is known of lots now. Raises CatalogError, LedgerError."""
        found = await self.listing()
        return Lots(found.lots, found.goods, *await self._fed(), found.firms)

    async def _fed(self) -> tuple[Mapping[str, str], Mapping[str, Stop]]:
        """The registry's word: lot number → style number, and the stops by lot number."""
        return await self._parts.ledger.do(Ledger.distributed_styles), await self._parts.ledger.do(Ledger.stopped_lots)

    async def free(self, body: GarmentBody) -> int | None:
        """How many labels of a garment may still be printed; None: nothing was allotted of it. Raises as `record_of`
        and `Ledger.allotment_for`."""
        record = await asyncio.to_thread(self.record_of, body)
        key = (await self._parts.ledger.do(drawn_on_of, goods_of(record, body.firm))).quota_key
        quota = await self._parts.ledger.do(Ledger.quota, key)
        return quota.free if quota.allotted or quota.used else None

    async def may_import(self, who: Who) -> None:
        """Asked before a file is read. Raises AccessError."""
        await self._parts.people.allow(who, Action.IMPORT, "catalogue")

    async def import_json(self, data: bytes, firm: str = "") -> ImportReport:
        """Take a JSON file whole, or nothing of it, apart for a `firm` if one is named; no operators once some are.
        Raises RecordError, CatalogError; ConflictError: it names operators."""
        return await self._import(self._parts.catalog.of_firm(firm).import_json, data)

    async def import_sheet(self, data: bytes, firm: str = "") -> ImportReport:
        """Take a spreadsheet, CSV or `.xlsx`. Raises as `import_json`."""
        return await self._import(partial(self._parts.catalog.of_firm(firm).import_sheet, within=OVER_API), data)

    async def _import(self, take: Callable[..., ImportReport], data: bytes) -> ImportReport:
        return await asyncio.to_thread(take, data, people_stay=True)
