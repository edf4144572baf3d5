"""Finds where a batch belongs in an agent's history, or says why it does not belong there.

An agent's history is a line of incarnations. Each begins with an event that names the end of the one before; only the
end of the line may be continued, and a new incarnation must start exactly there. So two machines that carry one
identity cannot both go on: whoever continues a superseded incarnation is refused by name. What it tells is kept all the
same, behind the place where the line left it.

A newcomer waits beside the line if the machine it would supersede spoke within a day, has another fingerprint, and a
person is there who can tell them apart (`agents/clones.py`). What it tells is kept, and it is told to issue nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from central_registry.agents import told
from central_registry.db import Connection, sql
from central_registry.problems import ProblemError
from label_protocol.chain import GENESIS
from label_protocol.events import EventType
from label_protocol.wire import NO_HEAD, Batch, Head, WireError, read_head

ALIVE = timedelta(hours=24)
"""A machine that spoke so recently is not taken for a dead one."""


@dataclass(frozen=True, slots=True)
class Life:
    """One incarnation as far as the registry knows it: `heard_at` it last spoke; `waits` for a person, off the line."""

    incarnation: str
    ordinal: int
    parent: str | None
    parent_seq: int
    fingerprint: str
    seq: int
    hash: bytes
    heard_at: datetime
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Doorway:
    """What a newcomer is looked at by: the time, whether somebody could decide, and the fingerprint and time of the
    agent's last enrolment, which is a person's word about that computer."""

    at: datetime
    watched: bool = False
    enrolled_as: str = ""
    enrolled_at: datetime | None = None


class Place(Enum):
    """What is to be done with a batch."""

    APPEND = "append"
    BEGIN = "begin"
    WAIT = "wait"
    BESIDE = "beside"
    GAP = "gap"
    FORK = "fork"
    CLONED = "cloned"


@dataclass(frozen=True, slots=True)
class Placement:
    """`skip` events of the batch are known already; `why` is for people."""

    place: Place
    skip: int = 0
    why: str = ""


async def lives_of(connection: Connection, agent: str) -> list[Life]:
    """An agent's incarnations, oldest first; the last that waits for nobody is the living one."""
    return (await lives_of_all(connection, [agent]))[agent]


async def lives_of_all(connection: Connection, agents: Sequence[str]) -> dict[str, list[Life]]:
    """As `lives_of`, by agent."""
    found: dict[str, list[Life]] = {agent: [] for agent in agents}
    async for row in sql.incarnations(connection, agents=list(agents)):
        agent, *life = row.values()
        found[agent].append(Life(*life))
    return found


def head_of(lives: Sequence[Life]) -> Head:
    """The end of the whole line."""
    line = on_line(lives)
    return Head(line[-1].incarnation, line[-1].seq, line[-1].hash.hex()) if line else NO_HEAD


def left_at(line: Sequence[Life], life: Life) -> int:
    """The event of a life after which the line goes on in the next one; its last, if it is the living one."""
    after = [*line[line.index(life) + 1 :], None][0] if life in line else None
    return after.parent_seq if after is not None and after.parent == life.incarnation else life.seq


def on_line(lives: Sequence[Life]) -> list[Life]:
    """The living one, and those it goes back to, oldest first: what an agent can take in as one history. A life that
    began where another was put on the line afterwards is none of these, though it waited for nobody."""
    standing = {life.incarnation: life for life in lives if not life.waits}
    line = [standing.pop(next(reversed(standing)))] if standing else []
    while (parent := standing.pop(line[0].parent or "", None) if line else None) is not None:
        line.insert(0, parent)
    return line


