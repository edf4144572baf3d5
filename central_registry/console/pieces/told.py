"""What is said to a person after an order: one sentence, where to go on, and how to undo it where that can be. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from central_registry.console.pieces.state import Look
from central_registry.console.pieces.words import Words

HOME = "/console/"
LONGEST = 600
"""Characters of a sentence that is carried to the next page."""


_UNDO = Words("撤销", "Undo")


@dataclass(frozen=True, slots=True)
class Undo:
    """The order that takes it back: where it is posted, with what."""

    action: str
    fields: tuple[tuple[str, str], ...] = ()
    words: Words = _UNDO


@dataclass(frozen=True, slots=True)
class Told:
    """`to` is the page that says it."""

    look: Look
    words: Words
    to: str = ""
    undo: Undo | None = None

    def dumps(self) -> str:
        """As text, for the way to the next page."""
        return json.dumps(asdict(self), ensure_ascii=False)


def good(zh: str, en: str, to: str = "", undo: Undo | None = None) -> Told:
    """Something was done."""
    return Told(Look.GOOD, Words(zh[:LONGEST], en[:LONGEST]), to, undo)


def loads(text: str) -> Told:
    """What `dumps` gave."""
    read: dict[str, Any] = json.loads(text)
    undo = read["undo"]
    taken = undo and Undo(undo["action"], tuple((one[0], one[1]) for one in undo["fields"]), Words(*undo["words"]))
    return Told(Look(read["look"]), Words(*read["words"]), read["to"], taken or None)


def place(path: str) -> str:
    """`path`, if it is a page of the console, else the first one: where to go on comes from outside."""
    inside = path.startswith(HOME) and path.isprintable() and not set(path) & set("\\\"'<> ")
    return path if inside and "//" not in path else HOME
