"""This file compares the facts on a label with those of its lot. Pure.

Only facts that both state are compared, and the grades and figures that a label states: a grade is a scheme's mark and
needs the lot's word, unless the lot was imported with no more than its number and quantity. They are compared in the
form in which rules compare words (`label_protocol.plain`), with one kind of brackets and levels in numbers by their
value. A label has one garment's GTIN and a lot may have several sizes: another GTIN of the lot's own style is no
difference, and neither is one GTIN under a style that is written in another way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from garment.facts import FACTS, MEASURED
from garment.schemes import level_of, measured_text
from label_protocol.plain import plain

Facts = Mapping[str, str]
Difference = tuple[str, str, str]
"""The fact's name, its value on the label, its value of the lot."""

_PATHS: Mapping[str, Sequence[str]] = {fact.compared: fact.path.split(".") for fact in FACTS if fact.compared}
INDICATOR = "indicator."
"""Leads the names of graded properties, such as `indicator.turbidity`."""

NOT_STATED = "–"
"""Stands for a fact that must be stated to be believed, and is not."""

_MOST = 300
"""Characters of a fact that are compared and kept: an agent may send any text, and it is stored with every window."""

SNAPSHOT_MOST = 262_144
"""Bytes; a record has about 4 000. What is larger is neither compared nor shown: it would be work for every window and
every scan that names it."""

_OF_BARE = {"lot_no", "quantity"}
"""All that a lot says of itself if it was imported only to be allotted."""

_GOODS = {"style_no", "gtin"}
_BRACKETS = str.maketrans("[]{}【】〔〕〖〗「」『』《》〈〉", "()" * 9)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


def facts_of(record: Any) -> dict[str, str]:
    """The compared facts of a snapshot or a lot's record; what is absent, or no text, is left out."""
    found = {name: _text(_at(record, path)) for name, path in _PATHS.items()}
    indicators = _at(record, ("lot", "grade", "indicators"))
    for name, stated in indicators.items() if isinstance(indicators, dict) else ():
        found[INDICATOR + str(name)] = _text(level_of(stated))
        found[f"{INDICATOR}{name}{MEASURED}"] = _text(measured_text(stated))
    return {name: value for name, value in found.items() if value}


def facts_of_lot(record: Any) -> dict[str, str]:
    """The compared facts of a lot's record. One that says what was inspected has no grade but those it states: what it
    leaves out is –, under `INDICATOR` alone for all graded properties."""
    lot = _at(record, ("lot",))
    bare = not isinstance(lot, dict) or all(name in _OF_BARE or value is None for name, value in lot.items())
    return facts_of(record) if bare else {"grade": NOT_STATED, INDICATOR: NOT_STATED, **facts_of(record)}


def differences(label: Facts, lot: Facts) -> list[Difference]:
    """What both state and not alike, by name; a graded property that the lot may not leave out is compared with –."""
    beside = {name: lot[INDICATOR] for name in label if name.startswith(INDICATOR) and INDICATOR in lot} | dict(lot)
    found = [
        (name, label[name], beside[name])
        for name in sorted(label.keys() & beside.keys())
        if _normal(name, label[name]) != _normal(name, beside[name])
    ]
    goods = {name for name, *_ in found} & _GOODS
    alike = goods != label.keys() & lot.keys() & _GOODS
    return [one for one in found if not (alike and one[0] in _GOODS)]


def _normal(name: str, value: str) -> str:
    if name == "lot_no":
        return value  # the agent writes it in both places from one value, and two lots may differ in case alone
    text = plain(value).translate(_BRACKETS)
    if name == "gtin":
        return text.lstrip("0")
    is_level = name == "grade" or name.startswith(INDICATOR)
    return format(Decimal(text).normalize(), "f") if is_level and _NUMBER.fullmatch(text) else text


def _at(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str:
    return str(value)[:_MOST] if isinstance(value, str | int) and not isinstance(value, bool) else ""
