"""Two machines of one identity: a newcomer waits for a person while the other one is alive; what both tell is kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from central_registry.agents.clones import decide_clone, list_clones
from central_registry.lists import Ask
from central_registry.oversight.reconcile import reconcile
from central_registry.oversight.told_after import admit
from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.problems import ProblemError
from label_protocol import wire
from tests.central_registry.consumer.test_scan_page import GTIN
from tests.kits.platform_kit import add_party, add_person
from tests.kits.registry_kit import AT, Edge, Registry, running
from tests.kits.told_kit import told as events_told


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> object:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def registry(clock: Clock) -> AsyncIterator[Registry]:
    async with running(clock=clock) as found:  # type: ignore[arg-type]
        yield found


@pytest.fixture
async def person(registry: Registry) -> Actor:
    """Somebody with the role `it` of the firm."""
    firm = await add_party(registry.pool, PartyKind.FIRM, "示例厂")
    return await add_person(registry.pool, firm, Role.IT)


@pytest.fixture
async def edge(registry: Registry, person: Actor) -> Edge:
    """The firm's agent, which has told what it has."""
    found = (await registry.enrolled()).begin()
    await registry.allot(found.agent, 100)
    await registry.pool.execute("UPDATE agent SET owner = $1", person.party)
    found.printed(found.serials(2))
    await found.send()
    return found


def newcomer_of(edge: Edge, fingerprint: str = "machine-2") -> Edge:
    """A copy of the disk, started on another machine."""
    found = edge.copy()
    found.fingerprint = fingerprint
    return found.begin(edge, "recovered")


async def status(registry: Registry, serial: str) -> tuple[str, list[str]]:
    found = await registry.facts(f"/01/{GTIN}/21/{serial}")
    return found["status"], [one["kind"] for one in found["reasons"]]


async def test_a_newcomer_beside_a_living_machine_waits_and_what_it_tells_is_kept(
    registry: Registry, edge: Edge, person: Actor
) -> None:
    clone = newcomer_of(edge)
    serials = clone.serials(2)
    clone.printed(serials)
    refused = await clone.refused()
    assert wire.problem_kind(refused) == "cloned", "on which an agent issues nothing"
    assert refused["fingerprints"] == ["machine-1", "machine-2"]
    assert refused["kept"] == clone.head(), "telling is not held"
    assert await status(registry, serials[0]) == ("being_verified", ["two_machines"])
    own = edge.serials(1)
    edge.printed(own)
    found = await edge.send(4)
    assert found["head"] == edge.head(), "the other one goes on meanwhile"
    assert await status(registry, own[0]) == ("registered", [])
    clone.tell("more")
    assert (await clone.refused(4))["kept"] == clone.head()
    waiting = (await list_clones(registry.pool, person, Ask())).rows
    assert [(row["living"]["fingerprint"], row["newcomer"]["fingerprint"]) for row in waiting] == [
        ("machine-1", "machine-2")
    ]
    assert waiting[0]["living"]["printers"] == ["p1"] and waiting[0]["living"]["address"]
    assert waiting[0]["newcomer"]["heard_at"] == AT
    rows = await registry.rows("SELECT party, act, outcome FROM decision")
    assert rows == [{"party": person.party, "act": "decide_clone", "outcome": None}]


async def test_a_person_says_that_the_newcomer_goes_on(registry: Registry, edge: Edge, person: Actor) -> None:
    """A new PC in place of one that broke this morning; the old one's secret ends with the new token."""
    clone = newcomer_of(edge)
    await clone.refused()
    edge.tell("meanwhile")
    await edge.send(4)
    decision = (await list_clones(registry.pool, person, Ask())).rows[0]["decision"]
    token = await decide_clone(registry.pool, person, decision, True, "旧电脑已报废", AT)
    answer = await registry.http.post("/v1/enrol", json={"token": token, "name": "x", "fingerprint": "machine-2"})
    clone.secret = (await answer.json())["secret"]
    clone.tell("goes_on")
    found = await clone.send()
    assert found["head"] == clone.head()
    status_, _ = await edge.post(edge.batch())
    assert status_ == 401, "rotated"
    edge.secret = clone.secret
    edge.tell("late")
    assert wire.problem_kind(await edge.refused(5)) == "cloned"
    kept = [event for event in await events_told(registry.pool) if event["incarnation"] == edge.incarnation]
    assert len(kept) == 5
    assert "cloned" in await registry.alarms()
    with pytest.raises(ProblemError, match="没有待裁定"):
        await decide_clone(registry.pool, person, decision, False, "again", AT)


