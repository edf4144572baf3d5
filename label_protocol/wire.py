"""The words on the wire between agent and registry (docs/architecture.md, 7.4). Pure: bytes in, values out.

A batch is one JSON object, gzipped: `{wire: 1, incarnation, first_seq, prev_hash, events: […], snapshots: {…}}`.
Events travel as JSON objects, not as strings of JSON: a person can read a captured batch, and the receiver re-encodes
each one and hashes it, so a sender whose canonical form differs from ours is caught at the door, not in an audit.

What is read is bounded before it is understood: at most `MAX_UNPACKED` bytes are ever unpacked, whatever the packed
size claims. Keys that stand twice, floats and integers beyond 2^53 − 1 are refused (I-JSON, RFC 7493), because two
readers would understand them differently and the hash would not tell.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from label_protocol.errors import InputError
from label_protocol.events import EventType

WIRE = 1
MAX_UNPACKED = 32 * 1024 * 1024
"""Largest body that is read, in bytes after unpacking (docs/architecture.md, 7.4)."""

MAX_EVENTS = 50_000
"""More events than fit into `MAX_UNPACKED` at their usual 700 bytes: a bound on work, not on honest senders."""

MAX_LISTS, MAX_COMMAS = 200_000, 1_500_000
"""Python reads lists and texts without letting anybody else in, and slower the more there are: eleven million empty
lists fit into `MAX_UNPACKED` and take seconds. Honest batches have two lists an event."""

PROBLEM_JSON = "application/problem+json"
PROBLEM_BASE = "/problems/"
"""Problem types are URI references (RFC 9457 section 3.1.1); the registry explains each one under this path."""

_GZIP_MAGIC = b"\x1f\x8b"
_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")
_HEX = {digits: re.compile(rf"[0-9a-f]{{{digits}}}") for digits in (32, 64)}
_SEALED = {"incarnation": 32, "hash": 64, "seal": 32}
_SAFE_INT = 2**53 - 1


class WireError(InputError):
    """JSON that is not what it should be; the registry answers 422."""


class NotJsonError(WireError):
    """Not gzip, not UTF-8, not JSON, or JSON that two readers could understand differently; 400."""


class TooLargeError(WireError):
    """More than one of the bounds above; the registry answers 413 and the sender halves."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A receipt to be shown again: the registry held `incarnation` up to `seq`, hashed `hash`, and sealed that."""

    incarnation: str
    seq: int
    hash: str
    seal: str

    def as_json(self) -> dict[str, Any]:
        """As it stands in answers and batches."""
        return {"incarnation": self.incarnation, "seq": self.seq, "hash": self.hash, "seal": self.seal}


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as read: `events` follow each other without gap from `first_seq`, after the event hashed `prev_hash`.

    An empty batch is a question: is my history up to here yours too? `receipt` is the newest the agent has; it is asked
    for only where the registry seems to have lost events. `lacks`: bodies of feeds, by hash, that the registry asked
    for and the agent does not have either.
    """

    incarnation: str
    first_seq: int
    prev_hash: bytes
    events: Sequence[dict[str, Any]] = ()
    snapshots: Mapping[str, Any] = field(default_factory=dict)
    receipt: Sealed | None = None
    lacks: Collection[str] = ()

    @property
    def last_seq(self) -> int:
        """Sequence number of the last event, or of the one before the batch if it is empty."""
        return self.first_seq + len(self.events) - 1


@dataclass(frozen=True, slots=True)
class Head:
    """Where a history ends: `incarnation` is None and `seq` 0 when the registry knows nothing of the agent."""

    incarnation: str | None
    seq: int
    hash: str

    def as_json(self) -> dict[str, Any]:
        """As it stands in answers and problem documents."""
        return {"incarnation": self.incarnation, "seq": self.seq, "hash": self.hash}


NO_HEAD = Head(None, 0, bytes(32).hex())


def pack_batch(
    incarnation: str,
    first_seq: int,
    prev_hash: bytes,
    bodies: Iterable[bytes],
    snapshots: Mapping[str, bytes],
    receipt: Sealed | None = None,
    lacks: Collection[str] = (),
) -> bytes:
    """Gzipped batch from canonical bytes as stored: they are joined, not parsed and written anew."""
    shown = ({"receipt": receipt.as_json()} if receipt else {}) | ({"lacks": sorted(lacks)} if lacks else {})
    place = {"incarnation": incarnation, "first_seq": first_seq, "prev_hash": prev_hash.hex()}
    frame = json.dumps({"wire": WIRE, **place, **shown})
    named = b",".join(b'"' + name.encode("ascii") + b'":' + body for name, body in snapshots.items())
    text = frame[:-1].encode() + b',"events":[' + b",".join(bodies) + b'],"snapshots":{' + named + b"}}"
    return gzip.compress(text, compresslevel=6, mtime=0)


def unpack(data: bytes, limit: int = MAX_UNPACKED) -> bytes:
    """The content of one gzip member; plain bytes are returned as they are.

    Raises:
        TooLargeError: it would be more than `limit` bytes, no more than which were unpacked; or more parts.
        NotJsonError: torn, or followed by other bytes.
    """
    if not data.startswith(_GZIP_MAGIC):
        return _few_parts(_within(data, limit))
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(data, limit + 1)
    except zlib.error as cause:
        raise NotJsonError(f"batch: expected gzip, got {cause}; send it again") from cause
    _within(text, limit)
    if not unpacker.eof or unpacker.unused_data:
        raise NotJsonError("batch: expected one whole gzip member, got a torn or longer one; send it again")
    return _few_parts(text)


def load_json(text: bytes) -> Any:
    """The JSON value in `text`, read strictly.

    Raises:
        NotJsonError: not UTF-8 JSON, a float, a big integer, a key twice, half of a surrogate pair, or nested too
            deeply.
    """
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float, parse_int=_safe_int
        )
        if _HALF_PAIR.search(text):  # a half is no text: it has no canonical bytes and no place in a database
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except (ValueError, RecursionError) as cause:
        raise NotJsonError(f"body: expected JSON as RFC 7493, got {str(cause)[:200]}; see the wire format") from cause


def read_batch(data: bytes, load: Callable[[bytes], Any] = load_json) -> Batch:
    """The batch in a body, gzipped or plain; its events' hashes are not checked. `load` is as strict as `load_json`.

    Raises:
        TooLargeError, NotJsonError: as `unpack` and `load_json`.
        WireError: JSON, but not a batch; names the field.
    """
    value = as_object(load(unpack(data)), "batch")
    if value.get("wire") != WIRE:
        raise WireError(f"batch.wire: expected {WIRE}, got {value.get('wire')!r}; update the registry or the agent")
    events = [as_object(event, "batch.events") for event in as_list(value.get("events"), "batch.events")]
    if len(events) > MAX_EVENTS:
        raise TooLargeError(f"batch.events: expected at most {MAX_EVENTS}, got {len(events)}; send fewer at once")
    snapshots = as_object(value.get("snapshots", {}), "batch.snapshots")
    for name in snapshots:
        hex_digits(name, 64, "a name in batch.snapshots")
    return Batch(
        incarnation=hex_digits(value.get("incarnation"), 32, "batch.incarnation"),
        first_seq=positive(value.get("first_seq"), "batch.first_seq"),
        prev_hash=bytes.fromhex(hex_digits(value.get("prev_hash"), 64, "batch.prev_hash")),
        events=events,
        snapshots=snapshots,
        receipt=read_sealed(value.get("receipt"), "batch.receipt"),
        lacks=tuple(hex_digits(name, 64, "batch.lacks") for name in as_list(value.get("lacks", []), "batch.lacks")),
    )


def read_head(value: Any) -> Head:
    """A `Head` from parsed JSON. Raises WireError."""
    found = as_object(value, "head")
    incarnation = found.get("incarnation")
    if incarnation is not None:
        hex_digits(incarnation, 32, "head.incarnation")
    return Head(incarnation, as_count(found.get("seq"), "head.seq"), hex_digits(found.get("hash"), 64, "head.hash"))


def read_sealed(value: Any, what: str) -> Sealed | None:
    """A sealed receipt from parsed JSON, None if there is none: older releases have no such thing. Raises WireError."""
    if value is None:
        return None
    found = as_object(value, what)
    texts = {name: hex_digits(found.get(name), digits, f"{what}.{name}") for name, digits in _SEALED.items()}
    return Sealed(seq=as_count(found.get("seq"), f"{what}.seq"), **texts)


def problem(kind: str, status: int, title: str, detail: str, **more: Any) -> dict[str, Any]:
    """An RFC 9457 problem document; `more` are extension members such as `head`."""
    return {"type": PROBLEM_BASE + kind, "title": title, "status": status, "detail": detail, **more}


def problem_kind(document: Mapping[str, Any]) -> str:
    """The last word of a problem's type: `gap`, `fork`, `cloned`, … ; empty if there is none."""
    return str(document.get("type", "")).rpartition("/")[2]


