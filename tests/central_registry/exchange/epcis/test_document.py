"""A document is taken whole or not at all, and what is wrong with it is named with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from central_registry.exchange.epcis.document import DEEPEST, MOST_EVENTS, read, read_each, read_one
from central_registry.exchange.epcis.flaws import EpcisError
from central_registry.exchange.epcis.vocabulary import ALL
from tests.central_registry.exchange.epcis.vectors import CONTEXT, EVENTS, document

E0 = "/epcisBody/eventList/0"
BASE = EVENTS["shipped"]
PACKED = EVENTS["packed"]


def without(event: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in names}


def refused(text: str | bytes) -> list[tuple[str, str]]:
    with pytest.raises(EpcisError) as cause:
        read(text)
    return [(flaw.at, flaw.says) for flaw in cause.value.flaws]


@pytest.mark.parametrize("name", EVENTS)
def test_each_kind_is_taken(name: str) -> None:
    (event,) = read(document(EVENTS[name]))
    assert event.body == EVENTS[name]
    assert event.at == E0


def test_an_event_of_somebodys_own_kind_is_taken() -> None:
    event = {"type": "ex:Ironing", "eventTime": BASE["eventTime"], "eventTimeZoneOffset": "+08:00", "ex:heat": 2}
    assert read(document(event))[0].body == event


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no business step": ({**BASE, "bizStep": "transforming"}, "/bizStep", "'transforming'"),
    "a step only CBV 1 wrote so": ({**BASE, "bizStep": "urn:epcglobal:cbv:bizstep:shipping"}, "/bizStep", "bare"),
    "a step in CBV's space": ({**BASE, "bizStep": "cbv:BizStep-sewing"}, "/bizStep", "bare"),
    "no disposition": ({**BASE, "disposition": "in_transport"}, "/disposition", "'in_transport'"),
    "no action": ({**BASE, "action": "CREATE"}, "/action", "'CREATE'"),
    "no such day": ({**BASE, "eventTime": "2026-02-30T00:00:00Z"}, "/eventTime", "2026-02-30"),
    "no zone": ({**BASE, "eventTime": "2026-02-20T00:00:00"}, "/eventTime", "+08:00"),
    "a date backwards": ({**BASE, "eventTime": "22-07-2026"}, "/eventTime", "22-07-2026"),
    "no time": (without(BASE, "eventTime"), "", "expected eventTime"),
    "no offset": ({**BASE, "eventTimeZoneOffset": "+14:30"}, "/eventTimeZoneOffset", "+14:30"),
    "about nothing": (without(BASE, "epcList"), "", "epcList or quantityList"),
    "about an empty list": ({**BASE, "epcList": []}, "", "epcList or quantityList"),
    "no URI": ({**BASE, "epcList": ["0A1B"]}, "/epcList/0", "'0A1B'"),
    "a URI with a blank": ({**BASE, "epcList": ["urn:a b"]}, "/epcList/0", "URI"),
    "one thing twice": ({**BASE, "epcList": ["urn:x:a", "urn:x:a"]}, "/epcList/1", "twice"),
    "a number as text": (
        {**BASE, "quantityList": [{"epcClass": "urn:x:a", "quantity": "20"}]},
        "/quantityList/0/quantity",
        "without quotes",
    ),
    "true as a number": (
        {**BASE, "quantityList": [{"epcClass": "urn:x:a", "quantity": True}]},
        "/quantityList/0/quantity",
        "true",
    ),
    "a foreign field where none may be": (
        {**BASE, "quantityList": [{"epcClass": "urn:x:a", "ex:more": 1}]},
        "/quantityList/0/ex:more",
        "only fields of the standard",
    ),
    "ilmd without ADD": ({**BASE, "ilmd": {"ex:a": "1"}}, "/ilmd", "ADD"),
    "ilmd without a prefix": ({**BASE, "action": "ADD", "ilmd": {"material": "x"}}, "/ilmd/material", "prefix"),
    "a field without a prefix": ({**BASE, "colour": "red"}, "/colour", "prefix"),
    "a name that would break a pointer": ({**BASE, "a/b~": "red"}, "/a~1b~0", "prefix"),
    "another kind's field": ({**BASE, "childEPCs": ["urn:x:a"]}, "/childEPCs", "ObjectEvent"),
    "no kind of place": (
        {**BASE, "sourceList": [{"type": "place", "source": "urn:x:a"}]},
        "/sourceList/0/type",
        "place",
    ),
    "a place without its kind": ({**BASE, "sourceList": [{"source": "urn:x:a"}]}, "/sourceList/0", "expected type"),
    "a parent missing": (without(PACKED, "parentID"), "", "parentID"),
    "children missing": (without(PACKED, "childEPCs"), "", "childEPCs"),
    "nothing came out": (without(EVENTS["made"], "transformationID", "outputEPCList"), "", "outputs"),
    "no transaction": (without(EVENTS["sold"], "bizTransactionList"), "", "bizTransactionList"),
    "a sensor that says nothing": (
        {**BASE, "sensorElementList": [{"sensorReport": []}]},
        "/sensorElementList/0/sensorReport",
        "at least 1",
    ),
    "nothing": ({**BASE, "ex:a": None}, "/ex:a", "null"),
    "no object": ({**BASE, "readPoint": "urn:x:a"}, "/readPoint", "an object"),
    "no kind of event": ({**BASE, "type": "ShippingEvent"}, "/type", "ObjectEvent"),
    "a longer number than JSON keeps": ({**BASE, "ex:a": 12345678901234567890}, "/ex:a", "15 digits"),
    "an unknown reason": (
        {**BASE, "errorDeclaration": {"declarationTime": "2026-01-01T00:00:00Z", "reason": "mistake"}},
        "/errorDeclaration/reason",
        "mistake",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_the_place_of_what_is_wrong_is_named(what: str) -> None:
    event, at, says = WRONG[what]
    flaws = refused(document(PACKED, event))
    assert [place for place, _ in flaws] == [f"/epcisBody/eventList/1{at}"]
    assert says in flaws[0][1]


def test_every_flaw_is_told_up_to_a_hundred() -> None:
    wrong = {**BASE, "bizStep": "sewing", "action": "NEW"}
    assert len(refused(document(wrong, wrong))) == 4
    assert len(refused(document(*[wrong] * 200))) == EpcisError.MOST


def head(**changed: Any) -> str:
    whole = json.loads(document(BASE))
    return json.dumps({name: value for name, value in {**whole, **changed}.items() if value is not ...})


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("[]", "", "one object"),
        ("{", "", "JSON"),
        (b"\xff\xfe", "", "UTF-8"),
        ('{"type":"EPCISDocument","type":"EPCISDocument"}', "", "twice"),
        (head(type="EPCISQueryDocument"), "/type", "EPCISDocument"),
        (head(schemaVersion="1.2"), "/schemaVersion", "2.0"),
        (head(creationDate="today"), "/creationDate", "today"),
        (head(epcisBody=...), "", "epcisBody"),
        (head(epcisBody={}), "/epcisBody", "eventList"),
        (head(epcisBody={"eventList": {}}), "/epcisBody/eventList", "list"),
        (head(epcisBody={"eventList": [1]}), E0, "an event"),
        (head(sent="x"), "/sent", "prefix"),
        (document(*[BASE] * (MOST_EVENTS + 1)), "/epcisBody/eventList", "in parts"),
    ],
)
def test_a_document_that_is_none(text: str | bytes, at: str, says: str) -> None:
    (flaw,) = refused(text)
    assert flaw[0] == at
    assert says in flaw[1]


@pytest.mark.parametrize(
    ("context", "at"),
    [
        ("https://evil.example/context.jsonld", "/@context"),
        ([{"ex": "https://ex.example/"}], "/@context"),
        ([CONTEXT[0], {"bizStep": "https://evil.example/"}], "/@context/1/bizStep"),
        ([CONTEXT[0], {"@vocab": "https://evil.example/"}], "/@context/1/@vocab"),
        ([CONTEXT[0], {"cbv": "https://evil.example/"}], "/@context/1/cbv"),
        ([CONTEXT[0], {"ex": "nothing"}], "/@context/1/ex"),
        ([CONTEXT[0], 7], "/@context/1"),
    ],
)
def test_a_context_that_would_change_the_words_is_refused(context: Any, at: str) -> None:
    (flaw,) = refused(document(BASE, context=context))
    assert flaw[0] == at


def test_an_unknown_context_is_kept_as_text_and_teaches_nothing() -> None:
    (event,) = read(document(BASE, context=[*CONTEXT, "https://firm.example/context.jsonld"]))
    assert "https://firm.example/context.jsonld" in event.context
    assert event.hash_id == read(document(BASE))[0].hash_id


def test_depth_has_an_end() -> None:
    value: Any = 1
    for _ in range(DEEPEST):
        value = {"ex:a": value}
    (flaw,) = refused(document({**BASE, "ex:a": value}))
    assert f"{DEEPEST} levels" in flaw[1]
    assert refused('{"a":' * 100_000)


@pytest.mark.parametrize("listed", ALL, ids=lambda row: row.title)
def test_no_word_stands_for_two_things(listed: Any) -> None:
    assert listed.words
    assert all(word == word.strip() and ":" not in word for word in listed.words)


def test_a_context_is_of_a_size_that_can_be_kept_with_each_event() -> None:
    many = [*CONTEXT, {f"p{n}": f"https://ex.example/{n}/" for n in range(1_000)}]
    (flaw,) = refused(document(BASE, context=many))
    assert (flaw[0], "16000" in flaw[1]) == ("/@context", True)


def test_the_right_events_of_a_document_with_wrong_ones() -> None:
    right, flaws = read_each(document(PACKED, {**BASE, "bizStep": "sewing"}, BASE))
    assert [event.at for event in right] == [E0, E0.replace("0", "2")]
    assert [flaw.at for flaw in flaws] == [f"{E0.replace('0', '1')}/bizStep"]


@pytest.mark.parametrize("context", [[], [*CONTEXT, {"x/epcisBody/eventList/0": 1}], [*CONTEXT, {"eventList": "x:"}]])
def test_a_wrong_context_leaves_no_event_right(context: Any) -> None:
    with pytest.raises(EpcisError):
        read_each(document(BASE, context=context))


def test_one_event_brings_its_context() -> None:
    told = read_one(json.dumps({"@context": CONTEXT, **BASE}))
    assert (told.hash_id, told.body) == (read(document(BASE))[0].hash_id, BASE)
    for wrong in (BASE, {"@context": CONTEXT, **BASE, "bizStep": "sewing"}, {"@context": [], **BASE}, []):
        with pytest.raises(EpcisError):
            read_one(json.dumps(wrong))
