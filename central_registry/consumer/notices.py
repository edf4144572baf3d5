"""Reads what stands against goods now: a recall or a suspension, and whether a second person has confirmed it.

Both are looked up at each scan and stored with no label, so a page says them as soon as somebody has. A provisional
recall is a suspension until it is confirmed (central_registry/oversight/stops.py); consumers are told what is meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql

_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,20}[0-9]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Firm:
    """Whose allotment a label was drawn on; `contact` as its association wrote it down, '' if it did not; `sandbox`: a
    party for trying."""

    party: str
    name: str
    contact: str = ""
    sandbox: bool = False

    @property
    def uscc(self) -> str | None:
        """The number on its licence; a party for trying has none."""
        return None if self.sandbox else self.party

    @property
    def phone(self) -> str:
        """What a telephone can call of the contact, '' if that is something else."""
        return re.sub(r"[ -]", "", self.contact) if _PHONE.fullmatch(self.contact) else ""


_GRAVITY = {"recalled": 0, "recall_pending": 1, "suspended": 2}


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind`: `recall` or `suspension`; `provisional`: one person's word, which a second one has yet to confirm.
    `since`: when it was said, None if nobody wrote that down. `reason`: of a confirmed recall, else ''."""

    kind: str
    provisional: bool = False
    since: datetime | None = None
    reason: str = ""

    @property
    def warning(self) -> str:
        """The word for it: `recalled`, `recall_pending`, `suspended`."""
        if self.kind == "suspension":
            return "suspended"
        return "recall_pending" if self.provisional else "recalled"


async def notices(connection: Connection | Pool, bodies: Mapping[str, Sequence[str]]) -> dict[str, Notice]:
    """What stands, by the caller's names; `bodies`: the items about these goods, the gravest first."""
    standing = {name: item for name, texts in bodies.items() if (item := _gravest(texts)) is not None}
    if not standing:
        return {}
    keys = sorted({item["quota_key"] for item in standing.values()})
    asked = {row["quota_key"]: row async for row in sql.stops_asked(connection, quota_keys=keys)}
    return {name: told(item, asked.get(item["quota_key"], {})) for name, item in standing.items()}


def told(item: Mapping[str, Any], asked: Mapping[str, Any]) -> Notice:
    """From an item that stands, and when its goods were asked to be stopped. Pure. What no second person confirmed is
    said without its reason."""
    if item["kind"] == "recall":
        return Notice("recall", since=asked.get("recalled_at"), reason=str(item.get("reason", "")))
    if asked.get("recall_asked_at"):
        return Notice("recall", provisional=True, since=asked["recall_asked_at"])
    waits = asked.get("suspension_asked_at")
    return Notice("suspension", provisional=waits is not None, since=waits or asked.get("suspended_at"))


def gravest(of_goods: Notice | None, of_label: Sequence[str]) -> Notice | None:
    """What a label's page says: of what stands against its goods and against itself (rows of `label_stop` as JSON),
    a recall before one that waits, both before a suspension. Pure."""
    found = [_of_label(json.loads(text)) for text in of_label]
    return min((one for one in (of_goods, *found) if one), key=lambda one: _GRAVITY[one.warning], default=None)


def _of_label(row: Mapping[str, Any]) -> Notice:
    """What no second person confirmed is said without its reason; why goods are suspended is told to nobody."""
    told = row["kind"] == "recall" and not row["provisional"]
    since = datetime.fromisoformat(row["since"])
    return Notice(row["kind"], bool(row["provisional"]), since, str(row["reason"]) if told else "")


def _gravest(bodies: Sequence[str]) -> dict[str, Any] | None:
    """A suspension that was lifted stands no more."""
    return next((item for item in map(json.loads, bodies) if item.get("suspended", True)), None)