def snapshots_needed(event: Mapping[str, Any]) -> set[str]:
    """Hashes of the snapshots an event speaks of; looks into events told again by `adopted`."""
    inner = event.get("event")
    if event.get("type") == EventType.ADOPTED and isinstance(inner, dict):
        return snapshots_needed(inner)
    name = event.get("snapshot")
    return {name} if isinstance(name, str) and _HEX[64].fullmatch(name) else set()


def hex_digits(value: Any, digits: int, what: str) -> str:
    """`value`, if it is a string of so many lower-case hex digits. Raises WireError."""
    if isinstance(value, str) and _HEX[digits].fullmatch(value):
        return value
    raise WireError(f"{what}: expected {digits} lower-case hex digits, got {str(value)[:70]!r}; see the wire format")


def positive(value: Any, what: str) -> int:
    """`value`, if it is an integer of at least 1. Raises WireError."""
    if as_count(value, what) < 1:
        raise WireError(f"{what}: expected an integer of at least 1, got {value!r}; see the wire format")
    return int(value)


def as_count(value: Any, what: str) -> int:
    """`value`, if it is an integer of at least 0. Raises WireError."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise WireError(f"{what}: expected an integer of at least 0, got {str(value)[:40]!r}; see the wire format")


def as_text(value: Any, what: str) -> str:
    """`value`, if it is a text of at most 200 characters. Raises WireError."""
    if isinstance(value, str) and len(value) <= 200:
        return value
    raise WireError(f"{what}: expected a text of at most 200 characters, got {str(value)[:40]!r}")


def as_object(value: Any, what: str) -> dict[str, Any]:
    """`value`, if it is a JSON object. Raises WireError."""
    if isinstance(value, dict):
        return value
    raise WireError(f"{what}: expected a JSON object, got {type(value).__name__}; see the wire format")


def as_list(value: Any, what: str) -> list[Any]:
    """`value`, if it is a JSON list. Raises WireError."""
    if isinstance(value, list):
        return value
    raise WireError(f"{what}: expected a JSON list, got {type(value).__name__}; see the wire format")


def _within(text: bytes, limit: int) -> bytes:
    if len(text) > limit:
        raise TooLargeError(f"batch: expected at most {limit} bytes unpacked, got more; send fewer events at once")
    return text


def _few_parts(text: bytes) -> bytes:
    if text.count(b"[") > MAX_LISTS or text.count(b",") > MAX_COMMAS:
        raise TooLargeError(f"batch: expected at most {MAX_LISTS} lists and {MAX_COMMAS} commas, got more; send fewer")
    return text


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice in one object")
    return found


def _no_float(text: str) -> Any:
    raise ValueError(f"the number {text[:40]}; write a decimal string")


def _safe_int(text: str) -> int:
    if len(text) > 17 or abs(number := int(text)) > _SAFE_INT:
        raise ValueError(f"the integer {text[:40]}, beyond 2^53 − 1")
    return number
