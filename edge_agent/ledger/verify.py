"""The audit: schema, pages, chain, parents, snapshots, books, witness, and rebuild == live, row by row.

Everything is read from stored bytes. The rebuild goes into a private temporary database that SQLite spills to disk,
because a million labels would not fit the agent's memory budget in `:memory:`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path

from edge_agent.ledger.lock import FileLock
from edge_agent.ledger.log import bad_event, read_head, walk
from edge_agent.ledger.project import PROJECTIONS, Projector
from edge_agent.ledger.sql import Q, migrations
from edge_agent.ledger.store import connect, migrate
from edge_agent.ledger.values import Head, Report
from edge_agent.ledger.witness import Witness
from label_protocol.chain import GENESIS, parse
from label_protocol.errors import AgentError, LedgerDamagedError
from label_protocol.kinds import HoldKind

_MOST_FINDINGS = 20
_REBUILD_CACHE_KIB = 32_768
"""Holds the random index of a million serials; with SQLite's 2 MB the rebuild spends its time on temporary pages."""


def verify_file(path: Path, witness: Path, *, rebuild: bool = True) -> Report:
    """Verifies a ledger that no process has open; damage is a finding, not an error.

    Raises:
        LedgerBusyError: an agent has it; ask the agent instead.
    """
    lock = FileLock(path)
    try:
        if not path.exists():
            return Report(
                0, 0, 0, rebuilt=False, findings=(f"ledger {path}: expected a file, got none; restore a backup",)
            )
        with contextlib.closing(connect(path)) as db:
            return inspect(db, Witness(witness), rebuild=rebuild)
    except LedgerDamagedError as cause:
        return Report(0, 0, 0, rebuilt=False, findings=(str(cause),))
    finally:
        lock.release()


def verify_copy(copy: Path) -> Report:
    """Verifies a backup: everything but the witness, which speaks of the live ledger."""
    try:
        with contextlib.closing(connect(copy)) as db:
            return inspect(db, None)
    except LedgerDamagedError as cause:
        return Report(0, 0, 0, rebuilt=False, findings=(str(cause),))


def inspect(db: sqlite3.Connection, witness: Witness | None, *, rebuild: bool = True) -> Report:
    """Verifies an open connection. `witness` None: a backup, which has none of its own."""
    findings: list[str] = []
    try:
        findings += _pages(db)
        broken = list(_chain(db))
        findings += broken
        findings += list(_snapshots(db))
        if rebuild and not broken:
            findings += list(_rebuild(db))
        if not findings and witness is not None:
            findings += witness_finding(db, witness)[1:]
        events, labels = (db.execute(Q[name]).fetchone()[0] for name in ("event_count", "label_count"))
        lives = len(db.execute(Q["incarnations"]).fetchall())
        missing = db.execute(Q["missing_snapshots"]).fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as cause:
        findings.append(
            f"ledger: expected a whole SQLite file, got '{cause}'; keep it as evidence and restore a backup"
        )
        return Report(0, 0, 0, rebuilt=False, findings=tuple(findings))
    notes = tuple(f"snapshot {digest} of an imported job is only at the registry" for (digest,) in missing)
    return Report(events, labels, lives, rebuild and not findings, tuple(findings[:_MOST_FINDINGS]), notes)


def _pages(db: sqlite3.Connection) -> list[str]:
    """What SQLite itself finds, and a schema that is not the one our scripts make."""
    said = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
    with _fresh() as fresh:
        ours, theirs = _schema(fresh), _schema(db)
        if _number(db) > _number(fresh):  # a newer program's, which only adds: what is ours must be there
            theirs = {name: ours[name] for name in ours.keys() & theirs.keys()}
    changed = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    return said[:_MOST_FINDINGS] + [
        f"schema, {name}: expected what the scripts make, got {theirs.get(name, 'nothing')!r:.80}" for name in changed
    ]


