"""What labels are ordered with is read and described by one model; each refusal keeps its sentence."""

from __future__ import annotations

from typing import Any

import pytest

from edge_agent.ledger.copies import MAX_COPIES
from edge_agent.ledger.jobs import MAX_QUANTITY
from edge_agent.service.requests import CopiesBody, GarmentBody, JobBody, request_hash
from edge_agent.web.openapi import describe
from edge_agent.web.routes import ROUTES
from label_protocol.codes.serial import new_serial
from label_protocol.errors import AgentError, CodeError, InputError, RecordError

JOB: dict[str, Any] = {"template": "down_grade_60x40", "printer": "p1", "quantity": 3, "style_no": "S1", "size": "M"}
COPIES: dict[str, Any] = {"template": "wash_care_30", "printer": "p1", "count": 3, "style_no": "S1", "size": "M"}
SERIAL = new_serial("000", bytes)
WHOLE = {JobBody: JOB, CopiesBody: COPIES}
NOBODYS_FIELD = {
    JobBody: "job: expected firm, lot_no, operator, printer, quantity, record, replaces, scan_every, size, style_no, "
    "template, got the unknown field 'count'; remove it or correct its name",
    CopiesBody: "copies: expected count, firm, lot_no, operator, printer, record, size, style_no, template, unchecked, "
    "got the unknown field 'quantity'; remove it or correct its name",
}
JOB_REFUSALS: list[tuple[dict[str, Any], type[AgentError], str]] = [
    ({"quantity": 0}, RecordError, "job, quantity: expected an integer from 1 to 1000000, got 0"),
    ({"quantity": True}, RecordError, "job, quantity: expected an integer from 1 to 1000000, got True"),
    ({"quantity": "3"}, RecordError, "job, quantity: expected an integer from 1 to 1000000, got '3'"),
    ({"quantity": None}, RecordError, "job, quantity: expected an integer from 1 to 1000000, got None"),
    ({"replaces": "S1"}, RecordError, "job, replaces: expected a list of serials, got 'S1'"),
    ({"replaces": [1]}, RecordError, "job, replaces: expected a list of serials, got '[1]'"),
    ({"replaces": ["S1"]}, CodeError, "serial: expected 17 characters, got 2 in 'S1'; scan the label again"),
    ({"template": ""}, RecordError, "job, template: expected a name, got ''; correct it"),
    ({"printer": "p" * 1001}, RecordError, f"job, printer: expected a name, got '{'p' * 60}'; correct it"),
    ({"operator": None}, RecordError, "job, operator: expected a name, got 'None'; correct it"),
    (
        {"template": "../x.toml"},
        RecordError,
        "job, template: expected a built-in name or a whole path on this computer to a .toml, got '../x.toml'",
    ),
    (
        {"operator": "a" * 65},
        InputError,
        "job: operator: 太长，最多 64 个字 · expected at most 64 characters, got 65; say it shorter",
    ),
]


@pytest.mark.parametrize(("change", "kind", "said"), JOB_REFUSALS, ids=[str(row[0])[:40] for row in JOB_REFUSALS])
def test_a_job_that_is_none_is_refused_in_the_same_words_as_ever(
    change: dict[str, Any], kind: type[AgentError], said: str
) -> None:
    with pytest.raises(kind) as refused:
        JobBody.read(JOB | change)
    assert (type(refused.value), str(refused.value)) == (kind, said)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"count": True}, "copies, count: expected an integer, got 'True'"),
        ({"count": "9"}, "copies, count: expected an integer, got '9'"),
        ({"unchecked": 1}, "copies, unchecked: expected true or false, got '1'"),
        ({"printer": 5}, "copies, printer: expected a name, got '5'; correct it"),
        ({"count": None, "printer": ""}, "copies, count: expected an integer, got 'None'"),
    ],
)
def test_copies_that_are_none_are_refused_in_the_same_words_as_ever(change: dict[str, Any], said: str) -> None:
    with pytest.raises(RecordError) as refused:
        CopiesBody.read(COPIES | change)
    assert str(refused.value) == said


@pytest.mark.parametrize("field", ["template", "printer", "quantity"])
def test_what_is_missing_is_named(field: str) -> None:
    with pytest.raises(RecordError, match=f"job, {field}: expected"):
        JobBody.read({name: value for name, value in JOB.items() if name != field})


def test_a_field_that_nobody_reads_is_refused_with_those_that_are_read() -> None:
    for model, body in ((JobBody, COPIES), (CopiesBody, JOB)):
        with pytest.raises(RecordError) as refused:
            model.read(body)
        assert str(refused.value) == NOBODYS_FIELD[model]


def test_what_is_read_is_clean() -> None:
    read = JobBody.read(JOB | {"replaces": [f" {SERIAL[:3]}-{SERIAL[3:].lower()} "], "operator": " A01 "})
    assert (read.replaces, read.operator, read.quantity) == ((SERIAL,), "A01", 3)
    assert JobBody.read(JOB | {"replaces": None}).replaces == ()
    assert CopiesBody.read(COPIES | {"count": MAX_COPIES + 1}).count == MAX_COPIES + 1, "the ledger refuses it"


def test_the_garment_is_left_as_it_came() -> None:
    """It is read after who may order was asked, and a record that is null is not a record that is absent."""
    read = JobBody.read(JOB | {"record": {"product": 1}, "lot_no": 7})
    assert (read.record, read.lot_no) == ({"product": 1}, 7)
    assert "record" in JobBody.read(JOB | {"record": None}).model_fields_set
    assert "record" not in JobBody.read(JOB).model_fields_set


def test_the_key_is_held_to_all_of_a_body() -> None:
    assert request_hash({"a": 1, "b": 2}) == request_hash({"b": 2, "a": 1}) != request_hash({"a": 1, "b": 3})


def test_what_is_read_is_what_is_described() -> None:
    schemas = describe(ROUTES)["components"]["schemas"]
    for model in (JobBody, CopiesBody):
        described = schemas[model.__name__]
        assert set(described["properties"]) == set(model.model_fields) > set(GarmentBody.model_fields)
        assert described["additionalProperties"] is False
        for field in described["required"]:
            with pytest.raises(RecordError, match=field):
                model.read(WHOLE[model] | {field: None})
    quantity, count = schemas["JobBody"]["properties"]["quantity"], schemas["CopiesBody"]["properties"]["count"]
    assert (quantity["minimum"], quantity["maximum"]) == (1, MAX_QUANTITY)
    assert (count["minimum"], count["maximum"]) == (1, MAX_COPIES)
    for bound in (1, MAX_QUANTITY):
        assert JobBody.read(JOB | {"quantity": bound}).quantity == bound
    with pytest.raises(RecordError):
        JobBody.read(JOB | {"quantity": MAX_QUANTITY + 1})
