"""Sets keys in the text of `agent.toml` and leaves all else as people wrote it, comments first of all. Pure.

A TOML library that keeps comments (tomlkit) would put a key below the line that shows it commented out; the reference
is made so that the # before a key is taken away.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from label_protocol.errors import ConfigError

Scalar = str | int | float | bool
Tables = Mapping[str, Mapping[str, Scalar]]

_HEADER = re.compile(r"\s*(#?)\s*\[+\s*([\w.-]+)\s*\]+\s*(#.*)?$")
"""Of a table or a row; one that is commented out begins a sample, whose keys are nobody's."""


def with_values(text: str, values: Tables) -> str:
    """The text with these keys of these tables set: an assignment or a commented one is replaced where it stands, a key
    that is not there goes below its table's header, a table that is not there to the end.

    Raises:
        ConfigError: it is no TOML, or it is written in a way in which a key cannot be set line by line.
    """
    lines = text.split("\n")
    for table, keys in values.items():
        for key, value in keys.items():
            _set(lines, table, key, f"{key} = {toml(value)}")
    done = "\n".join(lines)
    _require_same(text, done, values)
    return done


def with_rows(text: str, name: str, rows: Sequence[Mapping[str, Scalar]]) -> str:
    """The text with rows such as `[[printers]]` after its end."""
    added = ["\n".join([f"[[{name}]]", *(f"{key} = {toml(value)}" for key, value in row.items())]) for row in rows]
    return "\n\n".join([text.rstrip("\n"), *added]) + "\n"


def toml(value: Scalar) -> str:
    """One value as TOML: a JSON scalar is one, but for DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _set(lines: list[str], table: str, key: str, assignment: str) -> None:
    begin = next((number for number, line in enumerate(lines) if _begins(line) == table), None)
    if begin is None:
        lines += [f"[{table}]", assignment, ""]
        return
    end = next((number for number in range(begin + 1, len(lines)) if _HEADER.match(lines[number])), len(lines))
    shape = re.compile(rf"\s*(#?)\s*{re.escape(key)}\s*=")
    found = [(match[1], number) for number in range(begin + 1, end) if (match := shape.match(lines[number]))]
    if found:
        lines[min(found)[1]] = assignment  # one that counts goes before one that is commented out
    else:
        lines.insert(begin + 1, assignment)


def _begins(line: str) -> str | None:
    match = _HEADER.match(line)
    return match[2] if match and not match[1] and not line.lstrip().startswith("[[") else None


def _require_same(before: str, after: str, values: Tables) -> None:
    """What was not to be changed is what it was; else a value over several lines was cut, or a table stood inline."""
    try:
        wanted: dict[str, Any] = tomllib.loads(before)
        for table, keys in values.items():
            wanted[table] = {**wanted.get(table, {}), **keys}
        same = tomllib.loads(after) == wanted
    except (ValueError, TypeError) as cause:
        raise ConfigError(f"agent.toml: expected TOML, got a flaw ({cause}); correct it there") from cause
    if not same:
        raise ConfigError(
            "agent.toml: expected one key a line below its [table], got another form; set them there by hand: "
            + ", ".join(f"[{table}] {key}" for table, keys in values.items() for key in keys)
        )
