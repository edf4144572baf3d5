"""What agents tell comes out as EPCIS events that our own rules take, and in the words of the standard."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from central_registry.exchange.epcis import vocabulary
from central_registry.exchange.epcis.document import as_document, read
from central_registry.exchange.epcis.rules import EVENTS
from central_registry.exchange.retelling import Retelling
from central_registry.exchange.steps import STEPS

AT = "2026-11-30T08:30:00.250Z"
SSCC = "069012340000000122"
GTIN = "6901234567892"


def window(*serials: str, lot_no: str | None = "L1", gtin: str = GTIN, name: str = "w1") -> dict[str, Any]:
    return {
        "type": "window_sending",
        "at": AT,
        "window": name,
        "serials": list(serials),
        "gtin": gtin,
        "lot_no": lot_no,
    }


def decided(serial: str, step: str, kind: str = "label_decided") -> dict[str, Any]:
    return {"type": kind, "at": AT, "serial": serial, "step": step}


def packed(*put_in: str, out: Iterable[str] = (), carton: str = "c1") -> dict[str, Any]:
    return {"type": "packed", "at": AT, "carton": carton, "put_in": list(put_in), "taken_out": list(out)}


def closed(sscc: str | None = SSCC, carton: str = "c1") -> dict[str, Any]:
    return {"type": "carton_closed", "at": AT, "carton": carton, "sscc": sscc, "count": 0}


def code(serial: str) -> str:
    return f"https://id.gs1.org/01/0{GTIN}/21/{serial}"


def retold(*events: dict[str, Any]) -> list[dict[str, Any]]:
    """The bodies, each of which went through our own reader and came out with the id it bears."""
    walk = Retelling()
    found = tuple(event for one in events for event in walk.events(one))
    again = read(json.dumps(as_document(found, AT)))
    assert [one.hash_id for one in again] == [one.body["eventID"] for one in found]
    return [dict(one.body) for one in found]


def test_a_garment_gets_its_label() -> None:
    (event,) = retold(window("S1", "S2"), decided("S2", "commission", "label_scanned"))
    assert event["eventID"].startswith("ni:///sha-256;")
    assert event | {"eventID": ""} == {
        "type": "ObjectEvent",
        "action": "ADD",
        "bizStep": "commissioning",
        "disposition": "active",
        "epcList": [code("S2")],
        "ilmd": {"cbvmda:lotNumber": "L1"},
        "eventTime": AT,
        "eventTimeZoneOffset": "+08:00",
        "eventID": "",
    }


def test_a_window_that_counts_as_commissioned_is() -> None:
    printed = {"type": "window_printed", "at": AT, "window": "w1", "counts_as": "commissioned"}
    (event,) = retold(window("S1", "S2", lot_no=None), printed)
    assert event["epcList"] == [code("S1"), code("S2")]
    assert "ilmd" not in event
    assert retold(window("S1"), {**printed, "counts_as": "printed"}) == []


def test_commissioned_twice_is_told_once() -> None:
    assert len(retold(window("S1"), decided("S1", "commission"), decided("S1", "commission"))) == 1


def test_only_what_was_on_a_garment_is_decommissioned() -> None:
    assert retold(window("S1"), decided("S1", "scrap")) == []
    events = retold(window("S1"), decided("S1", "commission"), decided("S1", "scrap"))
    assert [(one["action"], one["bizStep"], one["disposition"]) for one in events] == [
        ("ADD", "commissioning", "active"),
        ("DELETE", "decommissioning", "inactive"),
    ]


def test_a_carton_is_told_when_it_has_its_number() -> None:
    assert retold(window("S1", "S2"), packed("S1"), packed("S2")) == []
    (event,) = retold(window("S1", "S2", "S3"), packed("S1", "S3"), packed("S2", out=["S3"]), closed())
    assert event["parentID"] == f"https://id.gs1.org/00/{SSCC}"
    assert event["childEPCs"] == [code("S1"), code("S2")]
    assert (event["type"], event["action"], event["bizStep"]) == ("AggregationEvent", "ADD", "packing")


def test_what_goes_in_and_out_after_that_is_told_as_it_happens() -> None:
    events = retold(window("S1", "S2"), packed("S1"), closed(), packed("S2", out=["S1"]), closed())
    assert [(one["action"], one["childEPCs"]) for one in events] == [
        ("ADD", [code("S1")]),
        ("DELETE", [code("S1")]),
        ("ADD", [code("S2")]),
    ]


@pytest.mark.parametrize(
    "events",
    [
        [packed("S1"), closed()],
        [window("S1"), packed("S1"), closed(None)],
        [window("S1", gtin="123"), decided("S1", "commission")],
        [decided("S9", "commission")],
        [window("S1"), decided("S1", "scan", "label_scanned")],
        [{"type": "job_opened", "at": AT}],
    ],
)
def test_what_nobody_outside_could_name_is_not_told(events: list[dict[str, Any]]) -> None:
    assert retold(*events) == []


def test_a_serial_is_escaped() -> None:
    (event,) = retold(window("A/1"), decided("A/1", "commission"))
    assert event["epcList"] == [code("A%2F1")]


@pytest.mark.parametrize("name", STEPS)
def test_each_step_is_in_the_words_of_the_standard(name: str) -> None:
    step = STEPS[name]
    assert step.biz_step in vocabulary.BIZ_STEP.words
    assert step.disposition in vocabulary.DISPOSITION.words
    assert {"action", "bizStep", "disposition"} <= EVENTS[step.kind].own
