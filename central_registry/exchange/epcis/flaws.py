"""What is wrong with a document: where (a JSON pointer, RFC 6901) and a sentence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from label_protocol.errors import InputError


@dataclass(frozen=True, slots=True)
class Flaw:
    """`at` is a JSON pointer into the document, empty for the whole of it."""

    at: str
    says: str

    def __str__(self) -> str:
        return f"{self.at or 'the whole'}: {self.says}"


class EpcisError(InputError):
    """A document that is not taken; `flaws` in the order in which they stand in it, at most `MOST`."""

    MOST = 100

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        self.flaws = flaws[: self.MOST]
        more = f" (and {len(flaws) - 1} more)" if len(flaws) > 1 else ""
        super().__init__(f"{flaws[0]}{more}")


def step(name: str) -> str:
    """A name as a step of a pointer; what came from outside is cut."""
    return name[:80].replace("~", "~0").replace("/", "~1")


def got(value: Any) -> str:
    """A value as a sentence shows it: short, quoted, one line."""
    if isinstance(value, str):
        return repr(value[:60] + ("…" if len(value) > 60 else ""))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)[:40]
    if value is None:
        return "null"
    return f"a {'list' if isinstance(value, list) else 'object'} of {len(value)}"
