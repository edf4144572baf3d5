"""What agents tell while they print is taken in together: the same books and receipts, and none for another's fault."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from central_registry.agents.enrolment import lose_agent
from central_registry.http.context import TURNS
from central_registry.ingest.chaining import chain_up
from central_registry.ingest.turns import Turn, Turns
from central_registry.oversight.reconcile import reconcile
from label_protocol import wire
from tests.kits.registry_kit import AT, Edge, Registry, running

_BOOKS = (
    "SELECT * FROM edge_words ORDER BY agent, incarnation, last_seq",
    "SELECT agent, incarnation, seq, hash FROM incarnation ORDER BY agent",
    "SELECT * FROM drawing ORDER BY draw",
    "SELECT * FROM serial ORDER BY serial",
    "SELECT * FROM label_sum ORDER BY agent, quota_key, day",
    "SELECT * FROM quota_use ORDER BY agent, quota_key",
    "SELECT agent, kind, about FROM alarm ORDER BY agent, id",
)


def turn(edge: Edge, first: int) -> Turn:
    """What the edge has to tell from there on, without snapshots: those were sent with its first window."""
    packed = wire.pack_batch(edge.incarnation, first, edge.hashes[first - 2], edge.bodies[first - 1 :], {}, None)
    return Turn(edge.agent, chain_up(wire.read_batch(packed)), AT, "192.0.2.1")


async def lines(registry: Registry, *names: str) -> list[Edge]:
    """Agents that have told their first window, and may draw ten."""
    found = [(await registry.enrolled(name)).begin() for name in names]
    for edge in found:
        await registry.allot(edge.agent, 10)
        edge.printed(edge.serials(2))
        await edge.send()
    return found


async def take(registry: Registry, *told: Turn) -> list[dict[str, Any] | None]:
    """As one group."""
    return await Turns(registry.pool)._take(told)


async def in_other_books(edges: list[Edge], other: Registry) -> dict[str, str]:
    """The same agents in another registry, which has heard as much; their secrets there."""
    secrets = {}
    for edge in edges:
        secrets[edge.agent] = (await other.enrolled(edge.agent)).secret
        await other.pool.execute("UPDATE agent SET issuer = $2 WHERE agent = $1", edge.agent, edge.issuer)
        await other.allot(edge.agent, 10)
        await twin(edge, other, secrets[edge.agent]).send()
    return secrets


def twin(edge: Edge, registry: Registry, secret: str) -> Edge:
    found = edge.copy()
    found.registry, found.secret = registry, secret
    return found


def tells(edge: Edge, chance: random.Random, windows: list[str]) -> None:
    """A piece of what lines tell: windows, what became of them and of older ones, a label that was scrapped."""
    drawn = [edge.serials(chance.randrange(1, 3)) for _ in range(chance.randrange(3))]
    windows += [edge.sending(serials) for serials in drawn]
    for window in chance.sample(windows, min(len(windows), chance.randrange(3))):
        windows.remove(window)
        how = chance.choice(("window_printed", "window_in_doubt", "window_never_sent"))
        edge.tell(how, window=window, level="counter", evidence={}, counts_as="printed")
        if how == "window_printed" and drawn and chance.random() < 0.5:
            edge.tell("label_decided", serial=drawn[0][0], operator="o", reason="r", step="scrap")
    edge.tell("printer_seen", printer="p1")


async def test_turns_told_together_are_what_they_are_told_one_by_one() -> None:
    """The same histories to two registries: to one in groups, and alone what cannot be taken so; to the other alone."""
    chance, taken = random.Random(4520), 0
    async with running() as one, running() as other:
        edges = await lines(one, "a", "b", "c", "d")
        secrets = await in_other_books(edges, other)
        windows: dict[str, list[str]] = {edge.agent: [] for edge in edges}
        for _ in range(5):
            firsts = [len(edge.bodies) + 1 for edge in edges]
            for edge in edges:
                tells(edge, chance, windows[edge.agent])
            answers = await take(one, *(turn(edge, first) for edge, first in zip(edges, firsts, strict=True)))
            for edge, first, answer in zip(edges, firsts, answers, strict=True):
                singly = await twin(edge, other, secrets[edge.agent]).send(first)
                receipt = answer or await edge.send(first)
                assert {**receipt, "receipt": 0} == {**singly, "receipt": 0}
                taken += answer is not None
        for query in _BOOKS:
            assert await one.rows(query) == await other.rows(query)
        assert all(row["balanced"] for row in (await reconcile(one.pool, recount=True))["rows"])
    assert 5 < taken < 20, "most were taken together, and some went above their allotment"


async def test_a_turn_of_which_something_is_to_be_said_is_left_out_and_no_other() -> None:
    async with running() as registry:
        good, above, forked, again, late, lost, sent = await lines(registry, *"abcdefg")
        firsts = {edge.agent: len(edge.bodies) + 1 for edge in (good, above, forked, again, late, lost, sent)}
        for edge in (good, forked, late, lost):
            edge.printed(edge.serials(1))
        above.printed(above.serials(9))
        sent.sending(sent.serials(1), lot_no="L1", sample="down_graded")
        forked.hashes[firsts["c"] - 2] = bytes(32)
        late.printed(late.serials(1))
        await lose_agent(registry.pool, lost.agent, AT)
        told = [turn(edge, firsts[edge.agent]) for edge in (good, above, forked, lost, sent)]
        told += [turn(again, firsts["d"] - 1), turn(late, firsts["e"] + 2)]
        answers = await take(registry, *told)
        assert [answer is not None for answer in answers] == [True, False, False, False, True, False, False]
        assert answers[0] is not None
        assert answers[0]["receipt"]["seq"] == answers[0]["acked_seq"] == len(good.bodies)
        assert await registry.alarms() == [], "nothing of the others was written down"
        heads = {row["agent"]: row["seq"] for row in await registry.rows("SELECT agent, seq FROM incarnation")}
        assert heads == {**{name: first - 1 for name, first in firsts.items()}, "a": len(good.bodies), "g": firsts["g"]}


async def test_a_label_that_is_there_already_costs_nobody_else_a_thing() -> None:
    """Only whose label it is is left to be taken by itself, and for a minute enters no group, so that one who tells
    such labels without end does not make every group fail."""
    async with running() as registry:
        edges = await lines(registry, "a", "b", "c")
        firsts = [len(edge.bodies) + 1 for edge in edges]
        edges[0].printed(edges[0].serials(1))
        for edge in edges[1:]:  # two of one issuer, in one group
            edge.issuer = edges[1].issuer
        await registry.pool.execute("UPDATE agent SET issuer = $1 WHERE agent = 'c'", edges[1].issuer)
        both = edges[1].serials(1)
        for edge in edges[1:]:
            edge.printed(both)
        turns = Turns(registry.pool)
        told = [turn(edge, first) for edge, first in zip(edges, firsts, strict=True)]
        assert [answer is not None for answer in await turns._take(told)] == [True, True, False]
        assert await registry.alarms() == [], "of the third nothing was written down"
        await edges[2].send(firsts[2])
        assert await registry.alarms() == ["serial_conflict"]
        edges[2].tell("printer_seen", printer="p1")
        more = turn(edges[2], len(edges[2].bodies))
        assert await turns.take(more) is None
        assert await turns.take(replace(more, at=AT + timedelta(minutes=1))) is not None


async def test_an_agent_that_tells_little_is_taken_in_with_others_over_http() -> None:
    """One that is being taken in elsewhere keeps nobody waiting, nor does one whose batch is large."""
    async with running() as registry:
        one, two = await lines(registry, "a", "b")
        found: list[bool] = []
        app = registry.http.server.app  # type: ignore[union-attr]
        asked = app[TURNS].take

        async def counted(told: Turn) -> dict[str, Any] | None:
            found.append((answer := await asked(told)) is not None)
            return answer

        app[TURNS].take = counted  # type: ignore[method-assign]
        one.snapshots.clear()
        first = len(one.bodies) + 1
        one.printed(one.serials(1))
        one.snapshots.clear()
        receipt = await one.send(first)
        assert (receipt["classified"]["new"], found) == (1, [True])
        async with registry.pool.acquire() as busy, busy.transaction():
            await busy.execute("SELECT FROM agent WHERE agent = 'b' FOR UPDATE")
            two.tell("printer_seen", printer="p1")
            one.tell("printer_seen", printer="p1")
            answers = await take(registry, turn(two, len(two.bodies)), turn(one, len(one.bodies)))
            assert [answer is not None for answer in answers] == [False, True]
        one.tell("printer_seen", printer="p" * 40_000)
        await one.send(len(one.bodies))
        assert found == [True]
