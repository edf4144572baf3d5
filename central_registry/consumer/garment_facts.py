"""This file tells a snapshot in a consumer's words: sections of rows, Chinese and English. Pure.

Nothing is computed that the record does not state: an absent fact is an absent row. What facts are called stands in
`garment.facts`, the words for care codes in `words.toml`; all other values are shown as recorded.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from garment.certificate import fact_words
from garment.facts import FACTS, INDICATORS, WEARERS, Fact, Words
from garment.schemes import level_of, measured_text, scheme_names

WORDS: Mapping[str, Mapping[str, Words]] = {
    table: {name: (row[0], row[1]) for name, row in rows.items()}
    for table, rows in tomllib.loads(files("central_registry").joinpath("words.toml").read_text("utf-8")).items()
}

_OF_MAKER, _OF_CARBON_MARK, _OF_GRADE = "product.maker.", "product.carbon_mark.", "lot.grade."
_FIRST = (
    *("product.style_no", "product.colour", "product.size", "product.wearer", "product.composition"),
    *("product.fill_weight_g", "product.carbon_mark.value", "product.carbon_mark.declared_unit"),
)
"""What is looked for first in its section; the other facts follow in the order of the table."""


def _section(within: str, *without: str) -> tuple[Fact, ...]:
    """The facts that have a row of their own, of those that begin so and not otherwise."""
    found = [fact for fact in FACTS if fact.zh and fact.path.startswith(within) and not fact.path.startswith(without)]
    return tuple(sorted(found, key=lambda fact: _FIRST.index(fact.path) if fact.path in _FIRST else len(_FIRST)))


_GARMENT = _section("product.", _OF_MAKER, _OF_CARBON_MARK)
_CARBON = _section(_OF_CARBON_MARK)
"""What the certificate of a carbon footprint mark states; the mark itself is not shown."""
_INSPECTION = _section("lot.", _OF_GRADE)
_MAKER = _section(_OF_MAKER)
_SPECIES, _CLUSTER = _section("filling.")

_MOST = 200
"""Entries of one list that are shown: far above those of a garment, and a bound on what one snapshot costs a scan."""

_LEVEL = re.compile(r"(A{1,5})|([1-5])A")


@dataclass(frozen=True, slots=True)
class Row:
    """One fact: its name in both languages, its value, and the value's English where it has one."""

    zh: str
    en: str
    value: str
    value_en: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One graded property; `steps` is how many of five the level stands for, 0 if its notation is another one;
    `measured` is the figure with its unit, if the certificate states one."""

    zh: str
    en: str
    level: str
    steps: int
    measured: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """All that a scan page shows of a snapshot."""

    title: str
    brand: str
    grade: Indicator | None
    scheme: Words
    indicators: tuple[Indicator, ...]
    garment: tuple[Row, ...]
    care: tuple[Words, ...]
    carbon: tuple[Row, ...]
    inspection: tuple[Row, ...]
    maker: tuple[Row, ...]


def page_of(snapshot: Mapping[str, Any]) -> Page:
    """What to show of `{product, lot?}`; a snapshot of an unexpected shape shows less, never an error."""
    product, lot = _group(snapshot, "product"), _group(snapshot, "lot")
    grade = _group(lot, "grade")
    overall = _text(grade.get("overall"))
    return Page(
        title=_text(product.get("name")),
        brand=_text(product.get("brand")),
        grade=_indicator(fact_words("grade"), overall) if overall else None,
        scheme=scheme_names(_text(grade.get("scheme"))),
        indicators=_indicators(grade),
        garment=_rows(_GARMENT, snapshot),
        care=tuple(care_words(code) for code in map(_text, _list(product.get("care"))) if code),
        carbon=_rows(_CARBON, snapshot),
        inspection=_rows(_INSPECTION, snapshot),
        maker=_rows(_MAKER, snapshot),
    )


def maker_of(snapshot: Mapping[str, Any]) -> Mapping[str, str]:
    """`name`, `address`, `uscc` of the maker as the label states them, '' for what it does not."""
    return {name: _text(_at(snapshot, f"{_OF_MAKER}{name}")) for name in ("name", "address", "uscc")}


def care_words(code: str) -> Words:
    """Words for a care code, such as `wash_30_mild`; an unknown code stays what it is."""
    table = WORDS["care"]
    if code in table:
        return table[code]
    for suffix, (zh, en) in WORDS["care_suffix"].items():
        base = table.get(code.removesuffix(suffix))
        if code.endswith(suffix) and base:
            return f"{base[0]}，{zh}", f"{base[1]}, {en}"
    return code, ""


def _rows(facts: Iterable[Fact], snapshot: Mapping[str, Any]) -> tuple[Row, ...]:
    rows = (row for fact in facts for row in _SPELT.get(fact.path, _as_recorded)(fact, snapshot))
    return tuple(row for row in rows if row.value)


def _as_recorded(fact: Fact, snapshot: Mapping[str, Any]) -> Iterable[Row]:
    yield Row(fact.zh, fact.en, _text(_at(snapshot, fact.path)))


def _wearer(fact: Fact, snapshot: Mapping[str, Any]) -> Iterable[Row]:
    yield Row(fact.zh, fact.en, *WEARERS.get(_text(_at(snapshot, fact.path)), ("", "")))


def _parts(fact: Fact, snapshot: Mapping[str, Any]) -> Iterable[Row]:
    for part in map(_as_group, _list(_at(snapshot, fact.path))):
        yield from _part(fact, part)


def _part(fact: Fact, part: Mapping[str, Any]) -> Iterable[Row]:
    """A down part gives species and 绒子含量, any other part its fibres."""
    name, down = _text(part.get("part")), _group(part, "down")
    fibres = "，".join(
        f"{_text(fibre.get('name'))} {_text(fibre.get('percent'))}%"
        for fibre in map(_as_group, _list(part.get("fibres")))
    )
    cluster = _text(down.get("cluster_percent"))
    yield Row(name, fact.en, fibres)
    yield Row(f"{name} {_SPECIES.zh}", _SPECIES.en, _text(down.get("species")))
    yield Row(_CLUSTER.zh, _CLUSTER.en, f"{cluster}%" if cluster else "")


def _fill_weight(fact: Fact, snapshot: Mapping[str, Any]) -> Iterable[Row]:
    grams = _text(_as_group(_at(snapshot, fact.path)).get(_text(_at(snapshot, "product.size"))))
    yield Row(fact.zh, fact.en, f"{grams} g" if grams else "")


def _carbon_value(fact: Fact, snapshot: Mapping[str, Any]) -> Iterable[Row]:
    value = _text(_at(snapshot, fact.path))
    yield Row(fact.zh, fact.en, f"{value} 千克二氧化碳当量" if value else "", "kgCO2e" if value else "")


_SPELT: Mapping[str, Callable[[Fact, Mapping[str, Any]], Iterable[Row]]] = {
    "product.wearer": _wearer,
    "product.composition": _parts,
    "product.fill_weight_g": _fill_weight,
    "product.carbon_mark.value": _carbon_value,
}
"""Facts whose values are not shown as they stand in the record."""


def _indicators(grade: Mapping[str, Any]) -> tuple[Indicator, ...]:
    stated = _group(grade, "indicators")
    order = [*(name for name in INDICATORS if name in stated), *sorted(set(stated) - set(INDICATORS))]
    found = (_graded(INDICATORS.get(name, (name, "")), stated[name]) for name in order[:_MOST])
    return tuple(one for one in found if one.level or one.measured)


def _graded(words: Words, stated: Any) -> Indicator:
    return replace(_indicator(words, _text(level_of(stated))), measured=measured_text(stated))


def _indicator(words: Words, level: str) -> Indicator:
    match = _LEVEL.fullmatch(level)
    steps = 0 if match is None else len(match[1]) if match[1] else int(match[2])
    return Indicator(*words, level, steps)


def _at(snapshot: Mapping[str, Any], path: str) -> Any:
    found: Any = snapshot
    for step in path.split("."):
        found = _as_group(found).get(step)
    return found


def _group(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return _as_group(facts.get(name))


def _as_group(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value[:_MOST] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