async def test_a_newcomer_that_began_where_the_line_no_longer_ends_leaves_one_that_can_be_taken_in(
    registry: Registry, edge: Edge, person: Actor
) -> None:
    """The other machine recovered meanwhile, and that life is beside the line from then on."""
    clone = newcomer_of(edge)
    await clone.refused()
    other = edge.copy()
    other.begin(edge, "recovered")
    other.printed(other.serials(2))
    await other.send()
    decision = (await list_clones(registry.pool, person, Ask())).rows[0]["decision"]
    token = await decide_clone(registry.pool, person, decision, True, "旧电脑已报废", AT)
    answer = await registry.http.post("/v1/enrol", json={"token": token, "name": "x", "fingerprint": "machine-2"})
    for one in (edge, clone, other):
        one.secret = (await answer.json())["secret"]
    assert (await clone.send())["head"] == clone.head()
    assert await line_of(clone) == [(edge.incarnation, 3), (clone.incarnation, 1)]
    late = other.serials(1)
    other.printed(late)
    assert (await other.refused(4))["standing"] == "other"
    third = newcomer_of(other, "machine-2")
    assert wire.problem_kind(await third.refused()) == "fork", "nothing is missing here, and nobody lost anything"
    assert "claim_without_receipt" not in await registry.alarms()
    again = newcomer_of(clone, "machine-2")
    assert (await again.send())["head"] == again.head()
    assert await line_of(again) == [(edge.incarnation, 3), (clone.incarnation, 1), (again.incarnation, 1)]
    lives = await registry.rows("SELECT count(DISTINCT ordinal) AS places, count(*) AS lives FROM incarnation")
    assert lives == [{"places": 4, "lives": 4}], "each has a place of its own"


async def line_of(edge: Edge) -> list[tuple[str, int]]:
    """Its lives as an agent takes them in, each with its last event, which the next one names as its parent."""
    end, found = None, []
    for name in (await edge.get("events"))["lineage"]:
        rows = (await edge.get("events", incarnation=name))["events"]
        assert rows[0]["event"]["parent"] == end
        end = {"incarnation": name, "seq": rows[-1]["seq"], "hash": rows[-1]["hash"]}
        found.append((name, rows[-1]["seq"]))
    return found


async def test_a_person_says_that_the_living_one_goes_on(registry: Registry, edge: Edge, person: Actor) -> None:
    clone = newcomer_of(edge)
    await clone.refused()
    decision = (await list_clones(registry.pool, person, Ask())).rows[0]["decision"]
    await decide_clone(registry.pool, person, decision, False, "副本来路不明", AT)
    assert "cloned" not in await registry.alarms()
    edge.tell("goes_on")
    assert (await edge.send(4))["head"] == edge.head()
    late = clone.serials(1)
    clone.printed(late)
    assert (await clone.refused(2))["kept"] == clone.head(), "what it tells is kept all the same"
    assert await status(registry, late[0]) == ("being_verified", ["two_machines"])
    assert await decisions(registry) == ["living"], "and nobody is asked again"


async def test_a_machine_that_was_superseded_goes_on_telling_and_comes_back_whole(
    registry: Registry, edge: Edge, clock: Clock
) -> None:
    """A restored backup went on in its place while it stood; what it prints meanwhile is kept behind the line's end."""
    clock.at = AT + timedelta(hours=25)
    newcomer = newcomer_of(edge)
    await newcomer.send()
    late = edge.serials(3)
    edge.printed(late)
    refused = await edge.refused(4)
    assert (wire.problem_kind(refused), refused["standing"]) == ("cloned", "other")
    assert refused["kept"] == edge.head() and refused["head"] == newcomer.head()
    assert await status(registry, late[0]) == ("being_verified", ["two_machines"])
    newcomer.tell("more")
    assert (await newcomer.send(2))["twin"]["fingerprint"] == "machine-1", "its page says that there are two"
    line = await newcomer.get("events", incarnation=edge.incarnation)
    assert [row["seq"] for row in line["events"]] == [1, 2, 3], "its history ends where the other one took over"
    assert line["lineage"] == [edge.incarnation, newcomer.incarnation]
    again = newcomer.copy()
    again.fingerprint, clock.at = "machine-1", clock.at + timedelta(minutes=5)
    again.secret = (await registry.enrolled(edge.agent, "machine-1")).secret
    again.begin(newcomer, "recovered")
    for seq in (4, 5):
        origin = {"incarnation": edge.incarnation, "seq": seq, "hash": edge.hashes[seq - 1].hex()}
        again.tell("adopted", origin=origin, event=json.loads(edge.bodies[seq - 1]))
    found = await again.send()
    assert (found["classified"], "twin" in found) == ({"new": 0, "replay": 3, "conflict": 0}, False)
    assert found["head"] == again.head()


