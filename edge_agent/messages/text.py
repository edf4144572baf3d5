"""One sentence in both languages. Chinese first, English beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} · {self.en}"


def all_of(rows: Iterable[Words]) -> Words:
    """Several sentences as one."""
    found = list(rows)
    return Words("；".join(row.zh for row in found), "; ".join(row.en for row in found))
