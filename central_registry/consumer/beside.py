"""Reads the certificate that a label was judged by, and what became of it since: amended, suspended, withdrawn.

The label is not judged again: what its certificate said when it was printed stands beside what it says now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from central_registry.db import Connection, sql
from garment.certificate import Difference, differences


@dataclass(frozen=True, slots=True)
class Beside:
    """The version a label was judged by. `stopped`: `suspended` or `withdrawn` if its newest version is, `stopped_at`
    since when. `amended`: what differs in the newest one, as (fact, then, now); `amended_to` is its number."""

    version: int
    scheme: str
    lab: str
    report_no: str
    valid_from: date
    valid_to: date | None
    stopped: str = ""
    stopped_at: datetime | None = None
    amended_to: int | None = None
    amended_at: datetime | None = None
    amended: Sequence[Difference] = ()


async def beside(connection: Connection, judged: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Beside]:
    """The certificates of labels' keys in the versions they were judged by, in one statement; those that the registry
    lost are left out."""
    rows: dict[tuple[str, int], list[Any]] = {}
    keys, versions = [key for key, _ in judged], [version for _, version in judged]
    async for row in sql.certificates_since(connection, quota_keys=keys, versions=versions):
        rows.setdefault((row["quota_key"], row["since"]), []).append(row)
    return {place: told_since(since) for place, since in rows.items() if since[0]["version"] == place[1]}


def told_since(rows: Sequence[Mapping[str, Any]]) -> Beside:
    """From the versions that stood since, the label's own first. Pure."""
    own, newest = rows[0], rows[-1]
    stopped = newest["state"] if newest["state"] in ("suspended", "withdrawn") else ""
    amended = newest["version"] != own["version"]
    return Beside(
        version=own["version"],
        scheme=own["scheme"],
        lab=own["lab"],
        report_no=own["report_no"],
        valid_from=own["valid_from"],
        valid_to=own["valid_to"],
        stopped=stopped,
        stopped_at=newest["moved_at"] if stopped else None,
        amended_to=newest["version"] if amended else None,
        amended_at=newest["decided_at"] if amended else None,
        amended=differences(json.loads(own["facts"]), json.loads(newest["facts"])) if amended else (),
    )
