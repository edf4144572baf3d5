"""What a scan finds: the label behind a Digital Link, in words that accuse nobody.

A second scan proves nothing, a void label need not be a fake, and a serial nobody has heard of may come from a factory
that is offline; each of these has its own neutral sentence. Only a time of first scan and a count are kept: no address,
no device, no place (PIPL minimum necessity; standards reference, section 5).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.alarms import raise_alarm
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.facts import WORDS
from central_registry.feed import EVERYBODY
from central_registry.project import Note
from central_registry.states import State
from edge_agent.codes.digital_link import DigitalLink, parse_link
from edge_agent.codes.gs1 import gtin14
from edge_agent.codes.serial import fold
from edge_agent.errors import CodeError

_STATUS = {
    State.SENDING: "not_confirmed",
    State.IN_DOUBT: "not_confirmed",
    State.PRINTED: "registered",
    State.COMMISSIONED: "registered",
    State.SCRAPPED: "void",
    State.INVALID: "void",
}


@dataclass(frozen=True, slots=True)
class Check:
    """What came of a check code that was typed. `result`: `match`, `mismatch`, `none` (the label has no code),
    `unavailable` (its key or its facts are not here), `malformed`, `later` (too many wrong ones, in `retry_s` seconds).
    `first_at` and `times`: when the right code was first typed, and how often."""

    result: str
    first_at: datetime | None = None
    times: int = 0
    retry_s: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of a scanned code; `snapshot` is None if it is not registered or its facts are missing. `check` is
    the answer to a typed check code, None if nobody typed one."""

    status: str
    serial: str = ""
    gtin: str = ""
    lot_no: str | None = None
    snapshot_hash: str = ""
    snapshot: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    recall_reason: str | None = None
    first_at: datetime | None = None
    times: int = 0
    agent: str = ""
    check: Check | None = None

    @property
    def http_status(self) -> int:
        """404 for a code that is not one of ours; one that may yet be reported is no error. 429 for a check code that
        was guessed too often, 422 for one that is none."""
        if self.check is not None:
            return {"later": 429, "malformed": 422}.get(self.check.result, 200)
        return 404 if self.status == "unknown" else 200

    @property
    def registered(self) -> bool:
        """Whether the registry holds the label."""
        return bool(self.snapshot_hash)

    @property
    def check_key(self) -> str | None:
        """The name of the key of the label's check code; None if it has none."""
        named = (self.snapshot or {}).get("check_code")
        key_id = named.get("key_id") if isinstance(named, Mapping) else None
        return key_id if isinstance(key_id, str) and key_id and "\0" not in key_id else None


def read_path(path: str) -> DigitalLink | None:
    """The link behind a request's path (percent-encoded as sent); None if it is none of ours.

    The serial is folded as a typed one is, since a person may have copied it by eye.
    """
    try:
        link = parse_link(f"https://registry.invalid{path}")
        return DigitalLink(link.gtin, fold(link.serial), link.lot_no, link.variant)
    except CodeError:
        return None


async def look_up(pool: Pool, path: str, *, count: bool, often_from: int, at: datetime) -> Finding:
    """What the registry knows of the code in `path`. With `count`, a registered label's scan is counted."""
    link = read_path(path)
    if link is None:
        return Finding("unknown")
    return await in_transaction(pool, lambda c: find(c, link, count=count, often_from=often_from, at=at))


async def find(connection: Connection, link: DigitalLink, *, count: bool, often_from: int, at: datetime) -> Finding:
    """`look_up` within a transaction."""
    row = await sql.label(connection, serial=link.serial)
    if row is None:
        issued_by = await sql.issuer_agent(connection, issuer=link.serial[:3])
        return Finding("not_yet_registered" if issued_by else "unknown", link.serial, link.gtin, link.lot_no)
    state = State(row["state"])
    if count and _STATUS[state] == "void":
        note = Note("void_scanned", link.serial, f"serial {link.serial} is {state.word} and was scanned by somebody")
        await raise_alarm(connection, row["agent"], note, at)
    scans = await (_count(connection, link.serial, at) if count else sql.scan_count(connection, serial=link.serial))
    times = scans["times"] if scans else 0
    reason = await _recall(connection, row["quota_key"])
    return Finding(
        status=_STATUS[state],
        serial=link.serial,
        gtin=row["gtin"],
        lot_no=row["lot_no"],
        snapshot_hash=row["snapshot"],
        snapshot=json.loads(row["snapshot_body"]) if row["snapshot_body"] else None,
        warnings=tuple(await _warnings(connection, link, row, reason, times >= often_from)),
        recall_reason=reason,
        first_at=scans["first_at"] if scans else None,
        times=times,
        agent=row["agent"],
    )


async def _count(connection: Connection, serial: str, at: datetime) -> Any:
    return await sql.count_scan(connection, serial=serial, at=at)


async def _recall(connection: Connection, quota_key: str) -> str | None:
    item = await sql.feed_item(connection, agent=EVERYBODY, kind="recall", key=quota_key)
    return str(json.loads(item["body"]).get("reason", "")) if item else None


async def _warnings(connection: Connection, link: DigitalLink, row: Any, reason: str | None, often: bool) -> list[str]:
    found = {
        "recalled": reason is not None,
        "gtin_mismatch": link.gtin != _gtin(row["gtin"]),
        "lot_mismatch": link.lot_no is not None and link.lot_no != row["lot_no"],
        "conflict": await sql.has_conflict(connection, serial=link.serial),
        "often_scanned": often,
        "facts_missing": row["snapshot_body"] is None,
    }
    return [kind for kind, holds in found.items() if holds]


def _gtin(text: str) -> str:
    try:
        return gtin14(text)
    except CodeError:
        return text


def as_json(finding: Finding, complaint: Mapping[str, str]) -> dict[str, Any]:
    """The same facts as the page, for a program; `product` and `lot` as the snapshot holds them."""
    snapshot = finding.snapshot or {}
    return {
        "status": finding.status,
        "status_words": _both("status", finding.status),
        "text": _both("status_text", finding.status),
        "serial": finding.serial,
        "gtin": finding.gtin,
        "lot_no": finding.lot_no,
        "snapshot": finding.snapshot_hash,
        "product": snapshot.get("product"),
        "lot": snapshot.get("lot"),
        "warnings": [{"kind": kind, **_both("warning", kind)} for kind in finding.warnings],
        "recall": None if finding.recall_reason is None else {"reason": finding.recall_reason},
        "scans": {
            "first_at": finding.first_at.isoformat(timespec="seconds") if finding.first_at else None,
            "count": finding.times,
        },
        "check_code": {"on_label": finding.check_key is not None, **_checked(finding.check)},
        "complaint": dict(complaint),
    }


def _checked(check: Check | None) -> dict[str, Any]:
    if check is None:
        return {}
    return {
        "result": check.result,
        "words": _both("check", check.result),
        "text": _both("check_text", check.result),
        "first_at": check.first_at.isoformat(timespec="seconds") if check.first_at else None,
        "count": check.times,
    }


def _both(table: str, name: str) -> dict[str, str]:
    zh, en = WORDS[table][name]
    return {"zh": zh, "en": en}