async def test_a_copy_that_waits_uses_up_nothing_of_the_honest_machines_quota(
    registry: Registry, edge: Edge, person: Actor
) -> None:
    """100 are allotted and 2 drawn: each machine draws 90 more, and each is judged by what it held alone."""
    clone = newcomer_of(edge)
    copied, own = clone.serials(101), edge.serials(99)
    for told, serials in ((clone, copied[:90]), (clone, copied[90:]), (edge, own[:90])):
        told.printed(serials)
    scrap(clone, copied[0])
    await clone.refused()
    assert (await edge.send(4))["twin"]["fingerprint"] == "machine-2"
    assert await status(registry, own[89]) == ("registered", [])
    assert (await status(registry, copied[89]))[1] == ["two_machines"]
    assert (await status(registry, copied[100]))[1] == ["not_allotted", "two_machines"], "98 were left to whoever draws"
    assert await book(registry) == (2 + 101 + 90, 1, 100)
    edge.printed(own[90:])
    await edge.send(6)
    assert await status(registry, own[97]) == ("registered", [])
    assert await status(registry, own[98]) == ("being_verified", ["not_allotted"])

    clerk = await add_person(
        registry.pool, await add_party(registry.pool, PartyKind.ASSOCIATION, "示例会"), Role.APPROVER
    )
    windows = [row["window_id"] for row in await registry.rows("SELECT window_id FROM drawing WHERE against = 512")]
    assert len(windows) == 2
    for window, admitted in zip(windows, (True, False), strict=True):
        await admit(registry.pool, clerk, edge.agent, window, admitted, "核对了生产单", AT)
    assert (await book(registry))[2] < 100, "what was admitted counts, what was rejected does not"
    scrap(clone, copied[1])
    scrap(clone, copied[95])
    await clone.refused(len(clone.bodies) - 1)
    await book(registry)


def scrap(edge: Edge, serial: str) -> None:
    edge.tell("label_decided", serial=serial, operator="班长甲", reason="r", step="scrap")


async def book(registry: Registry) -> tuple[int, int, int]:
    """Drawn, freed, apart; a recount from the labels says the same."""
    assert all(row["balanced"] for row in (await reconcile(registry.pool, recount=True))["rows"])
    row = (await registry.rows("SELECT drawn, freed, apart FROM quota_use"))[0]
    return row["drawn"], row["freed"], row["apart"]


async def decisions(registry: Registry) -> list[str]:
    return [row["outcome"] for row in await registry.rows("SELECT outcome FROM decision")]


@pytest.mark.parametrize("how", ["same machine", "silent for a day", "enrolled anew"])
async def test_a_restored_backup_at_night_recovers_by_itself(
    registry: Registry, edge: Edge, clock: Clock, how: str
) -> None:
    """On its own computer; after a day's silence of the other; or with a token that somebody gave for this computer."""
    machine = "machine-1" if how == "same machine" else "machine-2"
    if how == "silent for a day":
        clock.at = AT + timedelta(hours=24)
    if how == "enrolled anew":
        clock.at = AT + timedelta(minutes=5)
        secret = (await registry.enrolled(edge.agent, machine)).secret
        edge.secret = secret
    restored = newcomer_of(edge, machine)
    restored.printed(restored.serials(1))
    assert (await restored.send())["head"] == restored.head()
    assert await decisions(registry) == []


async def test_where_nobody_could_decide_nobody_waits(registry: Registry) -> None:
    """A registry that has no people yet goes on as it did."""
    alone = (await registry.enrolled()).begin()
    await alone.send()
    assert (await newcomer_of(alone).send())["acked_seq"] == 1


async def test_only_the_firms_it_decides(registry: Registry, edge: Edge, person: Actor) -> None:
    await newcomer_of(edge).refused()
    decision = (await list_clones(registry.pool, person, Ask())).rows[0]["decision"]
    clerk = await add_person(registry.pool, person.party, Role.OFFICER)
    stranger = await add_person(registry.pool, await add_party(registry.pool, PartyKind.FIRM, "示例别厂"), Role.IT)
    for other in (clerk, stranger):
        with pytest.raises(ProblemError):
            await decide_clone(registry.pool, other, decision, True, "理由", AT)
    assert (await list_clones(registry.pool, stranger, Ask())).total == 0
    with pytest.raises(ProblemError, match="理由"):
        await decide_clone(registry.pool, person, decision, True, " ", AT)


async def test_a_firm_does_not_bring_back_by_a_copy_what_its_association_stopped(
    registry: Registry, edge: Edge, person: Actor
) -> None:
    await newcomer_of(edge).refused()
    await registry.pool.execute("UPDATE agent SET lost_at = $1, revoked_why = 'barred'", AT)
    decision = (await list_clones(registry.pool, person, Ask())).rows[0]["decision"]
    with pytest.raises(ProblemError, match="协会已停用"):
        await decide_clone(registry.pool, person, decision, True, "旧电脑已报废", AT)
    assert await registry.pool.fetchval("SELECT token_hash FROM agent") is None
