"""What a code is that somebody scanned, by what this site has in its books. Nothing is recorded and nothing is done."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from edge_agent.model.scan import Scanned, ScannerTerms
from edge_agent.model.work_order import MAX_ORDER_NO
from edge_agent.scanners.page import scanner_pdf
from edge_agent.scanners.set_up import SetUp, set_up
from edge_agent.service.catalogue import CatalogueService
from edge_agent.service.lots import Listing
from edge_agent.service.parts import AgentParts
from edge_agent.service.scanned import Known, what_is
from label_protocol.codes.scanned import bare
from label_protocol.errors import CodeError


class ScanService:
    """Asks the catalogue whose codes are known."""

    def __init__(self, parts: AgentParts, catalogue: CatalogueService) -> None:
        self._parts, self._catalogue = parts, catalogue
        self._kept: tuple[Listing, Known] | None = None

    @property
    def terms(self) -> ScannerTerms:
        """How this site's scanners play their keys."""
        return self._parts.scanner

    def set_up(self) -> SetUp:
        """What a person is shown of setting a scanner up."""
        return set_up(self.terms.prefix)

    async def set_up_page(self, address: str) -> bytes:
        """The page to print of it, a PDF; `address` is where a scanner is tried."""
        return await asyncio.to_thread(scanner_pdf, self.set_up().prefix, address)

    async def what_is(self, text: str) -> Scanned:
        """The kind of a code, and the code alone. Raises CodeError: none of this site's; CatalogError."""
        known, code = self._known(await self._catalogue.listing()), bare(text)
        try:
            return what_is(text, replace(known, orders=await self._orders(code)))
        except CodeError as cause:
            raise await self._ended(code) or cause from None

    async def _orders(self, code: str) -> frozenset[str]:
        """The numbers of the open work orders that hold this code, which is the one or none. Raises OrderBookError."""
        if not code or len(code) > MAX_ORDER_NO:
            return frozenset()
        found = await asyncio.to_thread(self._parts.work_orders.open_orders, code)
        return frozenset(one.asked.order_no for one in found)

    async def _ended(self, code: str) -> CodeError | None:
        """Why a work order's number names none: its sheet is still on the table, and it is printed or closed."""
        over = await asyncio.to_thread(self._parts.work_orders.ended_orders)
        if code not in {one.asked.order_no for one in over}:
            return None
        return CodeError(
            f"这张生产单已打完或已关闭，不用再打 · work order {code}: expected one that waits, got one that has ended; "
            "look its labels up under Find"
        )

    def _known(self, named: Listing) -> Known:
        """Made once of a catalogue: ten thousand styles take longer than a scan."""
        if self._kept is None or self._kept[0] is not named:
            operators = frozenset(code for code, _ in named.operators)
            gtins = frozenset(style.gtin.zfill(14) for style in named.styles)
            self._kept = named, Known(self._parts.terms().link.host, operators, gtins=gtins)
        return self._kept[1]
