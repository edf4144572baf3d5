"""What agents told, as EPCIS events: garments that got their label, cartons, labels that were void. Pure.

An agent's events are walked through once, from its first, since what a later one means stands in earlier ones: which
GTIN a serial has, which serials a window, which number a carton. What the standard has no event for is not told: a
label that is printed and not yet on a garment, a carton without an SSCC, which nobody outside could name.

A carton has its number only once it is closed, so that is when its garments are told as packed; what is put in or taken
out after that is told as it happens. Times are the agent's, the offset from UTC is that of the site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from central_registry.exchange.epcis.document import CONTEXT, Event
from central_registry.exchange.epcis.identifiers import HOST
from central_registry.exchange.steps import STEPS
from label_protocol.codes.gs1 import gtin14
from label_protocol.errors import CodeError
from label_protocol.events import EventType

MASTER_DATA = {"cbvmda": "urn:epcglobal:cbv:mda:"}
"""The prefix of facts that a thing is born with (CBV 2.0, master data attributes)."""

BEIJING = "+08:00"


@dataclass
class Retelling:
    """Walks one agent's events; `offset`: of its site from UTC."""

    offset: str = BEIJING
    _goods: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    _windows: dict[str, list[str]] = field(default_factory=dict)
    _on_garment: set[str] = field(default_factory=set)
    _inside: dict[str, dict[str, None]] = field(default_factory=dict)
    _numbers: dict[str, str] = field(default_factory=dict)
    _told_inside: dict[str, set[str]] = field(default_factory=dict)

    def events(self, told: Mapping[str, Any]) -> Iterator[Event]:
        """What this event says in the standard's words: nothing, or some events."""
        teller = _TELLERS.get(str(told.get("type")))
        for body in teller(self, told) if teller else ():
            at = str(told.get("at", ""))
            yield with_id({**body, "eventTime": at, "eventTimeZoneOffset": self.offset})

    def _sending(self, told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        self._windows[told["window"]] = list(told["serials"])
        self._goods.update(dict.fromkeys(told["serials"], (told["gtin"], told["lot_no"])))
        yield from ()

    def _printed(self, told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        serials = self._windows.pop(told["window"], [])
        if told.get("counts_as") == "commissioned":
            yield from self._commissioned(serials)

    def _moved(self, told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        serial, step = told["serial"], told["step"]
        if step == "commission":
            yield from self._commissioned([serial])
        elif step == "scrap" and serial in self._on_garment:
            self._on_garment.discard(serial)
            yield {**STEPS["scrapped"].fields(), "epcList": self._codes([serial])}

    def _commissioned(self, serials: Sequence[str]) -> Iterator[dict[str, Any]]:
        new = [serial for serial in serials if serial not in self._on_garment]
        self._on_garment.update(new)
        by_lot: dict[str | None, list[str]] = {}
        for serial in new:
            if serial in self._goods:
                by_lot.setdefault(self._goods[serial][1], []).append(serial)
        for lot_no, of_lot in by_lot.items():
            codes = self._codes(of_lot)
            if codes:
                born = {"ilmd": {"cbvmda:lotNumber": lot_no}} if lot_no else {}
                yield {**STEPS["commissioned"].fields(), "epcList": codes, **born}

    def _packed(self, told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        inside = self._inside.setdefault(told["carton"], {})
        inside.update(dict.fromkeys(told["put_in"]))
        for serial in told["taken_out"]:
            inside.pop(serial, None)
        if told["carton"] in self._numbers:
            yield from self._difference(told["carton"])

    def _closed(self, told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        if told["sscc"]:
            self._numbers[told["carton"]] = told["sscc"]
            yield from self._difference(told["carton"])

    def _difference(self, carton: str) -> Iterator[dict[str, Any]]:
        """What went in and out since it was last told."""
        now, before = self._inside.get(carton, {}), self._told_inside.get(carton, set())
        self._told_inside[carton] = set(now)
        gone, new = sorted(before - set(now)), [serial for serial in now if serial not in before]
        for word, serials in (("unpacked", gone), ("packed", new)):
            codes = self._codes(serials)
            if codes:
                yield {**STEPS[word].fields(), "parentID": f"{HOST}/00/{self._numbers[carton]}", "childEPCs": codes}

    def _codes(self, serials: Sequence[str]) -> list[str]:
        """Codes of the serials whose goods are known; of others nobody could name the product."""
        found = (code_of(self._goods[serial][0], serial) for serial in serials if serial in self._goods)
        return [code for code in found if code is not None]


def code_of(gtin: str, serial: str) -> str | None:
    """A label's code in its canonical form; None for a GTIN that is none."""
    try:
        return f"{HOST}/01/{gtin14(gtin)}/21/{quote(serial, safe='')}"
    except CodeError:
        return None


def with_id(body: Mapping[str, Any]) -> Event:
    """An event of ours with its hash for an id, so that whoever is told twice knows it."""
    bare = Event(body, [CONTEXT, MASTER_DATA], "")
    return Event({**body, "eventID": bare.hash_id}, bare.context, "")


_TELLERS: Mapping[str, Callable[[Retelling, Mapping[str, Any]], Iterator[dict[str, Any]]]] = {
    EventType.WINDOW_SENDING: Retelling._sending,
    EventType.WINDOW_PRINTED: Retelling._printed,
    EventType.LABEL_SCANNED: Retelling._moved,
    EventType.LABEL_DECIDED: Retelling._moved,
    EventType.PACKED: Retelling._packed,
    EventType.CARTON_CLOSED: Retelling._closed,
}
