"""Takes in a batch: checks the chain, finds its place in the agent's history, stores it, writes the books.

All in one transaction, and the agent's row is locked in it: two batches of one agent follow each other, batches of
different agents run side by side. What is computed from the batch alone (hashes, snapshots' names) is done before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from central_registry.agents import clones, epoch, seal
from central_registry.agents.lineage import Life, Place, Placement, head_of, lives_of, on_line, place
from central_registry.agents.told import Words, hashes_told, keep_all
from central_registry.alarms import AlarmKind, Note, raise_alarm
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.ingest.account import read_old_feeds
from central_registry.ingest.books import Source, learn_again, note_overdrafts, write_down
from central_registry.ingest.chaining import Chained, chain_up
from central_registry.ingest.classify import Classified
from central_registry.ingest.fed_whole import fill_in
from central_registry.ingest.interpret import Plan, Told, plan, serials_issued, told
from central_registry.ingest.late_facts import judge_late
from central_registry.ingest.places import keep_places
from central_registry.ingest.retold import without_refused
from central_registry.issuing.leases import close_told
from central_registry.problems import ProblemError
from label_protocol.wire import Batch

_OFF_THE_LINE = (Place.WAIT, Place.BESIDE)
_KEPT = (Place.APPEND, Place.BEGIN, *_OFF_THE_LINE)


async def ingest(pool: Pool, agent: str, batch: Batch, at: datetime, address: str = "") -> dict[str, Any]:
    """Take in `batch`; the receipt. `address`: from where it came.

    Raises:
        ProblemError: 409 `gap`, `fork`, `cloned` with `head`, `bodies-wanted` with `wanted`; 422.
    """
    chained = await asyncio.to_thread(chain_up, batch)
    answer = await in_transaction(pool, lambda connection: _take(connection, agent, chained, at, address))
    if isinstance(answer, ProblemError):
        raise answer
    return answer


async def _take(
    connection: Connection, agent: str, chained: Chained, at: datetime, address: str
) -> dict[str, Any] | ProblemError:
    """In the transaction. A refusal is returned, not raised, so that what it noted down is kept."""
    row = await sql.lock_agent(connection, agent=agent)
    await sql.mark_seen(connection, agent=agent, at=at)
    lives = await lives_of(connection, agent)
    doorway = await clones.doorway(connection, row, lives, chained.batch.incarnation, at)
    placement = await place(connection, agent, lives, chained.batch, chained.hashes, doorway)
    if placement.place not in _KEPT:
        return await _refuse(connection, row, lives, chained.batch, placement, at)
    if not row["feeds_read"]:
        await read_old_feeds(connection, agent)
    source = _source(row, chained.batch, placement, at, address)
    recovering = epoch.recovers(row, await epoch.current(connection))
    counts = await _append(connection, source, chained, placement, lives, recovering)
    if placement.place in _OFF_THE_LINE:
        found = await clones.off_the_line(
            connection, row, await lives_of(connection, agent), source.incarnation, placement.why, at
        )
        found.document["classified"] = counts
        return found
    if source.lost:
        await _note_told_after_loss(connection, source, counts["new"])
    if lives and placement.place is Place.BEGIN:
        await _note_succession(connection, source, on_line(lives)[-1], chained.batch.events[0])
    lives = await lives_of(connection, agent)
    await epoch.check_in(connection, row, lives, placement.place is Place.BEGIN, at)
    receipt = await _receipt(connection, source, chained.batch, lives, counts)
    return receipt | ({"twin": twin} if (twin := clones.twin_of(row, lives)) else {})


def _source(row: Any, batch: Batch, placement: Placement, at: datetime, address: str) -> Source:
    """A machine beside the line may be a copy: what it tells is verified, and it moves no label of the other one."""
    beside = placement.place in _OFF_THE_LINE
    lost = beside or row["lost_at"] is not None
    why = "two_machines" if beside else row.get("revoked_why") or "lost"
    return Source(row["agent"], row["issuer"], batch.incarnation, at, lost=lost, why=why, address=address)


async def _note_told_after_loss(connection: Connection, source: Source, labels: int) -> None:
    """Revocation ends what an agent may get, not what it may tell: it is kept, shown as being verified, and counted."""
    row = await sql.count_told_lost(connection, agent=source.agent, labels=labels)
    moves = row["moves_withheld"]
    detail = (
        f"agent {source.agent} was revoked ({source.why}) and tells again; labels first told since, being verified: "
        f"{row['told_lost']}; those told before stay as they were"
    )
    if moves:
        detail += f"; of those, withheld and never applied: {moves} moves (printed, scrapped, …), so check its sums"
    await raise_alarm(connection, source.agent, Note(AlarmKind.LOST_AGENT_RETURNED, source.agent, detail), source.at)


async def _append(
    connection: Connection,
    source: Source,
    chained: Chained,
    placement: Placement,
    lives: Sequence[Life],
    recovering: bool,
) -> dict[str, int]:
    """Store what is new and write it into the books; how many serials were new, replays, conflicts."""
    batch, skip = chained.batch, placement.skip
    replays = serials_issued(batch.events[:skip])
    if skip == len(batch.events):
        life = {"agent": source.agent, "incarnation": source.incarnation}
        await sql.hear_incarnation(connection, **life, at=source.at, address=source.address)
        return {"new": 0, "replay": replays, "conflict": 0}
    await _store_events(connection, source, chained, placement, lives)
    await _store_snapshots(connection, chained, source.at)
    events = [told(seq, digest, event) for seq, digest, event in numbered(chained)][skip:]
    fresh, known = await _not_yet_told(connection, source.agent, events)
    found = plan(await without_refused(connection, source.agent, fresh))
    await fill_in(connection, source.agent, found, batch.lacks)
    await _note_missing_snapshots(connection, source, found, chained.snapshots)
    classified = await write_down(connection, source, found)
    await keep_places(connection, source, found.places)
    if recovering:
        await learn_again(connection, source, found)
    # what goes back is another's to draw: of a revoked agent and of a copy that waits, a person writes it off
    for ended in () if source.lost else found.ended:
        await close_told(connection, source.agent, ended.quota_key, ended.until, ended.unused, at=source.at)
    await note_overdrafts(connection, source, {row.quota_key for row in found.windows}, classified.uncovered)
    return _counted(classified, replays + serials_issued([item.event for item in known]))


def _counted(classified: Classified, replays: int) -> dict[str, int]:
    return {
        "new": len(classified.new),
        "replay": replays + len(classified.replays),
        "conflict": len(classified.conflicts),
    }


def numbered(chained: Chained) -> list[tuple[int, bytes, Mapping[str, Any]]]:
    """Of each event of a batch its number, its hash, and itself."""
    first = chained.batch.first_seq
    rows = zip(chained.hashes, chained.batch.events, strict=True)
    return [(first + index, digest, event) for index, (digest, event) in enumerate(rows)]


async def _store_events(
    connection: Connection, source: Source, chained: Chained, placement: Placement, lives: Sequence[Life]
) -> None:
    batch, skip = chained.batch, placement.skip
    before = chained.hashes[skip - 1] if skip else batch.prev_hash
    words = Words(source.agent, batch.incarnation, batch.first_seq + skip, before, chained.bodies[skip:])
    await keep_all(connection, [words])
    key = {"agent": source.agent, "incarnation": batch.incarnation}
    end = {"seq": batch.last_seq, "hash": chained.hashes[-1], "at": source.at, "address": source.address}
    if any(life.incarnation == batch.incarnation for life in lives):
        await sql.move_head(connection, **key, **end)
        return
    first = batch.events[0]
    parent = first["parent"] or {"incarnation": None, "seq": 0}
    await sql.begin_incarnation(
        connection,
        **key,
        **end,
        ordinal=lives[-1].ordinal + 1 if lives else 0,
        parent=parent["incarnation"],
        parent_seq=parent["seq"],
        fingerprint=str(first.get("fingerprint", "")).replace("\0", "")[:200],
        waits=placement.place is Place.WAIT,
    )


async def _note_succession(connection: Connection, source: Source, old: Life, first: Mapping[str, Any]) -> None:
    """A restored backup looks like this, and so does a clone that came first: people should know of either."""
    detail = (
        f"agent {source.agent} goes on in incarnation {source.incarnation} ({first.get('reason')}, fingerprint "
        f"{first.get('fingerprint')}) after event {old.seq} of {old.incarnation} (fingerprint {old.fingerprint})"
    )
    await raise_alarm(connection, source.agent, Note(AlarmKind.RECOVERED, source.incarnation, detail), source.at)


async def _store_snapshots(connection: Connection, chained: Chained, at: datetime) -> None:
    if chained.snapshots:
        names = sorted(chained.snapshots)
        bodies = [chained.snapshots[name] for name in names]
        new = [row["hash"] async for row in sql.add_snapshots(connection, hashes=names, bodies=bodies)]
        await judge_late(connection, new, at)


async def _note_missing_snapshots(
    connection: Connection, source: Source, found: Plan, sent: Mapping[str, bytes]
) -> None:
    """A label without its facts is still a label: it is taken in, and the missing snapshot is named."""
    wanted = {window.snapshot for window in found.windows} - sent.keys()
    if not wanted:
        return
    known = {row["hash"] async for row in sql.known_snapshots(connection, hashes=sorted(wanted))}
    for name in sorted(wanted - known):
        note = Note(
            AlarmKind.SNAPSHOT_MISSING, name, f"snapshot {name} was never sent; the scan page has no facts to show"
        )
        await raise_alarm(connection, source.agent, note, source.at)


async def _not_yet_told(connection: Connection, agent: str, events: Sequence[Told]) -> tuple[list[Told], list[Told]]:
    """Events to write down, and those that were told again although the books have them already."""
    again = [item for item in events if item.origin is not None]
    if not again:
        return list(events), []
    hashes = [item.hash for item in again]
    seen = {bytes(row["hash"]) async for row in sql.known_retold(connection, agent=agent, hashes=hashes)}
    seen |= await hashes_told(connection, agent, [item.origin for item in again if item.origin])
    await sql.add_retold(connection, agent=agent, hashes=hashes)
    fresh: list[Told] = []
    known: list[Told] = []
    for item in events:
        (known if item.origin is not None and item.hash in seen else fresh).append(item)
        if item.origin is not None:
            seen.add(item.hash)
    return fresh, known


async def _receipt(
    connection: Connection, source: Source, batch: Batch, lives: Sequence[Life], counts: Mapping[str, int]
) -> dict[str, Any]:
    life = next(known for known in lives if known.incarnation == batch.incarnation)
    rows = sql.conflicts_between(
        connection,
        agent=source.agent,
        incarnation=batch.incarnation,
        first=batch.first_seq,
        last=batch.last_seq,
    )
    return {
        "acked_seq": life.seq,
        "head_hash": life.hash.hex(),
        "head": head_of(lives).as_json(),
        "conflicts": [dict(row) async for row in rows],
        "classified": dict(counts),
        "receipt": (await seal.receipt(connection, source.agent, life)).as_json(),
    }


async def _refuse(
    connection: Connection, agent: Any, lives: Sequence[Life], batch: Batch, placement: Placement, at: datetime
) -> ProblemError:
    """Note down what the refusal shows, and make the problem document."""
    name = agent["agent"]
    more: dict[str, Any] = {"head": head_of(lives).as_json(), "agent": name}
    if placement.place is Place.GAP:
        lost = await seal.proven_loss(connection, name, lives, batch.receipt)
        if lost is None:
            await epoch.cried_loss(connection, agent, batch, placement.why, at)
        else:
            await epoch.data_lost(connection, agent, lost, placement.why, at)
    elif placement.place is Place.CLONED:
        return await clones.off_the_line(connection, agent, lives, batch.incarnation, placement.why, at)
    else:
        note = Note(AlarmKind(placement.place.value), batch.incarnation, f"agent {name}: {placement.why}")
        await raise_alarm(connection, name, note, at)
    return ProblemError(placement.place.value, f"agent {name}: {placement.why}", **more)
