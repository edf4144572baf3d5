"""Writes labels as PostgreSQL's COPY reads them in binary (its manual, COPY, Binary Format). Pure.

A label is three lines of Python at most here: at a record and a call each, encoding costs as much as all that is known
of the label before. Windows share what follows their serials, so that is made once for each.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache

SERIAL_COLUMNS = ("issuer", "serial", "draw", "state", "verdict")
ISSUER = 3
"""Characters of a serial that say whose it is, and in which partition it lies."""

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_LENGTHS = [struct.pack(">i", length) for length in range(256)]
_FIELDS = struct.pack(">h", len(SERIAL_COLUMNS))


def rows_of(serials: Sequence[str], draw: bytes, state: int, verdict: int) -> list[bytes]:
    """Rows of labels that share all but their serials; sorting rows sorts the serials of one length."""
    tail = _LENGTHS[len(draw)] + draw + struct.pack(">ihih", 2, state, 2, verdict)
    return [_head(serial[:ISSUER], len(serial)) + serial.encode("ascii") + tail for serial in serials]


def stream(rows: Iterable[bytes]) -> bytes:
    """What COPY reads."""
    return _HEADER + b"".join(rows) + _TRAILER


@lru_cache(maxsize=4096)
def _head(issuer: str, length: int) -> bytes:
    return _FIELDS + _LENGTHS[len(issuer)] + issuer.encode("ascii") + _LENGTHS[length]
