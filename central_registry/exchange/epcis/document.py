"""Documents in and out: bytes to checked events with the names that hold there, and back. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from typing import Any

from central_registry.exchange.epcis import kinds
from central_registry.exchange.epcis.flaws import EpcisError, Flaw, got, step
from central_registry.exchange.epcis.names import BARE, Names, context_flaws
from central_registry.exchange.epcis.prehash import event_id
from central_registry.exchange.epcis.rules import RESERVED, event_flaws
from garment.strict_json import parse_json
from label_protocol.errors import RecordError

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
DEEPEST = 24
"""Levels of a document; what stands deeper is nobody's event."""
MOST_EVENTS = 1_000
EXACT_INTEGER = 2**53


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it was told: `body` without the document's context, which is `context`; `at` points to it there."""

    body: Mapping[str, Any]
    context: Any
    at: str

    @property
    def names(self) -> Names:
        """The prefixes that hold in it."""
        outer = BARE.with_context(self.context)
        return outer.with_context(self.body["@context"]) if "@context" in self.body else outer

    @property
    def hash_id(self) -> str:
        """What it says, in one id: the event hash id of CBV 2.0."""
        return event_id(self.body, self.names)


def read(data: bytes | str, *, queries: bool = False) -> tuple[Event, ...]:
    """The events of an EPCIS document, all of them right; with `queries`, of a query document too.

    Raises:
        EpcisError: what is wrong, each with its place; nothing of the document is to be taken then.
    """
    document = _parsed(data)
    flaws = tuple(_first(_document_flaws(document, queries)))
    if flaws:
        raise EpcisError(flaws)
    at, listed = _listed(document)
    return tuple(Event(body, document["@context"], f"{at}/{place}") for place, body in enumerate(listed))


def read_each(data: bytes | str) -> tuple[tuple[Event, ...], tuple[Flaw, ...]]:
    """The right events of a document or query document, and what is wrong with the others.

    Raises:
        EpcisError: the document itself is none.
    """
    document = _parsed(data)
    outside = tuple(_first(takewhile(_is_outside, _document_flaws(document, True))))
    if outside:
        raise EpcisError(outside)
    at, listed = _listed(document)
    right, flaws = list[Event](), list[Flaw]()
    for place, body in enumerate(listed):
        wrong = tuple(_first(event_flaws(body, f"{at}/{place}")))
        flaws += wrong
        right += [] if wrong else [Event(body, document["@context"], f"{at}/{place}")]
    return tuple(right), tuple(flaws)


def _is_outside(flaw: Flaw) -> bool:
    """Of no event, which are looked at last."""
    return not (flaw.at.startswith("/epcisBody/") and "/eventList/" in flaw.at)


def read_one(data: bytes | str) -> Event:
    """A single event with its own context.

    Raises:
        EpcisError: what is wrong with it.
    """
    body = _parsed(data)
    flaws = [*_flaws_of_context(body), *event_flaws(body, "")]
    if flaws:
        raise EpcisError(tuple(flaws))
    return Event({name: value for name, value in body.items() if name != "@context"}, body["@context"], "")


def _flaws_of_context(body: Mapping[str, Any]) -> Iterator[Flaw]:
    if "@context" not in body:
        yield Flaw("", f"expected @context with {CONTEXT}, got nothing; add it")
        return
    yield from context_flaws(body["@context"], "/@context", RESERVED, whole=True)


def as_document(events: tuple[Event, ...], created: str) -> dict[str, Any]:
    """A document of events, each with the context that it was told in; `created` is a time of the standard."""
    return {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": created,
        "epcisBody": {"eventList": [alone(event) for event in events]},
    }


def alone(event: Event) -> dict[str, Any]:
    """One event with all that it needs to be understood outside its document."""
    own = event.body.get("@context", [])
    parts = [*_as_list(event.context), *_as_list(own)]
    kept = [part for place, part in enumerate(parts) if part not in parts[:place]]
    return {"@context": kept, **{name: value for name, value in event.body.items() if name != "@context"}}


def _as_list(context: Any) -> list[Any]:
    return context if isinstance(context, list) else [context]


