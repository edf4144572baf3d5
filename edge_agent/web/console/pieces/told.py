"""What is said to a person after a press or a scan: one sentence in both languages, and where to go on."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge_agent.messages.text import Words
from edge_agent.web.console.pieces.state import Look

HOME = "/console/now"


@dataclass(frozen=True, slots=True)
class Told:
    """`to` is the page that says it; `scan` is what was scanned, for what comes of a scan is told large; `who` is the
    person whose badge it was, from now on at this desk; `session` the secret of one that was begun (empty: ended)."""

    look: Look
    words: Words
    to: str = ""
    scan: str | None = None
    why: Words | None = None
    who: str | None = None
    session: str | None = field(default=None, repr=False)


def good(zh: str, en: str, to: str = "") -> Told:
    """Something was done."""
    return Told(Look.GOOD, Words(zh, en), to)


def bad(sentence: str, to: str = "") -> Told:
    """Something was refused; one sentence in both languages, as errors have it."""
    return Told(Look.STOP, of_sentence(sentence), to)


def of_sentence(sentence: str) -> Words:
    """Both languages of a sentence as it stands in errors and in the ledger; English is empty where there is none."""
    zh, _, en = sentence.partition(" · ")
    return Words(zh, en)


def place(path: str) -> str:
    """`path`, if it is a page of the console, else where the day begins: a form's `back` comes from outside."""
    inside = path.startswith("/console/") and path.isprintable() and not set(path) & set("\\\"'<> ")
    return path if inside and "//" not in path else HOME
