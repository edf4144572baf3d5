"""The quick reader of batches reads what the strict one reads, refuses what it refuses, and writes the same bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from central_registry.ingest import reading
from label_protocol import chain, wire
from label_protocol.errors import RecordError

FRAME = '{"wire": 1, "incarnation": "x", '
TEXT = st.text(max_size=6) | st.text(alphabet='\x00\x1f\x7f"\\/\n\u2028é𝕏e\u0301羊', max_size=6)
NUMBERS = st.integers(-(2**70), 2**70) | st.integers(-3, 3) | st.floats() | st.sampled_from([2**53 - 1, 2**53])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)
AS_AGENTS_DO = {"ensure_ascii": False, "separators": (",", ":"), "sort_keys": True}


def outcome(read: Any, text: bytes) -> Any:
    try:
        return repr(read(text))
    except wire.NotJsonError as cause:
        return str(cause)


@settings(max_examples=400)
@given(JSON, st.booleans(), st.booleans())
def test_it_reads_what_the_strict_reader_reads(value: Any, ascii_only: bool, spaced: bool) -> None:
    """Laid out as agents do it, and otherwise."""
    laid = {"ensure_ascii": ascii_only, "separators": (", ", ": ") if spaced else (",", ":")}
    text = f'{FRAME}"events":[{json.dumps(value, **laid)}],"snapshots":{{}}}}'.encode(errors="surrogatepass")
    assert outcome(reading.load, text) == outcome(wire.load_json, text)


@pytest.mark.parametrize(
    "event",
    [
        '{"a":1,"a":1}', '{"a":1,"a":2}', '{"a":1.5}', '{"a":[{"b":0.0}]}', '{"a":1e3}', '{"a":-0}', '{"a":-0.0}',
        '{"a":9007199254740992}', '{"a":-9007199254740992}', '{"a":99999999999999999999}', '{"a":NaN}',
        '{"a":"\\ud800"}', '{"a":"\\u00e9"}', '{"a": 1}', '{"b":1,"a":2}', "{}", '{"a":"\u0001"}', "[" * 2000, "",
        "{}],", '{"events":[{"a":1}]}', '"\\"events\\":["', '{"a":9007199254740991}', "é", "\x80",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "frame", [FRAME, "{", '{"a":1', '{"a":1,,', '{"events":[],', '{"x":{"a":1,', '{"a":0.5,', '["a",']
)
def test_what_one_would_read_otherwise_is_left_to_the_strict_one(frame: str, event: str) -> None:
    text = f'{frame}"events":[{event}],"snapshots":{{}}}}'.encode()
    assert outcome(reading.load, text) == outcome(wire.load_json, text)


def test_a_batch_as_agents_pack_it_is_read_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    body = chain.canonical({"type": "x", "lot_no": "甲-1", "n": 1, "list": ["a", None, True]})
    packed = wire.pack_batch("a" * 32, 1, bytes(32), [body, body], {"b" * 64: body})
    long: list[int] = []
    strict = wire.load_json
    monkeypatch.setattr(wire, "load_json", lambda text: long.append(len(text)) or strict(text))
    assert wire.read_batch(packed, reading.load) == wire.read_batch(packed, strict)
    assert long == [long[0]] and long[0] < 200, "the strict reader sees the frame alone"


@settings(max_examples=400)
@given(st.dictionaries(st.text(alphabet="abcé\uffff𝕏", max_size=3), JSON, max_size=4))
def test_it_writes_the_canonical_bytes(value: Any) -> None:
    try:
        strict = wire.load_json(json.dumps(value).encode())
    except wire.NotJsonError:
        return  # no such value is ever written
    try:
        expected = chain.canonical(strict)
    except RecordError:
        with pytest.raises(RecordError):
            reading.canonical(strict)
        return
    assert reading.canonical(strict) == expected
    assert expected == json.dumps(strict, **AS_AGENTS_DO).encode()


def test_it_writes_what_is_nested_deeper_than_the_quick_writer_goes() -> None:
    value: Any = "x"
    for _ in range(400):
        value = [value]
    assert reading.canonical({"a": value}) == chain.canonical({"a": value})
