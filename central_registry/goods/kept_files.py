"""Keeps files by their SHA-256: reports as PDF, JPEG or PNG, by what they are and not by their name; 10 MB at most."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from central_registry.db import Connection, Pool, sql
from central_registry.goods.reach import unknown
from central_registry.parties.actor import Actor
from central_registry.parties.door import looking
from central_registry.problems import ProblemError

MOST_BYTES = 10_000_000
_NAME_MOST = 120
_KINDS = (
    ("application/pdf", b"%PDF-"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/png", b"\x89PNG\r\n\x1a\n"),
)
"""First bytes (ISO 32000-1, 7.5.2; ITU-T T.81, annex B; PNG specification, 5.2)."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as it was handed in."""

    name: str
    body: bytes
    media_type: str = ""


def media_type_of(body: bytes) -> str:
    """What the bytes are.

    Raises:
        ProblemError: 422 for another kind of file or an empty one, 413 for one that is too large.
    """
    if len(body) > MOST_BYTES:
        raise ProblemError(
            "too-large", f"文件太大 · file: expected at most {MOST_BYTES} bytes, got {len(body)}", field="file"
        )
    found = next((name for name, first in _KINDS if body.startswith(first)), None)
    if found is None:
        raise ProblemError(
            "unprocessable",
            f"文件不是 PDF、JPEG 或 PNG · file: expected a PDF, JPEG or PNG, got {body[:8].hex() or 'nothing'}; "
            "save the report as PDF",
            field="file",
        )
    return found


async def keep(connection: Connection, actor: Actor, file: KeptFile, at: datetime) -> str:
    """Keep it; its hash. The same file is kept once. Raises ProblemError, as `media_type_of`."""
    media_type, digest = media_type_of(file.body), hashlib.sha256(file.body).hexdigest()
    name = "".join(sign for sign in file.name if sign.isprintable() and sign not in '/\\"')[-_NAME_MOST:] or "report"
    await sql.keep_file(
        connection, file_hash=digest, media_type=media_type, name=name, body=file.body, at=at, person=actor.person
    )
    return digest


async def read(pool: Pool, actor: Actor, file_hash: str) -> KeptFile:
    """A file that stands behind a report of goods that the actor sees. Raises ProblemError (404)."""

    async def work(connection: Connection) -> KeptFile:
        row = await sql.kept_file(connection, file_hash=file_hash, party=actor.party, kind=actor.kind.value)
        if row is None:
            raise unknown("文件 · file", file_hash)
        return KeptFile(row["name"], bytes(row["body"]), row["media_type"])

    return await looking(pool, actor, work)