def _parsed(data: bytes | str) -> dict[str, Any]:
    try:
        document = _plain(parse_json(data, "EPCIS document"), "", 0)
    except RecordError as cause:
        raise EpcisError((Flaw("", str(cause)),)) from cause
    if not isinstance(document, dict):
        raise EpcisError((Flaw("", f"expected an EPCIS document, one object, got {got(document)}; send that"),))
    return document


def _plain(value: Any, at: str, depth: int) -> Any:
    """Numbers as every reader of JSON has them, so that what is given back is what was told."""
    if depth > DEEPEST:
        raise EpcisError((Flaw(at, f"expected at most {DEEPEST} levels, got more; make it flatter"),))
    if isinstance(value, dict):
        return {name: _plain(one, f"{at}/{step(name)}", depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one, f"{at}/{place}", depth + 1) for place, one in enumerate(value)]
    if value is None:
        raise EpcisError((Flaw(at, "expected a value, got null; leave the field out"),))
    return _number(value, at) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else value


def _number(value: int | float | Decimal, at: str) -> int | float:
    if isinstance(value, int) and abs(value) <= EXACT_INTEGER:
        return value
    if isinstance(value, Decimal) and value.is_finite() and -300 < value.adjusted() < 300:
        near = float(value)
        if Decimal(repr(near)) == value:
            return near
    raise EpcisError((Flaw(at, f"expected a number of at most 15 digits, got {str(value)[:40]}; write it as a text"),))


def _listed(document: Mapping[str, Any]) -> tuple[str, list[Any]]:
    body = document["epcisBody"]
    if document["type"] == "EPCISQueryDocument":
        return "/epcisBody/queryResults/resultsBody/eventList", body["queryResults"]["resultsBody"]["eventList"]
    return "/epcisBody/eventList", body["eventList"]


def _first(flaws: Iterator[Flaw]) -> Iterator[Flaw]:
    for count, flaw in enumerate(flaws):
        if count >= EpcisError.MOST:
            return
        yield flaw


_DOCUMENT = {"schemaVersion", "creationDate", "epcisBody", "@context", "type"}
_DOCUMENT_MAY = _DOCUMENT | {"id", "instanceIdentifier", "sender", "receiver", "epcisHeader"}


def _document_flaws(document: Mapping[str, Any], queries: bool) -> Iterator[Flaw]:
    is_query = queries and document.get("type") == "EPCISQueryDocument"
    if not is_query and document.get("type") != "EPCISDocument":
        yield Flaw("/type", f"expected EPCISDocument, got {got(document.get('type'))}; send a document of events")
        return
    for name in ("@context", "epcisBody") if is_query else sorted(_DOCUMENT):
        if name not in document:
            yield Flaw("", f"expected {name}, got nothing; add it")
    yield from _head_flaws(document)
    yield from _body_flaws(document, is_query)


def _head_flaws(document: Mapping[str, Any]) -> Iterator[Flaw]:
    if "@context" in document:
        yield from context_flaws(document["@context"], "/@context", RESERVED, whole=True)
    version = document.get("schemaVersion", "2.0")
    if not (isinstance(version, str) and (version == "2" or version.startswith("2."))):
        yield Flaw("/schemaVersion", f"expected 2.0, got {got(version)}; write the document in EPCIS 2.0")
    if "creationDate" in document:
        yield from kinds.time(document["creationDate"], "/creationDate")
    for name in document:
        if name not in _DOCUMENT_MAY:
            yield from kinds.other(name, "")


def _body_flaws(document: Mapping[str, Any], is_query: bool) -> Iterator[Flaw]:
    if "epcisBody" not in document:
        return
    at, found = "/epcisBody", document["epcisBody"]
    for name in ("queryResults", "resultsBody", "eventList") if is_query else ("eventList",):
        if not (isinstance(found, Mapping) and name in found):
            yield Flaw(at, f"expected an object with {name}, got {got(found)}; add it")
            return
        at, found = f"{at}/{name}", found[name]
    if not isinstance(found, list) or len(found) > MOST_EVENTS:
        yield Flaw(at, f"expected a list of at most {MOST_EVENTS} events, got {got(found)}; send them in parts")
        return
    for place, event in enumerate(found):
        yield from event_flaws(event, f"{at}/{place}")
