"""PINs: a few digits on an on-screen pad, hashed by argon2id.

A PIN is short, so what protects it is the badge beside it and the lock after a few wrong ones (`entrance.py`); the hash
is for whoever gets hold of the file.
"""

from __future__ import annotations

import itertools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from label_protocol.errors import InputError

LONGEST = 12

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""19 MiB, two passes, one lane: the least that the OWASP Password Storage Cheat Sheet names for argon2id. More would be
felt by an agent that is to stay within 110 MB."""


def hashed(pin: str) -> str:
    """What is stored of a PIN, with its salt; some 30 ms."""
    return _HASHER.hash(pin)


def matches(stored: str, pin: str) -> bool:
    """Whether this is the PIN; a stored text that is no hash matches none."""
    try:
        return _HASHER.verify(stored, pin)
    except (VerificationError, InvalidHashError):
        return False


def require_good(pin: str, least: int) -> str:
    """A new PIN, of `least` digits at least. Raises InputError: too short or long, no digits, or one that everybody
    tries first."""
    if not (pin.isascii() and pin.isdigit() and least <= len(pin) <= LONGEST):
        raise InputError(
            f"新 PIN 要 {least} 到 {LONGEST} 位数字 · PIN: expected {least} to {LONGEST} digits, got {len(pin)} "
            "characters; choose another"
        )
    steps = {int(later) - int(earlier) for earlier, later in itertools.pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        raise InputError(
            "这个 PIN 太容易猜（全一样或顺着数）· PIN: expected digits that do not just count or repeat, got a row of "
            "them; choose another"
        )
    return pin
