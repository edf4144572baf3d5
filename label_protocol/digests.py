"""Bodies of what is distributed by their hash: lots, styles and certificates stand in an agent's events as `{kind, key,
sha256}`, since they are the registry's own words and ten times as long as all that is said of them. Pure.

What entitles an agent (allotments, leases) and what stops it (notices) stands there whole.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from typing import Any

from label_protocol import wire
from label_protocol.chain import address, canonical
from label_protocol.errors import RecordError
from label_protocol.kinds import ITEM_KEY, ItemKind

DIGESTED = frozenset({ItemKind.LOT, ItemKind.STYLE, ItemKind.CERTIFICATE})
_FIELDS = frozenset({"kind", "key", "sha256"})


def digested(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as events hold it; `sha256` is that of the item's canonical bytes. Raises RecordError: what canonical
    JSON does not take."""
    kind = item.get("kind")
    if kind not in DIGESTED:
        return dict(item)
    key = item.get("quota_key") or item.get(ITEM_KEY[str(kind)])
    return {"kind": kind, "key": key, "sha256": address(dict(item))}


def digest_of(item: Any) -> str:
    """The hash of the body that an item of an event stands for; "" of one that is whole."""
    if not isinstance(item, Mapping) or item.keys() != _FIELDS or item["kind"] not in DIGESTED:
        return ""
    return str(item["sha256"])


def pack_bodies(bodies: Mapping[str, bytes]) -> bytes:
    """Gzipped `{bodies: {sha256: object}}` from canonical bytes as stored."""
    named = b",".join(b'"' + name.encode("ascii") + b'":' + body for name, body in bodies.items())
    return gzip.compress(b'{"bodies":{' + named + b"}}", compresslevel=6, mtime=0)


def read_bodies(data: bytes) -> dict[str, bytes]:
    """Canonical bytes by their hash.

    Raises:
        TooLargeError, NotJsonError: as `wire.unpack` and `wire.load_json`.
        WireError: no such object, or a body that hashes to another name.
    """
    value = wire.as_object(wire.as_object(wire.load_json(wire.unpack(data)), "body").get("bodies"), "bodies")
    found: dict[str, bytes] = {}
    for name, body in value.items():
        wire.hex_digits(name, 64, "a name in bodies")
        try:
            text = canonical(wire.as_object(body, f"bodies.{name}"))
        except RecordError as cause:
            raise wire.WireError(f"bodies.{name}: {cause}") from cause
        if hashlib.sha256(text).hexdigest() != name:
            raise wire.WireError(f"bodies.{name}: expected an object of that hash, got another; send what was received")
        found[name] = text
    return found
