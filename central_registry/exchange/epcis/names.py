"""What the prefixes of a document mean: read from its `@context` by a table of ours, since no context is ever fetched.

A context at an address that is not in the table is kept as text and teaches nothing: names with a prefix that only it
explains stay as they are written. A document that names no context of EPCIS is refused, since nobody could say then
what its words mean; so is one that gives the standard's own words another meaning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from central_registry.exchange.epcis.flaws import Flaw, got
from central_registry.exchange.epcis.kinds import is_uri

EPCIS_CONTEXTS = frozenset(
    (
        "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        "https://ref.gs1.org/standards/epcis/2.0.1/epcis-context.jsonld",
        "https://gs1.github.io/EPCIS/epcis-context.jsonld",
    )
)
"""Addresses under which GS1 publishes the one context; all mean the same here."""

STANDARD: Mapping[str, str] = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "gs1": "https://gs1.org/voc/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
}
"""Prefixes of the standard's context. The first three may mean nothing else: the hash of an
event expands them."""

MOST_CONTEXT = 16_000
"""Signs of one, as JSON: it is looked through for each event, and kept with each."""

_FIXED = ("epcis", "cbv", "gs1")


@dataclass(frozen=True, slots=True)
class Names:
    """Prefixes and what they stand for."""

    prefixes: Mapping[str, str]

    def value(self, text: str) -> str:
        """A compact name in full; any other text as it is.

        >>> Names({"ex": "https://ex.example/"}).value("ex:red")
        'https://ex.example/red'
        """
        prefix, colon, local = text.partition(":")
        return self.prefixes[prefix] + local if colon and prefix in self.prefixes else text

    def key(self, text: str) -> str:
        """A compact name of a field as the hash writes it.

        >>> Names({"ex": "https://ex.example/"}).key("ex:colour")
        '{https://ex.example/}colour'
        """
        prefix, colon, local = text.partition(":")
        return f"{{{self.prefixes[prefix]}}}{local}" if colon and prefix in self.prefixes else text

    def with_context(self, context: Any) -> Names:
        """These, and beside or before them those of a further context, which was checked."""
        return Names({**self.prefixes, **dict(_declared(context))})


BARE = Names(dict(STANDARD))


def context_flaws(context: Any, at: str, reserved: frozenset[str], *, whole: bool) -> Iterator[Flaw]:
    """What is wrong with a `@context`; `whole` for a document's, which has to name EPCIS's own; `reserved` are the
    standard's own fields."""
    if len(json.dumps(context)) > MOST_CONTEXT:
        yield Flaw(at, f"expected at most {MOST_CONTEXT} signs, got {got(context)}; leave out what no event uses")
        return
    parts = _parts(context)
    for place, part in parts:
        if isinstance(part, Mapping):
            for key, value in part.items():
                yield from _term_flaws(key, value, f"{at}{place}/{key}", reserved)
        elif not isinstance(part, str):
            yield Flaw(at + place, f"expected an address or an object of prefixes, got {got(part)}; correct it")
    if whole and not any(isinstance(part, str) and part in EPCIS_CONTEXTS for _, part in parts):
        first = sorted(EPCIS_CONTEXTS)[-1]
        yield Flaw(at, f"expected the context of EPCIS 2.0 among others, got {got(context)}; add {first}")


def _term_flaws(key: str, value: Any, at: str, reserved: frozenset[str]) -> Iterator[Flaw]:
    if key.startswith("@"):
        yield Flaw(at, f"expected prefixes, got the keyword {key[:40]}, which gives other words a meaning; remove it")
    elif key in reserved:
        yield Flaw(at, f"expected a prefix of your own, got {key}, a word of EPCIS; choose another name")
    elif ":" not in key and _meaning(value) is None:
        yield Flaw(at, f"expected what the prefix stands for, got {got(value)}; write its address")
    elif key in _FIXED and _meaning(value) != STANDARD[key]:
        yield Flaw(at, f"expected {STANDARD[key]} for {key}, got {got(value)}; choose another prefix")


def _parts(context: Any) -> list[tuple[str, Any]]:
    return [(f"/{place}", part) for place, part in enumerate(context)] if isinstance(context, list) else [("", context)]


def _declared(context: Any) -> Iterator[tuple[str, str]]:
    for _, part in _parts(context):
        for key, value in part.items() if isinstance(part, Mapping) else ():
            meaning = _meaning(value)
            if ":" not in key and meaning is not None:
                yield key, meaning


def _meaning(value: Any) -> str | None:
    found = value.get("@id") if isinstance(value, Mapping) else value
    return found if is_uri(found) else None
