"""Facts in a list, what happened one after the other, the steps of an order, and a state that holds for all. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.times import in_full, spoken
from central_registry.console.pieces.words import Words


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and a value; None: it is not known, and that is said. `href`: where its rows are; `state`: a pill;
    `full`: what is said to whoever points at it."""

    zh: str
    en: str
    value: str | None
    href: str = ""
    state: State | None = None
    full: str = ""


def fact_at(zh: str, en: str, at: datetime | None, now: datetime, none: str | None = None) -> Fact:
    """A moment as people say it, in full for whoever points at it; `none`: what is said where it never was."""
    return Fact(zh, en, spoken(at, now), full=in_full(at)) if at else Fact(zh, en, none)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check says: which rule, passed or not, what it found, what it wanted."""

    words: Words
    state: State
    got: str
    expected: str


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened: when, what, who, and why if anybody said so."""

    at: datetime
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


@dataclass(frozen=True, slots=True)
class Count:
    """A number that leads to its rows; `soon`: what is most urgent about it, in words."""

    zh: str
    en: str
    number: int
    href: str
    look: Look = Look.ATTENTION
    soon: str = ""


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits: what, about whom, by whom and until when, and where it is done."""

    what: Words
    about: str
    said: str
    href: str


def steps(rows: Sequence[tuple[Words, Words | None]], at: int) -> tuple[Step, ...]:
    """The rows as steps, of which `at` (from 0) is the one to do now; beyond the last all are done."""
    return tuple(
        Step(words, True if n < at else None if n == at else False, help_) for n, (words, help_) in enumerate(rows)
    )
