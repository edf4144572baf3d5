"""Takes in the exported ledger of an agent that cannot tell by itself any more: a broken PC, a revoked one.

A file is told through the same checks as the agent's own batches, in its agent's name: chain, place in its history,
verdicts. So nothing comes in by it that the agent could not have told, and what is known already is harmless.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.ingest.batch import ingest
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.problems import ProblemError
from label_protocol import wire
from label_protocol.chain import GENESIS

_EVENTS = 2_000
"""Told at once."""


def read_export(text: bytes) -> list[wire.Batch]:
    """The batches of a file as `edge-agent ledger export` writes it: one `{incarnation, seq, hash, event}` a line, each
    incarnation from any event on, without a gap.

    Raises:
        ProblemError: 422, naming the line.
    """
    rows = [_row(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not rows:
        raise ProblemError("unprocessable", "文件是空的 · export: expected lines of events, got none; export it again")
    return [_batch(run) for run in _runs(rows)]


def _row(number: int, line: bytes) -> Mapping[str, Any]:
    try:
        row = wire.as_object(wire.load_json(line), "line")
        return {
            "line": number,
            "incarnation": wire.hex_digits(row.get("incarnation"), 32, "incarnation"),
            "seq": wire.positive(row.get("seq"), "seq"),
            "hash": bytes.fromhex(wire.hex_digits(row.get("hash"), 64, "hash")),
            "event": wire.as_object(row.get("event"), "event"),
        }
    except wire.WireError as cause:
        raise ProblemError(
            "unprocessable",
            f"第 {number} 行不是账本导出的格式 · export, line {number}: expected an event as 'edge-agent ledger "
            f"export' writes it, got {str(cause)[:160]}",
        ) from cause


def _runs(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[bytes | None, Sequence[Mapping[str, Any]]]]:
    """Stretches of one incarnation that follow each other, each with the hash before it; None: not in the file."""
    begun = 0
    for place in range(1, len(rows) + 1):
        follows = place < len(rows) and _follows(rows[place - 1], rows[place])
        if follows and place - begun < _EVENTS:
            continue
        before = rows[begun - 1]["hash"] if begun and _follows(rows[begun - 1], rows[begun]) else None
        yield before, rows[begun:place]
        begun = place


def _follows(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one["incarnation"] == other["incarnation"] and one["seq"] + 1 == other["seq"])


def _batch(run: tuple[bytes | None, Sequence[Mapping[str, Any]]]) -> wire.Batch:
    before, rows = run
    first = rows[0]
    if before is None and first["seq"] != 1:
        raise ProblemError(
            "unprocessable",
            f"缺了前面的记录 · export, line {first['line']}: expected event 1 or the one after the line before, got "
            f"event {first['seq']}; hand in the whole file",
        )
    events = [row["event"] for row in rows]
    return wire.Batch(first["incarnation"], first["seq"], GENESIS if before is None else before, events, {}, None)


async def hand_in(
    pool: Pool, actor: Actor, agent: str, text: bytes, at: datetime, *, told: Pool | None = None
) -> dict[str, int]:
    """Tell an exported ledger in its agent's name; `{new, replay, conflict}` labels. `told`: the connections on which
    batches are taken in, if they are others.

    Raises:
        ProblemError: 403; 404, no agent of theirs; 422; 409, it is not the agent's history.
    """
    batches = read_export(text)

    async def note(connection: Connection) -> tuple[None, Entry]:
        row = await sql.agent_seen(connection, agent=agent, kind=actor.kind.value, party=actor.party)
        if row is None:
            raise ProblemError(
                "not-found", f"没有这台打印端 · agent {agent[:40]}: expected one of yours, got another name"
            )
        events = sum(len(batch.events) for batch in batches)
        return None, Entry(Act.ADMIT_TOLD.value, agent, f"handed in {events} events", concerns=row["owner"])

    await acting(pool, actor, Act.ADMIT_TOLD, note, at)
    found = {"new": 0, "replay": 0, "conflict": 0}
    for batch in batches:
        counts = await _tell(told or pool, agent, batch, at)
        found = {name: count + counts[name] for name, count in found.items()}
    return found


async def _tell(pool: Pool, agent: str, batch: wire.Batch, at: datetime) -> Mapping[str, int]:
    """Labels of a batch by what they were; a second machine's is kept, too, though that machine reads a refusal."""
    try:
        found = await ingest(pool, agent, batch, at)
    except ProblemError as refusal:
        if "classified" not in refusal.document:
            raise
        found = refusal.document
    counts: Mapping[str, int] = found["classified"]
    return counts
