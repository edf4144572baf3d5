"""Random codes that let somebody in: badges, tokens, sessions. Only their hashes are ever stored. Pure.

A hash without salt is enough: these have 80 bits and more of chance, so that nobody finds one by trying. PINs have not,
and are hashed by `pins.py`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable

Entropy = Callable[[int], bytes]

BADGE = "BADGE-"
"""Begins the text of a badge, so that whoever reads a scan knows what was scanned. Letters, digits and `-` alone: a QR
code holds them in its alphanumeric mode, and every keyboard a scanner plays has them."""

_CODE = re.compile(rf"{BADGE}[A-Z2-7]{{16}}")


def new_badge(entropy: Entropy) -> str:
    """The text of a new badge: the prefix and 80 random bits in base 32 (RFC 4648, section 6)."""
    return BADGE + base64.b32encode(entropy(10)).decode("ascii")


def read_badge(text: str) -> str | None:
    """The badge in what was scanned, whatever caps lock made of it; None: it is none."""
    text = text.strip().upper()
    return text if _CODE.fullmatch(text) else None


def new_secret(entropy: Entropy) -> str:
    """256 random bits, for a cookie or a header (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(entropy(32)).decode("ascii").rstrip("=")


def new_id(letter: str, entropy: Entropy) -> str:
    """A name for a person (`p`) or a program (`t`) that says nothing of either: 64 random bits."""
    return letter + entropy(8).hex()


def digest(code: str) -> str:
    """What is stored of a code; headers may bring half a character, and that is nobody's code."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
