"""Canonical bytes and the hash chain; pure, so that the registry and an auditor can use the same lines.

Canonical bytes are RFC 8785 (JCS) for the subset this product writes: objects, arrays, strings in NFC, integers within
±(2^53 − 1), true, false, null. Keys stay within the Basic Multilingual Plane, where RFC 8785's order by UTF-16 units is
the order of code points. Floats are refused: percents and grams travel as decimal strings.
The hash of an event is SHA-256(previous 32 raw bytes ‖ canonical bytes); the first event of an incarnation follows
32 zero bytes.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import Any

from label_protocol.errors import LedgerDamagedError, RecordError

GENESIS = bytes(32)
SAFE_INT = 2**53 - 1
_BMP_END = 0xFFFF


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of `value`.

    Raises:
        RecordError: a float, a key that is not ASCII, text not in NFC, a lone surrogate, an integer beyond 2^53 − 1.
    """
    _refuse_foreign(value, "$")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8")


def address(value: Any) -> str:
    """SHA-256 of the canonical bytes, as 64 hex digits: the name of a snapshot."""
    return hashlib.sha256(canonical(value)).hexdigest()


def link(previous: bytes, body: bytes) -> bytes:
    """The hash of an event whose canonical bytes are `body`, after the event whose hash is `previous`."""
    return hashlib.sha256(previous + body).digest()


def parse(body: bytes) -> dict[str, Any]:
    """The object in `body`; duplicate keys, floats and anything but an object are refused.

    Raises:
        LedgerDamagedError: `body` is not one JSON object of the subset above.
    """
    try:
        value = json.loads(body, object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as cause:
        raise LedgerDamagedError(f"event body: expected one JSON object, got {body[:60]!r} ({cause})") from cause
    if not isinstance(value, dict):
        raise LedgerDamagedError(f"event body: expected a JSON object, got {type(value).__name__}")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"key {twice!r} stands twice in one object")
    return found


def _no_float(text: str) -> Any:
    raise ValueError(f"number {text}: floats have no place in an event, write a decimal string")


def _refuse_foreign(value: Any, path: str) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _refuse_text(value, path)
    elif isinstance(value, int):
        if abs(value) > SAFE_INT:
            raise RecordError(f"{path}: expected an integer within ±(2^53 − 1), got {value}")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or any(ord(character) > _BMP_END for character in key):
                raise RecordError(f"{path}: expected names within the Basic Multilingual Plane, got {key!r}")
            _refuse_text(key, path)
            _refuse_foreign(item, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _refuse_foreign(item, f"{path}[{index}]")
    else:
        raise RecordError(f"{path}: expected JSON without floats, got {type(value).__name__}")


def _refuse_text(text: str, path: str) -> None:
    if not unicodedata.is_normalized("NFC", text):
        raise RecordError(f"{path}: expected text in Unicode NFC, got {text!r}")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as cause:
        raise RecordError(f"{path}: expected Unicode text, got a lone surrogate in {text!r}") from cause
