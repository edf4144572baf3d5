"""Takes in small batches of several agents in one transaction: what agents tell while they print.

Only turns about which nothing is to be said: the next events of a living incarnation, in which every label is new and
within its allotment, its facts are those that it may have, and every move is one that labels make. Any other is left to
`batch.ingest`, which says what is wrong with it. A group in which a label is there already is taken by halves, and
whose label it was is by itself for a while: an agent that tells such labels without end makes nobody else wait. If a
group's transaction fails for any other reason, all of it are left. A receipt leaves when its group is committed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from central_registry.agents import clones, epoch, seal
from central_registry.agents.lineage import Life, lives_of_all, on_line
from central_registry.agents.told import Words, keep_all
from central_registry.db import Connection, Pool, sql
from central_registry.grouped import Grouped
from central_registry.ingest.account import Account, open_accounts
from central_registry.ingest.batch import numbered
from central_registry.ingest.books import (
    Source,
    apart_of,
    follow,
    open_books,
    store_moves,
    store_sums,
    sums_of,
)
from central_registry.ingest.chaining import Chained
from central_registry.ingest.classify import Classified, Group, Rulings, add_serials, add_windows, alike, within_batch
from central_registry.ingest.interpret import Plan, plan, told
from central_registry.ingest.moves import Touched
from central_registry.ingest.sums import Sums

LARGEST = 32 << 10
"""Bytes of a turn, unpacked: what takes a millisecond to read keeps nobody else waiting."""

_TOGETHER = 32
"""Turns of a group: what they take of the processor in one piece is what a consumer may have to wait for."""

_BY_ITSELF = timedelta(minutes=1)
"""Of an agent whose label was there already."""

_log = structlog.get_logger("central_registry")


@dataclass(frozen=True, slots=True)
class Turn:
    """A small batch of `agent`; `address`: from where it came."""

    agent: str
    chained: Chained
    at: datetime
    address: str = ""


@dataclass(slots=True)
class _Taken:
    """A turn that goes on where its incarnation's `life` ends, and what it does to the books; `key` seals receipts."""

    turn: Turn
    source: Source
    life: Life
    key: str
    plan: Plan
    touched: Touched = field(default_factory=lambda: Touched(Account()))
    found: Classified = field(default_factory=Classified)


class _HeldError(Exception):
    """A label of the group is there already: whose it is is classified by itself."""


class Turns:
    """The turns of all agents of a process, on its pool for agents."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._grouped: Grouped[Turn, dict[str, Any] | None] = Grouped(self._take, _TOGETHER)
        self._by_itself: dict[str, datetime] = {}

    async def take(self, turn: Turn) -> dict[str, Any] | None:
        """The receipt of a turn; None: nothing of it was taken in, it is to be taken in by itself."""
        until = self._by_itself.get(turn.agent)
        return await self._grouped.ask(turn) if until is None or turn.at >= until else None

    async def _take(self, group: Sequence[Turn]) -> list[dict[str, Any] | None]:
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                return await _together(connection, group)
        except _HeldError:
            return await self._by_halves(group)
        except Exception as cause:
            _log.warning("turns_taken_singly", turns=len(group), why=f"{type(cause).__name__} {str(cause)[:200]}")
            return [None] * len(group)

    async def _by_halves(self, group: Sequence[Turn]) -> list[dict[str, Any] | None]:
        if half := len(group) // 2:
            return [*await self._take(group[:half]), *await self._take(group[half:])]
        self._by_itself.update({turn.agent: turn.at + _BY_ITSELF for turn in group})
        return [None]


async def _together(connection: Connection, group: Sequence[Turn]) -> list[dict[str, Any] | None]:
    goes_on = await _going_on(connection, {turn.agent: turn for turn in group})
    accounts = await open_accounts(connection, [(one.turn.agent, one.plan) for one in goes_on])
    taken = [one for one, account in zip(goes_on, accounts, strict=True) if await _followed(connection, one, account)]
    if taken:
        await _store(connection, taken)
    receipts = {id(one.turn): _receipt(one) for one in taken}
    return [receipts.get(id(turn)) for turn in group]


async def _going_on(connection: Connection, turns: Mapping[str, Turn]) -> list[_Taken]:
    """Turns of agents of whom no other batch is at work, that go on where their agents' histories end."""
    rows = [row async for row in sql.lock_free_agents(connection, agents=sorted(turns))]
    lives = await lives_of_all(connection, [row["agent"] for row in rows])
    found = [_begun(turns[row["agent"]], row, lives[row["agent"]]) for row in rows]
    return [one for one in found if one is not None]


