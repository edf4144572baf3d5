"""This file reads the JSON that people write or send strictly, and says what is wrong with it in one sentence.

Garment records, orders, the catalogue's files and the API's bodies are read by the same rules, so that one text has one
meaning wherever it comes in: numbers with a point are decimals, a key stands once in its object, and the sentence names
the first wrong field by its path.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from label_protocol.errors import RecordError

_EXPECTED = {
    "model_type": "an object",
    "dict_type": "an object",
    "tuple_type": "a list",
    "string_type": "text in quotes",
    "string_unicode": "text that UTF-8 can carry",
    "int_type": "a whole number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "finite_number": "a finite number",
    "string_pattern_mismatch": "a date as YYYY-MM-DD",
}
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_PREAMBLE = re.compile(r"^(Value error, expected |[A-Z][a-z]+( input)? should (be |have )?)")


MAX_LISTS, MAX_COMMAS = 200_000, 1_500_000
"""Python reads lists and texts without letting anybody else in, and slower the more there are."""


def parse_json(data: bytes | str, what: str = "garment record", *, most_lists: int = MAX_LISTS) -> Any:
    """Any JSON text by the rules above: UTF-8, numbers with a point as decimals, a key only once per object. `what`
    is the name of the text in an error.

    Raises:
        RecordError: not JSON, not UTF-8, nested beyond reason, a key twice, or far too many parts; names line and
            column where it can.
    """
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        _require_few_parts(text, most_lists)
        value = json.loads(text, object_pairs_hook=_unique, parse_float=Decimal)
        if _HALF_PAIR.search(text):  # half of a surrogate pair is no text that could be stored or answered
            json.dumps(value, ensure_ascii=False, default=str).encode()
        return value
    except (ValueError, ArithmeticError, RecursionError) as cause:
        raise RecordError(f"{what}: expected one JSON object in UTF-8, got a text with {_flaw(cause)}") from cause


def _require_few_parts(text: str, most_lists: int) -> None:
    """Before they are built. Raises ValueError."""
    if text.count("[") > most_lists or text.count(",") > MAX_COMMAS:
        raise ValueError(f"more than {most_lists} lists or {MAX_COMMAS} commas")


def first_flaw(cause: ValidationError) -> str:
    """The first error of a validation as `path: expected …, got …; what to do`."""
    first = cause.errors(include_url=False)[0]
    path = ".".join(_step(step) for step in first["loc"]) or "the whole"
    if first["type"] == "extra_forbidden":
        return (
            f"{path}: expected only the fields of the description, got an unknown field; remove it or correct its name"
        )
    if first["type"] == "missing":
        return f"{path}: expected a value, got nothing; add the field"
    expected = _EXPECTED.get(first["type"]) or _PREAMBLE.sub("", first["msg"])
    return f"{path}: expected {expected}, got {_short(first['input'])}; correct it"


def _step(step: int | str) -> str:
    """A name in a path; one that came from outside may be anything, so what is long or unseen is quoted and cut."""
    text = str(step)
    return text if text.isprintable() and len(text) <= 40 else _short(text)


def _short(value: Any) -> str:
    text = str(value) if isinstance(value, (str, int, Decimal)) else f"a {type(value).__name__}"
    return repr(text[:40] + ("…" if len(text) > 40 else ""))


def _flaw(cause: Exception) -> str:
    if isinstance(cause, json.JSONDecodeError):
        return f"an error at line {cause.lineno}, column {cause.colno} ({cause.msg}); correct it there"
    if isinstance(cause, UnicodeDecodeError):
        return f"bytes of another encoding at position {cause.start}; save the file as UTF-8"
    if isinstance(cause, UnicodeEncodeError):
        return "half of a surrogate pair; write the whole character"
    if isinstance(cause, RecursionError):
        return "too many levels; see the samples"
    return f"{cause}; remove it"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for name, value in pairs:
        if name in seen:
            raise ValueError(f"the key {name[:40]!r} twice in one object")
        seen[name] = value
    return seen
