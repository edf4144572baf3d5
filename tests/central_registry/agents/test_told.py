"""Agents' words lie packed, batch by batch, and come out as they were hashed, event by event."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from central_registry.agents import history, told, words
from central_registry.db import in_transaction
from label_protocol import chain
from tests.kits.registry_kit import Edge, Registry, running
from tests.kits.told_kit import told as events_told


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running(fenced=True) as found:
        yield found


async def _told_in_parts(registry: Registry, *sizes: int) -> Edge:
    """An agent that told so many events at once, and then so many."""
    edge = (await registry.enrolled()).begin()
    for n in range(sum(sizes) - 1):
        edge.tell("later_kind", note=f"第 {n} 个\n事件", printer=f"p{n}")
    begun = 1
    for size in sizes:
        await edge.send(begun, begun + size - 1)
        begun += size
    return edge


@pytest.mark.parametrize(
    "bodies", [[b"{}"], [chain.canonical({"a": "x\ny", "é": "羊"})] * 3, [b'{"a":"%d"}' % n for n in range(2000)]]
)
def test_packed_words_come_out_as_they_went_in(bodies: list[bytes]) -> None:
    assert words.unpack(words.pack(bodies)) == bodies == words.unpack(b"\n".join(bodies))


def test_a_window_that_is_told_alone_takes_two_fifths() -> None:
    sent = {"type": "window_sending", "window": "a1" * 8, "job": "j1", "serials": [f"PH1{n:014}" for n in range(8)]}
    proven = {"type": "window_printed", "window": "a1" * 8, "level": "counter", "counts_as": "printed"}
    bodies = [
        chain.canonical({"at": "2026-12-01T01:02:03.456Z", "incarnation": "b2" * 16, **one}) for one in (sent, proven)
    ]
    assert len(words.pack(bodies)) * 2.5 < sum(map(len, bodies))


def test_what_was_packed_once_can_be_read_for_ever() -> None:
    """By the words that it was packed with: this hash never changes."""
    assert hashlib.sha256(words._USUAL).hexdigest()[:16] == "708ea5fcc52a0869"
    packed = bytes.fromhex("783fe92bd28fab4653040b0290b7b1473f00cce0121d")
    assert words.unpack(packed) == [b'{"type":"window_sending"}', b'{"type":"label_scanned"}']


async def test_any_event_is_found_wherever_its_batch_began(registry: Registry) -> None:
    edge = await _told_in_parts(registry, 3, 1, 4)

    async def found(first: int, last: int) -> list[tuple[int, bytes, bytes]]:
        events = await in_transaction(
            registry.pool, lambda c: told.between(c, edge.agent, edge.incarnation, first, last)
        )
        return [(event.seq, event.hash, event.body) for event in events]

    rows = list(zip(range(1, 9), edge.hashes, edge.bodies, strict=True))
    for first in range(1, 9):
        for last in range(first - 1, 10):
            assert await found(first, last) == rows[first - 1 : last]
    places = [(edge.incarnation, 2), (edge.incarnation, 4), (edge.incarnation, 90), ("0" * 32, 1)]
    hashes = await in_transaction(registry.pool, lambda c: told.hashes_told(c, edge.agent, places))
    assert hashes == {edge.hashes[1], edge.hashes[3]}
    newest = await in_transaction(registry.pool, lambda c: told.newest(c, edge.agent, edge.incarnation, 5))
    assert newest == edge.bodies[:2:-1]


async def test_a_batch_that_reaches_into_what_is_known_is_kept_from_where_it_is_new(registry: Registry) -> None:
    edge = await _told_in_parts(registry, 3)
    edge.tell("later_kind", n=4)
    edge.tell("later_kind", n=5)
    await edge.send(2, 5)
    await edge.send(2, 4)
    found = [(event["seq"], event["hash"]) for event in await events_told(registry.pool)]
    assert found == list(enumerate(edge.hashes, 1))
    edge.hashes[2] = bytes(32)
    await edge.refused(4, 5)


async def test_a_walk_reads_rows_that_name_what_is_asked(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "_AT_ONCE", 2)
    edge = await _told_in_parts(registry, 1, 2, 2, 2, 2)
    parent = edge.copy()
    edge.begin(parent, reason="restored")
    await edge.send()
    bodies = [*parent.bodies, *edge.bodies]
    assert [event.body async for event in told.history_of(registry.pool, edge.agent)] == bodies
    named = [event.body async for event in told.history_of(registry.pool, edge.agent, [b'"p3"', b'"p5"'])]
    assert named == parent.bodies[3:5] + parent.bodies[5:7], "the rows in which they stand"


async def test_large_events_are_held_one_by_one(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent may tell many of 32 MiB, which pack to nothing: no answer holds them all."""
    edge = await _told_in_parts(registry, 1, 1, 1, 1)
    monkeypatch.setattr(history, "_PAGE_BYTES", 1)
    found: list[tuple[list[int], bool]] = []
    for after in range(4):
        page = await edge.get("events", after=str(after))
        found.append(([event["seq"] for event in page["events"]], page["more"]))
    assert found == [([1], True), ([2], True), ([3], True), ([4], False)]
    monkeypatch.setattr(told, "NEWEST_BYTES", 1)
    newest = await in_transaction(registry.pool, lambda c: told.newest(c, edge.agent, edge.incarnation, 5))
    assert newest == edge.bodies[3:]


async def test_large_words_are_packed_and_unpacked_beside_the_loop(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who scans waits for 32 MiB of an agent's."""
    in_loop: list[bool] = []

    def watched(work: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def seen(given: Any) -> Any:
            in_loop.append(threading.current_thread() is threading.main_thread())
            return work(given)

        return seen

    monkeypatch.setattr(told, "pack", watched(words.pack))
    monkeypatch.setattr(told, "text_of", watched(words.text_of))
    edge = await _told_in_parts(registry, 1)
    await edge.get("events")
    assert in_loop == [True, True], "small ones are not worth the way to a thread"
    monkeypatch.setattr(told, "_LARGE", 0)
    monkeypatch.setattr(told, "_LARGE_UNPACKED", 0)
    edge.tell("later_kind")
    await edge.send(2)
    await edge.get("events")
    assert in_loop[2:] == [False] * 3