def _number(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _schema(db: sqlite3.Connection) -> dict[str, str]:
    return dict(db.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall())


def _chain(db: sqlite3.Connection) -> Iterator[str]:
    """Each incarnation from zero bytes to its end, its parent, and the checkpoints."""
    lives = db.execute(Q["incarnations"]).fetchall()
    listed = {life for _, life, *_ in lives}
    for (life,) in db.execute(Q["event_incarnations"]):
        if life not in listed:
            yield f"ledger, incarnation {life}: its events are stored, but it is not listed; restore a backup"
    for _, life, parent, seq, digest, _ in lives:
        first_bad, end = walk(db, life, Head(life, 0, GENESIS))
        if first_bad:
            yield first_bad
        elif end.seq == 0:
            yield bad_event(life, 1, "it is missing")
        if parent and not db.execute(Q["known_hash"], (parent, seq, digest)).fetchone():
            yield bad_event(life, 1, f"its parent {parent}/{seq} is not stored with that hash")
    for life, seq, digest, stored in db.execute(Q["checkpoints"]):
        if digest != stored:
            yield bad_event(life, seq, "its hash is not the one of its checkpoint")


def _snapshots(db: sqlite3.Connection) -> Iterator[str]:
    """What events name by its hash: facts on labels, bodies of feeds."""
    for what, rows in (("snapshot", "all_snapshots"), ("fed body", "all_fed_bodies")):
        for digest, body in db.execute(Q[rows]):
            if not isinstance(body, bytes) or sha256(body).hexdigest() != digest:
                yield f"{what} {digest}: its bytes do not hash to its name; restore a backup"


def _rebuild(db: sqlite3.Connection) -> Iterator[str]:
    """Replays all events into an empty file and compares each projection with the live one."""
    with _fresh() as fresh:
        fresh.executemany(Q["add_fed_body"], db.execute(Q["all_fed_bodies"]))  # events name them and do not hold them
        projector = Projector(fresh)
        for _, life, *_ in db.execute(Q["incarnations"]).fetchall():
            for seq, body, _ in db.execute(Q["events_after"], (life, 0, -1)):
                try:
                    _replay(projector, body, life, seq)
                except (AgentError, KeyError, TypeError, ValueError, sqlite3.Error) as cause:
                    yield bad_event(life, seq, f"it does not follow from those before it ({cause})")
                    return
        for table in PROJECTIONS:
            yield from _compare(db, fresh, table)


def _replay(projector: Projector, body: bytes, life: str, seq: int) -> None:
    event = parse(body)
    if (event["incarnation"], event["seq"]) != (life, seq):
        raise ValueError(f"its body names {event['incarnation']}/{event['seq']}")
    projector.apply(event)


def _compare(db: sqlite3.Connection, fresh: sqlite3.Connection, table: str) -> Iterator[str]:
    """The first row that differs, if any, in the columns that this program knows."""
    columns = ", ".join(f'"{row[1]}"' for row in fresh.execute(f'PRAGMA table_info("{table}")'))
    query = f'SELECT {columns} FROM "{table}" ORDER BY {PROJECTIONS[table]}'
    for live, rebuilt in zip_longest(db.execute(query), fresh.execute(query)):
        if live != rebuilt:
            yield f"table {table}: expected {rebuilt} from the events, got {live}; restore a backup or rebuild"
            return


@contextlib.contextmanager
def _fresh() -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect("", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute(f"PRAGMA cache_size = -{_REBUILD_CACHE_KIB}")
        migrate(db, migrations())
        db.execute("BEGIN")
        yield db
        db.execute("COMMIT")


def witness_finding(db: sqlite3.Connection, witness: Witness) -> tuple[str, ...]:
    """() if witness and ledger agree; else the kind of hold, and a sentence.

    A witness that is older than the ledger agrees: it is written after the commit and may miss the last ones.
    """
    head, mark = read_head(db), witness.mark
    if mark is None:
        new = head is not None and head.seq == 1 and db.execute(Q["event_count"]).fetchone()[0] == 1
        if new and not witness.found:
            return ()
        what = "an unreadable file" if witness.found else "none"
        return HoldKind.WITNESS_MISSING, f"witness {witness.path}: expected the mark of this ledger, got {what}"
    if db.execute(Q["known_hash"], (mark.incarnation, mark.seq, mark.hash)).fetchone():
        return ()
    last = db.execute(Q["last_seq"], (mark.incarnation,)).fetchone()[0]
    ahead = HoldKind.WITNESS_AHEAD if mark.seq > last else HoldKind.FORKED
    kind = HoldKind.WITNESS_OTHER if last == 0 else ahead
    return kind, (
        f"witness {witness.path}: expected an event this ledger holds, got {mark.incarnation}/{mark.seq} "
        f"({kind}; the ledger ends at {head.incarnation if head else '-'}/{head.seq if head else 0})"
    )
