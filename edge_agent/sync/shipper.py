"""Tells the registry what it does not know, and finds back to one history when the two sides differ.

    registry behind (restored dump)    tell again from its head, once the hash there is ours
    registry ahead, or a fork          hold issuing, import what it has, go on in a new incarnation (`Ledger.recover`)
    superseded while alive, `cloned`   hold issuing, go on telling; no machine can settle that by itself

The first word of a run is an empty batch: a question. A restored backup hears by it that its history goes on elsewhere,
before it adds to an incarnation that has ended. An agent that was accepted in this run and is superseded afterwards was
superseded by a second live machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from edge_agent.clock import Probe, no_probe
from edge_agent.errors import RegistryAwayError, RegistryRefusedError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.sync.contract import RegistryClient
from edge_agent.sync.outbox import Outbox, Parcel, Stretch
from label_protocol import wire
from label_protocol.answers import Receipt
from label_protocol.chain import canonical
from label_protocol.details import HistoryDetail
from label_protocol.errors import AgentError
from label_protocol.kinds import AlarmKind, HoldKind
from label_protocol.wire import Head

BATCH_EVENTS = 2_000
ROUNDS = 4
"""Rewinds and recoveries in one run of `ship`; more means that a second machine moves the head under our feet."""

UNKNOWN_HERE = 401
"""The registry does not know who asks: it is not asked for anything more."""

ASKED = frozenset(
    {
        HoldKind.WITNESS_AHEAD,
        HoldKind.WITNESS_MISSING,
        HoldKind.WITNESS_OTHER,
        HoldKind.REGISTRY_AHEAD,
        HoldKind.FORKED,
        HoldKind.COUNTER_AHEAD,
    }
)
"""Holds that last until the registry was asked. `CLONED` is not among them."""


class ClonedError(RegistryRefusedError):
    """Another live machine carries this agent's identity; `problem["standing"]` says how it stands for this one, a key
    of `messages.sync.CLONED` (none from a registry of an older release)."""


@dataclass(slots=True)
class _Named:
    """What imported events name by its hash, as canonical bytes."""

    snapshots: dict[str, bytes] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)


class Shipper:
    """One agent's side of the conversation. Not reentrant: one `ship` at a time."""

    def __init__(self, ledger: LedgerThread, client: RegistryClient, probe: Probe = no_probe) -> None:
        self._ledger = ledger
        self._client = client
        self._probe = probe
        self._outbox = Outbox(ledger)
        self._limit = BATCH_EVENTS
        self._alive: str | None = None
        self._given: set[str] = set()
        self.acked_seq = 0
        self.twin = ""

    async def pending(self) -> int:
        """Events the registry does not have, as far as we know."""
        return sum(stretch.pending for stretch in await self._outbox.line())

    async def ship(self) -> None:
        """Tell all there is; returns when both sides end at the same event, and holds that waited for that are gone.

        Raises:
            RegistryAwayError: no answer; what was acknowledged stays so.
            ClonedError: the hold `cloned` is in force; what the registry takes was told all the same.
            RegistryRefusedError: 401, 413 for a single event, 422: trying the same again will not help.
        """
        asked = await self._holds()
        self._limit = min(BATCH_EVENTS, self._limit * 2)
        self._given.clear()
        rounds = 0
        while True:
            line = await self._outbox.line()
            try:
                if await self._tell(line):
                    break
            except RegistryRefusedError as refusal:
                if await self._is_kept(line, refusal) or await self._hand_over(refusal):
                    continue
                rounds += refusal.status != 413
                if rounds > ROUNDS:
                    raise RegistryAwayError("registry: expected one history at last, got another again") from refusal
                await self._answer(line, refusal)
        if HoldKind.CLONED in asked:
            raise ClonedError("cloned: this machine goes on once it was enrolled anew", {"standing": "this"}, 409)
        for kind in sorted(asked & await self._holds() & ASKED):
            await self._ledger.do(
                Ledger.release_hold, kind, by="registry", reason="the registry holds the same history"
            )

    async def _tell(self, line: Sequence[Stretch]) -> bool:
        """One batch; True once there is nothing left to tell."""
        if self._alive is None and any(stretch.acked for stretch in line):
            known = [stretch for stretch in line if stretch.acked]
            await self._send(line, await self._outbox.pack(known[-1], 0))
            self._alive = known[-1].incarnation
            return False
        next_one = next((stretch for stretch in line if stretch.pending), line[-1])
        parcel = await self._outbox.pack(next_one, self._limit)
        await self._send(line, parcel)
        self._alive = next_one.incarnation
        return next_one is line[-1] and parcel.events >= next_one.pending

    async def _send(self, line: Sequence[Stretch], parcel: Parcel) -> None:
        receipt = await self._client.send(parcel.data)
        self._probe("mid_sync:sent")
        await self._check(line, parcel.stretch, receipt)
        await self._outbox.acknowledge(parcel.stretch.incarnation, receipt.acked_seq, receipt.sealed)
        self.acked_seq = receipt.acked_seq
        self._probe("mid_sync:acked")
        self.twin = receipt.twin
        await self._note_conflicts(receipt.conflicts)

    async def _check(self, line: Sequence[Stretch], stretch: Stretch, receipt: Receipt) -> None:
        """The registry's end must be one of our own events, on our own line; else somebody else went on."""
        own = await self._outbox.hash_at(stretch.incarnation, receipt.acked_seq)
        on_line = any(receipt.head.incarnation == known.incarnation for known in line)
        if (
            own is not None
            and own.hex() == receipt.head_hash
            and on_line
            and await self._outbox.holds_head(receipt.head)
        ):
            return
        ahead = wire.problem("ahead", 409, "the registry knows more", "the registry knows more than this ledger")
        kept = Head(stretch.incarnation, receipt.acked_seq, receipt.head_hash).as_json()
        raise RegistryRefusedError(ahead["detail"], {**ahead, "head": receipt.head.as_json(), "kept": kept}, 409)

    async def _answer(self, line: Sequence[Stretch], refusal: RegistryRefusedError) -> None:
        """What to do about a refusal; raises it again if nothing can be done."""
        if refusal.status == 413 and self._limit > 1:
            self._limit = max(1, min(self._limit, max(stretch.pending for stretch in line)) // 2)
            return
        kind, held = wire.problem_kind(refusal.problem), HoldKind.CLONED in await self._holds()
        if held and refusal.status == UNKNOWN_HERE:
            raise ClonedError(str(refusal), {**refusal.problem, "standing": "ended"}, refusal.status) from refusal
        if refusal.status != 409 or kind not in ("gap", "fork", "ahead", "cloned"):
            raise refusal
        if kind == "cloned":
            await self._stop(refusal)
        head = _head(refusal)
        if kind == "gap" and await self._outbox.rewind(line, head):
            return
        if held:
            await self._stop(refusal)
        foreign = all(head.incarnation != stretch.incarnation for stretch in line)
        if self._alive == line[-1].incarnation and foreign:
            await self._stop(refusal)
        await self._recover(HoldKind.REGISTRY_AHEAD if kind == "ahead" else HoldKind.FORKED, head)

    async def _stop(self, refusal: RegistryRefusedError) -> None:
        """Only the registry lifts this hold; whoever comes back then asks first, as a restored backup does."""
        self._alive = None
        await self._hold(refusal)
        standing = {} if wire.problem_kind(refusal.problem) == "cloned" else {"standing": "other"}
        raise ClonedError(str(refusal), {**refusal.problem, **standing}, refusal.status) from refusal

    async def _hold(self, refusal: RegistryRefusedError) -> None:
        """Once: the head that stands in the refusal moves on with the other machine."""
        if HoldKind.CLONED not in await self._holds():
            facts = ("agent", "head", "fingerprints")
            known = cast(HistoryDetail, {key: refusal.problem[key] for key in facts if key in refusal.problem})
            await self._ledger.do(Ledger.place_hold, HoldKind.CLONED, known)

    async def _is_kept(self, line: Sequence[Stretch], refusal: RegistryRefusedError) -> bool:
        """Whether a machine that may not go on is to tell more: the registry keeps what it tells beside the line, says
        how far, and that is not all yet. A registry of an older release keeps nothing."""
        kind, kept = wire.problem_kind(refusal.problem), refusal.problem.get("kept")
        beside = kind == "cloned" or (kind == "ahead" and HoldKind.CLONED in await self._holds())
        if kept is None or not beside:
            return False
        place = _read_head(kept)
        stretch = next((one for one in line if one.incarnation == place.incarnation), None)
        if stretch is None or not await self._outbox.holds_head(place):
            return False
        await self._hold(refusal)
        await self._outbox.acknowledge(stretch.incarnation, place.seq)
        moved = place.seq != stretch.acked or self._alive is None
        self._alive = stretch.incarnation
        return moved and place.seq < stretch.last

    async def _recover(self, hold: HoldKind, head: Head) -> None:
        await self._ledger.do(Ledger.place_hold, hold, {"head": head.as_json()})
        try:
            await self._import(whole=False)
        except RegistryAwayError:
            raise
        except AgentError:  # what we hold as acknowledged is not the registry's: compare from the very beginning
            await self._import(whole=True)
        self._alive = None

    async def _import(self, *, whole: bool) -> None:
        """Fetch what the registry has from the last point both acknowledged, or all of it, and recover."""
        first = await self._client.history(None, 0)
        ours = {life.incarnation for life in await self._ledger.do(Ledger.incarnations)}
        common = [index for index, name in enumerate(first.lineage) if name in ours]
        start = 0 if whole or not common else common[-1]
        after = await self._ledger.do(Ledger.acked, first.lineage[start]) if not whole and common else 0
        imported: list[tuple[str, int, bytes]] = []
        named = _Named()
        ends: dict[str, tuple[int, str]] = {}
        for name in first.lineage[start:]:
            async for seq, event, digest in self._events(name, after, named):
                imported.append((name, seq, canonical(event)))
                ends[name] = (seq, digest)
            after = 0
        head_hash = bytes.fromhex(ends[imported[-1][0]][1]) if imported else None
        held = {"snapshots": named.snapshots, "bodies": named.bodies}
        await self._ledger.do(Ledger.recover, imported, "recovered", head_hash=head_hash, **held)
        for name, (seq, _) in ends.items():
            await self._outbox.acknowledge(name, seq)

    async def _events(self, name: str, after: int, named: _Named) -> Any:
        more = True
        while more:
            page = await self._client.history(name, after)
            named.snapshots |= {digest: canonical(value) for digest, value in page.snapshots.items()}
            named.bodies |= {digest: canonical(value) for digest, value in page.bodies.items()}
            for row in page.events:
                yield row
            more = page.more and bool(page.events)
            after = page.events[-1][0] if page.events else after

    async def _note_conflicts(self, conflicts: Sequence[Mapping[str, Any]]) -> None:
        """A conflict is told again with every replay; the alarm is raised once."""
        if not conflicts:
            return
        alarms = await self._ledger.do(Ledger.alarms, closed=True)
        known = {alarm["detail"].get("serial") for alarm in alarms if alarm["kind"] == AlarmKind.SERIAL_CONFLICT}
        for serial in sorted({str(row.get("serial")) for row in conflicts} - known):
            await self._ledger.do(Ledger.raise_alarm, AlarmKind.SERIAL_CONFLICT, None, {"serial": serial})

    async def _holds(self) -> set[str]:
        return {str(hold["kind"]) for hold in await self._ledger.do(Ledger.holds)}

    async def _hand_over(self, refusal: RegistryRefusedError) -> bool:
        """Whether the registry asked for bodies of feeds, and was given them for the first time in this run."""
        wanted = refusal.problem.get("wanted")
        if wire.problem_kind(refusal.problem) != "bodies-wanted" or not isinstance(wanted, list):
            return False
        fresh = {str(name) for name in wanted} - self._given
        self._given |= fresh
        if fresh:
            await self._client.bodies(await self._outbox.pack_bodies(fresh))
        return bool(fresh)


def _head(refusal: RegistryRefusedError) -> Head:
    return _read_head(refusal.problem.get("head"))


def _read_head(told: Any) -> Head:
    try:
        return wire.read_head(told)
    except wire.WireError as cause:
        raise RegistryAwayError(f"registry: {cause}") from cause
