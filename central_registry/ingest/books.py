"""Writes a plan down: classified serials, their states, quota sums, alarms. One batch, one transaction, few statements.

Serials issued and settled inside one batch are moved in memory and inserted once, in the state they reached; only those
of older batches are read, moved and updated.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from central_registry.alarms import AlarmKind, Note, alarm_id, raise_alarm, raise_alarms
from central_registry.db import Connection, sql
from central_registry.distribution import pages
from central_registry.ingest.account import Account, close_account, open_account, said
from central_registry.ingest.classify import (
    Classified,
    Conflict,
    OfWindow,
    classify,
    conflict_notes,
    foreign_notes,
    issuers_of,
    within_batch,
)
from central_registry.ingest.interpret import IssuedWindow, Move, Plan, Together
from central_registry.ingest.moves import Held, Touched, apply, apply_together
from central_registry.ingest.states import FREED, State
from central_registry.ingest.sums import COLUMNS, CONFLICTS, Sums, of_new
from central_registry.ingest.verdict import APART, REVOKED, TOLD_AFTER, Against, judged


@dataclass(frozen=True, slots=True)
class Source:
    """Whose events are written down, and when: `issuer` starts every serial of this agent; `lost`: it was revoked, or
    tells beside the line, and `why` (a key of `REVOKED`). `address`: from where they came."""

    agent: str
    issuer: str
    incarnation: str
    at: datetime
    lost: bool = False
    why: str = "lost"
    address: str = ""


async def write_down(connection: Connection, source: Source, plan: Plan) -> Classified:
    """Bring the books from where they stand to what `plan` says; gives what became of each serial issued."""
    found = within_batch(source.agent, plan.windows)
    account = await open_account(connection, source.agent, plan, all_count=source.lost)
    touched = await open_books(connection, source, plan, found, account)
    follow(source, touched, plan)
    await classify(connection, source.agent, plan.windows, found, touched.issued, touched.rulings)
    found.uncovered = touched.rulings.uncovered
    await close_account(connection, source.agent, touched.account)
    await store_moves(connection, source, touched)
    sums = sums_of(touched, found, plan.windows)
    await store_sums(connection, [(source.agent, sums, apart_of(source, touched, found))])
    await _store_conflicts(connection, source, found.conflicts)
    notes = [*plan.notes, *touched.notes, *foreign_notes(source.issuer, plan.windows), *conflict_notes(found.conflicts)]
    await raise_alarms(connection, source.agent, notes, source.at)
    for about in plan.closed:
        await sql.close_alarm(
            connection, agent=source.agent, id=alarm_id(Note("", about, "", by_agent=True)), at=source.at
        )
    return found


async def open_books(
    connection: Connection, source: Source, plan: Plan, found: Classified, account: Account
) -> Touched:
    """What the batch can touch, as it stood before it; `found` by `within_batch`."""
    touched = Touched(account, issued=dict.fromkeys(found.new, State.SENDING), drawn=found.new)
    for window in plan.windows:
        touched.windows.setdefault(window.window_id, []).extend(found.new_in(window))
    older = {move.window_id for move in plan.moves if move.window_id and move.window_id not in touched.windows}
    named = {serial for move in plan.moves for serial in move.serials} - touched.issued.keys()
    rows = []
    if older:
        rows = [row async for row in sql.drawings_of_windows(connection, agent=source.agent, windows=sorted(older))]
    await _load_held(connection, source, touched, named.union(*(row["serials"] for row in rows)))
    for row in rows:
        touched.windows.setdefault(row["window_id"], []).extend(_still_of(touched, row["draw"], row["serials"]))
    return touched


def follow(source: Source, touched: Touched, plan: Plan) -> None:
    """Judge and move what the plan says, one step after the other; nothing is stored."""
    for step in plan.steps:
        if isinstance(step, IssuedWindow):
            _judge(source, touched, step)
        elif isinstance(step, Move):
            apply(touched, step)
        elif isinstance(step, Together):
            apply_together(touched, step)
        else:
            touched.account.hear(step)


def _still_of(touched: Touched, draw: bytes, serials: Iterable[str]) -> list[str]:
    """Those that this window got: a serial in conflict belongs to the window that had it first."""
    known = ((serial, touched.held.get(serial) or touched.fixed.get(serial)) for serial in serials)
    return [serial for serial, held in known if held and held.draw == draw]


async def _load_held(connection: Connection, source: Source, touched: Touched, serials: Iterable[str]) -> None:
    """Only serials this agent holds: one that is in conflict with another agent's is that agent's to move. A lost agent
    moves none that was told before the loss: whoever has its secret could make every label of it void. What it would
    have moved is counted, since an honest one's sums are off by as much."""
    wanted = sorted(serials)
    if not wanted:
        return
    async for row in sql.holders(connection, issuers=issuers_of(wanted), serials=wanted):
        movable = not source.lost or row["verdict"] & TOLD_AFTER
        if row["agent"] == source.agent:
            into = touched.held if movable else touched.fixed
            apart = bool(row["verdict"] & APART)
            into[row["serial"]] = Held(row["draw"], row["quota_key"], row["sent_at"], State(row["state"]), apart)


