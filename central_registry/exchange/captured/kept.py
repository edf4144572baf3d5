"""An event as it is kept: its id, what it is asked by, and the codes it is about. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from central_registry.exchange.epcis import vocabulary as words
from central_registry.exchange.epcis.document import Event, alone
from central_registry.exchange.epcis.flaws import EpcisError, Flaw, got
from central_registry.exchange.epcis.identifiers import HOST, canonical
from central_registry.exchange.epcis.names import BARE, Names
from central_registry.exchange.epcis.prehash import utc
from label_protocol.codes.serial import fold
from label_protocol.errors import CodeError

MOST_ID_BYTES = 1_000
"""Of an id or a code: it stands in an index, whose rows have an end."""

_SERIAL = re.compile(re.escape(HOST) + r"/01/(\d{14})/21/([^/]+)", re.ASCII)
_EPCS = {"epcList": "epc", "childEPCs": "child", "inputEPCList": "input", "outputEPCList": "output"}
_CLASSES = {
    "quantityList": "class", "childQuantityList": "childClass", "inputQuantityList": "inputClass",
    "outputQuantityList": "outputClass",
}  # fmt: skip
LISTS = (*_EPCS, *_CLASSES)
"""Where an event names things."""


@dataclass(frozen=True, slots=True)
class Code:
    """One thing that an event is about, in canonical form, and in which of its lists (`role`). `unit`, `gtin`: of a
    serial of the form that is drawn here, else ''."""

    role: str
    code: str
    unit: str = ""
    gtin: str = ""

    @property
    def serial(self) -> tuple[str, str]:
        """`unit` and `gtin` as its code has them."""
        return unit_of(self.code)


@dataclass(frozen=True, slots=True)
class Kept:
    """A row: `declares` names what an error declaration says, '' without one; `digest` what the event says. Words and
    places in full form; `body` is JSON with the event's context."""

    event_id: str
    declares: str
    digest: str
    event_type: str
    event_time: datetime
    action: str
    biz_step: str
    disposition: str
    read_point: str
    biz_location: str
    body: str
    codes: tuple[Code, ...]

    @property
    def bytes(self) -> int:
        """About as many as it takes of the disk, with its rows and indexes."""
        return len(self.body) + 400 + sum(2 * len(one.code) + 200 for one in self.codes)


def kept(event: Event) -> Kept:
    """The row of a checked event.

    Raises:
        EpcisError: an id or a code that is too long to be found by.
    """
    body, names = event.body, event.names
    said = event.hash_id
    declaration = body.get("errorDeclaration")
    codes = tuple(dict.fromkeys(_codes(body, names)))
    for long in (one for one in (body.get("eventID", ""), *(code.code for code in codes)) if _is_long(one)):
        raise EpcisError(
            (Flaw(event.at, f"expected ids of at most {MOST_ID_BYTES} bytes, got {got(long)}; shorten it"),)
        )
    return Kept(
        event_id=body.get("eventID") or said,
        declares=_digest(json.dumps(declaration, sort_keys=True)) if declaration is not None else "",
        digest=_digest(said),
        event_type=names.value(body["type"]),
        event_time=datetime.fromisoformat(utc(body["eventTime"])),
        action=body.get("action", ""),
        biz_step=in_full(words.BIZ_STEP, body.get("bizStep", ""), names),
        disposition=in_full(words.DISPOSITION, body.get("disposition", ""), names),
        read_point=one_form(body.get("readPoint", {}).get("id", ""), names),
        biz_location=one_form(body.get("bizLocation", {}).get("id", ""), names),
        body=json.dumps(alone(event), ensure_ascii=False, separators=(",", ":")),
        codes=codes,
    )


def in_full(listed: words.Vocabulary, text: str, names: Names = BARE) -> str:
    """A word of a list in its one full form, however it was written.

    >>> in_full(words.BIZ_STEP, "urn:epcglobal:cbv:bizstep:packing")
    'https://ref.gs1.org/cbv/BizStep-packing'
    """
    text = names.value(listed.expanded(text))
    return listed.iri + text[len(listed.urn) :] if listed.urn and text.startswith(listed.urn) else text


def one_form(text: str, names: Names = BARE) -> str:
    """A key or an address in its one form."""
    text = names.value(text)
    return canonical(text) or text


def unit_of(code: str) -> tuple[str, str]:
    """The serial and the GTIN of a code in canonical form, if the serial is one that is drawn here; else '', ''."""
    match = _SERIAL.fullmatch(code)
    serial = unquote(match[2]) if match else ""
    try:
        return (serial, match[1]) if match and fold(serial) == serial else ("", "")
    except CodeError:
        return "", ""


def _codes(body: Mapping[str, Any], names: Names) -> Iterator[Code]:
    for field, role in _EPCS.items():
        for text in body.get(field, ()):
            yield _code(role, one_form(text, names))
    if "parentID" in body:
        yield _code("parent", one_form(body["parentID"], names))
    for field, role in _CLASSES.items():
        for row in body.get(field, ()):
            yield Code(role, one_form(row["epcClass"], names))


def _code(role: str, code: str) -> Code:
    return Code(role, code, *unit_of(code))


def _is_long(text: str) -> bool:
    return len(text.encode()) > MOST_ID_BYTES


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
