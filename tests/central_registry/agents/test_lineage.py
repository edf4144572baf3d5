"""Gaps, forks, clones: what the registry answers, told by hand-written histories over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from label_protocol import wire
from tests.kits.registry_kit import Edge, Registry, running
from tests.kits.told_kit import told


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


@pytest.fixture
async def edge(registry: Registry) -> Edge:
    """An agent of whose five events the registry has all."""
    found = (await registry.enrolled()).begin()
    found.printed(found.serials(2))
    found.printed(found.serials(2))
    await found.send()
    return found


async def test_a_gap_names_the_head(edge: Edge) -> None:
    head = edge.head()
    edge.tell("a")
    edge.tell("b")
    found = await edge.refused(7)
    assert wire.problem_kind(found) == "gap"
    assert found["head"] == head
    assert found["status"] == 409


async def test_a_fork_names_the_head_and_where_histories_part(edge: Edge) -> None:
    fork = edge.copy()
    fork.bodies, fork.hashes = fork.bodies[:3], fork.hashes[:3]
    fork.tell("something_else")
    fork.tell("again")
    found = await fork.refused(2)
    assert wire.problem_kind(found) == "fork"
    assert found["head"] == edge.head()
    assert "from event 4 on" in found["detail"]
    found = await fork.refused(5)
    assert "event 4 has another hash" in found["detail"]


async def test_an_empty_batch_is_a_question(registry: Registry, edge: Edge) -> None:
    found = await edge.send(6)
    assert (found["acked_seq"], found["head"]) == (5, edge.head())
    found = await edge.send(3, 2)
    assert found["acked_seq"] == 5, "a restored agent hears that the registry is ahead"
    other = edge.copy()
    other.hashes[4] = bytes(32)
    assert wire.problem_kind(await other.refused(6)) == "fork"
    assert len(await told(registry.pool)) == 5


async def test_a_new_incarnation_at_the_end_supersedes_the_old_one(registry: Registry, edge: Edge) -> None:
    heir = edge.copy()
    heir.fingerprint = "machine-2"
    heir.begin(edge, "recovered")
    found = await heir.send()
    assert found["head"] == heir.head()
    replay = await edge.send(1)
    assert replay["head"] == heir.head(), "a replay of the old one is harmless, and says where history goes on"
    edge.printed(edge.serials(1))
    refused = await edge.refused(6)
    assert wire.problem_kind(refused) == "cloned"
    assert refused["agent"] == edge.agent
    assert refused["fingerprints"] == ["machine-1", "machine-2"]
    assert refused["head"] == heir.head()
    assert "cloned" in await registry.alarms()
    assert (await registry.rows("SELECT cloned_at FROM agent"))[0]["cloned_at"] is not None
    heir.tell("goes_on")
    await heir.send()


@pytest.mark.parametrize("wrong", ["behind", "hash", "first"])
async def test_a_new_incarnation_must_follow_the_end(edge: Edge, wrong: str) -> None:
    parent = edge.copy()
    if wrong == "behind":
        parent.bodies, parent.hashes = parent.bodies[:4], parent.hashes[:4]
    if wrong == "hash":
        parent.hashes[-1] = bytes(32)
    heir = edge.copy().begin(None if wrong == "first" else parent)
    found = await heir.refused()
    assert wire.problem_kind(found) == "fork"
    assert found["head"] == edge.head()


async def test_an_unknown_parent_is_a_gap(edge: Edge) -> None:
    parent = edge.copy().begin()
    found = await edge.copy().begin(parent).refused()
    assert wire.problem_kind(found) == "gap"
    ahead = edge.copy()
    ahead.tell("x")
    assert wire.problem_kind(await edge.copy().begin(ahead).refused()) == "gap"


@pytest.mark.parametrize("parent", [7, {"incarnation": "x"}, {"incarnation": 1, "seq": "many", "hash": "\0"}])
async def test_a_first_event_that_is_none_is_unprocessable_or_refused(edge: Edge, parent: object) -> None:
    strange = edge.copy()
    strange.begin()
    event = json.loads(strange.bodies[0])
    strange.bodies, strange.hashes = [], []
    strange.tell("incarnation_began", **{**{k: event[k] for k in ("reason", "fingerprint")}, "parent": parent})
    status, _ = await strange.post(strange.batch())
    assert status in (409, 422)


async def test_an_incarnation_begins_with_its_first_event(edge: Edge) -> None:
    strange = edge.copy().begin()
    strange.bodies, strange.hashes = [], []
    strange.tell("window_sending")
    status, found = await strange.post(strange.batch())
    assert (status, wire.problem_kind(found)) == (422, "unprocessable")


async def test_re_enrolled_agents_may_start_after_a_history_that_is_another_agents(
    registry: Registry, edge: Edge
) -> None:
    new = (await registry.enrolled("line-2")).begin(edge, "reenrolled")
    await new.send()
    again = (await registry.enrolled("line-3")).begin(edge, "recovered")
    assert wire.problem_kind(await again.refused()) == "gap"


async def test_history_gives_back_what_was_lost(registry: Registry, edge: Edge) -> None:
    heir = edge.copy().begin(edge, "recovered")
    heir.printed(heir.serials(1))
    await heir.send()
    found = await edge.get("events")
    assert found["lineage"] == [edge.incarnation, heir.incarnation]
    assert [row["seq"] for row in found["events"]] == [1, 2, 3, 4, 5]
    assert [bytes.fromhex(row["hash"]) for row in found["events"]] == edge.hashes
    assert list(found["snapshots"]) == list(edge.snapshots)
    found = await edge.get("events", incarnation=heir.incarnation, after="1")
    assert [row["event"]["type"] for row in found["events"]] == ["window_sending", "window_printed"]
    assert found["more"] is False
    answer = await registry.http.get(f"/v1/agents/{edge.agent}/events", params={"after": "\u0661"}, headers=edge.auth())
    assert answer.status == 422


async def test_history_comes_in_pages(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    for number in range(1200):
        edge.tell("tick", n=number)
    await edge.send()
    first = await edge.get("events")
    assert (len(first["events"]), first["more"]) == (1000, True)
    second = await edge.get("events", incarnation=edge.incarnation, after="1000")
    assert (len(second["events"]), second["more"]) == (201, False)


async def test_told_again_is_a_replay_not_a_conflict(registry: Registry, edge: Edge) -> None:
    """A fork's drawing told in two later incarnations: its serials are new once, its moves count once."""
    await registry.allot(edge.agent, 100)
    fork = edge.copy()
    serials = fork.serials(3)
    window = fork.sending(serials)
    fork.tell("window_printed", window=window, level="counter", evidence={}, counts_as="printed")
    fork.tell("label_decided", serial=serials[0], operator="o", reason="r", step="scrap")
    told = [
        {
            "origin": {"incarnation": fork.incarnation, "seq": seq, "hash": fork.hashes[seq - 1].hex()},
            "event": json.loads(body),
        }
        for seq, body in enumerate(fork.bodies[5:], 6)
    ]
    heir = edge.copy().begin(edge, "recovered")
    for one in told:
        heir.tell("adopted", **one)
    found = await heir.send()
    assert found["classified"] == {"new": 3, "replay": 0, "conflict": 0}
    third = heir.copy().begin(heir, "recovered")
    for one in told:
        third.tell("adopted", **one)
    nested = {"origin": third.head(), "event": json.loads(third.bodies[-1])}
    third.tell("adopted", **nested)
    found = await third.send()
    assert found["classified"] == {"new": 0, "replay": 3, "conflict": 0}
    assert await registry.rows("SELECT drawn, freed FROM quota_use") == [{"drawn": 7, "freed": 1}]
    assert "impossible_move" not in await registry.alarms()
    mine = set(serials)
    assert {s: v for s, v in (await registry.states()).items() if s in mine} == {
        serials[0]: 4,
        serials[1]: 1,
        serials[2]: 1,
    }


async def test_a_serial_drawn_by_two_different_events_is_a_conflict_even_when_told_again(edge: Edge) -> None:
    serial = json.loads(edge.bodies[1])["serials"][0]
    fork = edge.copy()
    fork.sending([serial])
    heir = edge.copy().begin(edge, "recovered")
    heir.tell(
        "adopted",
        origin={"incarnation": fork.incarnation, "seq": 6, "hash": fork.hashes[5].hex()},
        event=json.loads(fork.bodies[5]),
    )
    found = await heir.send()
    assert found["classified"] == {"new": 0, "replay": 0, "conflict": 1}


async def test_a_history_sent_under_another_name_makes_conflicts_not_labels(registry: Registry, edge: Edge) -> None:
    """The same ledger, byte for byte, by a second enrolled agent: each serial is a conflict, none is new."""
    thief = await registry.enrolled("line-2")
    copy = edge.copy()
    copy.agent, copy.secret = thief.agent, thief.secret
    found = await copy.send()
    assert found["classified"] == {"new": 0, "replay": 0, "conflict": 4}
    assert await registry.rows("SELECT DISTINCT agent FROM drawing") == [{"agent": "line-1"}]
