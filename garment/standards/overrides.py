"""An override file says what a site knows better about a rule, who says so, and why. Pure: text in, rows out.

```toml
[override."D8.age"]
value = 365
severity = "WARN"
who = "王工, QC"
why = "letter of the grading body"
effective_from = "2026-12-01"
```

Overrides are for values that docs/rules.md marks unconfirmed or not public, and for severities that an association or a
buyer wants otherwise. A snapshot names them: the version of a pack they touch ends in `+override:` and their digest.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from garment.finding import Severity
from garment.standards.rules import Override, Rule
from label_protocol.errors import ConfigError

_COLUMNS = ("value", "severity", "who", "why", "effective_from", "effective_to")
MAX_WORDS = 200
"""Longest who or why: both are quoted in findings and kept for good."""

MAX_NUMBER = Decimal(1_000_000)
"""No limit on a label is larger; it keeps arithmetic small."""


def parse_overrides(text: str, rules: Mapping[str, Rule], name: str = "overrides") -> tuple[Override, ...]:
    """The rows of an override file; `rules` are all rows of all packs, `name` is how errors call the file.

    Raises:
        ConfigError: not TOML, an unknown rule (named, with the nearest known one), a rule that no site may change, who
            or why missing, a value of the wrong kind or for a rule that has none.
    """
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as cause:
        raise ConfigError(f"{name}: expected TOML, got {cause}; correct it there") from cause
    rows = table.pop("override", {})
    if table or not isinstance(rows, dict):
        got = ", ".join(table) or type(rows).__name__
        raise ConfigError(f'{name}: expected only tables [override."RULE"], got {got}; see docs/rules.md')
    return tuple(_override(f"{name}: {key}", key, row, rules) for key, row in rows.items())


def digest(overrides: Iterable[Override]) -> str:
    """Twelve hexadecimal digits that stand for these overrides, whatever the order of the file."""
    rows = sorted(
        [one.key, str(one.value), str(one.severity), one.who, one.why, one.effective_from, one.effective_to]
        for one in overrides
    )
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()[:12]


def _override(where: str, key: str, row: Any, rules: Mapping[str, Rule]) -> Override:
    if key not in rules:
        near = difflib.get_close_matches(key, rules, 1)
        hint = f"did you mean {near[0]}?" if near else "see docs/rules.md"
        raise ConfigError(f"{where}: expected the id of a rule, got an unknown one; {hint}")
    if not rules[key].for_sites:
        raise ConfigError(f"{where}: expected a rule that a site may change, got one of the platform's; remove the row")
    if not isinstance(row, dict) or (unknown := [column for column in row if column not in _COLUMNS]):
        got = ", ".join(unknown) if isinstance(row, dict) else repr(row)[:40]
        raise ConfigError(f"{where}: expected {', '.join(_COLUMNS)}, got {got}; remove or correct it")
    if "value" not in row and "severity" not in row:
        raise ConfigError(f"{where}: expected a value, a severity or both, got neither; add one or remove the row")
    who, why = _words(where, "who", row.get("who")), _words(where, "why", row.get("why"))
    days = {column: _day(where, column, row[column]) for column in _COLUMNS[4:] if column in row}
    return Override(key, who, why, _value(where, rules[key], row), _severity(where, row), **days)


def _words(where: str, column: str, given: Any) -> str:
    if not isinstance(given, str) or not given.strip() or not given.isprintable() or len(given) > MAX_WORDS:
        raise ConfigError(
            f"{where}: expected {column} in up to {MAX_WORDS} characters, got {_short(given)}; fill it in"
        )
    return given.strip()


def _day(where: str, column: str, given: Any) -> str:
    text = given.isoformat() if type(given) is date else given
    try:
        if date.fromisoformat(text).isoformat() == text:
            return str(text)
    except (TypeError, ValueError):
        pass
    raise ConfigError(f"{where}: expected {column} as YYYY-MM-DD, got {_short(given)}; correct it")


def _severity(where: str, row: Mapping[str, Any]) -> Severity | None:
    if "severity" not in row:
        return None
    try:
        return Severity(row["severity"])
    except ValueError as cause:
        known = " or ".join(Severity)
        raise ConfigError(f"{where}: expected severity {known}, got {_short(row['severity'])}; correct it") from cause


def _value(where: str, rule: Rule, row: Mapping[str, Any]) -> Any:
    """The site's value, or None when it keeps the shipped one."""
    if "value" in row and rule.takes not in _KINDS:
        raise ConfigError(f"{where}: expected no value, got {_short(row['value'])}; this rule takes a severity only")
    if "value" not in row:
        return None
    expected, fits = _KINDS[rule.takes]
    if not fits(row["value"]):
        raise ConfigError(f"{where}: expected {expected}, got {_short(row['value'])}; correct it")
    return row["value"]


def _number(given: Any) -> bool:
    whole = isinstance(given, (int, Decimal)) and not isinstance(given, bool)
    return whole and Decimal(given).is_finite() and 0 < given <= MAX_NUMBER


def _list(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(isinstance(one, str) and one.strip() for one in given)


def _pattern(given: Any) -> bool:
    try:
        return isinstance(given, str) and bool(given) and re.compile(given) is not None
    except re.error:
        return False


_KINDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "number": ("a number above 0", _number),
    "words": ("a list of texts in quotes", _list),
    "pattern": ("a regular expression in quotes", _pattern),
}


def _short(given: Any) -> str:
    text = repr(given) if given is not None else "nothing"
    return text if len(text) <= 40 else text[:39] + "…"
