"""This table says which facts of a label a certificate speaks of, and compares the two. Pure.

Agent and registry compare by it alike: the agent before it prints (rule C1), the registry when it is told. A label may
state less than its certificate; of what both state everything must be alike, and a grade with all that belongs to it is
a scheme's mark and needs the certificate's word. Values are compared in the form in which rules compare words
(`label_protocol.plain`), with one kind of brackets and dashes, figures by their value, levels by what they mean
(`5A`, `AAAAA`, `5A级`). GTIN and size are no facts of it: a lot has several.

Records are told by anybody, so any JSON is taken: what is absent, or no text, is not stated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from garment.facts import FACTS, FIGURES, INDICATORS, MEASURED, Words
from garment.schemes import level_of, measured_text
from label_protocol.plain import plain

INDICATOR = "indicator."
"""Leads the names of graded properties, such as `indicator.turbidity` and `indicator.fill_power.measured`."""

CERTIFICATE = "certificate"
"""Names the certificate itself among differences: it was withdrawn."""

NOT_STATED = "–"
"""Stands for a fact that must be stated to be believed, and is not."""

MOST_TEXT = 300
"""Characters of a fact that are compared and kept: an agent may send any text, and it is stored with every window."""

_MOST_ENTRIES = 50
"""Parts, sizes and graded properties that are compared; a garment has far fewer."""

_BRACKETS = str.maketrans("[]{}【】〔〕〖〗「」『』《》〈〉", "()" * 9)
_DASHES = str.maketrans("‐‑‒–—―−", "-" * 7)
_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_LEVEL = re.compile(r"([1-5])A")
_SAFETY = re.compile(r"[ABC](?=类)|婴幼儿")
_SEPARATOR = "，"


class Difference(NamedTuple):
    """One fact by name, its value on the label, and as certified; – where one of them does not state it."""

    fact: str
    label: str
    certified: str


class Need(Enum):
    """What a fact needs. `NAMED`: the label must state it as the certificate does. `VOUCHED`: the label may state it
    only as the certificate does. `OPTIONAL`: it is compared where both state it."""

    NAMED = "named"
    VOUCHED = "vouched"
    OPTIONAL = "optional"


def exactly(text: str) -> str:
    """As it is: the agent writes it in both places from one value, and two lots may differ in case alone."""
    return text


def word(text: str) -> str:
    """A name or another word: without what nobody sees (NFKC, blanks, kinds of brackets and dashes)."""
    return plain(text.translate(_DASHES)).translate(_BRACKETS)


def figure(text: str) -> str:
    """A number by its value, with whatever stands behind it."""
    found = word(text)
    match = _NUMBER.match(found)
    return found if match is None else format(Decimal(match[0]).normalize(), "f") + found[match.end() :]


def level(text: str) -> str:
    """A level in any notation: 5A is AAAAA, 合格 is 合格品, 2级 is 2."""
    found = word(text).upper()
    found = found[:-1] if len(found) > 1 and found[-1] in "级品" else found
    match = _LEVEL.fullmatch(found)
    return "A" * int(match[1]) if match else figure(found)


def safety_class(text: str) -> str:
    """A, B, C or 婴幼儿, whichever standard stands before it; the words themselves if they name none, or several."""
    found = word(text)
    classes = set(_SAFETY.findall(found))
    return classes.pop() if len(classes) == 1 else found


def in_any_order(text: str) -> str:
    """What is listed, whatever comes first."""
    return _SEPARATOR.join(sorted(word(one) for one in text.split(_SEPARATOR)))


@dataclass(frozen=True, slots=True)
class Row:
    """One fact: where it stands in record and certificate, and the normal form in which the two are compared. One with
    several entries (`composition`, `fill_weight_g`, `indicator`) has a name for each: `composition.面料`."""

    fact: str
    path: str
    form: Callable[[str], str]
    need: Need = Need.OPTIONAL


TABLE = (
    Row("style_no", "product.style_no", word, Need.NAMED),
    Row("standard", "product.standard", word),
    Row("quality_class", "product.quality_class", level),
    Row("safety", "product.safety", safety_class),
    Row("composition", "product.composition", in_any_order),
    Row("fill_weight_g", "product.fill_weight_g", figure),
    Row("maker", "product.maker.name", word),
    Row("maker_uscc", "product.maker.uscc", word),
    Row("lot_no", "lot.lot_no", exactly, Need.NAMED),
    Row("report_no", "lot.report_no", word),
    Row("lab", "lot.lab", word),
    Row("inspected_on", "lot.inspected_on", word),
    Row("scheme", "lot.grade.scheme", word, Need.VOUCHED),
    Row("grade", "lot.grade.overall", level, Need.VOUCHED),
    Row("indicator", "lot.grade.indicators", level, Need.VOUCHED),
)
"""All that is compared, in the order in which differences are named."""

_ROWS = {row.fact: row for row in TABLE}
_CALLED: Mapping[str, Words] = {fact.path: (fact.zh or fact.heading, fact.en) for fact in FACTS} | {
    "lot.grade.scheme": ("分级方案", "Grading scheme"),
    "product.certificate": ("证书", "Certificate"),
}


def differences(record: Any, facts: Any) -> list[Difference]:
    """Where the label's `record` (`{product, lot}`, as JSON) is not as certified in `facts` (the same form)."""
    label, certified = stated(record), stated(facts)
    return [
        Difference(name, label.get(name, NOT_STATED), certified.get(name, NOT_STATED))
        for name in _in_order({**label, **certified})
        if _differs(_ROWS[name.partition(".")[0]], label.get(name), certified.get(name))
    ]


