"""What is still to be told: a view of the ledger as a line of incarnations, each up to where the next one left it.

Only the line back to the latest `reenrolled` incarnation is told: what lies before it belongs to another identity,
whose secret this agent no longer has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from edge_agent.errors import NotFoundError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.ledger.values import SealedReceipt
from label_protocol import wire
from label_protocol.chain import GENESIS, parse
from label_protocol.digests import pack_bodies

MAX_BATCH_BYTES = 8 * 1024 * 1024
"""Canonical bytes of events per batch: a quarter of what a registry unpacks, so snapshots never tip it over."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One incarnation of the line: events up to `last` belong to it, those up to `acked` the registry has."""

    incarnation: str
    last: int
    acked: int

    @property
    def pending(self) -> int:
        """Events still to be told."""
        return max(0, self.last - self.acked)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A packed batch: `events` events of `stretch`; 0 is a question without news."""

    stretch: Stretch
    events: int
    data: bytes


class Outbox:
    """Reads the ledger for the pump; writes nothing but how far the registry has acknowledged."""

    def __init__(self, ledger: LedgerThread) -> None:
        self._ledger = ledger
        self._lacks: set[str] = set()

    async def line(self) -> list[Stretch]:
        """The stretches to tell, oldest first; the last is the living incarnation."""
        lives = await self._ledger.do(Ledger.incarnations)
        first = 0
        for index in range(len(lives) - 1, 0, -1):
            if await self._reason(lives[index].incarnation) == "reenrolled":
                first = index
                break
        found = []
        for index in range(first, len(lives)):
            heir = lives[index + 1].parent if index + 1 < len(lives) else None
            last = heir.seq if heir is not None else lives[index].last_seq
            acked = await self._ledger.do(Ledger.acked, lives[index].incarnation)
            found.append(Stretch(lives[index].incarnation, last, acked))
        return found

    async def pack(self, stretch: Stretch, limit: int) -> Parcel:
        """The next events of `stretch`, at most `limit`, with the snapshots they need; with `limit` 0, none.

        Raises:
            NotFoundError: the registry has an event that the ledger lacks.
        """
        bodies = await self._bodies(stretch, limit)
        needed: set[str] = set()
        for body in bodies:
            if b'"snapshot"' in body:
                needed |= wire.snapshots_needed(parse(body))
        held = {name: await self._snapshot(name) for name in sorted(needed)}
        snapshots = {name: facts for name, facts in held.items() if facts is not None}
        before = await self.hash_at(stretch.incarnation, stretch.acked)
        if before is None:
            raise NotFoundError(
                f"event {stretch.incarnation}/{stretch.acked}: expected it in the ledger, since the registry has it, "
                "got none; run edge-agent ledger verify"
            )
        first = stretch.acked + 1
        kept = await self._ledger.do(Ledger.newest_receipt)
        shown = wire.Sealed(kept.incarnation, kept.seq, kept.hash, kept.seal) if kept else None
        place = stretch.incarnation, first, before
        data = await asyncio.to_thread(wire.pack_batch, *place, bodies, snapshots, shown, self._lacks)
        return Parcel(stretch, len(bodies), data)

    async def pack_bodies(self, wanted: Collection[str]) -> bytes:
        """Bodies of feeds that the registry asks for, packed; what is not here either is said with each batch from now
        on."""
        held = await self._ledger.do(Ledger.fed_bodies, wanted)
        self._lacks |= set(wanted) - held.keys()
        return await asyncio.to_thread(pack_bodies, held)

    async def hash_at(self, incarnation: str, seq: int) -> bytes | None:
        """Our hash of an event; that of the beginning for 0, None if we do not hold it."""
        return GENESIS if seq == 0 else await self._ledger.do(Ledger.event_hash, incarnation, seq)

    async def acknowledge(self, incarnation: str, seq: int, sealed: wire.Sealed | None = None) -> None:
        """The registry has this incarnation up to `seq`; what it sealed is kept together with that."""
        kept = await self._ledger.do(Ledger.receipt, incarnation)
        newer = sealed is not None and (kept is None or kept.seq < sealed.seq)
        if newer or await self._ledger.do(Ledger.acked, incarnation) != seq:
            new = SealedReceipt(sealed.incarnation, sealed.seq, sealed.hash, sealed.seal) if sealed else None
            await self._ledger.do(Ledger.set_acked, incarnation, seq, new)

    async def rewind(self, line: Sequence[Stretch], head: wire.Head) -> bool:
        """The registry ends at `head`, before what it once acknowledged: tell again from there.

        False if `head` is not in our own history, so that telling again would not help.
        """
        places = {stretch.incarnation: index for index, stretch in enumerate(line)}
        if head.incarnation is None:
            behind = -1
        elif head.incarnation in places and await self.holds_head(head):
            behind = places[head.incarnation]
            await self.acknowledge(head.incarnation, head.seq)
        else:
            return False
        for stretch in line[behind + 1 :]:
            await self.acknowledge(stretch.incarnation, 0)
        return True

    async def holds_head(self, head: wire.Head) -> bool:
        """Whether our event at the registry's head has the hash the registry says."""
        if head.incarnation is None:
            return True
        ours = await self.hash_at(head.incarnation, head.seq)
        return ours is not None and ours.hex() == head.hash

    async def _reason(self, incarnation: str) -> str:
        first = await self._ledger.do(Ledger.events, incarnation, 0, 1)
        return str(parse(first[0].body).get("reason")) if first else ""

    async def _bodies(self, stretch: Stretch, limit: int) -> list[bytes]:
        if limit < 1:
            return []
        wanted = min(limit, stretch.pending)
        found: list[bytes] = []
        size = 0
        for event in await self._ledger.do(Ledger.events, stretch.incarnation, stretch.acked, wanted):
            size += len(event.body)
            if found and size > MAX_BATCH_BYTES:
                break
            found.append(bytes(event.body))
        return found

    async def _snapshot(self, name: str) -> bytes | None:
        try:
            return await self._ledger.do(Ledger.snapshot, name)
        except NotFoundError:
            return None
