"""One event has one text and one hash, however it is written; another event has another (CBV 2.0, event hash id)."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from central_registry.exchange.epcis.document import Event, as_document, read
from central_registry.exchange.epcis.prehash import prehash, utc
from tests.central_registry.exchange.epcis.vectors import CONTEXT, EVENTS, HASHED, document


def hashed(event: dict[str, Any], context: Any = CONTEXT) -> str:
    (found,) = read(document(event, context=context))
    return found.hash_id


@pytest.mark.parametrize("name", EVENTS)
def test_texts_are_those_of_the_reference_implementation(name: str) -> None:
    (event,) = read(document(EVENTS[name]))
    assert prehash(event.body, event.names) == HASHED[name]


def test_the_id_is_a_ni_uri_with_its_version() -> None:
    assert hashed(EVENTS["packed"]) == (
        "ni:///sha-256;4995bf5f6bfbe29badbf66170652cbb9acb59df049d2f6fa99d190cad4e8010f?ver=CBV2.0"
    )


def shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        names = list(value)
        chance.shuffle(names)
        return {name: shuffled(value[name], chance) for name in names}
    if isinstance(value, list):
        return chance.sample([shuffled(one, chance) for one in value], len(value))
    return value


@pytest.mark.parametrize("name", EVENTS)
def test_no_order_changes_the_hash(name: str) -> None:
    chance = random.Random(name)
    assert {hashed(shuffled(EVENTS[name], chance)) for _ in range(20)} == {hashed(EVENTS[name])}


@pytest.mark.parametrize("name", EVENTS)
def test_what_is_written_back_hashes_alike(name: str) -> None:
    (event,) = read(document(EVENTS[name]))
    (again,) = read(json.dumps(as_document((event,), "2026-12-01T00:00:00Z")))
    assert again.hash_id == event.hash_id
    assert dict(again.body, **{"@context": 0}) == dict(event.body, **{"@context": 0})


SAME = {
    "another zone": {"eventTime": "2026-11-30T00:30:00.250Z"},
    "more decimals": {"eventTime": "2026-11-30T08:30:00.2500001+08:00"},
    "the full word": {"bizStep": "https://ref.gs1.org/cbv/BizStep-commissioning"},
    "a compact word": {"bizStep": "cbv:BizStep-commissioning"},
    "another host, short names, a query": {
        "epcList": [
            "http://other.example/x/gtin/06901234567892/lot/L9/ser/0A1B?linkType=gs1:pip",
            "https://id.gs1.org/01/6901234567892/21/0A1A/",
        ]
    },
    "another record time and id": {"recordTime": "2027-01-01T00:00:00Z", "eventID": "urn:x:1"},
    "declared wrong": {"errorDeclaration": {"declarationTime": "2027-01-01T00:00:00Z"}},
}
OTHER = {
    "a millisecond": {"eventTime": "2026-11-30T08:30:00.251+08:00"},
    "another offset": {"eventTimeZoneOffset": "+09:00"},
    "a serial": {"epcList": ["https://id.gs1.org/01/06901234567892/21/0a1B", *EVENTS["commissioned"]["epcList"][1:]]},
    "a word": {"disposition": "inactive"},
    "a fact at birth": {"ilmd": {"ex:lot": "L1", "ex:grade": "AAAA"}},
    "a further field": {"ex:more": "x"},
    "another action": {"action": "ADD", "ilmd": {}},
}


@pytest.mark.parametrize("what", SAME)
def test_the_same_event_otherwise_written(what: str) -> None:
    assert hashed({**EVENTS["commissioned"], **SAME[what]}) == hashed(EVENTS["commissioned"])


@pytest.mark.parametrize("what", OTHER)
def test_another_event(what: str) -> None:
    assert hashed({**EVENTS["commissioned"], **OTHER[what]}) != hashed(EVENTS["commissioned"])


def test_a_prefix_is_what_it_stands_for() -> None:
    event = json.loads(json.dumps(EVENTS["shipped"]).replace("ex:", "firm:"))
    assert hashed(event, [CONTEXT[0], {"firm": "https://ex.example/"}]) == hashed(EVENTS["shipped"])
    assert hashed(event, [CONTEXT[0], {"firm": "https://firm.example/"}]) != hashed(EVENTS["shipped"])


def test_a_context_within_an_event_holds_there() -> None:
    event = {**EVENTS["shipped"], "@context": [{"ex": "https://inner.example/"}]}
    found = Event(event, CONTEXT, "")
    assert "{https://inner.example/}carrier=SF" in prehash(found.body, found.names)


def test_the_order_is_the_tables() -> None:
    """Where the reference implementation differs; see the head of prehash.py."""
    pair = {"type": "location", "source": "urn:x:s"}
    event = {
        **EVENTS["measured"],
        "action": "ADD",
        "ilmd": {"ex:a": "1"},
        "bizTransactionList": [{"bizTransaction": "urn:x:b"}],
        "sourceList": [pair],
        "destinationList": [{"destination": "urn:x:d", "type": "location"}],
    }
    (found,) = read(document(event))
    text = prehash(found.body, found.names)
    fields = ("bizTransactionList", "sourceList", "destinationList", "sensorElementList", "ilmd")
    places = [text.index(name) for name in fields]
    assert places == sorted(places)
    assert "bizTransactionListbizTransaction=urn:x:b" in text
    assert "destinationListtype=https://ref.gs1.org/cbv/SDT-locationdestination=urn:x:d" in text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (1.50, "1.5"),
        (200.0, "200"),
        ("007", "7"),
        ("00012345678901234567", "00012345678901234567"),
        ("1.2.3", "1.2.3"),
        ("1_000", "1_000"),
        ("inf", "inf"),
        (True, "true"),
        (" a ", "a"),
        ("active", "active"),
        ("gs1:Temperature", "https://gs1.org/voc/Temperature"),
        ("urn:epcglobal:cbv:disp:active", "https://ref.gs1.org/cbv/Disp-active"),
    ],
)
def test_somebodys_own_values(written: object, text: str) -> None:
    (found,) = read(document({**EVENTS["sold"], "ex:v": written}))
    assert prehash(found.body, found.names).endswith("{https://ex.example/}v=" + text)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        ("2023-01-18T11:04:03.1415Z", "2023-01-18T11:04:03.142Z"),
        ("2023-01-18T11:04:03.1414999Z", "2023-01-18T11:04:03.141Z"),
        ("2023-12-31T23:59:59.9995-00:30", "2024-01-01T00:30:00.000Z"),
        ("2023-01-18T11:04:03Z", "2023-01-18T11:04:03.000Z"),
    ],
)
def test_times_are_utc_in_milliseconds(time: str, text: str) -> None:
    assert utc(time) == text
