"""Says what an import would change: each style, lot and GTIN of a file beside what is known of it. Pure.

A number belongs to its firm, so two firms' numbers never meet; a GTIN is one firm's, one style's, one size's all over.
What is known stays as it is, unless whoever imports says that it is replaced; another firm's is never replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from central_registry.goods.differences import differences, two_makers
from central_registry.parties.actor import UNASSIGNED
from label_protocol.codes.gs1 import gtin14

_OF_ONE_SIZE = frozenset({"gtin", "size", "colour", "fill_weight_g"})
"""Facts of a product that follow its GTIN: the same style in another size has others, and contradicts nothing."""

Place = tuple[str, str]
"""What it is (`style`, `lot`, `gtin`), and its number."""


class State(StrEnum):
    """What an import does with one thing."""

    NEW = "new"
    SAME = "same"
    OTHER_SIZE = "other_size"
    DIFFERS = "differs"
    DOUBT = "doubt"
    """Stays as it is, and is put on the list for a person."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TradeItem:
    """A GTIN: whose it is, and of which style and size."""

    firm: str
    style_no: str
    size: str
    colour: str = ""

    def __str__(self) -> str:
        return f"{self.firm} {self.style_no} {self.size}".strip()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing of a file: `where` it stands there, and `told`, what differs (old → new) or why it is refused."""

    where: str
    place: Place
    state: State
    value: Any
    told: tuple[str, ...] = ()

    @property
    def row(self) -> dict[str, Any]:
        """As a preview shows it."""
        what, number = self.place
        return {"where": self.where, "what": what, "number": number, "state": self.state, "told": list(self.told)}


@dataclass(slots=True)
class Known:
    """What is known under the numbers of a file: records of the firm's styles and lots, GTINs of everybody, and
    which of them this file brings. `foreign_keys`: old names of goods that another firm has, with that firm."""

    firm: str
    records: MutableMapping[Place, Mapping[str, Any]] = field(default_factory=dict)
    gtins: MutableMapping[str, TradeItem] = field(default_factory=dict)
    of_this_file: set[str] = field(default_factory=set)
    foreign_keys: Mapping[str, str] = field(default_factory=dict)


def places_of(records: Sequence[Mapping[str, Any]]) -> list[Place]:
    """Every style, lot and GTIN that a file names."""
    return [place for number, record in enumerate(records) for _, place, _ in _things(str(number), record)]


def plan(records: Sequence[tuple[str, Mapping[str, Any]]], known: Known, *, replace: bool) -> list[Step]:
    """What becomes of each thing of `records`, which stand beside where they are in their file. A later one is compared
    with an earlier one as if that were taken in."""
    return [
        _item_step(where, place[1], value, known, replace)
        if place[0] == "gtin"
        else _record_step(where, place, value, known, replace)
        for placed, record in records
        for where, place, value in _things(placed, record)
    ]


def _things(where: str, record: Mapping[str, Any]) -> Iterator[tuple[str, Place, Any]]:
    product, lot = record["product"], record.get("lot")
    yield where, ("style", product["style_no"]), {"product": product}
    if lot:
        yield where, ("lot", lot["lot_no"]), dict(record)
    item = TradeItem("", product["style_no"], *(str(product.get(name) or "") for name in ("size", "colour")))
    yield where, ("gtin", gtin14(str(product["gtin"]))), item


def _record_step(where: str, place: Place, value: Mapping[str, Any], known: Known, replace: bool) -> Step:
    old, elsewhere = known.records.get(place), known.foreign_keys.get(":".join(place))
    if elsewhere is not None:
        return Step(where, place, State.REFUSED, value, (_of_another_firm(place, elsewhere),))
    if old == value:
        return Step(where, place, State.SAME, value)
    told: tuple[str, ...] = ()
    if old is not None:
        makers = two_makers(old["product"], value["product"]) if known.firm == UNASSIGNED and "product" in old else None
        if makers:
            return Step(where, place, State.REFUSED, value, (_of_another_maker(place, makers),))
        told = tuple(differences(*_comparable(old, value)))
        if not replace:
            return Step(where, place, State.DIFFERS if told else State.OTHER_SIZE, value, told)
    known.records[place] = value
    return Step(where, place, State.NEW if old is None else State.DIFFERS, value, told)


def _item_step(where: str, gtin: str, item: TradeItem, known: Known, replace: bool) -> Step:
    place, mine = ("gtin", gtin), TradeItem(known.firm, item.style_no, item.size, item.colour)
    old = known.gtins.get(gtin)
    if old is None:
        known.gtins[gtin] = mine
        known.of_this_file.add(gtin)
        return Step(where, place, State.NEW, mine)
    if (old.firm, old.style_no, old.size) == (mine.firm, mine.style_no, mine.size):
        return Step(where, place, State.SAME, mine)
    if old.firm != mine.firm:
        return Step(where, place, State.REFUSED, mine, (_gtin_of_another(gtin, old, mine),))
    told = (f"{old.style_no} {old.size} → {mine.style_no} {mine.size}".replace("  ", " ").strip(),)
    if mine.firm == UNASSIGNED:
        return Step(where, place, State.DOUBT, mine, told)
    if gtin in known.of_this_file:
        return Step(where, place, State.REFUSED, mine, (_gtin_of_another(gtin, old, mine),))
    if replace:
        known.gtins[gtin] = mine
    return Step(where, place, State.DIFFERS, mine, told)


def _comparable(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Both whole if they are of one GTIN; else without what each size has for itself."""
    was, now = old.get("product", {}), new["product"]
    if was.get("gtin") == now.get("gtin"):
        return old, new
    bare = ({name: value for name, value in one.items() if name not in _OF_ONE_SIZE} for one in (was, now))
    return {**old, "product": next(bare)}, {**new, "product": next(bare)}


def _of_another_maker(place: Place, makers: tuple[str, str]) -> str:
    return (
        f"编号属于另一厂家 · {place[0]} {place[1]}: expected the maker {makers[0]}, got {makers[1]}; "
        "import each maker's goods for its own firm (--firm), or have the second one renumber"
    )


def _of_another_firm(place: Place, firm: str) -> str:
    return (
        f"编号已归属企业 · {place[0]} {place[1]}: expected a number that no firm has, got one of {firm}; "
        "import it for that firm (--firm)"
    )


def _gtin_of_another(gtin: str, old: TradeItem, new: TradeItem) -> str:
    """Whose it is, and of which style, is nobody's to read but the firm's own."""
    theirs = {new.firm: str(old), UNASSIGNED: "goods that no firm has yet"}.get(old.firm, "another firm")
    return (
        f"商品条码已属于别的货品 · GTIN {gtin}: expected that of {new}, got one of {theirs}; correct it, or have the "
        "association assign the goods to this firm first"
    )
