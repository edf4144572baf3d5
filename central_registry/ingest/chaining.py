"""Makes the canonical bytes and the hashes of a batch, from the batch alone. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from central_registry.ingest.reading import canonical
from central_registry.problems import ProblemError
from label_protocol import chain
from label_protocol.errors import RecordError
from label_protocol.wire import Batch


@dataclass(frozen=True, slots=True)
class Chained:
    """A batch with the canonical bytes and the hash of each event, and the canonical bytes of each snapshot."""

    batch: Batch
    bodies: Sequence[bytes]
    hashes: Sequence[bytes]
    snapshots: Mapping[str, bytes]


def chain_up(batch: Batch) -> Chained:
    """Re-encode and hash every event; check that each says its own place, and that snapshots bear their own hash.

    Raises:
        ProblemError: 422, naming the first event or snapshot that is wrong.
    """
    bodies: list[bytes] = []
    hashes: list[bytes] = []
    previous = batch.prev_hash
    for seq, event in enumerate(batch.events, batch.first_seq):
        if event.get("incarnation") != batch.incarnation or event.get("seq") != seq or "type" not in event:
            raise ProblemError(
                "unprocessable", f"events: expected type, incarnation and seq {seq} in each, got another"
            )
        body = _canonical(event, f"event {seq}")
        previous = chain.link(previous, body)
        bodies.append(body)
        hashes.append(previous)
    snapshots = {name: _canonical(value, f"snapshot {name}") for name, value in batch.snapshots.items()}
    for name, body in snapshots.items():
        if hashlib.sha256(body).hexdigest() != name:
            raise ProblemError(
                "unprocessable", f"snapshot {name}: its content has another hash; send what was recorded"
            )
    return Chained(batch, bodies, hashes, snapshots)


def _canonical(value: Any, what: str) -> bytes:
    try:
        return canonical(value)
    except (RecordError, UnicodeEncodeError, RecursionError) as cause:
        raise ProblemError("unprocessable", f"{what}: {str(cause)[:200]}") from cause
