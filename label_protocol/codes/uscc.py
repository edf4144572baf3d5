"""This file checks a 统一社会信用代码 by GB 32100-2015: eighteen characters, the last one checks the rest.

The check is a sum modulo 31, weighted with the powers of 3, over an alphabet without I, O, S, V, Z. It is not a
system of ISO/IEC 7064.

>>> is_uscc("91350100M000100Y43")
True
"""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18


def check_character(body: str) -> str | None:
    """The last character that belongs to the first seventeen; None if they are not of the code's alphabet."""
    if len(body) != LENGTH - 1 or not set(body) <= set(_ALPHABET):
        return None
    total = sum(_ALPHABET.index(character) * pow(3, at, 31) for at, character in enumerate(body))
    return _ALPHABET[-total % 31]


def is_uscc(text: str) -> bool:
    """Whether `text` is a code with its check character."""
    return len(text) == LENGTH and text[-1] == check_character(text[:-1])
