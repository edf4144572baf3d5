"""How the agents' own words lie in the database: what was told at once, packed. Pure.

Events are the same words over and over: names of fields, an incarnation, a job. Deflate finds those of a batch by
itself. A window that is told as soon as it was printed comes alone; so every packing begins with words that events
usually have, which takes two thirds off such a row. Canonical JSON has no line feed inside: the events of a row are its
lines.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from label_protocol import chain

_USUAL = (
    b'{"agent":"line-1","epoch":"","issuer":"","registry":"https://","type":"enrolled"}'
    b'{"alarm":"","at":"2026-","detail":{},"kind":"","printer":null,"type":"alarm_raised"}'
    b'{"fingerprint":"","parent":null,"reason":"first","type":"incarnation_began"}'
    b'{"cursor":"","epoch":"","items":[{"kind":"allotment","quantity":,"quota_key":"lot:"}],"type":"feed_received"}'
    b'{"certificate":null,"firm":"","gtin":"069","job":"","key":"","lot_no":"","operator":"","printer":"",'
    b'"quantity":,"replaces":[],"request_hash":"","snapshot":"","template":"down_grade_60x40","type":"job_opened"}'
    b'{"job":"","operator":"","reason":"","state":"paused","state":"done","state":"running","type":"job_moved"}'
    b'{"last":null,"invalid":[],"operator":"","printed":[],"scrapped":[],"text":"","type":"window_settled"}'
    b'{"reason":"out_of_ribbon","type":"window_in_doubt"}'
    b'{"at":"2026-","operator":"","reason":"","serial":"","step":"scrap","type":"label_decided"}'
    b'{"at":"2026-","incarnation":"","operator":"","seq":,"serial":"","step":"commission","type":"label_scanned"}'
    b'{"at":"2026-11-20T09:15:03.120Z","counter":1000,"gtin":"069","incarnation":"","job":"","lot_no":"L2026",'
    b'"printer":"line-1","quota_key":"lot:L2026","replaces":{},"seq":,"serials":["","",""],"snapshot":"",'
    b'"type":"window_sending","window":""}\n'
    b'{"at":"2026-11-20T09:15:04.870Z","counts_as":"printed","evidence":{"counter_after":1008,'
    b'"counter_before":1000,"labels":8,"status":["ok","ok"]},"incarnation":"","level":"counter","seq":,'
    b'"type":"window_printed","window":""}'
)
"""Never to be changed: what was packed with it is read by it. Another one would be a second constant beside it; which
of them a row was packed with is written in the row (RFC 1950, DICTID)."""

_PACKED = b"\x78"
"""How packed words begin (RFC 1950, section 2.2); an event begins with a brace."""

_LEVEL = 1
"""Higher ones take twice the time for a tenth less."""


def pack(bodies: Iterable[bytes]) -> bytes:
    """Canonical bytes of events, in one piece."""
    packer = zlib.compressobj(_LEVEL, zdict=_USUAL)
    return packer.compress(b"\n".join(bodies)) + packer.flush()


def text_of(words: bytes) -> bytes:
    """The events in `words`, one a line.

    Raises:
        zlib.error: they were damaged.
    """
    if not words.startswith(_PACKED):
        return words
    unpacker = zlib.decompressobj(zdict=_USUAL)
    return unpacker.decompress(words) + unpacker.flush()


def unpack(words: bytes) -> list[bytes]:
    """The canonical bytes of each event, as they were hashed."""
    return text_of(words).split(b"\n")


def hashes_of(before: bytes, bodies: Sequence[bytes]) -> list[bytes]:
    """The hash of each event; `before`: that of the event before the first."""
    found = []
    for body in bodies:
        before = chain.link(before, body)
        found.append(before)
    return found
