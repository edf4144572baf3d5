"""A range of issuers, the first three characters of serials: which ones a registry gives out. Pure.

>>> IssuerRange.parse("100-1ZZ").size
1024
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

from label_protocol.codes.serial import ALPHABET, ISSUER_LENGTH
from label_protocol.errors import CodeError


@dataclass(frozen=True, slots=True)
class IssuerRange:
    """From `first` to `last`, both of it, in the order of the alphabet of serials."""

    first: str
    last: str

    @classmethod
    def parse(cls, text: str) -> IssuerRange:
        """As it is written: `100-1ZZ`.

        Raises:
            CodeError: not two issuers, or the second before the first.
        """
        first, _, last = text.strip().upper().partition("-")
        if not (_is_issuer(first) and _is_issuer(last)) or _number(first) > _number(last):
            raise CodeError(
                f"发码段 · issuers: expected two of {ISSUER_LENGTH} characters of {ALPHABET} such as 100-1ZZ, the "
                f"smaller first, got {text[:40]!r}"
            )
        return cls(first, last)

    @property
    def size(self) -> int:
        """How many issuers it holds."""
        return _number(self.last) - _number(self.first) + 1

    def __contains__(self, issuer: object) -> bool:
        return (
            isinstance(issuer, str)
            and _is_issuer(issuer)
            and _number(self.first) <= _number(issuer) <= _number(self.last)
        )

    def __iter__(self) -> Iterator[str]:
        every = product(ALPHABET, repeat=ISSUER_LENGTH)
        return map("".join, islice(every, _number(self.first), _number(self.last) + 1))

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


ALL = IssuerRange(ALPHABET[0] * ISSUER_LENGTH, ALPHABET[-1] * ISSUER_LENGTH)
"""What a registry gives out that shares its issuers with no other."""


def _is_issuer(text: str) -> bool:
    return len(text) == ISSUER_LENGTH and set(text) <= set(ALPHABET)


def _number(issuer: str) -> int:
    number = 0
    for character in issuer:
        number = number * len(ALPHABET) + ALPHABET.index(character)
    return number
