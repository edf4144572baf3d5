"""What a captured event says of where garments are, by the words of CBV 2.0. Pure.

Each row was held against the lists and definitions of CBV 2.0. *Returning* is no business step there: goods that come
back are received, and the disposition says `returned`. What goes back on sale is stocked. All other steps are kept as
events and move nothing: arriving and departing are of places, not of custody, and beside receiving and shipping they
would say the same twice. An event that declares an error moves nothing either: it says that another one was wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from central_registry.exchange.captured.kept import Code, Kept, in_full
from central_registry.exchange.epcis import vocabulary as words
from central_registry.exchange.epcis.document import Event
from central_registry.exchange.epcis.identifiers import HOST
from central_registry.place.custody import Kind
from label_protocol.codes.sscc import read_sscc
from label_protocol.codes.uscc import is_uscc

_SSCC = re.compile(re.escape(HOST) + r"/00/(\d{18})", re.ASCII)
_MOST_WAYBILL = 60
_WAYBILLS = tuple(words.TRANSACTION.iri + word for word in ("bol", "desadv"))
_HOLDERS = tuple(words.SOURCE_DESTINATION.iri + word for word in ("possessing_party", "owning_party"))


def _step(word: str) -> str:
    return words.BIZ_STEP.iri + word


def _disposition(word: str) -> str:
    return words.DISPOSITION.iri + word


_RETURNED = _disposition("returned")
_FOR_SALE = frozenset(map(_disposition, ("sellable_accessible", "sellable_not_accessible")))
_OF_ITSELF: Mapping[str, Kind] = {
    _step("shipping"): Kind.SHIPPED,
    _step("receiving"): Kind.RECEIVED,
    _step("inspecting"): Kind.INSPECTED,
    _step("destroying"): Kind.DESTROYED,
    _step("sampling"): Kind.SAMPLED,
}
_INTO: Mapping[tuple[str, str], Kind] = {
    ("ADD", _step("packing")): Kind.PACKED,
    ("DELETE", _step("unpacking")): Kind.UNPACKED,
}


@dataclass(frozen=True, slots=True)
class Move:
    """What one event tells of place: `codes` are serials, `cartons` SSCCs that are moved whole; `into`, `waybill`, `to`
    are '' where there is none. `to` is the number that a party is registered by, if the event names one."""

    kind: Kind
    codes: tuple[Code, ...]
    cartons: tuple[str, ...]
    into: str = ""
    waybill: str = ""
    to: str = ""


def move_of(event: Event, row: Kept) -> Move | None:
    """What it moves, as far as it is told of things that may be ours; None for nothing."""
    kind = _kind(row)
    if kind is None or row.declares:
        return None
    into = next(_ssccs(row, "parent"), "")
    if kind is Kind.PACKED and not into:
        return None
    whole = row.event_type == "AggregationEvent" and kind not in _INTO.values() and bool(into)
    codes = () if whole else tuple(code for code in row.codes if code.role in ("epc", "child") and code.unit)
    cartons = (into,) if whole else tuple(dict.fromkeys((*_ssccs(row, "epc"), *_ssccs(row, "child"))))
    if not (codes or cartons):
        return None
    sent = kind is Kind.SHIPPED
    return Move(
        kind, codes, cartons, into if kind is Kind.PACKED else "", _waybill(event) if sent else "",
        _receiver(event) if sent else "",
    )  # fmt: skip


def _kind(row: Kept) -> Kind | None:
    if row.event_type == "AggregationEvent" and row.action != "OBSERVE":
        return _INTO.get((row.action, row.biz_step))
    if row.event_type not in ("ObjectEvent", "AggregationEvent"):
        return None
    if row.biz_step == _step("receiving") and row.disposition == _RETURNED:
        return Kind.RETURNED
    if row.biz_step == _step("stocking") and row.disposition in _FOR_SALE:
        return Kind.BACK
    return _OF_ITSELF.get(row.biz_step)


def _ssccs(row: Kept, role: str) -> Iterator[str]:
    for code in row.codes:
        match = _SSCC.fullmatch(code.code) if code.role == role else None
        if match is not None and read_sscc(match[1]) is not None:
            yield match[1]


def _waybill(event: Event) -> str:
    """The last part of the bill of lading's or despatch advice's name: CBV puts the issuer before it."""
    found = _of_type(event, "bizTransactionList", "bizTransaction", words.TRANSACTION, _WAYBILLS)
    named = next((last for last in map(_last, found) if last), "")
    return named if len(named) <= _MOST_WAYBILL and named.isprintable() else ""


def _receiver(event: Event) -> str:
    found = _of_type(event, "destinationList", "destination", words.SOURCE_DESTINATION, _HOLDERS)
    return next((last for last in map(_last, found) if is_uscc(last)), "")


def _of_type(event: Event, field: str, item: str, listed: words.Vocabulary, types: Sequence[str]) -> list[str]:
    """Values of a list, by the order of `types`."""
    rows: Sequence[Mapping[str, Any]] = event.body.get(field, ())
    typed = [(in_full(listed, row.get("type", ""), event.names), row[item]) for row in rows]
    return [value for wanted in types for kind, value in typed if kind == wanted]


def _last(uri: str) -> str:
    return unquote(re.split(r"[/:]", uri)[-1]).strip()
