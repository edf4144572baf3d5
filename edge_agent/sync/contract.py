"""What every kind of registry promises the pump.

Implementations pass `tests/edge_agent/sync/test_client_conformance.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from label_protocol.answers import Distribution, HistoryPage, Receipt
from label_protocol.codes.check_code import CheckKeys


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a one-time token buys. `secret` belongs into a file of mode 0600, never into an event."""

    agent: str
    issuer: str
    secret: str
    epoch: str


class RegistryClient(Protocol):
    """The registry, as one agent sees it.

    All methods raise:
        RegistryAwayError: no answer, a broken one, or one that says "later" (429, 5xx); trying again is safe.
        RegistryBusyError: "later", and when.
        RegistryRefusedError: an answer that says no; `status` and `problem` say why.

    `heard_at` is what time its last word of news said it was, as `clock.now_utc` writes it; empty: it never said.
    """

    heard_at: str

    async def send(self, batch: bytes) -> Receipt:
        """Hand over a packed batch (`wire.pack_batch`). The same batch twice is harmless."""
        ...

    async def history(self, incarnation: str | None, after: int) -> HistoryPage:
        """Events of one incarnation (of the first, if None) with seq above `after`, in order, a page at a time."""
        ...

    async def distribution(self, after: str | None, hold_s: int = 0) -> Distribution:
        """What was fed down after that cursor; None asks from the beginning. A registry that can holds its answer up to
        `hold_s` seconds until there is something; another answers at once."""
        ...

    async def bodies(self, packed: bytes) -> None:
        """Hand over bodies that the registry asked for (`digests.pack_bodies`)."""
        ...

    async def check_keys(self) -> CheckKeys:
        """The keys of this agent's check codes; a registry without any refuses."""
        ...

    async def close(self) -> None:
        """Give back connections; may be called twice."""
        ...