def _judge(source: Source, touched: Touched, window: IssuedWindow) -> None:
    """What speaks against the serials of a window, at its place among the events, and what is known of their facts."""
    account = touched.account
    free, ruling = account.issue(window), account.rule(window)
    against = REVOKED.get(source.why, Against.TOLD_AFTER_LOSS) if source.lost else Against(0)
    if window.quota_key in account.others:
        against |= Against.OTHER_FIRM
    if ruling.differences:
        against |= Against.FACTS_DIFFER
        touched.notes.append(Note(AlarmKind.FACTS_DIFFER, window.quota_key, said(window, ruling.differences)))
    differs = json.dumps(ruling.differences, ensure_ascii=False) if ruling.differences else None
    touched.rulings.windows[window.draw] = OfWindow(int(against), int(ruling.verdict), ruling.version, differs)
    found = judged(window.serials, source.issuer, free, account.above(window.quota_key))
    for serial, of_serial in found.items():
        touched.rulings.verdicts[window.draw, serial] = int(of_serial)
    if not found:
        return
    above = sum(Against.NOT_ALLOTTED in of_serial for of_serial in found.values())
    if above:
        detail = f"{window.quota_key}, lot {window.lot_no}, window {window.window_id}: {above} labels not covered"
        touched.rulings.uncovered[window.quota_key] = detail


async def store_moves(connection: Connection, source: Source, touched: Touched) -> None:
    """Store what became of labels that were there before the batch."""
    if touched.withheld:
        await sql.count_withheld(connection, agent=source.agent, moves=touched.withheld)
    changed = sorted(serial for serial, state in touched.moved.items() if state != touched.held[serial].state)
    if changed:
        reached = [touched.moved[serial] for serial in changed]
        await sql.move_serials(connection, issuers=issuers_of(changed), serials=changed, states=reached)


def sums_of(touched: Touched, found: Classified, windows: Sequence[IssuedWindow]) -> Sums:
    """What the batch adds to the sums. A label in conflict exists all the same: it counts against the allotment of the
    agent that made it."""
    states = touched.issued
    sums = of_new((row.quota_key, row.sent_at, [*map(states.__getitem__, found.new_in(row))]) for row in windows)
    for conflict in found.conflicts:
        sums.draw(conflict.window.quota_key, conflict.window.sent_at, CONFLICTS)
    for serial, state in touched.moved.items():
        held = touched.held[serial]
        sums.move(held.quota_key, held.sent_at, held.state, state)
    return sums


def apart_of(source: Source, touched: Touched, found: Classified) -> Counter[str]:
    """By quota key, how many more labels stand that use up nothing (`APART`)."""
    ended = (touched.held[serial] for serial, state in touched.moved.items() if state in FREED)
    told = Counter(held.quota_key for held in ended if held.apart and held.state not in FREED)
    apart = Counter({key: -labels for key, labels in told.items()})
    if source.lost:
        apart.update(row.quota_key for serial, row in found.new.items() if touched.issued[serial] not in FREED)
        apart.update(conflict.window.quota_key for conflict in found.conflicts)
    return apart


async def store_sums(connection: Connection, told: Sequence[tuple[str, Sums, Mapping[str, int]]]) -> None:
    """Each agent's, with how many more of its labels stand apart; in the order of their keys, so that two batches never
    wait for each other in a circle."""
    rows = [(agent, *book, row) for agent, sums, _ in told for book, row in sums.rows.items()]
    if rows:
        agents, keys, days, counted = zip(*sorted(rows, key=itemgetter(0, 1, 2)), strict=True)
        columns = {name: [row[name] for row in counted] for name in COLUMNS}
        await sql.add_sums(connection, agents=agents, quota_keys=keys, days=days, **columns)
    used = sorted(
        (agent, key, *both, apart.get(key, 0)) for agent, sums, apart in told for key, both in sums.by_key().items()
    )
    if used:
        agents, keys, drawn, freed, aparts = zip(*used, strict=True)
        await sql.use_quota(connection, agents=agents, quota_keys=keys, drawn=drawn, freed=freed, apart=aparts)


async def note_overdrafts(
    connection: Connection, source: Source, quota_keys: Iterable[str], uncovered: Mapping[str, str]
) -> None:
    """Raise an alarm for each quota key that has more labels standing than were allotted to this agent; where the sum
    is within it (an allotment of another lot, one that came later), for its labels that are not called registered."""
    keys = sorted(set(quota_keys))
    if not keys:
        return
    over = [row async for row in sql.overdrafts(connection, agent=source.agent, quota_keys=keys)]
    for row in over:
        detail = f"{row['quota_key']}: {row['allotted']} allotted, {row['used']} neither scrapped nor invalid"
        await raise_alarm(connection, source.agent, Note(AlarmKind.OVERDRAFT, row["quota_key"], detail), source.at)
    for key in sorted(uncovered.keys() - {row["quota_key"] for row in over}):
        await raise_alarm(connection, source.agent, Note(AlarmKind.NOT_ALLOTTED, key, uncovered[key]), source.at)


async def learn_again(connection: Connection, source: Source, plan: Plan) -> None:
    """A registry that lost data reads in the agents' own books what it had fed them, and says that it did."""
    for fed in plan.fed:
        taken = await pages.relearn(connection, source.agent, fed.event, fed.items)
        if taken is None:
            detail = f"agent {source.agent} tells of a feed without this registry's seal; nothing of it was taken back"
            await raise_alarm(
                connection, source.agent, Note(AlarmKind.FORGED_FEED, source.incarnation, detail), source.at
            )
        for about in taken or ():
            note = Note(
                AlarmKind.FED_AGAIN, about, f"{about} was taken back from the books of agent {source.agent}; check it"
            )
            await raise_alarm(connection, source.agent, note, source.at)


async def _store_conflicts(connection: Connection, source: Source, conflicts: Sequence[Conflict]) -> None:
    if not conflicts:
        return
    await sql.add_conflicts(
        connection,
        agent=source.agent,
        incarnation=source.incarnation,
        seqs=[row.window.seq for row in conflicts],
        serials=[row.serial for row in conflicts],
        draws=[row.window.draw for row in conflicts],
        held_bys=[row.held_by for row in conflicts],
        held_draws=[row.held_draw for row in conflicts],
        at=source.at,
    )
