"""Reads what is known of labels, many at once: one statement for all looked up in one tick, one for their counts.

A count is committed before its label is answered. It rises at most once in ten minutes, whoever asks, and a label that
everybody scans is read and counted once for all who ask together, so it costs what any other costs. Snapshots never
change, so those that were asked for last are kept as they were read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from central_registry.alarms import AlarmKind, Note, raise_alarm
from central_registry.consumer.beside import Beside, beside
from central_registry.consumer.former_codes import FormerCodes
from central_registry.consumer.grouped import Kept
from central_registry.consumer.notices import Firm, Notice, gravest, notices
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.grouped import Grouped
from central_registry.ingest.compare import SNAPSHOT_MOST
from central_registry.ingest.states import FREED, State
from central_registry.parties.actor import UNASSIGNED

COUNTED_AFTER = timedelta(minutes=10)
"""A look-up counts if the serial was last counted this long ago."""

KEPT_MOST = 16 << 20
"""Bytes of snapshots that are kept: some thousand of honest ones."""

_SNAPSHOT_DEPTH = 20
"""Levels, far above those of a record. Python cannot write again whatever it could read."""

Snapshots = Kept[Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A serial that is looked up; `count`: by somebody whose look counts."""

    serial: str
    count: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A label's row, its facts if they can be shown, its counted scans, the certificate that it was judged by, what
    stands against its goods now, and for whom it was issued."""

    row: Mapping[str, Any]
    snapshot: Mapping[str, Any] | None
    certificate: Beside | None
    first_at: datetime | None
    times: int
    notice: Notice | None = None
    firm: Firm | None = None


class Labels:
    """The labels of a registry, for everybody who scans; `pool` is for what else a scan asks, `former` what a former
    platform issued."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.former = FormerCodes(pool)
        self._snapshots: Snapshots = Kept(KEPT_MOST)
        self._grouped: Grouped[Asked, Known | None] = Grouped(self._known)

    async def known(self, asked: Asked) -> Known | None:
        """What is known of a label, its scan counted; None: nobody told of it."""
        return await self._grouped.ask(asked)

    async def _known(self, group: Sequence[Asked]) -> list[Known | None]:
        found = await read(self.pool, {asked.serial for asked in group}, self._snapshots)
        due = _to_be_counted(group, found)
        if due:
            counted = await in_transaction(self.pool, lambda connection: _count(connection, due, found))
            found |= {serial: _scanned(found[serial], *scans) for serial, scans in counted.items()}
        return [found.get(asked.serial) for asked in group]


async def read(
    connection: Connection | Pool, serials: set[str], snapshots: Snapshots | None = None
) -> dict[str, Known]:
    """What is known of those that were told of, by serial; counts nothing."""
    wanted = sorted(serials)
    issuers = [serial[:3] for serial in wanted]
    rows = [row async for row in sql.labels(connection, issuers=issuers, serials=wanted)]
    facts = await _facts(connection, rows, Kept(KEPT_MOST) if snapshots is None else snapshots)
    judged = {(row["quota_key"], row["certificate"]) for row in rows if row["certificate"] is not None}
    certificates = await beside(connection, sorted(judged)) if judged else {}
    stopped = await notices(connection, {row["serial"]: row["notices"] for row in rows if row["notices"]})
    return {
        row["serial"]: Known(
            row,
            facts.get(row["snapshot"]),
            certificates.get((row["quota_key"], row["certificate"])),
            row["first_at"],
            row["times"] or 0,
            gravest(stopped.get(row["serial"]), row["label_stops"]),
            _firm(row),
        )
        for row in rows
    }


def _firm(row: Mapping[str, Any]) -> Firm | None:
    """For whom a label was issued; nobody for those of before firms."""
    if row["firm"] in (None, UNASSIGNED) or row["firm_name"] is None:
        return None
    return Firm(row["firm"], row["firm_name"], row["firm_contact"], row["firm_sandbox"])


async def _facts(
    connection: Connection | Pool, rows: Sequence[Mapping[str, Any]], kept: Snapshots
) -> dict[str, Mapping[str, Any] | None]:
    """Snapshots by name. One above that many bytes is not fetched: no honest one comes near, and every scan would
    carry it."""
    names = {row["snapshot"] for row in rows if row["snapshot_held"]}
    found = {name: kept.get(name) for name in names if name in kept}
    if names - found.keys():
        missing = sorted(names - found.keys())
        async for row in sql.readable_snapshots(connection, hashes=missing, most=SNAPSHOT_MOST):
            found[row["hash"]] = _read_snapshot(row["body"])
            kept.put(row["hash"], found[row["hash"]], len(row["body"]))
    return found


def _to_be_counted(group: Sequence[Asked], found: Mapping[str, Known]) -> dict[str, datetime]:
    """Serials of labels whose look counts, and when. Who comes too early writes nothing and waits for nobody."""
    due: dict[str, datetime] = {}
    for asked in group:
        known = found.get(asked.serial)
        if asked.count and known is not None:
            last = known.row["last_at"]
            if last is None or last <= asked.at - COUNTED_AFTER:
                due[asked.serial] = asked.at
    return due


async def _count(
    connection: Connection, due: Mapping[str, datetime], found: Mapping[str, Known]
) -> dict[str, tuple[datetime, int]]:
    """The counts as they are now. In the order of serials, so that two programs never wait for each other in a circle;
    a void label that somebody holds in hand is an alarm."""
    serials = sorted(due)
    ats = [due[serial] for serial in serials]
    counted = {
        row["serial"]: (row["first_at"], row["times"])
        async for row in sql.count_scans(connection, serials=serials, ats=ats, pause=COUNTED_AFTER)
    }
    for serial in serials:
        row = found[serial].row
        state = State(row["state"])
        if state in FREED:
            note = Note(AlarmKind.VOID_SCANNED, serial, f"serial {serial} is {state.word} and was scanned by somebody")
            await raise_alarm(connection, row["agent"], note, due[serial])
    return counted


def _scanned(known: Known, first_at: datetime, times: int) -> Known:
    return replace(known, first_at=first_at, times=times)


def _read_snapshot(body: bytes | None) -> Mapping[str, Any] | None:
    """The facts, if they are an object that can be shown. An agent may have sent any JSON, and every scan meets it."""
    try:
        value = json.loads(body or b"null", parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and _is_flat(value, _SNAPSHOT_DEPTH) else None


def _is_flat(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_flat(item, levels - 1) for item in inner)
