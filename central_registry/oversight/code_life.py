"""Finds one code for people: its whole life as it was told, the facts on its label, its verdicts, who decided what.

A consumer's page says less and says it to anybody; this is for those whose firm's or agent's label it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from central_registry.agents.told import history_of
from central_registry.db import Connection, Pool, sql
from central_registry.ingest.compare import SNAPSHOT_MOST
from central_registry.ingest.interpret import told
from central_registry.ingest.states import State
from central_registry.ingest.verdict import codes_verdict, facts_verdict, reasons
from central_registry.parties.actor import Actor
from central_registry.parties.door import looking
from central_registry.problems import ProblemError
from garment.certificate import Difference
from label_protocol.codes.digital_link import parse_link
from label_protocol.codes.serial import fold
from label_protocol.errors import CodeError

_MOST_EVENTS = 200


@dataclass(frozen=True, slots=True)
class CodeLife:
    """`row`: of the label and its window (agent, firm, lot_no, gtin, window_id, job, sent_at, labels, quota_key,
    first_at, times); `events` as they were told; `decisions`: who admitted or rejected it; `conflicts`: other drawings
    of the same serial; `stops`: where it was stopped by itself (stop, kind, state, made_at, reason)."""

    serial: str
    state: str
    code: str
    facts: str
    reasons: Sequence[str]
    differences: Sequence[Difference]
    row: Mapping[str, Any]
    snapshot: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    decisions: Sequence[Mapping[str, Any]]
    conflicts: Sequence[Mapping[str, Any]]
    stops: Sequence[Mapping[str, Any]] = ()


async def find_code(pool: Pool, actor: Actor, text: str) -> CodeLife:
    """The code in `text`: a serial as typed, or the whole link of a scanner.

    Raises:
        ProblemError: 403; 422, no serial; 404, none of theirs.
    """
    serial = serial_in(text)
    return await looking(pool, actor, lambda connection: _found(connection, actor, serial))


def serial_in(text: str) -> str:
    """The serial of a label's link, or as it is typed. Raises ProblemError (422)."""
    text = text.strip()
    # a registry that is tried without TLS shows its links so
    text = re.sub("^http:", "https:", text, flags=re.IGNORECASE)
    try:
        return parse_link(text).serial if "/" in text else fold(text)
    except CodeError as cause:
        expected = "不是序列号，也不是标签的链接 · code: expected a serial or a label's link"
        raise ProblemError("unprocessable", f"{expected}, got {text[:60]!r}") from cause


async def _found(connection: Connection, actor: Actor, serial: str) -> CodeLife:
    who = {"kind": actor.kind.value, "party": actor.party}
    row = await sql.code_seen(connection, serial=serial, most=SNAPSHOT_MOST, **who)
    if row is None:
        raise ProblemError(
            "not-found", f"没有找到这枚码 · {serial}: expected a label of yours that was told, got none; scan it anew"
        )
    about = [f'"{serial}"'.encode(), json.dumps(row["window_id"], ensure_ascii=False).encode()]
    events = await _events_about(connection, row["agent"], about)
    return CodeLife(
        serial=serial,
        state=State(row["state"]).word,
        code=codes_verdict(row["verdict"]),
        facts=facts_verdict(row["facts"]),
        reasons=reasons(row["verdict"]),
        differences=[Difference(*one) for one in json.loads(row["differs"] or "[]")],
        row=dict(row),
        snapshot=_read(row["snapshot_body"]),
        events=events,
        decisions=[dict(one) async for one in sql.decisions_about(connection, draw=row["draw"])],
        conflicts=[dict(one) async for one in sql.conflicts_about(connection, serial=serial)],
        stops=[dict(one) async for one in sql.stops_of_label(connection, serial=serial)],
    )


async def _events_about(connection: Connection, agent: str, about: Sequence[bytes]) -> list[Mapping[str, Any]]:
    """Those in which one of these words stands, as they were first told."""
    found: list[Mapping[str, Any]] = []
    async for event in history_of(connection, agent, about):
        if any(name in event.body for name in about):
            found.append(told(event.seq, event.hash, json.loads(event.body)).event)
        if len(found) == _MOST_EVENTS:
            break
    return found


def _read(body: bytes | None) -> Mapping[str, Any]:
    """An agent may send any JSON; what is no object says nothing."""
    try:
        value = json.loads(body or b"{}", parse_constant=str)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
