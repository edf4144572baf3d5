"""What the standard asks of each kind of event, as rows; and what it asks in words alone, as functions. Pure.

Rows: EPCIS 2.0, sections 7.4.1 to 7.4.6 and its JSON schema. Rules beyond the schema are marked with their reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from central_registry.exchange.epcis import kinds, names
from central_registry.exchange.epcis import vocabulary as words
from central_registry.exchange.epcis.flaws import Flaw, got
from central_registry.exchange.epcis.kinds import Kind, fields, many, number, uri, word_of

_EPCS = many(uri, once=True)
_QUANTITIES = many(
    fields({"epcClass": uri, "quantity": number, "uom": kinds.unit}, ("epcClass",), open_to_others=False)
)
_PLACE = fields({"id": uri}, ("id",))
_DISPOSITION = word_of(words.DISPOSITION)


def _typed(item: str, listed: words.Vocabulary, *required: str) -> Kind:
    return many(fields({"type": word_of(listed), item: uri}, (*required, item), open_to_others=False))


_SENSOR_METADATA: Mapping[str, Kind] = {
    **dict.fromkeys(("time", "startTime", "endTime"), kinds.time),
    **dict.fromkeys(("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"), uri),
}
_SENSOR_REPORT: Mapping[str, Kind] = {
    "type": kinds.measurement,
    "exception": word_of(words.ALERT),
    "component": word_of(words.COMPONENT),
    "time": kinds.time,
    "stringValue": kinds.text,
    "booleanValue": kinds.boolean,
    "hexBinaryValue": kinds.hexadecimal,
    "uom": kinds.text,
    **dict.fromkeys(
        ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules", "microorganism",
         "chemicalSubstance", "coordinateReferenceSystem", "uriValue"), uri,
    ),
    **dict.fromkeys(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), number),
}  # fmt: skip
_SENSORS = many(
    fields(
        {
            "sensorMetadata": fields(_SENSOR_METADATA),
            "sensorReport": many(fields(_SENSOR_REPORT), least=1),
        },
        ("sensorReport",),
    )
)

FIELDS: Mapping[str, Kind] = {
    "eventTime": kinds.time,
    "recordTime": kinds.time,
    "eventTimeZoneOffset": kinds.offset,
    "eventID": uri,
    "certificationInfo": kinds.one_or_many(uri),
    "errorDeclaration": fields(
        {
            "declarationTime": kinds.time,
            "reason": word_of(words.ERROR_REASON),
            "correctiveEventIDs": many(uri),
        },
        ("declarationTime",),
    ),
    "action": kinds.one_of("ADD", "OBSERVE", "DELETE"),
    "bizStep": word_of(words.BIZ_STEP),
    "disposition": _DISPOSITION,
    "persistentDisposition": fields(
        dict.fromkeys(("set", "unset"), many(_DISPOSITION, least=1, once=True)), open_to_others=False
    ),
    **dict.fromkeys(("parentID", "transformationID"), uri),
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), _EPCS),
    **dict.fromkeys(("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _QUANTITIES),
    **dict.fromkeys(("readPoint", "bizLocation"), _PLACE),
    "bizTransactionList": _typed("bizTransaction", words.TRANSACTION),
    "sourceList": _typed("source", words.SOURCE_DESTINATION, "type"),
    "destinationList": _typed("destination", words.SOURCE_DESTINATION, "type"),
    "sensorElementList": _SENSORS,
    "ilmd": fields({}),
}
"""Each field that the standard names, and what may stand in it."""

_EVERY = ("eventTime", "recordTime", "eventTimeZoneOffset", "eventID", "certificationInfo", "errorDeclaration")
_WHY_WHERE = ("bizStep", "disposition", "readPoint", "bizLocation", "bizTransactionList", "sourceList",
              "destinationList", "sensorElementList")  # fmt: skip

_Rule = Callable[[Mapping[str, Any], str], Iterator[Flaw]]


@dataclass(frozen=True, slots=True)
class EventRule:
    """One kind of event: fields beside those of every event, those it must have, and rules between fields."""

    own: frozenset[str]
    required: tuple[str, ...]
    between: tuple[_Rule, ...]


def _is_about_something(event: Mapping[str, Any], at: str) -> Iterator[Flaw]:
    """The schema takes an empty list for one; an event about nothing tells nothing, unless sensors do."""
    measured = event.get("sensorElementList") and "readPoint" in event
    if not (event.get("epcList") or event.get("quantityList") or measured):
        yield Flaw(at, "expected epcList or quantityList with something in it, got neither; name what it is about")


def _ilmd_at_birth(event: Mapping[str, Any], at: str) -> Iterator[Flaw]:
    if "ilmd" in event and event.get("action") != "ADD":
        yield Flaw(f"{at}/ilmd", f"expected ilmd with ADD alone, got it with {got(event.get('action'))}; remove it")


def _children(event: Mapping[str, Any], at: str) -> Iterator[Flaw]:
    if event.get("action") != "DELETE" and not (event.get("childEPCs") or event.get("childQuantityList")):
        yield Flaw(at, "expected childEPCs or childQuantityList, got neither; only DELETE may do without")


def _parent(event: Mapping[str, Any], at: str) -> Iterator[Flaw]:
    """Beyond the schema: EPCIS 2.0, table of AggregationEvent."""
    if event.get("action") in ("ADD", "DELETE") and "parentID" not in event:
        yield Flaw(at, f"expected parentID with {event['action']}, got nothing; name what holds the others")


def _objects_of_transaction(event: Mapping[str, Any], at: str) -> Iterator[Flaw]:
    if event.get("action") != "DELETE" and not ("epcList" in event or event.get("quantityList")):
        yield Flaw(at, "expected epcList or quantityList, got neither; only DELETE may do without")


def _into_and_out(event: Mapping[str, Any], at: str) -> Iterator[Flaw]:
    into = event.get("inputEPCList") or event.get("inputQuantityList")
    out = event.get("outputEPCList") or event.get("outputQuantityList")
    if not ((into and out) or ("transformationID" in event and (into or out))):
        yield Flaw(at, "expected inputs and outputs, or one of them with transformationID, got neither; add them")


EVENTS: Mapping[str, EventRule] = {
    "ObjectEvent": EventRule(
        frozenset((*_WHY_WHERE, "epcList", "quantityList", "action", "persistentDisposition", "ilmd")),
        ("action",),
        (_is_about_something, _ilmd_at_birth),
    ),
    "AggregationEvent": EventRule(
        frozenset((*_WHY_WHERE, "parentID", "childEPCs", "childQuantityList", "action")),
        ("action",),
        (_children, _parent),
    ),
    "TransactionEvent": EventRule(
        frozenset((*_WHY_WHERE, "parentID", "epcList", "quantityList", "action")),
        ("action", "bizTransactionList"),
        (_objects_of_transaction,),
    ),
    "TransformationEvent": EventRule(
        frozenset((*_WHY_WHERE, "inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList",
                   "transformationID", "persistentDisposition", "ilmd")),
        (),
        (_into_and_out,),
    ),
    "AssociationEvent": EventRule(
        frozenset((*_WHY_WHERE, "parentID", "childEPCs", "childQuantityList", "action")),
        ("action", "parentID"),
        (_children,),
    ),
}  # fmt: skip

RESERVED = frozenset(FIELDS) | {"type", "id", "epcisBody", "eventList", "schemaVersion", "creationDate"}
_ANYWHERE = frozenset(("@context", "type"))


def event_flaws(event: Any, at: str) -> Iterator[Flaw]:
    """What is wrong with one event of a document."""
    if not isinstance(event, Mapping):
        yield Flaw(at, f"expected an event, got {got(event)}; correct it")
        return
    kind = event.get("type")
    rule = EVENTS.get(kind) if isinstance(kind, str) else None
    if rule is None and not kinds.is_uri(kind):
        yield Flaw(f"{at}/type", f"expected {', '.join(EVENTS)} or a URI, got {got(kind)}; correct it")
        return
    if "@context" in event:
        yield from names.context_flaws(event["@context"], f"{at}/@context", RESERVED, whole=False)
    yield from _fields_of(event, rule, at)
    for between in rule.between if rule else ():
        yield from between(event, at)


def _fields_of(event: Mapping[str, Any], rule: EventRule | None, at: str) -> Iterator[Flaw]:
    allowed = frozenset(_EVERY) | (rule.own if rule else frozenset(FIELDS))
    for name in ("eventTime", "eventTimeZoneOffset", *(rule.required if rule else ())):
        if name not in event:
            yield Flaw(at, f"expected {name}, got nothing; add it")
    for name, value in event.items():
        if name in allowed:
            yield from FIELDS[name](value, f"{at}/{name}")
        elif name in FIELDS:
            yield Flaw(f"{at}/{name}", f"expected no {name} in a {event['type']}; remove it or change the type")
        elif name not in _ANYWHERE:
            yield from kinds.other(name, at)
