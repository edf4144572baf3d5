"""Which lots may be printed of which goods now, and what is said of one that may not: for the page.

The catalogue says which goods a lot came in with, the registry's feed which style a lot is of and what is stopped. A
lot is offered for a style and size only where one of the two knows it to be theirs and neither says otherwise; a lot of
which nothing is known is offered for none. What is taken is decided by `Catalog.require_goods` and in the ledger's own
transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from edge_agent.catalog import Catalog, LotGoods, is_of
from edge_agent.ledger.values import Stop
from edge_agent.messages.text import Words
from edge_agent.service.standing import words_of_stop
from garment.record import Lot


class Style(NamedTuple):
    """A style in one size, as it is chosen; the rest of it is read when it is printed. `firm`: whose, where the
    catalogue has it apart."""

    style_no: str
    size: str
    name: str
    brand: str
    gtin: str
    firm: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What no other has: two firms may have a style of one number."""
        return (self.style_no, self.size, self.firm) if self.firm else (self.style_no, self.size)


class Shelf(NamedTuple):
    """Lots, and their goods by number."""

    lots: tuple[Lot, ...]
    goods: Mapping[str, LotGoods]


@dataclass(frozen=True, slots=True)
class Listing:
    """What the catalogue names, small enough to be kept; `goods` by lot number, `operators` code and name,
    `firms`: lots and goods of firms that have them apart."""

    styles: tuple[Style, ...]
    lots: tuple[Lot, ...]
    goods: Mapping[str, LotGoods]
    operators: tuple[tuple[str, str], ...]
    firms: Mapping[str, Shelf] = field(default_factory=dict)

    @classmethod
    def read(cls, catalog: Catalog) -> Listing:
        """A second for 10 000 styles. Raises CatalogError."""
        shelves = {firm: catalog.of_firm(firm) for firm in catalog.firms()}
        return cls(
            tuple(style for one in (catalog, *shelves.values()) for style in _styles(one)),
            *_shelf(catalog),
            tuple((one.code, one.name) for one in catalog.operators.list()),
            {firm: _shelf(one) for firm, one in shelves.items()},
        )


def _styles(catalog: Catalog) -> list[Style]:
    found = catalog.styles.list()
    return [Style(one.style_no, one.size, one.name, one.brand, one.gtin, catalog.firm) for one in found]


def _shelf(catalog: Catalog) -> Shelf:
    return Shelf(catalog.lots.list(), {one.lot_no: one for one in catalog.lot_goods.list()})


@dataclass(frozen=True, slots=True)
class Lots:
    """All that is known of lots at one moment. `fed`: lot number → style number, from the registry; `stops`: by lot
    number, of lots that no firm may print of."""

    lots: tuple[Lot, ...]
    goods: Mapping[str, LotGoods]
    fed: Mapping[str, str]
    stops: Mapping[str, Stop]
    firms: Mapping[str, Shelf] = field(default_factory=dict)

    def of(self, firm: str) -> Lots:
        """As the firm has them apart, if it has any; what the registry says of a number counts for all."""
        return replace(self, lots=self.firms[firm].lots, goods=self.firms[firm].goods) if firm in self.firms else self

    def stopped(self, lot_no: str) -> Words | None:
        """Why nothing of this lot may be printed or go onto a garment; None: it may."""
        return words_of_stop(self.stops.get(lot_no))

    def style_of(self, lot_no: str) -> str | None:
        """The lot's style, by the registry's word before the catalogue's; None: nobody knows."""
        goods = self.goods.get(lot_no)
        return self.fed.get(lot_no) or (goods.style_no if goods else None)

    def offered(self, styles: Iterable[Style]) -> dict[tuple[str, ...], list[str]]:
        """`Style.key` → numbers of the lots that may be printed of it now, in the catalogue's order."""
        by_firm: dict[str, list[Style]] = {}
        for one in styles:
            by_firm.setdefault(one.firm, []).append(one)
        found = (self.of(firm)._offered(wanted) for firm, wanted in by_firm.items())
        return {key: lots for part in found for key, lots in part.items()}

    def _offered(self, styles: Iterable[Style]) -> dict[tuple[str, ...], list[str]]:
        by_style: dict[str, list[str]] = {}
        for lot in self.lots:
            style_no = self.style_of(lot.lot_no)
            if style_no and not self.stopped(lot.lot_no):
                by_style.setdefault(style_no, []).append(lot.lot_no)
        return {one.key: [no for no in by_style.get(one.style_no, ()) if self._is_of(one, no)] for one in styles}

    def _is_of(self, style: Style, lot_no: str) -> bool:
        """The feed names a style only: it holds one record of a lot, whatever number of sizes the lot has."""
        goods = self.goods.get(lot_no)
        return goods is None or is_of(style.style_no, style.gtin, goods)