async def place(
    connection: Connection,
    agent: str,
    lives: Sequence[Life],
    batch: Batch,
    hashes: Sequence[bytes],
    doorway: Doorway,
) -> Placement:
    """Decide what is to be done with `batch`. `hashes` are those of its events, computed from its own `prev_hash`.

    Raises:
        ProblemError: 422, a first event that is not `incarnation_began`.
    """
    line = on_line(lives)
    life = next((known for known in lives if known.incarnation == batch.incarnation), None)
    if life is None:
        found = _begin(lives, line, batch)
        waits = found.place is Place.BEGIN and line and _must_wait(line[-1], batch, doorway)
        return Placement(Place.WAIT, why=f"{line[-1].incarnation} spoke within a day") if waits else found
    superseded = not life.waits and life is not line[-1]
    if batch.first_seq > life.seq + 1:
        why = f"events {life.seq + 1} to {batch.first_seq - 1} are missing"
        return Placement(Place.CLONED if superseded or life.waits else Place.GAP, why=why)
    if await _hash_at(connection, agent, life, batch.first_seq - 1) != batch.prev_hash:
        return Placement(Place.FORK, why=f"the event {batch.first_seq - 1} has another hash here")
    known = min(batch.last_seq, life.seq) - batch.first_seq + 1
    if known > 0 and hashes[known - 1] != await _hash_at(connection, agent, life, batch.first_seq + known - 1):
        parting = await _first_difference(connection, agent, batch, hashes, known)
        return Placement(Place.FORK, why=f"from event {parting} on, the events here are others")
    if superseded and batch.last_seq > life.seq:
        ended = left_at(line, life)
        return Placement(Place.BESIDE, max(known, 0), f"incarnation {life.incarnation} ended at event {ended}")
    return Placement(Place.WAIT if life.waits else Place.APPEND, skip=max(known, 0), why="it waits for a decision")


def _must_wait(living: Life, batch: Batch, doorway: Doorway) -> bool:
    """Whether two machines may be alive: nobody has just enrolled this one, and the other one spoke a short while ago
    from another computer."""
    fingerprint = batch.events[0].get("fingerprint")
    enrolled = doorway.enrolled_as == fingerprint and (doorway.enrolled_at or living.heard_at) > living.heard_at
    apart = doorway.at - living.heard_at
    return doorway.watched and fingerprint != living.fingerprint and not enrolled and apart < ALIVE


def _begin(lives: Sequence[Life], line: Sequence[Life], batch: Batch) -> Placement:
    """A batch of an incarnation nobody here has heard of."""
    if batch.first_seq > 1 or not batch.events:
        return Placement(Place.GAP, why=f"incarnation {batch.incarnation} is not known from its first event")
    if batch.prev_hash != GENESIS:
        return Placement(Place.FORK, why="the first event of an incarnation follows 32 zero bytes")
    parent = _parent(batch.events[0])
    if parent is None:
        return Placement(
            Place.FORK if line else Place.BEGIN, why="the agent has a history here, and this is none of it"
        )
    if not line and batch.events[0].get("reason") == "reenrolled":
        return Placement(Place.BEGIN)
    if not line or all(known.incarnation != parent[0] for known in lives):
        return Placement(Place.GAP, why=f"the parent incarnation {parent[0]} is not known")
    living = line[-1]
    if parent == (living.incarnation, living.seq, living.hash.hex()):
        return Placement(Place.BEGIN)
    if parent[0] == living.incarnation and parent[1] > living.seq:
        return Placement(Place.GAP, why=f"events {living.seq + 1} to {parent[1]} of {parent[0]} are missing")
    return Placement(Place.FORK, why=f"a new incarnation must follow the end of the history, event {living.seq}")


def _parent(event: Mapping[str, Any]) -> tuple[str, int, str] | None:
    if event.get("type") != EventType.INCARNATION_BEGAN or "parent" not in event:
        raise ProblemError("unprocessable", "events[0]: expected incarnation_began with its parent, got another event")
    parent = event["parent"]
    if parent is None:
        return None
    try:
        head = read_head(parent)
    except WireError as cause:
        raise ProblemError("unprocessable", "events[0].parent: expected null or {incarnation, seq, hash}") from cause
    if head.incarnation is None:
        raise ProblemError("unprocessable", "events[0].parent: expected the incarnation it follows, got none")
    return head.incarnation, head.seq, head.hash


async def _hash_at(connection: Connection, agent: str, life: Life, seq: int) -> bytes | None:
    if seq == 0:
        return GENESIS
    if seq == life.seq:
        return life.hash
    return await told.hash_at(connection, agent, life.incarnation, seq)


async def _first_difference(
    connection: Connection, agent: str, batch: Batch, hashes: Sequence[bytes], known: int
) -> int:
    first = batch.first_seq
    events = told.each_between(connection, agent, batch.incarnation, first, first + known - 1)
    stored = {event.seq: event.hash async for event in events}
    return next(seq for seq, ours in enumerate(hashes, batch.first_seq) if stored.get(seq) != ours)
