"""This file says what is wrong with a template's file, in sentences with the line, the slot and the key. Nothing is
guessed: a line that cannot be known for certain is left out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails

MOST_FLAWS = 50
"""More than a person reads at once, and each is looked for in the file."""

_HEAD = {name: re.compile(rf"""\s*\[\[\s*(["']?){name}\1\s*\]\]\s*(#.*)?""") for name in ("slot", "way")}
_WRONG = "写得不对，请照右边改正"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing to correct. `line` counts from 1, None: not known; `slot` and `key` are empty where none is meant."""

    zh: str
    en: str
    line: int | None = None
    slot: str = ""
    key: str = ""

    @property
    def place(self) -> str:
        """Slot and key, for people."""
        return ", ".join(one for one in (f"slot {self.slot}" if self.slot else "", self.key) if one)

    def told(self, name: str) -> str:
        """The flaw as the sentence of a refusal."""
        line = f"line {self.line}" if self.line else ""
        return f"{', '.join(one for one in (f'template {name}', line, self.place) if one)}: {self.en}"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong between slots; `number` is the slot to correct, or the way, from 0, None: all of them."""

    number: int | None
    zh: str
    en: str
    table: Literal["slot", "way"] = "slot"


class MisfitError(ValueError):
    """A template whose slots do not go together."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__("expected slots that go together")
        self.complaints = tuple(complaints)


def flaws_of_text(cause: Exception, data: bytes) -> tuple[Flaw, ...]:
    """One flaw: the file is no TOML in UTF-8."""
    said = f"expected TOML in UTF-8, got {cause}; correct the file"
    return (Flaw("文件格式不对（应为 UTF-8 的 TOML），请改正", said, _broken_line(cause, data)),)


def _broken_line(cause: Exception, data: bytes) -> int | None:
    if isinstance(cause, UnicodeDecodeError):
        return data.count(b"\n", 0, cause.start) + 1
    if found := re.search(r"\(at line (\d+), column \d+\)$", str(cause)):
        return int(found[1])
    return len(data.splitlines()) or 1 if str(cause).endswith("(at end of document)") else None


def flaws_of(cause: ValidationError, text: str, table: Mapping[str, Any]) -> tuple[Flaw, ...]:
    """The flaws that the model found in a file that is TOML, in the order of the file as far as lines are known; the
    first, if they are very many."""
    errors = (error for error in cause.errors(include_url=False) if not _follows(error, table))
    found = islice((flaw for error in errors for flaw in _flaws(error, text, table)), MOST_FLAWS)
    return tuple(sorted(found, key=lambda flaw: flaw.line or 0))


def _follows(error: ErrorDetails, table: Mapping[str, Any]) -> bool:
    """Whether the slots are said to be too few only because those that are wrong themselves were not counted."""
    counted = isinstance(table.get("slot"), list) and len(table["slot"]) >= error.get("ctx", {}).get("min_length", 0)
    return error["type"] == "too_short" and error["loc"] == ("slot",) and counted


def _flaws(error: ErrorDetails, text: str, table: Mapping[str, Any]) -> Iterator[Flaw]:
    origin = error.get("ctx", {}).get("error")
    if isinstance(origin, MisfitError):
        for one in origin.complaints:
            yield _between_slots(one, text, table)
        return
    key, zh, en = _words(error)
    searched = error["type"] != "missing"
    if error["loc"][:1] == ("slot",) and len(error["loc"]) > 1:
        yield _in_slot(error["loc"], key, (zh, en), (text, table), searched=searched)
    else:
        steps = [str(step) for step in error["loc"]]
        line = _line_of_top(steps[0], text) if steps and searched else None
        yield Flaw(zh, en, line, "", ", ".join(steps))


def _between_slots(complaint: Complaint, text: str, table: Mapping[str, Any]) -> Flaw:
    if complaint.number is None:
        return Flaw(complaint.zh, complaint.en)
    head = _head(complaint.number, text, table, complaint.table)
    if complaint.table == "way":
        return Flaw(complaint.zh, complaint.en, head, "", f"way {complaint.number + 1}")
    return Flaw(complaint.zh, complaint.en, head, _called(complaint.number, table))


def _in_slot(
    loc: tuple[int | str, ...],
    key: str,
    words: tuple[str, str],
    source: tuple[str, Mapping[str, Any]],
    *,
    searched: bool,
) -> Flaw:
    number, (text, table) = int(loc[1]), source
    steps = [str(step) for step in loc[3:]] or ([key] if key else [])  # loc[2] repeats the kind
    head = _head(number, text, table)
    line = _line_of(steps[0], text, head) if head and steps and searched else None
    return Flaw(*words, line or head, _called(number, table), ", ".join(steps))


def _words(error: ErrorDetails) -> tuple[str, str, str]:
    """The key, if the error knows better than its place, and the flaw in Chinese and English."""
    kind, ctx = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return "", "没有这一项，请删掉或改正名字", "unknown key; remove it or correct its name"
    if kind in ("missing", "union_tag_not_found"):
        return "kind" if kind != "missing" else "", "缺少这一项，请补上", "expected a value, got nothing; add it"
    if kind == "union_tag_invalid":
        return "kind", _WRONG, f"expected one of {ctx['expected_tags']}, got {ctx['tag']!r:.60}; correct it"
    said = error["msg"].removeprefix("Value error, ")
    said = re.sub(r"^(?:Input|String|Tuple) should (?:be|have)", "expected", said)
    said = re.sub(r" after validation(, not \d+)?$", "", said.replace("String should match", "expected to match"))
    if kind != "value_error":
        said += f", got {str(error['input'])[:60]!r}"
    zh = str(getattr(ctx.get("error"), "zh", _WRONG))
    return "", zh, said if ";" in said else f"{said}; correct it"


def _called(number: int, table: Mapping[str, Any]) -> str:
    slot = table["slot"][number]
    return str(slot["name"]) if isinstance(slot, dict) and "name" in slot else f"number {number + 1}"


def _head(number: int, text: str, table: Mapping[str, Any], name: str = "slot") -> int | None:
    """Line of a slot's `[[slot]]`, or a way's; known if the file has as many such lines as slots."""
    heads = [at for at, line in enumerate(text.split("\n"), 1) if _HEAD[name].fullmatch(line.rstrip("\r"))]
    return heads[number] if len(heads) == len(table[name]) else None


def _line_of_top(key: str, text: str) -> int | None:
    """Line of a key before the first table, or of the table of that name."""
    found = _line_of(key, text, 0)
    if found is None:
        head = re.compile(rf"""\s*\[\[?\s*(["']?){re.escape(key)}\1\s*[\].]""")
        found = next((at for at, line in enumerate(text.split("\n"), 1) if head.match(line)), None)
    return found if found is not None and _begins_at(found, text) else None


def _line_of(key: str, text: str, head: int) -> int | None:
    """Line of `key =` after the line `head` and before the next table begins."""
    for at, line in enumerate(text.split("\n")[head:], head + 1):
        if line.lstrip().startswith("["):
            return None
        if re.match(rf"\s*{re.escape(key)}\s*=", line):
            return at if _begins_at(at, text) else None
    return None


def _begins_at(line: int, text: str) -> bool:
    """Whether a statement begins there: inside a string or a list of several lines, what stands before is no TOML."""
    try:
        tomllib.loads("".join(f"{one}\n" for one in text.split("\n")[: line - 1]))
    except (ValueError, RecursionError):
        return False
    return True
