"""Names a case: a number that can be said on the telephone, and a word that only the complainant has.

The number is drawn by chance and ends with a GS1 check digit: it tells nobody how many complaints there are, and one
wrong digit is noticed. The word is 58 bits; the registry keeps its hash.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata

from label_protocol.codes.gs1 import check_digit

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without those that are read as others."""

_WORD = 12


def new_number() -> str:
    """Eight digits, the last of them a check digit."""
    body = f"{secrets.randbelow(9_000_000) + 1_000_000}"
    return body + check_digit(body)


def read_number(text: str) -> str:
    """The number as it is kept, however it was typed; '' for what is none."""
    found = _bare(text)
    whole = len(found) == 8 and found.isascii() and found.isdigit()
    return found if whole and check_digit(found[:-1]) == found[-1] else ""


def shown_number(number: str) -> str:
    """In two groups, as it is said."""
    return f"{number[:4]} {number[4:]}"


def new_word() -> str:
    """The complainant's."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_WORD))


def shown_word(word: str) -> str:
    """In three groups, as it is written down."""
    return "-".join(word[n : n + 4] for n in range(0, _WORD, 4))


def word_hash(text: str) -> bytes:
    """What is kept of a word, however it was typed."""
    return hashlib.sha256(f"complaint {_bare(text)}".encode("utf-8", "replace")).digest()


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text[:200]).upper()
    return "".join(sign for sign in folded if sign.isalnum())
