"""Every serial of every window is new, a replay or a conflict; none is swallowed.

The primary key of `serial` decides, not this code: what the insert took is new. For the rest the holder is read
afterwards, in a snapshot of its own, so that a row which a concurrent transaction committed in between is judged by
what it says and not by its absence. The same window by the same agent makes a replay; anything else is two
labels with one serial. A serial that stands twice inside one batch is found before, because one INSERT would keep one
of the two and report the other nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import repeat
from typing import Any, NamedTuple

from central_registry.alarms import AlarmKind, Note
from central_registry.db import Connection, UniqueViolationError, sql
from central_registry.ingest.copying import ISSUER, SERIAL_COLUMNS, rows_of, stream
from central_registry.ingest.interpret import IssuedWindow
from central_registry.ingest.states import State

_DRAWING = (
    "draw",
    "agent",
    "window_id",
    "job",
    "snapshot",
    "quota_key",
    "gtin",
    "lot_no",
    "sent_at",
    "serials",
    "against",
    "facts",
    "certificate",
    "differs",
    "printer",
)

COPIED_FROM = 100
"""Labels of a batch from which on COPY is the shorter way: it takes a savepoint and twice as many answers."""

Group = tuple[Sequence[str], bytes, int, int]
"""Serials of one window, its name, and the state and verdict that they share."""


def issuers_of(serials: Iterable[str]) -> list[str]:
    """What a statement about many serials names, so that it opens no other partition."""
    return sorted({serial[:ISSUER] for serial in serials})


@dataclass(frozen=True, slots=True)
class Conflict:
    """`serial` was issued in `window` although `held_draw` of agent `held_by` had it."""

    serial: str
    window: IssuedWindow
    held_by: str
    held_draw: bytes


class OfWindow(NamedTuple):
    """What holds for all labels of a window, as `drawing` stores it; `differs` is JSON."""

    against: int = 0
    facts: int | None = None
    certificate: int | None = None
    differs: str | None = None


_NOTHING = OfWindow()


@dataclass(slots=True)
class Rulings:
    """How labels of a batch are judged: `verdicts` by window and serial, `windows` by window, `uncovered` (in words) by
    quota key."""

    verdicts: dict[tuple[bytes, str], int] = field(default_factory=dict)
    windows: dict[bytes, OfWindow] = field(default_factory=dict)
    uncovered: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Classified:
    """Every serial of the given windows is in exactly one of the first three; `uncovered` as in `Rulings`."""

    new: dict[str, IssuedWindow] = field(default_factory=dict)
    replays: dict[str, IssuedWindow] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    uncovered: dict[str, str] = field(default_factory=dict)

    def new_in(self, window: IssuedWindow) -> Sequence[str]:
        """The window's serials that are new, each once."""
        if not (self.conflicts or self.replays):
            return window.serials
        return [serial for serial in dict.fromkeys(window.serials) if self.new.get(serial) is window]


def within_batch(agent: str, windows: Sequence[IssuedWindow]) -> Classified:
    """First comes, first has: `new` as far as the batch itself can tell."""
    found = Classified()
    clashes: dict[tuple[bytes, str], Conflict] = {}
    for window in windows:
        for serial in window.serials:
            first = found.new.setdefault(serial, window)
            if first is not window:
                clashes[window.draw, serial] = Conflict(serial, window, agent, first.draw)
        for serial in _repeated(window.serials):
            clashes[window.draw, serial] = Conflict(serial, window, agent, window.draw)
    found.conflicts.extend(clashes.values())
    return found


async def classify(
    connection: Connection,
    agent: str,
    windows: Sequence[IssuedWindow],
    found: Classified,
    states: Mapping[str, State],
    rulings: Rulings,
) -> None:
    """Insert what is new, in the state it has reached by the end of the batch and with its verdict; judge the rest.
    `found` by `within_batch`; what was held before goes in it to where it belongs."""
    if not windows:
        return
    groups = [group for window in windows for group in alike(window, found.new_in(window), states, rulings)]
    if len(found.new) >= COPIED_FROM and await _all_new(connection, agent, windows, groups, rulings):
        return
    first_told = await add_windows(connection, [(agent, window) for window in windows], rulings)
    if await add_serials(connection, groups) != sum(len(group[0]) for group in groups):
        await _judge_held(connection, agent, found, first_told)


async def add_serials(connection: Connection, groups: Iterable[Group]) -> int:
    """Store those that nobody holds, in the order in which all insert them, so that two never wait in a circle; how
    many that were."""
    rows = sorted((serial, *alike) for serials, *alike in groups for serial in serials)
    serials, draws, states, verdicts = zip(*rows, strict=True) if rows else ((), (), (), ())
    tag = await sql.add_serials(connection, serials=serials, draws=draws, states=states, verdicts=verdicts)
    return int(tag.split()[-1])


