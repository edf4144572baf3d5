"""What holds after every kill and at the end: sums are a recount's and the ledgers', nothing acknowledged is lost."""

from __future__ import annotations

from collections.abc import Mapping

from central_registry.agents.told import hash_at
from central_registry.oversight.reconcile import reconcile
from central_registry.parties.audit_trail import walk
from label_protocol.states import SerialState
from tests.product.month.floor import tell
from tests.product.month.town import Town, Worker

_COUNTED = ("drawn", *(state.value for state in SerialState))
_SUMS = f"SELECT {', '.join(f'coalesce(sum({name}), 0)::bigint AS {name}' for name in _COUNTED)} FROM label_sum"
_ACTED = "SELECT person, count(*) AS acts FROM audit GROUP BY person"


async def hold(town: Town) -> None:
    """All of it, with everybody who has a network told.

    Raises:
        AssertionError: one does not hold; says which, of whom, what was expected and what stands.
    """
    await acknowledged(town)
    for worker in town.quiet():
        state = await tell(town, worker)
        assert state == ("refused" if worker.revoked else "online"), (worker.name, worker.line.at.pump.view())
        await as_its_ledger_says(town, worker)
    await as_recounted(town)
    async with town.story.pool.acquire() as connection, connection.transaction():
        walked = await walk(connection)
    assert walked.flaw is None, walked


async def as_its_ledger_says(town: Town, worker: Worker) -> None:
    """What the registry sums of an agent is what its ledger counts, and what somebody else told in its name. One that
    was revoked moves no label that was told before: it differs by so many labels at most as the alarm says."""
    row = await town.story.pool.fetchrow(f"{_SUMS} WHERE agent = $1", worker.name)
    counted = await worker.line.counted()
    expected = {name: counted[name] + worker.strangers[name] for name in _COUNTED}
    withheld = await town.story.pool.fetchval("SELECT moves_withheld FROM agent WHERE agent = $1", worker.name)
    apart = sum(max(0, expected[name] - row[name]) for name in _COUNTED)
    seen = worker.name, dict(row), expected, withheld, worker.revoked
    assert row["drawn"] == expected["drawn"], seen
    assert apart <= withheld * worker.revoked, seen


async def as_recounted(town: Town) -> None:
    """Every label that there is, counted anew."""
    books = await reconcile(town.story.pool, recount=True)
    assert [row for row in books["rows"] if not row["balanced"]] == []
    assert books["rows"] == (await reconcile(town.story.pool))["rows"]


async def acknowledged(town: Town) -> None:
    """Events that a receipt named, acts that were answered, labels shown as registered and put on garments."""
    pool = town.story.pool
    await _told(town, town.receipts)
    acts = {row["person"]: row["acts"] for row in await pool.fetch(_ACTED)}
    for person, answered in town.acted.items():
        most = answered + town.unknown[person]
        assert answered <= acts.get(person, 0) <= most, (person, answered, acts.get(person, 0), most)
    counted = {row["serial"] for row in await pool.fetch("SELECT serial FROM scan")}
    assert town.looked_at <= counted, sorted(town.looked_at - counted)[:3]
    by_roll = await pool.fetchval("SELECT coalesce(sum(by_roll), 0) FROM label_sum")
    assert by_roll >= len(town.on_garments), (by_roll, len(town.on_garments))


async def _told(town: Town, receipts: Mapping[tuple[str, str], tuple[int, str]]) -> None:
    """The registry holds what these acknowledged."""
    async with town.story.pool.acquire() as connection:
        for (agent, incarnation), (seq, digest) in receipts.items():
            found = await hash_at(connection, agent, incarnation, seq)
            assert found is not None and found.hex() == digest, (agent, incarnation, seq)


async def at_the_end(town: Town) -> None:
    """Everybody is back; the registry's history of each is the agent's, byte for byte."""
    for worker in town.workers:
        worker.away = 0
    await hold(town)
    await _told(town, town.owed)
    for worker in town.workers:
        if not worker.strangers:
            assert await worker.line.at.equals(town.story.registry), worker.name
    drawn = [serial for worker in town.workers for serial in worker.serials]
    assert len(drawn) == len(set(drawn)), "no serial twice"