def normal(fact: str, text: str) -> str:
    """A fact's text in the form in which it is compared; two of one form are alike."""
    return _ROWS[fact.partition(".")[0]].form(text)


def _differs(row: Row, label: str | None, certified: str | None) -> bool:
    if label is not None and certified is not None:
        return row.form(label) != row.form(certified)
    return row.need is (Need.VOUCHED if certified is None else Need.NAMED)


def _in_order(names: Iterable[str]) -> list[str]:
    order = [row.fact for row in TABLE]
    return sorted(names, key=lambda name: (order.index(name.partition(".")[0]), name))


def stated(record: Any) -> dict[str, str]:
    """The facts that a record or a certificate states, by name."""
    found: dict[str, str] = {}
    for row in TABLE:
        value = value_at(record, row.path)
        read = _SEVERAL.get(row.fact)
        found |= {row.fact: text_of(value)} if read is None else read(value)
    return {name: text for name, text in found.items() if text}


def _indicators(value: Any) -> dict[str, str]:
    """Levels of graded properties, and their figures with the unit."""
    found: dict[str, str] = {}
    for name, given in _entries(value):
        found[INDICATOR + name] = text_of(level_of(given))
        found[INDICATOR + name + MEASURED] = text_of(measured_text(given))
    return found


def fact_words(name: str) -> Words:
    """What a compared fact is called, Chinese and English."""
    head, _, entry = name.partition(".")
    if head == "indicator":
        return {**INDICATORS, **FIGURES}.get(entry, (entry, ""))
    zh, en = _CALLED.get(_ROWS[head].path if head in _ROWS else f"product.{head}", (name, ""))
    return (f"{zh} {entry}", f"{en} {entry}") if entry else (zh, en)


def value_at(value: Any, path: str) -> Any:
    """What stands at a path of names; None where there is nothing."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def text_of(value: Any) -> str:
    """A text or a whole number as text, no longer than is compared; "" for anything else."""
    return str(value)[:MOST_TEXT] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _composition(value: Any) -> dict[str, str]:
    return {f"composition.{plain(text_of(part.get('part')))}": _made_of(part) for part in _mappings(value)}


def _made_of(part: Mapping[str, Any]) -> str:
    """`锦纶 88%，氨纶 12%`, or a filling's species and 绒子含量."""
    fibres, down = part.get("fibres"), part.get("down")
    rows = [(row.get("name"), row.get("percent")) for row in _mappings(fibres)]
    rows += [(row.get("species"), row.get("cluster_percent")) for row in _mappings([down])]
    return _SEPARATOR.join(f"{text_of(name)} {figure(text_of(percent))}%" for name, percent in rows)[:MOST_TEXT]


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value[:_MOST_ENTRIES] if isinstance(one, Mapping)] if isinstance(value, list) else []


def _fill_weight(value: Any) -> dict[str, str]:
    return {f"fill_weight_g.{plain(size)}": text_of(grams) for size, grams in _entries(value)}


def _entries(value: Any) -> list[tuple[str, Any]]:
    rows = list(value.items())[:_MOST_ENTRIES] if isinstance(value, Mapping) else []
    return [(str(name)[:MOST_TEXT], given) for name, given in rows]


_SEVERAL: Mapping[str, Callable[[Any], dict[str, str]]] = {
    "composition": _composition,
    "fill_weight_g": _fill_weight,
    "indicator": _indicators,
}