def alike(window: IssuedWindow, serials: Sequence[str], states: Mapping[str, State], rulings: Rulings) -> list[Group]:
    """A window's new labels by state and verdict: nearly always one group."""
    reached = [*map(states.get, serials, repeat(State.SENDING))]
    if not rulings.verdicts and reached and reached.count(reached[0]) == len(reached):
        return [(serials, window.draw, reached[0], 0)]
    groups: dict[tuple[State, int], list[str]] = {}
    for serial, state in zip(serials, reached, strict=True):
        groups.setdefault((state, rulings.verdicts.get((window.draw, serial), 0)), []).append(serial)
    return [(group, window.draw, state, verdict) for (state, verdict), group in groups.items()]


async def _all_new(
    connection: Connection,
    agent: str,
    windows: Sequence[IssuedWindow],
    groups: Sequence[Group],
    rulings: Rulings,
) -> bool:
    """The straight way: COPY, which the primary keys refuse as a whole if one row is not new.

    Nearly every batch goes through here, at more than twice the speed of INSERT … ON CONFLICT; one that does not leaves
    nothing behind but dead rows, and is judged row by row. Rows are sorted, so two agents never wait in a circle.
    """
    try:
        async with connection.transaction():
            drawn = [_record(agent, window, rulings) for window in sorted(windows, key=lambda window: window.draw)]
            await connection.copy_records_to_table("drawing", records=drawn, columns=_DRAWING)
            rows = sorted(row for group in groups for row in rows_of(*group))
            await connection.copy_to_table(
                "serial", source=BytesIO(stream(rows)), columns=SERIAL_COLUMNS, format="binary"
            )
    except UniqueViolationError:
        return False
    return True


def _record(agent: str, row: IssuedWindow, rulings: Rulings) -> tuple[Any, ...]:
    told = (row.window_id, row.job, row.snapshot, row.quota_key, row.gtin, row.lot_no, row.sent_at, row.serials)
    ruled = rulings.windows.get(row.draw, _NOTHING)
    return row.draw, agent, *told, ruled.against, ruled.facts, ruled.certificate, ruled.differs, row.printer


async def _judge_held(connection: Connection, agent: str, found: Classified, first_told: set[bytes]) -> None:
    """Some were held before this batch: move those from `new` to where they belong. A serial that stands twice in a
    window, too, is one conflict, with whoever held it before."""
    async for row in sql.holders(connection, issuers=issuers_of(found.new), serials=sorted(found.new)):
        window = found.new[row["serial"]]
        same_draw = row["draw"] == window.draw
        if same_draw and window.draw in first_told:
            continue
        del found.new[row["serial"]]
        if same_draw and row["agent"] == agent:
            found.replays[row["serial"]] = window
        else:
            found.conflicts.append(Conflict(row["serial"], window, row["agent"], row["draw"]))
    found.conflicts = list({(row.window.seq, row.serial): row for row in found.conflicts}.values())


async def add_windows(
    connection: Connection, windows: Sequence[tuple[str, IssuedWindow]], rulings: Rulings
) -> set[bytes]:
    """Store windows, each with its agent; those that were not known before."""
    told = sorted(windows, key=lambda one: one[1].draw)
    rows = [row for _, row in told]
    ruled = [rulings.windows.get(row.draw, _NOTHING) for row in rows]
    added = sql.add_drawings(
        connection,
        agents=[agent for agent, _ in told],
        draws=[row.draw for row in rows],
        windows=[row.window_id for row in rows],
        jobs=[row.job for row in rows],
        snapshots=[row.snapshot for row in rows],
        quota_keys=[row.quota_key for row in rows],
        gtins=[row.gtin for row in rows],
        lot_nos=[row.lot_no for row in rows],
        sent_ats=[row.sent_at for row in rows],
        serials=[" ".join(row.serials) for row in rows],
        against=[one.against for one in ruled],
        facts=[one.facts for one in ruled],
        certificates=[one.certificate for one in ruled],
        differs=[one.differs for one in ruled],
        printers=[row.printer for row in rows],
    )
    return {bytes(row["draw"]) async for row in added}


def _repeated(serials: Sequence[str]) -> set[str]:
    if len(set(serials)) == len(serials):
        return set()
    return {serial for serial, times in Counter(serials).items() if times > 1}


def conflict_notes(conflicts: Iterable[Conflict]) -> list[Note]:
    """One alarm per agent that had the serials first; the table `conflict` names them all."""
    found: dict[str, Note] = {}
    for row in conflicts:
        detail = f"serial {row.serial} was drawn again at event {row.window.seq}; agent {row.held_by} had it first"
        found[row.held_by] = Note(AlarmKind.SERIAL_CONFLICT, row.held_by, detail)
    return list(found.values())


def foreign_notes(issuer: str, windows: Iterable[IssuedWindow]) -> list[Note]:
    """One alarm for serials that do not start with the agent's own issuer characters."""
    strange = [serial for row in windows for serial in row.serials if not serial.startswith(issuer)]
    if not strange:
        return []
    detail = f"{len(strange)} serials of another issuer than {issuer}, the first {strange[0]}"
    return [Note(AlarmKind.FOREIGN_ISSUER, strange[0][:3], detail)]