def _begun(turn: Turn, agent: Mapping[str, Any], lives: Sequence[Life]) -> _Taken | None:
    batch, line = turn.chained.batch, on_line(lives)
    if not line or batch.snapshots or batch.lacks or not batch.events or clones.twin_of(agent, lives):
        return None
    place = batch.incarnation, batch.first_seq, batch.prev_hash
    if place != (line[-1].incarnation, line[-1].seq + 1, line[-1].hash):
        return None
    if agent["lost_at"] is not None or not agent["feeds_read"] or epoch.recovers(agent, agent["epoch"]):
        return None
    events = [told(*one) for one in numbered(turn.chained)]
    found = plan(events)
    if (
        found.notes
        or found.closed
        or found.ended
        or found.fed
        or found.places
        or any(one.origin is not None for one in events)
    ):
        return None
    source = Source(turn.agent, agent["issuer"], batch.incarnation, turn.at, address=turn.address)
    return _Taken(turn, source, line[-1], agent["seal"], found)


async def _followed(connection: Connection, one: _Taken, account: Account) -> bool:
    """Whether all that it says can be written down as it stands, and nobody has to be told."""
    one.found = within_batch(one.turn.agent, one.plan.windows)
    one.touched = await open_books(connection, one.source, one.plan, one.found, account)
    follow(one.source, one.touched, one.plan)
    windows = one.plan.windows
    return not (
        one.touched.notes
        or one.touched.rulings.verdicts
        or one.found.conflicts
        or any(window.snapshot not in account.behind.labels for window in windows)
        or any(account.standing[window.quota_key] > account.fed[window.quota_key] for window in windows)
    )


async def _store(connection: Connection, taken: Sequence[_Taken]) -> None:
    turns = [one.turn for one in taken]
    await keep_all(connection, [_words(turn) for turn in turns])
    await sql.move_heads(
        connection,
        agents=[turn.agent for turn in turns],
        incarnations=[turn.chained.batch.incarnation for turn in turns],
        seqs=[turn.chained.batch.last_seq for turn in turns],
        hashes=[turn.chained.hashes[-1] for turn in turns],
        ats=[turn.at for turn in turns],
        addresses=[turn.address for turn in turns],
    )
    await _store_labels(connection, taken)
    for one in taken:
        await store_moves(connection, one.source, one.touched)
    await store_sums(connection, [_sums(one) for one in taken])


def _words(turn: Turn) -> Words:
    batch = turn.chained.batch
    return Words(turn.agent, batch.incarnation, batch.first_seq, batch.prev_hash, turn.chained.bodies)


def _groups(one: _Taken) -> list[Group]:
    rulings = one.touched.rulings
    return [
        group for row in one.plan.windows for group in alike(row, one.found.new_in(row), one.touched.issued, rulings)
    ]


def _sums(one: _Taken) -> tuple[str, Sums, Mapping[str, int]]:
    sums = sums_of(one.touched, one.found, one.plan.windows)
    return one.turn.agent, sums, apart_of(one.source, one.touched, one.found)


async def _store_labels(connection: Connection, taken: Sequence[_Taken]) -> None:
    """All windows and labels of the group.

    Raises:
        _HeldError: one is not new.
    """
    windows = [(one.turn.agent, window) for one in taken for window in one.plan.windows]
    if not windows:
        return
    groups = [group for one in taken for group in _groups(one)]
    rulings = Rulings(windows={draw: of for one in taken for draw, of in one.touched.rulings.windows.items()})
    added = await add_windows(connection, windows, rulings)
    stored = await add_serials(connection, groups)
    if len(added) != len(windows) or stored != sum(len(one.found.new) for one in taken):
        raise _HeldError("a label of the group is there already")


def _receipt(one: _Taken) -> dict[str, Any]:
    """As `batch.ingest` gives it."""
    batch = one.turn.chained.batch
    life = replace(one.life, seq=batch.last_seq, hash=one.turn.chained.hashes[-1])
    head = {"incarnation": life.incarnation, "seq": life.seq, "hash": life.hash.hex()}
    return {
        "acked_seq": life.seq,
        "head_hash": life.hash.hex(),
        "head": head,
        "conflicts": [],
        "classified": {"new": len(one.found.new), "replay": 0, "conflict": 0},
        "receipt": seal.receipt_of(one.key, one.turn.agent, life).as_json(),
    }
