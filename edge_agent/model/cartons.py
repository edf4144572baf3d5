"""Cartons and what is in them, as the ledger holds them. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CartonState(StrEnum):
    """Garments go in and out while it is open."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Carton:
    """A carton. `carton` is its number in this factory, `sscc` that for the world (None: none was given, or it was
    never closed); `packed` counts garments, `printings` how often its label was ordered; `operator` is who did the last
    thing to it."""

    carton: str
    state: CartonState
    sscc: str | None
    packed: int
    printings: int
    operator: str
    opened_at: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class PackedGarment:
    """A garment in a carton, and the state of its label now."""

    serial: str
    state: str
    operator: str
    packed_at: str
    snapshot_hash: str
    gtin: str
    lot_no: str | None
    quota_key: str


@dataclass(frozen=True, slots=True)
class CartonLine:
    """So many garments of one style, colour and size in a carton; empty where a record does not say."""

    style_no: str
    name: str
    colour: str
    size: str
    count: int
