"""This file compares the facts on a label with those of its lot, where no certificate stands behind it. Pure.

Facts, their normal forms and what needs the other side's word are those of `garment/certificate.py`. Two things are the
lot's own. One that was imported with no more than its number and quantity says nothing of its grade. And its record is
of one garment: another GTIN of the lot's own style is no difference, and neither is one GTIN under a style that is
written in another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from garment.certificate import INDICATOR, NOT_STATED, Difference, normal, stated, text_of, value_at
from label_protocol.plain import plain

Facts = Mapping[str, str]

SNAPSHOT_MOST = 262_144
"""Bytes; a record has about 4 000. What is larger is neither compared nor shown: it would be work for every window and
every scan that names it."""

_OF_LOT = {"style_no", "maker", "maker_uscc", "lot_no", "report_no", "lab", "grade", "indicator"}
_OF_BARE = {"lot_no", "quantity"}
"""All that a lot says of itself if it was imported only to be allotted."""

_GOODS = {"style_no", "gtin"}


def facts_of(record: Any) -> dict[str, str]:
    """The compared facts of a snapshot or a lot's record; what is absent, or no text, is left out."""
    found = {name: text for name, text in stated(record).items() if name.partition(".")[0] in _OF_LOT}
    gtin = text_of(value_at(record, "product.gtin"))
    return {**found, "gtin": gtin} if gtin else found


def facts_of_lot(record: Any) -> dict[str, str]:
    """The compared facts of a lot's record. One that says what was inspected has no grade but those it states: what it
    leaves out is –, under `INDICATOR` alone for all graded properties."""
    lot = value_at(record, "lot")
    bare = not isinstance(lot, dict) or all(name in _OF_BARE or value is None for name, value in lot.items())
    return facts_of(record) if bare else {"grade": NOT_STATED, INDICATOR: NOT_STATED, **facts_of(record)}


def differences_of_lot(label: Facts, lot: Facts) -> list[Difference]:
    """What both state and not alike, by name; a graded property that the lot may not leave out is compared with –."""
    beside = {name: lot[INDICATOR] for name in label if name.startswith(INDICATOR) and INDICATOR in lot} | dict(lot)
    found = [
        Difference(name, label[name], beside[name])
        for name in sorted(label.keys() & beside.keys())
        if _normal(name, label[name]) != _normal(name, beside[name])
    ]
    goods = {one.fact for one in found} & _GOODS
    alike = goods != label.keys() & lot.keys() & _GOODS
    return [one for one in found if not (alike and one.fact in _GOODS)]


def in_words(found: Iterable[Difference]) -> str:
    """Differences as an alarm names them."""
    return "; ".join(f"{name} {label!r} on the label, {lot!r} behind it" for name, label, lot in found)


def _normal(name: str, value: str) -> str:
    return plain(value).lstrip("0") if name == "gtin" else normal(name, value)
