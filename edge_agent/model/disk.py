"""The disk under the ledger, as it was seen. A frozen value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk that holds the ledger. `refused`: it did not take the last write."""

    free_bytes: int
    reserve_bytes: int
    refused: bool

    @property
    def full(self) -> bool:
        """Nothing may be issued."""
        return self.refused or self.free_bytes < self.reserve_bytes
