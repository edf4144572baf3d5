"""Which lots may be printed of which goods now, and what is said of one that may not: for the page and for a scanner.

The catalogue says which goods a lot came in with, the registry's feed which style a lot is of and what is stopped. A
lot is offered for a style and size only where one of the two knows it to be theirs and neither says otherwise; a lot of
which nothing is known is offered for none. What is taken is decided by `Catalog.require_goods` and in the ledger's own
transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from edge_agent.catalog import Catalog, LotGoods, is_of
from edge_agent.ledger import Ledger
from edge_agent.ledger.values import Stop
from edge_agent.messages.text import Words
from garment.record import GarmentRecord, Lot, record_from

if TYPE_CHECKING:
    from edge_agent.service.agent_service import AgentService


class Style(NamedTuple):
    """A style in one size, as it is chosen; the rest of it is read when it is printed."""

    style_no: str
    size: str
    name: str
    brand: str
    gtin: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What the catalogue names, small enough to be kept; `goods` by lot number, `operators` code and name."""

    styles: tuple[Style, ...]
    lots: tuple[Lot, ...]
    goods: Mapping[str, LotGoods]
    operators: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, catalog: Catalog) -> Listing:
        """A second for 10 000 styles. Raises CatalogError."""
        return cls(
            tuple(Style(one.style_no, one.size, one.name, one.brand, one.gtin) for one in catalog.styles.list()),
            catalog.lots.list(),
            {one.lot_no: one for one in catalog.lot_goods.list()},
            tuple((one.code, one.name) for one in catalog.operators.list()),
        )


@dataclass(frozen=True, slots=True)
class Lots:
    """All that is known of lots at one moment. `fed`: lot number → style number, from the registry; `stops`: by quota
    key."""

    lots: tuple[Lot, ...]
    goods: Mapping[str, LotGoods]
    fed: Mapping[str, str]
    stops: Mapping[str, Stop]

    def stopped(self, lot_no: str) -> Words | None:
        """Why nothing of this lot may be printed or go onto a garment; None: it may."""
        return said_of(self.stops.get(f"lot:{lot_no}"))

    def style_of(self, lot_no: str) -> str | None:
        """The lot's style, by the registry's word before the catalogue's; None: nobody knows."""
        goods = self.goods.get(lot_no)
        return self.fed.get(lot_no) or (goods.style_no if goods else None)

    def offered(self, styles: Iterable[Style]) -> dict[tuple[str, str], list[str]]:
        """(style_no, size) → numbers of the lots that may be printed of it now, in the catalogue's order."""
        by_style: dict[str, list[str]] = {}
        for lot in self.lots:
            style_no = self.style_of(lot.lot_no)
            if style_no and not self.stopped(lot.lot_no):
                by_style.setdefault(style_no, []).append(lot.lot_no)
        return {
            (one.style_no, one.size): [no for no in by_style.get(one.style_no, ()) if self._is_of(one, no)]
            for one in styles
        }

    def _is_of(self, style: Style, lot_no: str) -> bool:
        """The feed names a style only: it holds one record of a lot, whatever number of sizes the lot has."""
        goods = self.goods.get(lot_no)
        return goods is None or is_of(style.style_no, style.gtin, goods)


class LotDesk:
    """Asks catalogue and ledger."""

    def __init__(self, shop: AgentService) -> None:
        self._shop = shop
        self._kept: tuple[tuple[int, ...], Listing] | None = None
        self._one_at_a_time = asyncio.Lock()

    def record_of(self, body: Mapping[str, Any]) -> GarmentRecord:
        """The record in an order, or that of the catalogue which it names. Raises RecordError (also: its lot is of
        other goods), NotFoundError."""
        catalog = self._shop.catalog
        if "record" not in body:
            return catalog.record(str(body.get("style_no")), str(body.get("size")), body.get("lot_no"))
        record = record_from(body["record"])
        catalog.require_goods(record)
        return record

    async def listing(self) -> Listing:
        """What the catalogue names now; the file is read again only when it is another. Raises CatalogError."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._listing)

    def _listing(self) -> Listing:
        catalog = self._shop.catalog
        try:
            stamp = catalog.stamp()
        except OSError:
            return Listing.read(catalog)  # its own words say what is wrong
        if self._kept is None or self._kept[0] != stamp:
            self._kept = stamp, Listing.read(catalog)
        return self._kept[1]

    async def known(self) -> Lots:
        """What is known of lots now. Raises CatalogError, LedgerError."""
        found = await self.listing()
        return Lots(found.lots, found.goods, *await self._fed())

    async def _fed(self) -> tuple[Mapping[str, str], Mapping[str, Stop]]:
        """The registry's word: lot number → style number, and the stops by quota key."""
        ledger = self._shop.ledger
        return await ledger.do(Ledger.fed_styles), await ledger.do(Ledger.stops)

    async def stop_of(self, serial: str) -> Words | None:
        """Why a label must not go onto a garment; None: it may. Raises NotFoundError."""
        return said_of(await self._shop.ledger.do(Ledger.stop_of, serial))


def said_of(stop: Stop | None) -> Words | None:
    """A stop in both languages."""
    return None if stop is None else Words(stop.zh, stop.en)
