"""What a value of a field may be: one function each, which yields what is wrong. Pure.

The JSON schema of EPCIS 2.0 leaves its formats to the reader: with a validator that does not look at them, a word that
is no business step passes as an address. Here a format is part of the rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any

from central_registry.exchange.epcis.flaws import Flaw, got, step
from central_registry.exchange.epcis.vocabulary import MEASUREMENT, Vocabulary

Kind = Callable[[Any, str], Iterator[Flaw]]

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f<>\"{}|\\^`]+")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_OFFSET = re.compile(r"[+-]((0\d|1[0-3]):[0-5]\d|14:00)", re.ASCII)
_UNIT = re.compile(r"[A-Z0-9]{2,3}", re.ASCII)
_HEX = re.compile(r"[A-Fa-f0-9]+", re.ASCII)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}", re.ASCII)
_LONGEST = 4_096


def is_uri(text: Any) -> bool:
    """Whether a value is an address, a URN or a compact name: a scheme or prefix, a colon, something."""
    return isinstance(text, str) and len(text) <= _LONGEST and _URI.fullmatch(text) is not None


def uri(value: Any, at: str) -> Iterator[Flaw]:
    """An absolute URI, or a compact one."""
    if not is_uri(value):
        yield Flaw(at, f"expected a URI such as https://… or urn:…, got {got(value)}; write it in full")


def time(value: Any, at: str) -> Iterator[Flaw]:
    """A date and time with its offset from UTC, and one that exists."""
    if not (isinstance(value, str) and _TIME.fullmatch(value) and _exists(value)):
        yield Flaw(at, f"expected a time such as 2026-12-01T08:30:00+08:00, got {got(value)}; write it so")


def _exists(text: str) -> bool:
    """A day of the calendar, and one that is still in it in UTC."""
    try:
        moment = datetime.fromisoformat(re.sub(r"\.\d+", "", text).replace("Z", "+00:00"))
    except ValueError:
        return False
    return MINYEAR < moment.year < MAXYEAR


def matching(pattern: re.Pattern[str], what: str) -> Kind:
    """A text of one form."""

    def kind(value: Any, at: str) -> Iterator[Flaw]:
        if not (isinstance(value, str) and pattern.fullmatch(value)):
            yield Flaw(at, f"expected {what}, got {got(value)}; correct it")

    return kind


offset = matching(_OFFSET, "an offset from -14:00 to +14:00, such as +08:00")
unit = matching(_UNIT, "a unit of two or three signs of UN/CEFACT Recommendation 20, such as KGM")
hexadecimal = matching(_HEX, "hexadecimal digits")
text = matching(re.compile(r"(?s).{0,4096}"), "a text of at most 4096 signs")


def number(value: Any, at: str) -> Iterator[Flaw]:
    """A figure, not one in quotes."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield Flaw(at, f"expected a number without quotes, got {got(value)}; correct it")


def boolean(value: Any, at: str) -> Iterator[Flaw]:
    """true or false."""
    if not isinstance(value, bool):
        yield Flaw(at, f"expected true or false, got {got(value)}; correct it")


def one_of(*allowed: str) -> Kind:
    """One of a few words."""

    def kind(value: Any, at: str) -> Iterator[Flaw]:
        if value not in allowed:
            yield Flaw(at, f"expected {' or '.join(allowed)}, got {got(value)}; correct it")

    return kind


def word_of(listed: Vocabulary) -> Kind:
    """A bare word of a list of the standard, or the URI of somebody's own."""

    def kind(value: Any, at: str) -> Iterator[Flaw]:
        if isinstance(value, str) and value in listed.words:
            return
        if not is_uri(value):
            yield Flaw(at, f"expected a {listed.title} of CBV 2.0 or a URI, got {got(value)}; take one of its words")
        elif _foreign_word(value, listed):
            yield Flaw(at, f"expected a word that CBV 2.0 has, bare in JSON, got {got(value)}; write the word alone")

    return kind


def measurement(value: Any, at: str) -> Iterator[Flaw]:
    """As `word_of`, and any other bare word: the GS1 Web Vocabulary grows apart from EPCIS, and what a sensor measured
    moves no garment. Such a word is kept as it is."""
    if not (isinstance(value, str) and _WORD.fullmatch(value)):
        yield from word_of(MEASUREMENT)(value, at)


def _foreign_word(value: str, listed: Vocabulary) -> bool:
    """Whether it stands in the standard's own space and is none of its words, or is its form of before JSON."""
    if value.startswith("urn:epcglobal:cbv"):
        return True
    for own in (listed.iri, _compact(listed.iri)):
        if own and value.startswith(own):
            return value[len(own) :] not in listed.words
    return False


def _compact(iri: str) -> str:
    return "cbv:" + iri.rsplit("/", 1)[1] if iri.startswith("https://ref.gs1.org/cbv/") else ""


def many(kind: Kind, *, least: int = 0, once: bool = False) -> Kind:
    """A list, each member of a kind; `once`: no member twice."""

    def listed(value: Any, at: str) -> Iterator[Flaw]:
        if not isinstance(value, list) or len(value) < least:
            yield Flaw(at, f"expected a list of at least {least}, got {got(value)}; correct it")
            return
        seen: set[str] = set()
        for place, one in enumerate(value):
            yield from kind(one, f"{at}/{place}")
            if once and isinstance(one, str) and one in seen:
                yield Flaw(f"{at}/{place}", f"expected each once, got {got(one)} twice; remove one")
            seen.add(one if isinstance(one, str) else "")

    return listed


def one_or_many(kind: Kind) -> Kind:
    """A value, or a list of such."""
    several = many(kind, least=1)
    return lambda value, at: several(value, at) if isinstance(value, list) else kind(value, at)


def fields(known: Mapping[str, Kind], required: tuple[str, ...] = (), *, open_to_others: bool = True) -> Kind:
    """An object with known fields; others only if they carry a prefix or address, and where the standard allows any."""

    def kind(value: Any, at: str) -> Iterator[Flaw]:
        if not isinstance(value, Mapping):
            yield Flaw(at, f"expected an object, got {got(value)}; correct it")
            return
        for name in required:
            if name not in value:
                yield Flaw(at, f"expected {name}, got nothing; add it")
        for name, one in value.items():
            yield from known[name](one, f"{at}/{name}") if name in known else other(name, at, open_to_others)

    return kind


def other(name: str, at: str, allowed: bool = True) -> Iterator[Flaw]:
    """A field that the standard does not know."""
    if not allowed:
        yield Flaw(f"{at}/{step(name)}", f"expected only fields of the standard here, got {got(name)}; remove it")
    elif not is_uri(name):
        yield Flaw(
            f"{at}/{step(name)}",
            f"expected a field of the standard here, or one with a prefix such as example:{name[:20]}, got "
            f"{got(name)}; correct its name, or declare a prefix in @context",
        )
