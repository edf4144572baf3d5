"""What the registry fed → its tables; the same lines live and in a rebuild, as `project.py`. Items of a kind that
nobody knows are kept in their event and do nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from edge_agent.clock import in_full
from edge_agent.ledger.sql import Q
from label_protocol.chain import parse
from label_protocol.digests import digest_of
from label_protocol.events import EventType, FeedReceived
from label_protocol.kinds import ITEM_KEY, ItemKind

Item = Mapping[str, Any]

NAMED = ("firm", "firm_name", "lot_no", "style_no", "gtins")
"""What an allotment says of what it is for; one that says nothing of it is of before."""

WARN_DAYS = 7
"""So long ahead the end of a lease is told, where the registry names no number of days."""


def compact(value: Any) -> str:
    """JSON as a projection stores it: one form for one value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _feed_received(db: sqlite3.Connection, event: FeedReceived) -> None:
    db.execute(Q["set_feed"], event)
    for told in event["items"]:
        item = _whole(db, told)
        if (take := _TAKEN.get(item["kind"])) is not None:
            take(db, item)


def _whole(db: sqlite3.Connection, told: Item) -> Item:
    """The item that stands in an event by its hash. One whose body is not here does nothing."""
    name = digest_of(told)
    row = db.execute(Q["fed_body"], (name,)).fetchone() if name else None
    return told if not name else {"kind": ""} if row is None else parse(row[0])


def _allotment(db: sqlite3.Connection, item: Item) -> None:
    db.execute(Q["set_allotment"], item)
    if any(item.get(name) for name in NAMED):
        texts = {name: item.get(name) or "" for name in ("firm", "firm_name", "style_no")}
        row = {**texts, "lot_no": item.get("lot_no"), "gtins": compact(item.get("gtins") or [])}
        db.execute(Q["set_allotted_to"], {"quota_key": item["quota_key"], **row})


def _suspension(db: sqlite3.Connection, item: Item) -> None:
    db.execute(Q["set_suspension"], item)


def _recall(db: sqlite3.Connection, item: Item) -> None:
    db.execute(Q["set_recall"], item)


def _record(db: sqlite3.Connection, item: Item) -> None:
    no = item[ITEM_KEY[item["kind"]]]
    db.execute(Q["set_fed_record"], (item["kind"], no, item.get("firm") or "", compact(item.get("record"))))


def _lease(db: sqlite3.Connection, item: Item) -> None:
    until = item.get("until")
    row = {"until": in_full(until) if until else None, "warn_days": item.get("warn_days", WARN_DAYS)}
    db.execute(Q["set_lease"], {"quota_key": item["quota_key"], **row})


def _certificate(db: sqlite3.Connection, item: Item) -> None:
    row = {"valid_to": None, "reason": "", **item, "facts": compact(item["facts"])}
    db.execute(Q["set_certificate"], row | {"reason": row["reason"] or ""})


def _lease_closed(db: sqlite3.Connection, event: Mapping[str, Any]) -> None:
    db.execute(Q["close_lease"], {**event, "until": in_full(event["until"])})


_TAKEN: Mapping[str, Callable[[sqlite3.Connection, Item], None]] = {
    ItemKind.ALLOTMENT: _allotment,
    ItemKind.SUSPENSION: _suspension,
    ItemKind.RECALL: _recall,
    ItemKind.LOT: _record,
    ItemKind.STYLE: _record,
    ItemKind.LEASE: _lease,
    ItemKind.CERTIFICATE: _certificate,
}

FEED: Mapping[str, Callable[[sqlite3.Connection, Any], None]] = MappingProxyType(
    {EventType.FEED_RECEIVED: _feed_received, EventType.LEASE_CLOSED: _lease_closed}
)
