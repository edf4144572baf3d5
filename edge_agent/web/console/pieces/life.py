"""Facts in a list, the life of a serial, and the steps of something that is done in an order."""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.messages.text import Words
from edge_agent.web.console.pieces.state import State


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and a value; None: it is not known, and that is said."""

    zh: str
    en: str
    value: str | None
    full: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened: when, what, who, and why if anybody said so."""

    at: str
    state: State
    words: Words
    who: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """`done`: True behind, None at it, False before it."""

    words: Words
    done: bool | None
    help: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form. `error` stands beside it and once at the top; `digits`: a number pad and no Enter."""

    name: str
    zh: str
    en: str
    value: str = ""
    help: str = ""
    error: str = ""
    digits: bool = False
    required: bool = False
    most: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What cannot be undone is asked for: `consequence` says it in numbers. `reason`: a person has to say why. The
    usual `reasons` are offered, since gloves do not type."""

    title: Words
    consequence: Words
    yes: Words
    action: str
    back: str
    fields: tuple[tuple[str, str], ...] = ()
    reason: bool = False
    reasons: tuple[Words, ...] = ()
    danger: bool = True
