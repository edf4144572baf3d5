"""Knows the certificates of lots: versions, of which at most one stands. For issuing, ingest and pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from central_registry.db import Connection, sql


class State(StrEnum):
    """What became of a version."""

    FILED = "filed"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    IMPORTED = "imported"
    """As a former platform had it: shown, and good for nothing here until somebody files it."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """One version as it was filed; only its `state` ever changes. `facts`: the certified part of a garment record."""

    firm: str
    lot_no: str
    version: int
    scheme: str
    facts: Mapping[str, Any]
    quantity: int
    valid_from: date
    valid_to: date | None
    lab: str
    report_no: str
    state: State
    filed_by: str
    sha256: str

    def stands(self, on: date) -> bool:
        """Whether it is approved and valid on that day."""
        return self.state is State.APPROVED and self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


async def standing(connection: Connection, firm: str, lot_no: str, on: date) -> Certificate | None:
    """The certificate of a firm's lot that is approved and valid on that day; None if there is none."""
    row = await sql.approved_certificate(connection, firm=firm, lot_no=lot_no)
    found = None if row is None else _read(row)
    return found if found is not None and found.stands(on) else None


async def version(connection: Connection, firm: str, lot_no: str, number: int) -> Certificate | None:
    """One version, whatever became of it."""
    row = await sql.certificate(connection, firm=firm, lot_no=lot_no, version=number)
    return None if row is None else _read(row)


def needs_certificate(record: Mapping[str, Any]) -> bool:
    """Whether these goods may bear labels only with a certificate: a grade mark does."""
    lot = record.get("lot")
    return isinstance(lot, Mapping) and bool(lot.get("grade"))


async def limit(connection: Connection, firm: str, what: str, number: str) -> int | None:
    """How many labels the association lets a lot or a style without certificate have; None: it set none."""
    found = await sql.limit_of(connection, firm=firm, what=what, number=number)
    return None if found is None else int(found)


def about(firm: str, lot_no: str, number: int) -> str:
    """What a decision or an audit row about a version names."""
    return f"{firm} {lot_no} v{number}"


def _read(row: Mapping[str, Any]) -> Certificate:
    fields = {name: row[name] for name in Certificate.__slots__}
    return Certificate(**{**fields, "facts": json.loads(row["facts"]), "state": State(row["state"])})
