"""SQL stands in files: `queries.sql` by name, `schema/NNNN_*.sql` by number.

aiosql was weighed: it hands back untyped callables and opens a cursor per call, while a dictionary of texts is all
that a hot path of two transactions per window needs.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType

_ROOM = files("edge_agent.ledger")


def parse_queries(text: str) -> Mapping[str, str]:
    """Name → SQL, from sections that start with `-- name: <name>`; a name twice is a ValueError."""
    sections = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)[1:]
    names, bodies = sections[::2], sections[1::2]
    if len(set(names)) != len(names):
        raise ValueError("queries.sql: a name stands twice")
    return MappingProxyType({name: body.strip() for name, body in zip(names, bodies, strict=True)})


def migrations() -> tuple[str, ...]:
    """The numbered scripts in order; script k brings a file from version k − 1 to k.

    Raises:
        ValueError: a script's name does not start with its number.
    """
    folder = (_ROOM / "schema").iterdir()
    scripts = sorted((entry for entry in folder if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    for number, entry in enumerate(scripts, start=1):
        if not entry.name.startswith(f"{number:04d}_"):
            raise ValueError(f"schema/{entry.name}: expected a name that starts with {number:04d}_")
    return tuple(entry.read_text("utf-8") for entry in scripts)


def floor_of(scripts: Sequence[str]) -> int:
    """The oldest schema whose programs may write a file that `scripts` made: a script that takes nothing away from them
    says so in its first line, `-- expands schema N`; one that does not say it leaves behind all programs before it."""
    marks = [re.match(r"-- expands schema (\d+)\b", script) for script in scripts]
    return max((int(mark[1]) if mark else number for number, mark in enumerate(marks, start=1)), default=0)


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one, triggers whole; sqlite3.executescript would commit on its own.

    Raises:
        ValueError: the last statement has no end.
    """
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if re.sub(r"--[^\n]*|\s", "", statement):
        raise ValueError(f"schema: a statement without its end: {statement[:60]!r}")


Q: Mapping[str, str] = parse_queries((_ROOM / "queries.sql").read_text("utf-8"))
