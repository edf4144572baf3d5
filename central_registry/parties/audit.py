"""Keeps what people did: appended only, each row chained to the one before it, so that nothing can be taken out unseen.

hash = SHA-256(hash of the row before ‖ canonical bytes of the row), the first after 32 zero bytes (as the agents'
ledgers: docs/ledger-format.md).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from central_registry.db import Connection, sql
from central_registry.parties.actor import Actor
from label_protocol import chain


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: `about` is what it was done to, `concerns` the party it was done to, `detail` what was done in words."""

    act: str
    about: str
    detail: str
    concerns: str = ""
    four_eyes: str = ""


def link(previous: bytes, n: int, at: datetime, actor: Actor, entry: Entry) -> bytes:
    """The hash of a row after `previous`."""
    return link_of(previous, {"n": n, "at": at, "person": actor.person, "party": actor.party, "how": actor.how}, entry)


def link_of(previous: bytes, row: Mapping[str, Any], entry: Entry) -> bytes:
    """The hash of a row as it stands in the table: `n`, `at`, `person`, `party`, `how` beside its entry."""
    body = {
        "n": row["n"],
        "at": row["at"].astimezone(UTC).isoformat(),
        "person": row["person"],
        "party": row["party"],
        "how": row["how"],
        **asdict(entry),
    }
    return chain.link(previous, chain.canonical(body))


async def write(connection: Connection, actor: Actor, entry: Entry, at: datetime) -> int:
    """Append a row; its number. The chain's end stays locked until the transaction ends: rows follow each other."""
    await sql.put_meta_once(connection, key="audit", value=f"0:{bytes(32).hex()}")
    entry = Entry(**{name: _storable(text) for name, text in asdict(entry).items()})
    last, _, previous = str(await sql.lock_audit(connection)).partition(":")
    n = int(last) + 1
    digest = link(bytes.fromhex(previous), n, at, actor, entry)
    await sql.add_audit(
        connection, n=n, at=at, person=actor.person, party=actor.party, how=actor.how, hash=digest, **asdict(entry)
    )
    await sql.put_meta(connection, key="audit", value=f"{n}:{digest.hex()}")
    return n


def _storable(text: str) -> str:
    """Text that both a TEXT column and canonical bytes can hold, and not without end."""
    sound = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", sound)[:2_000]
