"""Frozen answers of the ledger that only its readers need; what crosses more rooms is in `model`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from edge_agent.messages import lease as lease_words
from edge_agent.messages.refusal import of_stop
from edge_agent.messages.text import Words
from label_protocol.details import EventPlace


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a chain; `hash` is 32 raw bytes."""

    incarnation: str
    seq: int
    hash: bytes

    def place(self) -> EventPlace:
        """As events and problem documents write it."""
        return {"incarnation": self.incarnation, "seq": self.seq, "hash": self.hash.hex()}


@dataclass(frozen=True, slots=True)
class Incarnation:
    """One life of one ledger; `parent` is the event it followed, None for the first."""

    ordinal: int
    incarnation: str
    parent: Head | None
    last_seq: int


class StoredEvent(NamedTuple):
    """An event as stored: `body` is the canonical bytes that were hashed."""

    seq: int
    body: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Identity:
    """What enrolment gave: `issuer` is the first three characters of every serial."""

    agent: str
    issuer: str
    epoch: str
    registry: str


@dataclass(frozen=True, slots=True)
class SealedReceipt:
    """What the registry sealed: that it held `incarnation` up to `seq`, whose event is hashed `hash` (hex)."""

    incarnation: str
    seq: int
    hash: str
    seal: str


@dataclass(frozen=True, slots=True)
class DistributionCursor:
    """How far the registry's feed was read, and in which epoch of the registry."""

    cursor: str
    epoch: str


@dataclass(frozen=True, slots=True)
class Balance:
    """One line of the books; `quota_key` is `total` in the last. drawn = issued = sending + … + invalid, always.

    `used` = drawn − invalid − scrapped labels up to the spoilage limit; `free` = allotted − used, never below 0.
    """

    quota_key: str
    allotted: int
    drawn: int
    sending: int
    printed: int
    in_doubt: int
    commissioned: int
    scrapped: int
    invalid: int
    used: int
    free: int


@dataclass(frozen=True, slots=True)
class Quota:
    """What a lot or style may still issue. `blocked` is empty, or says why nothing may be issued at all."""

    quota_key: str
    allotted: int
    used: int
    free: int
    scrapped: int
    invalid: int
    spoilage_limit: int
    blocked: str


@dataclass(frozen=True, slots=True)
class Lease:
    """Until when serials may be drawn under a key. Moments as `clock.now_utc` writes them; `until` None: it does not
    end; `closed_at`: when the registry was told that it ended, None: it was not."""

    quota_key: str
    until: str | None
    warn_days: int
    closed_at: str | None

    def ended(self, at: str) -> bool:
        """Whether nothing may be drawn at that moment."""
        return self.closed_at is not None or (self.until is not None and self.until <= at)


@dataclass(frozen=True, slots=True)
class EndingLease:
    """A lease that ends within the days it is warned of, or has ended, with `unused` codes under it; `called`: the
    allotment as people know it, `days_left` whole days, 0 on the last and below once it has ended."""

    quota_key: str
    called: str
    until: str
    days_left: int
    unused: int

    @property
    def words(self) -> Words:
        """As a person reads it."""
        if self.days_left < 0:
            return lease_words.ended(self.called, self.until, self.unused)
        return lease_words.ending(self.called, self.until, self.days_left, self.unused)


@dataclass(frozen=True, slots=True)
class AllottedTo:
    """Whose allotment a key counts, and of which goods; `lot_no` None: of a style. `gtins`: 14 digits each, those that
    the registry knows the goods by."""

    quota_key: str
    firm: str
    firm_name: str
    lot_no: str | None
    style_no: str
    gtins: tuple[str, ...]


class Goods(NamedTuple):
    """What labels are wanted of; `firm`: for whom, "" where nobody said. `gtin` has 14 digits."""

    lot_no: str | None
    style_no: str
    gtin: str
    firm: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What of a lot is certified, as the registry sent it with the allotment; days as `YYYY-MM-DD`, `valid_to` None: it
    does not end. `facts` is the certified part of a garment record, `sha256` of its canonical bytes."""

    quota_key: str
    version: int
    scheme: str
    valid_from: str
    valid_to: str | None
    facts: Mapping[str, Any]
    sha256: str
    withdrawn: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing of this allotment may be printed or go onto a garment: `recalled`, else suspended for a time. `reason` is
    the registry's."""

    quota_key: str
    recalled: bool
    reason: str

    @property
    def words(self) -> Words:
        """As an operator reads it."""
        return of_stop(self.recalled, self.reason)


@dataclass(frozen=True, slots=True)
class Boot:
    """What a start found and settled."""

    windows_in_doubt: tuple[str, ...]
    jobs_paused: tuple[str, ...]
    clock_jumped: bool


@dataclass(frozen=True, slots=True)
class Recovery:
    """What `recover` did: how many events came in, went aside, and were re-told; which re-told ones did not apply."""

    incarnation: str
    imported: int
    forked: int
    refused: tuple[str, ...]
    events_lost: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What `verify` found. `findings` is empty when all is well; the first names the first bad event."""

    events: int
    labels: int
    incarnations: int
    rebuilt: bool
    findings: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """No finding."""
        return not self.findings
