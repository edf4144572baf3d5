"""This file turns `rules.toml` into values and a breach into a finding. Rules are rows: no row, no rule.

A value that is not public (NP) or not agreed on (U) is absent: such a row is asleep until a site supplies its number
(`overrides.py`). A site's override changes a row's value or severity from a day on, never its id or its sentences.

A row is `[rules.<id>.<aspect>]`; `<id>` is what the outside sees (docs/rules.md), `<aspect>` tells apart
the things one rule asks for, because each has its own number, clause and words. The words stand in the row, Chinese
first, so that a person who knows the standard can review a pack without reading Python.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from importlib.resources import files
from typing import Any

from garment.finding import Finding, Severity

FOR_GOOD = "9999-12-31"
"""The last day of what has none."""

MAX_QUOTED = 60
"""A finding quotes at most so many characters of a field: it has to fit a screen."""

MAX_WORD = 240
"""And at most so many of what else fills its sentences (a refusal from another room is one sentence)."""


@dataclass(frozen=True, slots=True)
class Breach:
    """What a check saw. `path` is dotted, as in `product.composition.0.fibres`; `words` fill the row's sentences."""

    key: str
    path: str
    got: str
    expected: str
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. `status` is the mark of docs/rules.md (C, C2, U, NP), `source` says where the value was read.

    `takes` is what an override may put in `value` (`number`, `words`, `pattern`); empty: the value is not for sites.
    `for_sites`: whether a site may change the row at all.
    """

    key: str
    clause: str
    severity: Severity
    status: str
    source: str
    zh: str
    en: str
    value: Any = None
    unit: str = ""
    takes: str = ""
    for_sites: bool = True
    effective_from: str = ""
    effective_to: str = FOR_GOOD

    @property
    def rule(self) -> str:
        """The id the outside sees: `D1` of `D1.species`."""
        return self.key.partition(".")[0]

    def in_force(self, on_date: str) -> bool:
        """Whether the row holds on a day `YYYY-MM-DD`, both ends included."""
        return self.effective_from <= on_date <= self.effective_to

    def finding(self, breach: Breach) -> Finding:
        """The breach in the words of this row."""
        got, expected = quoted(breach.got), quoted(breach.expected)
        words = {"got": got, "expected": expected} | {
            name: quoted(text, MAX_WORD) for name, text in breach.words.items()
        }
        return Finding(
            rule=self.rule,
            severity=self.severity,
            clause=self.clause,
            status=self.status,
            source=self.source,
            path=breach.path,
            expected=expected,
            got=got,
            zh=self.zh.format_map(words),
            en=self.en.format_map(words),
        )


@dataclass(frozen=True, slots=True)
class Override:
    """What a site knows better about one row, who says so and why; holds on the days named, both included."""

    key: str
    who: str
    why: str
    value: Any = None
    severity: Severity | None = None
    effective_from: str = ""
    effective_to: str = FOR_GOOD

    def in_force(self, on_date: str) -> bool:
        """Whether the override holds on a day `YYYY-MM-DD`."""
        return self.effective_from <= on_date <= self.effective_to

    def amended(self, row: Rule) -> Rule:
        """The row as the site wants it; its source becomes the site's own words, its mark stays the row's."""
        return replace(
            row,
            value=row.value if self.value is None else self.value,
            severity=self.severity or row.severity,
            source=f"{self.who}: {self.why}",
        )

    def recorded(self) -> dict[str, Any]:
        """The override as a snapshot keeps it: no floats, decimals as text, nothing that the file left out."""
        row = {
            "rule": self.key,
            "value": str(self.value) if isinstance(self.value, Decimal) else self.value,
            "severity": str(self.severity) if self.severity else None,
            "who": self.who,
            "why": self.why,
            "effective_from": self.effective_from or None,
            "effective_to": self.effective_to if self.effective_to != FOR_GOOD else None,
        }
        return {name: given for name, given in row.items() if given is not None}


@dataclass(frozen=True, slots=True)
class RulePack:
    """All rows of one standard; `tables` is what the file holds beside them (names of indicators and the like)."""

    name: str
    title: str
    version: str
    rules: Mapping[str, Rule]
    tables: Mapping[str, Any]

    def value(self, key: str) -> Any:
        """The value of a row, as TOML gave it (numbers with a point are `Decimal`); None: nobody has supplied it."""
        return self.rules[key].value

    def touched(self, overrides: Iterable[Override], on_date: str) -> tuple[Override, ...]:
        """The overrides of this pack's rows that hold on a day."""
        return tuple(one for one in overrides if one.key in self.rules and one.in_force(on_date))

    def amended(self, overrides: Iterable[Override], on_date: str) -> RulePack:
        """The pack with the overrides that hold on a day."""
        changed = {one.key: one.amended(self.rules[one.key]) for one in self.touched(overrides, on_date)}
        return replace(self, rules={**self.rules, **changed}) if changed else self

    def findings(self, breaches: Iterable[Breach], on_date: str) -> tuple[Finding, ...]:
        """The breaches of rows in force on that day, in the order of the rows."""
        order = list(self.rules)
        rows = sorted(breaches, key=lambda breach: order.index(breach.key))
        return tuple(self.rules[row.key].finding(row) for row in rows if self.rules[row.key].in_force(on_date))


def quoted(text: str, limit: int = MAX_QUOTED) -> str:
    """`text`, cut at `limit` characters; "(空)" for nothing, so that no finding has an empty field."""
    return (text[: limit - 1] + "…" if len(text) > limit else text) or "(空)"


def load_pack(package: str) -> RulePack:
    """The `rules.toml` of a standard's folder; a row with an unknown or missing column is a TypeError at import."""
    text = files(package).joinpath("rules.toml").read_text("utf-8")
    table = tomllib.loads(text, parse_float=Decimal)
    rules = {
        f"{rule}.{aspect}": Rule(f"{rule}.{aspect}", **row | {"severity": Severity(row["severity"])})
        for rule, aspects in table.pop("rules").items()
        for aspect, row in aspects.items()
    }
    return RulePack(package.rpartition(".")[2], table.pop("title"), table.pop("version"), rules, table)
