"""This file takes a template's file apart into its statements, so that one can be replaced and all around it, comments
and spaces too, stays as it was.

Libraries that keep a TOML file's style exist (tomlkit); what is needed here is to find where a statement begins and
ends, which the standard library's parser tells.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace

_SLOT = re.compile(r"""\s*\[\[\s*(["']?)slot\1\s*\]\]\s*(#.*)?""")
_TRAILING = re.compile(r"#.*")


@dataclass(frozen=True, slots=True)
class Statement:
    """Lines, each ended. `slot` counts from 0, -1: before the first; `key` is None for a heading, a comment, an empty
    line, and what stands in a table within a slot."""

    text: str
    slot: int
    key: str | None = None

    def replaced(self, lines: list[str]) -> Statement:
        """Other lines in its place; a comment on its last line is kept before them. For values without strings."""
        found = _TRAILING.search(self.text.rstrip("\n").split("\n")[-1])
        kept = [*([found[0].rstrip()] if found else []), *lines]
        return replace(self, text="".join(f"{line}\n" for line in kept))

    def followed_by(self, line: str) -> Statement:
        """With another line after it."""
        return replace(self, text=f"{self.text}{line}\n")


def statements(text: str) -> Iterator[Statement]:
    """The statements of a TOML file whose lines end in `\\n`; all texts together are the file."""
    slot, inner, pending = -1, False, ""
    for line in text.removesuffix("\n").split("\n"):
        pending += f"{line}\n"
        bare = pending.strip()
        if not bare or bare.startswith("#"):
            yield Statement(pending, slot)
        elif _SLOT.fullmatch(pending.rstrip("\n")):
            slot, inner = slot + 1, False
            yield Statement(pending, slot)
        elif (key := _key_of(pending)) is None:
            continue
        else:
            inner = inner or bare.startswith("[")
            yield Statement(pending, slot, None if inner else key)
        pending = ""
    if pending:
        yield Statement(pending, slot)


def _key_of(text: str) -> str | None:
    """The key of a whole statement, or of a table's head; None: it goes on."""
    try:
        return next(iter(tomllib.loads(text)))
    except (ValueError, RecursionError):
        return None
