"""The registry's answers as frozen values. Pure; what is not understood raises `WireError`, never passes as empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from label_protocol import wire
from label_protocol.codes.check_code import KEY_BYTES, CheckKeys
from label_protocol.wire import Head

SPOILAGE_PERMILLE = 30
"""How much of an allotment scrapping may free again at the edge, unless the allotment says otherwise (docs/flow.md,
promise 5)."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The registry's answer to a batch; `head` is the end of the agent's whole history there, `sealed` what can be
    shown again (None from a registry of an older release), `twin` the fingerprint of a second machine of this identity
    that spoke there too, while nobody has decided between them ("": none)."""

    acked_seq: int
    head_hash: str
    head: Head
    conflicts: tuple[Mapping[str, Any], ...] = ()
    sealed: wire.Sealed | None = None
    twin: str = ""


@dataclass(frozen=True, slots=True)
class Distribution:
    """What the registry gives down: `cursor` is asked for next time, `epoch` changes when the registry was restored.
    `digests`: it is sealed in the form of `digests.digested`, in which it may be told; a registry of an older release
    knows no such form."""

    epoch: str
    cursor: str
    items: tuple[Mapping[str, Any], ...] = ()
    digests: bool = False


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of one incarnation's events `(seq, event, hash)` as the registry holds them, with the snapshots they name;
    `lineage` lists all incarnations, oldest first; `bodies` are those that stand in the events by their hash."""

    lineage: tuple[str, ...]
    incarnation: str | None
    events: tuple[tuple[int, dict[str, Any], str], ...]
    more: bool
    snapshots: Mapping[str, Any] = field(default_factory=dict)
    bodies: Mapping[str, Any] = field(default_factory=dict)


def read_receipt(value: Any) -> Receipt:
    """A `Receipt` from parsed JSON. Raises WireError."""
    found = wire.as_object(value, "receipt")
    conflicts = wire.as_list(found.get("conflicts", []), "receipt.conflicts")
    return Receipt(
        acked_seq=wire.as_count(found.get("acked_seq"), "receipt.acked_seq"),
        head_hash=wire.hex_digits(found.get("head_hash"), 64, "receipt.head_hash"),
        head=wire.read_head(found.get("head")),
        conflicts=tuple(wire.as_object(row, "receipt.conflicts") for row in conflicts),
        sealed=wire.read_sealed(found.get("receipt"), "receipt.receipt"),
        twin=wire.as_text(wire.as_object(found.get("twin", {}), "twin").get("fingerprint", ""), "twin.fingerprint"),
    )


def read_distribution(value: Any) -> Distribution:
    """A `Distribution` from parsed JSON; items of unknown kind are kept. Raises WireError."""
    found = wire.as_object(value, "feed")
    items = [wire.as_object(item, "feed.items") for item in wire.as_list(found.get("items"), "feed.items")]
    epoch, cursor = (wire.as_text(found.get(name), f"feed.{name}") for name in ("epoch", "cursor"))
    return Distribution(epoch, cursor, tuple(items), found.get("digests") is True)


def read_history(value: Any) -> HistoryPage:
    """A `HistoryPage` from parsed JSON. Raises WireError."""
    found = wire.as_object(value, "history")
    rows = wire.as_list(found.get("events"), "history.events")
    return HistoryPage(
        lineage=tuple(
            wire.hex_digits(name, 32, "history.lineage") for name in wire.as_list(found.get("lineage"), "lineage")
        ),
        incarnation=found.get("incarnation"),
        events=tuple(_history_row(row) for row in rows),
        more=bool(found.get("more")),
        snapshots=wire.as_object(found.get("snapshots", {}), "history.snapshots"),
        bodies=wire.as_object(found.get("bodies", {}), "history.bodies"),
    )


def read_check_keys(value: Any) -> CheckKeys:
    """The keys of check codes from parsed JSON, as the registry sends and the credentials file keeps them. Raises
    WireError, which repeats no key."""
    found = wire.as_object(value, "check keys")
    issuer, current = (wire.as_text(found.get(name), f"check keys, {name}") for name in ("issuer", "current"))
    rows = wire.as_object(found.get("keys"), "check keys, keys")
    keys = {name: _key(row) for name, row in rows.items()}
    if current not in keys:
        raise wire.WireError(
            f"check keys: expected the current one, {current[:20]!r}, among them, got it without its key"
        )
    return CheckKeys(issuer, current, keys)


def _key(value: Any) -> bytes:
    try:
        key = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise wire.WireError(f"check keys: expected keys of {KEY_BYTES} bytes in hex, got another; update the registry")
    return key


def _history_row(row: Any) -> tuple[int, dict[str, Any], str]:
    seq, event, digest = (wire.as_object(row, "history.events").get(name) for name in ("seq", "event", "hash"))
    return (
        wire.positive(seq, "history seq"),
        wire.as_object(event, "history event"),
        wire.hex_digits(digest, 64, "history hash"),
    )
