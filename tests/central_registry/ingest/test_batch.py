"""Ingest over the whole HTTP path: what is new, a replay, a conflict, and what is refused."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator

import pytest

from central_registry.ingest import classify
from central_registry.ingest.states import State
from label_protocol import chain, wire
from tests.kits.carton_kit import ONE_STYLE, SSCC, data_of
from tests.kits.registry_kit import Registry, running
from tests.kits.told_kit import told


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


@pytest.fixture(params=[1, classify.COPIED_FROM], ids=["copied", "inserted"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large batches are copied into the table, small ones inserted."""
    monkeypatch.setattr(classify, "COPIED_FROM", request.param)


both_ways = pytest.mark.usefixtures("way")


async def test_a_batch_is_stored_as_sent_and_projected(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    await registry.allot(edge.agent, 100)
    serials = edge.serials(8)
    edge.printed(serials)
    found = await edge.send()
    assert found["classified"] == {"new": 8, "replay": 0, "conflict": 0}
    assert (found["acked_seq"], found["head_hash"]) == (3, edge.hashes[-1].hex())
    assert found["head"] == edge.head()
    assert await registry.states() == dict.fromkeys(serials, State.PRINTED)
    rows = await told(registry.pool)
    assert [(row["hash"], row["body"]) for row in rows] == list(zip(edge.hashes, edge.bodies, strict=True))
    assert await registry.alarms() == []


async def test_the_same_batch_twice_is_harmless(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    edge.printed(edge.serials(8))
    await edge.send()
    again = await edge.send()
    assert again["classified"] == {"new": 0, "replay": 8, "conflict": 0}
    assert again["conflicts"] == []
    assert len(await registry.states()) == 8
    assert await registry.rows("SELECT drawn, freed FROM quota_use") == [{"drawn": 8, "freed": 0}]


async def test_an_overlapping_batch_appends_only_what_is_new(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    edge.printed(edge.serials(3))
    await edge.send()
    edge.printed(edge.serials(4))
    found = await edge.send(2)
    assert found["classified"] == {"new": 4, "replay": 3, "conflict": 0}
    assert found["acked_seq"] == 5


@both_ways
async def test_a_serial_of_another_agent_is_a_conflict_that_is_kept_and_named(registry: Registry) -> None:
    first = (await registry.enrolled("line-1")).begin()
    serials = first.serials(4)
    first.printed(serials)
    await first.send()
    second = (await registry.enrolled("line-2")).begin()
    own = second.serials(2)
    second.sending([serials[1], *own])
    found = await second.send()
    assert found["classified"] == {"new": 2, "replay": 0, "conflict": 1}
    assert found["conflicts"] == [{"seq": 2, "serial": serials[1], "held_by": "line-1"}]
    assert (await registry.states())[serials[1]] == State.PRINTED
    assert "serial_conflict" in await registry.alarms()
    again = await second.send()
    assert again["conflicts"] == found["conflicts"], "a lost answer must not hide a conflict"


async def test_two_labels_with_one_serial_in_one_batch_are_found(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    twin, other = edge.serials(2)
    edge.sending([twin, other])
    edge.printed([twin])
    edge.sending([edge.serial(), twin, twin])
    found = await edge.send()
    assert [(row["seq"], row["serial"]) for row in found["conflicts"]] == [(3, twin), (5, twin)]
    assert found["classified"] == {"new": 3, "replay": 0, "conflict": 2}
    assert (await registry.states())[twin] == State.SENDING, "the window in conflict must not move the first label"


async def test_a_serial_twice_in_one_window_is_a_conflict(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    twin = edge.serial()
    edge.sending([twin, twin])
    found = await edge.send()
    assert found["classified"] == {"new": 1, "replay": 0, "conflict": 1}


@both_ways
async def test_racing_agents_share_no_serial_unnoticed(registry: Registry) -> None:
    """Concurrent transactions: each serial is new once, and the loser hears of each one it lost."""
    edges = [(await registry.enrolled(f"line-{n}")).begin() for n in range(4)]
    shared = edges[0].serials(40)
    for edge in edges:
        edge.printed(shared if edge is edges[0] else shared[::-1])
    answers = await asyncio.gather(*(edge.send() for edge in edges))
    assert sum(found["classified"]["new"] for found in answers) == 40
    assert sum(len(found["conflicts"]) for found in answers) == 120
    assert len(await registry.states()) == 40


async def test_moves_reach_serials_of_earlier_batches(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    await registry.allot(edge.agent, 100)
    one, two, three, four, five = serials = edge.serials(5)
    window = edge.sending(serials)
    await edge.send()
    edge.tell("window_in_doubt", window=window, reason="silence", evidence={})
    await edge.send(3)
    assert set((await registry.states()).values()) == {State.IN_DOUBT}
    lists = {"printed": [one, two], "scrapped": [three], "invalid": []}
    edge.tell("window_settled", window=window, last=one, text="x", operator="o", **lists)
    edge.tell("label_decided", serial=four, operator="o", reason="r", step="invalidate")
    edge.tell("label_scanned", serial=five, text="x", operator="o", step="commission")
    edge.tell("label_decided", serial=two, operator="o", reason="r", step="scrap")
    await edge.send(4)
    assert await registry.states() == {
        one: State.PRINTED,
        two: State.SCRAPPED,
        three: State.SCRAPPED,
        four: State.INVALID,
        five: State.COMMISSIONED,
    }
    assert await registry.rows("SELECT drawn, freed FROM quota_use") == [{"drawn": 5, "freed": 3}]
    assert await registry.alarms() == []


async def test_a_strip_settled_by_a_label_on_its_garment_raises_no_alarm(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    await registry.allot(edge.agent, 100)
    one, two, three = serials = edge.serials(3)
    window = edge.sending(serials)
    edge.tell("window_in_doubt", window=window, reason="silence", evidence={})
    edge.tell("label_scanned", serial=two, text="x", operator="o", step="commission")
    lists = {"printed": [one], "scrapped": [], "invalid": [three]}
    edge.tell("window_settled", window=window, last=two, text="x", operator="o", **lists)
    await edge.send()
    assert await registry.states() == {one: State.PRINTED, two: State.COMMISSIONED, three: State.INVALID}
    assert await registry.alarms() == []


async def test_a_site_without_scans_counts_print_as_commissioned_and_may_still_scrap(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    await registry.allot(edge.agent, 100)
    one, two = edge.serials(2)
    edge.printed([one, two], counts_as="commissioned")
    edge.tell("label_decided", serial=two, operator="o", reason="smudged", step="scrap")
    await edge.send()
    assert await registry.states() == {one: State.COMMISSIONED, two: State.SCRAPPED}
    assert await registry.alarms() == []


async def test_nothing_goes_back(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    await registry.allot(edge.agent, 100)
    serial = edge.serial()
    edge.printed([serial])
    edge.tell("label_decided", serial=serial, operator="o", reason="r", step="scrap")
    edge.tell("label_decided", serial=serial, operator="o", reason="r", step="commission")
    await edge.send()
    assert await registry.states() == {serial: State.SCRAPPED}
    assert await registry.alarms() == ["impossible_move"]


async def test_another_agents_label_cannot_be_moved(registry: Registry) -> None:
    owner = (await registry.enrolled("line-1")).begin()
    serial = owner.serial()
    window = owner.printed([serial])
    await owner.send()
    thief = (await registry.enrolled("line-2")).begin()
    thief.tell("label_decided", serial=serial, operator="o", reason="r", step="scrap")
    thief.tell("window_never_sent", window=window, reason="r")
    await thief.send()
    assert await registry.states() == {serial: State.PRINTED}


async def test_unknown_and_malformed_events_are_kept_and_never_block(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    edge.tell("moon_landed", crew=["示例"], nested={"a": [1, None, True]})
    edge.tell("window_sending", window=7)
    edge.tell("window_printed", window="never begun", counts_as="printed")
    edge.tell("label_decided", serial="x\u0000y", step="scrap")
    edge.tell("adopted", origin={"incarnation": "no"}, event=3)
    edge.tell("alarm_raised", alarm="a1", kind="possible_duplicate", printer="p1", detail={"n": 1})
    found = await edge.send()
    assert found["acked_seq"] == 7
    assert await registry.alarms() == ["malformed_event", "malformed_event", "possible_duplicate", "unknown_window"]
    edge.tell("alarm_closed", alarm="a1", operator="o", reason="r")
    await edge.send(8)
    assert "possible_duplicate" not in await registry.alarms()


async def test_cartons_are_kept_and_say_nothing_of_a_label(registry: Registry) -> None:
    """Where a garment is moves no book, and the data of a carton's label, which are no garment's, are taken in."""
    edge = (await registry.enrolled()).begin()
    await registry.allot(edge.agent, 10)
    serials = edge.serials(2)
    edge.printed(serials)
    await edge.send()
    states = await registry.states()
    label = dict(data_of(ONE_STYLE))
    edge.snapshots[chain.address(label)] = label
    edge.tell("carton_opened", carton="C0F3A92C1", key="k", operator="A01", reason="")
    edge.tell("packed", carton="C0F3A92C1", put_in=serials, taken_out=[], text="", operator="A01")
    edge.tell("carton_closed", carton="C0F3A92C1", sscc=SSCC, count=2, operator="A01")
    order = {"copies": "c1", "key": "k", "request_hash": "h", "snapshot": chain.address(label), "operator": "A01"}
    printed = {"template": "carton_sscc_100x100", "printer": "p1", "quantity": 1, "unchecked": False}
    edge.tell("copies_opened", **order, **printed, carton="C0F3A92C1", nth=1)
    assert (await edge.send(4))["acked_seq"] == 7
    assert await registry.states() == states and await registry.alarms() == []
    (kept,) = await registry.rows("SELECT body FROM snapshot WHERE hash = $1", chain.address(label))
    assert kept["body"] == chain.canonical(label)


async def test_overdraft_is_flagged_and_freed_labels_do_not_count(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    await registry.allot(edge.agent, 4)
    serials = edge.serials(5)
    window = edge.sending(serials[:4])
    await edge.send()
    assert await registry.alarms() == []
    edge.tell("window_never_sent", window=window, reason="r")
    edge.printed(edge.serials(4))
    await edge.send(3)
    assert await registry.alarms() == []
    edge.printed(edge.serials(1))
    await edge.send(6)
    assert await registry.alarms() == ["overdraft"]
    row = (await registry.rows("SELECT detail, about FROM alarm"))[0]
    assert row == {"about": "lot:L1", "detail": "lot:L1: 4 allotted, 5 neither scrapped nor invalid"}


async def test_missing_snapshots_are_named_and_wrong_ones_refused(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    await registry.allot(edge.agent, 100)
    edge.printed(edge.serials(1))
    right = dict(edge.snapshots)
    edge.snapshots = {name: {"product": "forged"} for name in right}
    status, found = await edge.post(edge.batch())
    assert (status, wire.problem_kind(found)) == (422, "unprocessable")
    edge.snapshots = {}
    await edge.send()
    assert await registry.alarms() == ["snapshot_missing"]


def packed(data: bytes) -> bytes:
    """Without the time of day, which would give a case another name in every run."""
    return gzip.compress(data, mtime=0)


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (packed(b"{"), 400, "bad-json"),
        (packed(b'{"wire": 1, "wire": 1}'), 400, "bad-json"),
        (packed(b'{"wire": 1.0}'), 400, "bad-json"),
        (packed(b'{"wire": 9007199254740993}'), 400, "bad-json"),
        (packed(b"[" * 100_000), 400, "bad-json"),
        (packed(b"\xff\xfe"), 400, "bad-json"),
        (packed(b'"text"'), 422, "unprocessable"),
        (packed(b'{"wire": 2}'), 422, "unprocessable"),
        (packed(bytes(range(32, 127)) * 9)[:60], 400, "bad-json"),
    ],
)
async def test_bodies_that_are_no_batch(registry: Registry, body: bytes, status: int, kind: str) -> None:
    edge = (await registry.enrolled()).begin()
    got, found = await edge.post(body)
    assert (got, wire.problem_kind(found)) == (status, kind)
    assert await told(registry.pool) == []


@pytest.mark.parametrize("by_header", [True, False])
async def test_a_zip_bomb_is_refused_without_unpacking_it(registry: Registry, by_header: bool) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    assert len(bomb) < 100_000
    edge = (await registry.enrolled()).begin()
    status, found = await edge.post(bomb, **({} if by_header else {"Content-Encoding": "identity"}))
    assert (status, wire.problem_kind(found)) == (413, "too-large")


async def test_too_many_events_are_413(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_EVENTS", 2)
    edge = (await registry.enrolled()).begin()
    edge.printed(edge.serials(1))
    status, _ = await edge.post(edge.batch())
    assert status == 413


async def test_events_must_say_their_own_place(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    value = json.loads(gzip.decompress(edge.batch()))
    for field, wrong in (("seq", 2), ("incarnation", "f" * 32), ("seq", "1")):
        broken = {**value, "events": [{**value["events"][0], field: wrong}]}
        status, found = await edge.post(gzip.compress(json.dumps(broken).encode()))
        assert (status, wire.problem_kind(found)) == (422, "unprocessable"), field


async def test_text_out_of_nfc_is_refused_because_it_would_hash_otherwise(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    value = json.loads(gzip.decompress(edge.batch()))
    value["events"][0]["reason"] = "e\u0301"
    status, found = await edge.post(gzip.compress(json.dumps(value).encode()))
    assert (status, wire.problem_kind(found)) == (422, "unprocessable")


async def test_wrong_secrets_are_401(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    other = await registry.enrolled("line-2")
    for secret in ("", "wrong", other.secret):
        edge.secret = secret
        status, found = await edge.post(edge.batch())
        assert (status, wire.problem_kind(found)) == (401, "unauthorised")
    edge.agent = "nobody"
    assert (await edge.post(edge.batch()))[0] == 401
