"""The wire: what is packed is read back, what is damaged is refused, and nothing is unpacked beyond its bound."""

from __future__ import annotations

import gzip
import json
import random
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from label_protocol import answers, wire
from label_protocol.chain import canonical
from label_protocol.wire import NotJsonError, TooLargeError, WireError

INCARNATION = "0123456789abcdef" * 2
EVENTS = [{"incarnation": INCARNATION, "seq": seq, "type": "示例", "n": seq} for seq in range(5, 8)]


def packed(**more: Any) -> bytes:
    facts: dict[str, Any] = {"snapshots": {"a" * 64: canonical({"product": "羽绒服"})}}
    return wire.pack_batch(INCARNATION, 5, bytes(32), [canonical(event) for event in EVENTS], **(facts | more))


def test_what_is_packed_is_read_back() -> None:
    found = wire.read_batch(packed())
    assert found == wire.Batch(INCARNATION, 5, bytes(32), EVENTS, {"a" * 64: {"product": "羽绒服"}})
    assert found.last_seq == 7
    assert wire.read_batch(gzip.decompress(packed())) == found, "a body that the server has unpacked already"
    assert packed() == packed(), "the same batch twice is the same bytes"


def test_an_empty_batch_ends_before_it_begins() -> None:
    found = wire.read_batch(wire.pack_batch(INCARNATION, 1, bytes(32), [], {}))
    assert (found.events, found.last_seq) == ([], 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wire": 2}, "batch.wire"),
        ({"wire": True}, "JSON"),
        ({"incarnation": INCARNATION.upper()}, "batch.incarnation"),
        ({"incarnation": None}, "batch.incarnation"),
        ({"first_seq": 0}, "batch.first_seq"),
        ({"first_seq": True}, "batch.first_seq"),
        ({"first_seq": "1"}, "batch.first_seq"),
        ({"prev_hash": "0" * 63}, "batch.prev_hash"),
        ({"events": {}}, "batch.events"),
        ({"events": [1]}, "batch.events"),
        ({"snapshots": []}, "batch.snapshots"),
        ({"snapshots": {"x": {}}}, "batch.snapshots"),
    ],
)
def test_a_batch_with_one_wrong_field_names_it(change: dict[str, Any], words: str) -> None:
    value = json.loads(gzip.decompress(packed())) | change
    if change == {"wire": True}:
        assert wire.read_batch(json.dumps(value).encode()), "true equals 1 in Python and is harmless here"
        return
    with pytest.raises(WireError, match=words):
        wire.read_batch(json.dumps(value).encode())


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"\xff", b'{"a":1,"a":1}', b'{"a":{"b":1,"b":2}}', b"1.5", b"1e3", b"NaN", b"-Infinity",
     b"9007199254740992", b"-9007199254740992", b"1" * 5000, b"[" * 200_000],
)  # fmt: skip
def test_json_that_two_readers_would_understand_differently_is_refused(text: bytes) -> None:
    with pytest.raises(NotJsonError):
        wire.load_json(text)


def test_the_largest_integers_of_rfc_7493_pass() -> None:
    assert wire.load_json(b"[9007199254740991,-9007199254740991]") == [2**53 - 1, 1 - 2**53]


@pytest.mark.costly
def test_a_bomb_is_refused_within_its_bound() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            wire.unpack(bomb, limit=1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    assert wire.unpack(gzip.compress(bytes(100)), limit=100) == bytes(100)
    with pytest.raises(TooLargeError):
        wire.unpack(bytes(101), limit=100)


def test_torn_and_joined_gzip_is_refused() -> None:
    whole = packed()
    for torn in (whole[:-1], whole[:-9], whole[: len(whole) // 2], whole[:3], whole + b"x", whole + whole):
        with pytest.raises(NotJsonError):
            wire.unpack(torn)


def test_too_many_events_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_EVENTS", 2)
    with pytest.raises(TooLargeError):
        wire.read_batch(packed())


def test_a_damaged_batch_is_refused_or_read_never_a_crash() -> None:
    """A good batch with a byte changed, dropped or doubled: a `WireError`, or another batch."""
    chance = random.Random(20261120)
    good = gzip.decompress(packed())
    for _ in range(4000):
        bad = bytearray(good)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(bad))
            bad[place : place + chance.randint(0, 2)] = bytes(
                chance.randrange(256) for _ in range(chance.randint(0, 2))
            )
        try:
            wire.read_batch(bytes(bad))
        except WireError:
            continue


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**54) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_readers_of_answers_raise_nothing_else(value: Any) -> None:
    for read in (answers.read_receipt, answers.read_distribution, answers.read_history, wire.read_head):
        try:
            read(value)
        except WireError:
            continue


def test_answers_are_read_whole() -> None:
    head = {"incarnation": None, "seq": 0, "hash": "0" * 64}
    receipt = {"acked_seq": 3, "head_hash": "a" * 64, "head": head, "conflicts": [{"serial": "S"}], "later": 1}
    assert answers.read_receipt(receipt) == answers.Receipt(3, "a" * 64, wire.NO_HEAD, ({"serial": "S"},))
    feed = {"epoch": "e", "cursor": "e:1", "items": [{"kind": "new_kind"}]}
    assert answers.read_distribution(feed) == answers.Distribution("e", "e:1", ({"kind": "new_kind"},))
    for broken in ({}, {**receipt, "head": 3}, {**receipt, "acked_seq": -1}, {**receipt, "conflicts": {}}):
        with pytest.raises(WireError):
            answers.read_receipt(broken)


def test_snapshots_are_found_also_in_what_is_told_again() -> None:
    event = {"type": "window_sending", "snapshot": "a" * 64}
    assert wire.snapshots_needed({"type": "adopted", "event": {"type": "adopted", "event": event}}) == {"a" * 64}
    for other in ({"type": "x"}, {"snapshot": 3}, {"snapshot": "short"}, {"type": "adopted", "event": 3}):
        assert wire.snapshots_needed(other) == set()


def test_problems_name_their_kind() -> None:
    found = wire.problem("gap", 409, "t", "d", head={"seq": 1})
    assert (wire.problem_kind(found), found["head"]) == ("gap", {"seq": 1})
    assert wire.problem_kind({"type": "https://registry.example.cn/problems/fork"}) == "fork"
    assert wire.problem_kind({}) == wire.problem_kind({"type": "about:blank"}).removeprefix("about:blank") == ""
