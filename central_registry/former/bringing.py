"""Says who brings a file of a former platform, when, and how what differs is taken. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from central_registry.parties.actor import Actor


@dataclass(frozen=True, slots=True)
class Bringing:
    """`platform` and `sha256` are the file's; `replace`: the file where it differs."""

    actor: Actor
    at: datetime
    platform: str
    sha256: str
    replace: bool

    @property
    def import_id(self) -> int:
        """Names this import: 63 bits of a hash of file, association and moment."""
        text = f"{self.sha256} {self.actor.party} {self.at.isoformat()}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1
