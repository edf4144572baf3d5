"""Agents with real ledgers, and a registry in memory that answers as `RegistryClient` promises."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_agent.clock import Probe, no_probe
from edge_agent.errors import RegistryRefusedError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.sync.http_client import HttpRegistry
from edge_agent.sync.pump import Pump, PumpSettings
from label_protocol import wire
from label_protocol.answers import Distribution, HistoryPage, Receipt
from label_protocol.chain import GENESIS, canonical, link
from label_protocol.codes.check_code import CheckKeys
from label_protocol.codes.serial import new_serial
from tests.kits.ledger_kit import PROOF, Place, an_order
from tests.kits.registry_kit import Edge, Registry
from tests.kits.told_kit import told


class MemoryRegistry:
    """One agent's registry as a list. `pages` is how many events a page of history holds."""

    def __init__(self, pages: int = 1000) -> None:
        self.lives: dict[str, list[tuple[dict[str, Any], bytes]]] = {}
        self.snapshots: dict[str, Any] = {}
        self.items: list[dict[str, Any]] = []
        self.epoch = "e1"
        self.pages = pages
        self.batches: list[wire.Batch] = []
        self.heard_at = ""

    async def send(self, batch: bytes) -> Receipt:
        found = wire.read_batch(batch)
        self.batches.append(found)
        life = self.lives.get(found.incarnation, [])
        if found.first_seq > len(life) + 1:
            raise self._no("gap")
        previous = life[found.first_seq - 2][1] if found.first_seq > 1 else GENESIS
        if previous != found.prev_hash:
            raise self._no("fork")
        for event in found.events:
            previous = link(previous, canonical(event))
            if event["seq"] <= len(life):
                if life[event["seq"] - 1][1] != previous:
                    raise self._no("fork")
            else:
                life.append((event, previous))
        if life:
            self.lives[found.incarnation] = life
        self.snapshots |= found.snapshots
        head = self._head()
        return Receipt(len(life), life[-1][1].hex(), head)

    async def history(self, incarnation: str | None, after: int) -> HistoryPage:
        name = incarnation or next(iter(self.lives), None)
        life = self.lives.get(name or "", [])
        rows = [(row[0]["seq"], row[0], row[1].hex()) for row in life[after : after + self.pages]]
        return HistoryPage(tuple(self.lives), name, tuple(rows), len(life) > after + self.pages, self.snapshots)

    async def distribution(self, after: str | None, hold_s: int = 0) -> Distribution:
        epoch, _, number = (after or ":0").partition(":")
        start = int(number) if epoch == self.epoch else 0
        return Distribution(self.epoch, f"{self.epoch}:{len(self.items)}", tuple(self.items[start:]))

    async def bodies(self, packed: bytes) -> None:
        return

    async def check_keys(self) -> CheckKeys:
        return CheckKeys("PH1", "0a1b2c3d", {"0a1b2c3d": bytes(32)})

    async def close(self) -> None:
        return

    def _head(self) -> wire.Head:
        if not self.lives:
            return wire.NO_HEAD
        name, life = list(self.lives.items())[-1]
        return wire.Head(name, len(life), life[-1][1].hex())

    def _no(self, kind: str) -> RegistryRefusedError:
        return RegistryRefusedError(kind, wire.problem(kind, 409, kind, kind, head=self._head().as_json()), 409)


class AnyTime:
    """Waits that are only written down."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    async def __call__(self, _ring: Any, timeout_s: float) -> None:
        self.waited.append(timeout_s)


@dataclass
class Station:
    """An agent's ledger and pump in a folder."""

    place: Place
    edge: Edge
    ledger: LedgerThread
    pump: Pump
    client: Any
    printed: list[str] = field(default_factory=list)

    async def print(self, labels: int, per_window: int = 8) -> list[str]:
        """Print so many labels; their serials."""
        job = await self.ledger.do(Ledger.open_job, an_order(labels))
        found: list[str] = []
        while len(found) < labels:
            window = await self.ledger.do(Ledger.begin_window, job.job_id, limit=per_window)
            await self.ledger.do(Ledger.prove_window, window.window_id, PROOF)
            found += window.serials
        self.printed += found
        return found

    async def sync(self, turns: int = 3) -> str:
        """Turns until all is told (at most `turns`); the state it ended in."""
        for _ in range(turns):
            await self.pump.turn()
            if not self.pump.view().pending:
                break
        return self.pump.view().state

    async def holds(self) -> set[str]:
        return {str(hold["kind"]) for hold in await self.ledger.do(Ledger.holds)}

    async def lives(self) -> list[str]:
        return [life.incarnation for life in await self.ledger.do(Ledger.incarnations)]

    async def events(self) -> list[tuple[str, int, bytes]]:
        found = []
        for life in await self.lives():
            rows = await self.ledger.do(Ledger.events, life, 0, 1_000_000)
            found += [(life, row.seq, bytes(row.body)) for row in rows]
        return found

    async def equals(self, registry: Registry) -> bool:
        """Whether the registry holds this ledger's events, byte for byte, and no others on this agent's line."""
        lives = await registry.rows(
            "SELECT i.incarnation, h.parent_seq FROM incarnation i LEFT JOIN incarnation h ON h.agent = i.agent "
            "AND h.parent = i.incarnation AND NOT h.waits WHERE i.agent = $1 AND NOT i.waits",
            self.edge.agent,
        )
        ends = {row["incarnation"]: row["parent_seq"] or 10**12 for row in lives}
        found = await told(registry.pool, self.edge.agent)
        rows = [row for row in found if row["seq"] <= ends.get(row["incarnation"], 0)]
        return [(row["incarnation"], row["seq"], row["body"]) for row in rows] == await self.events()

    async def backup(self, folder: Path) -> Path:
        """The ledger as it stands, and beside it the witness: what an image of the whole machine would hold."""
        target = await self.ledger.do(Ledger.backup, folder / f"backup-{secrets.token_hex(4)}.db")
        shutil.copyfile(self.place.witness, target.with_suffix(".witness"))
        return target


def _new_serial(issuer: str) -> str:
    return new_serial(issuer, secrets.token_bytes)


@asynccontextmanager
async def station(
    folder: Path,
    registry: Registry,
    edge: Edge | None = None,
    *,
    fingerprint: str = "pc-1",
    probe: Probe = no_probe,
    client: Any = None,
    second: str = "",
) -> AsyncIterator[Station]:
    """An enrolled agent whose ledger lies in `folder`, made if it is not there; `second`: what its clock says."""
    edge = edge or await registry.enrolled()
    place = Place(folder)
    place.clock.second = second or place.clock.second
    thread = await LedgerThread.open(lambda: place.open(new_serial=_new_serial, fingerprint=fingerprint))
    url = registry.url
    used = client or HttpRegistry(url, edge.agent, edge.secret, timeout_s=10)
    try:
        await thread.do(Ledger.boot)
        await thread.do(Ledger.enrol, edge.agent, edge.issuer, "e0", url)
        waits = PumpSettings(idle_s=30.0)
        pump = Pump(thread, used, clock=place.clock, probe=probe, settings=waits, wait=AnyTime(), jitter=lambda: 1.0)
        yield Station(place, edge, thread, pump, used)
    finally:
        await used.close()
        await thread.close()


def restore_into(folder: Path, backup: Path, *, witness: Path | None = None) -> Path:
    """A folder as a restored machine has it: the old ledger with the witness of that time, or with the one given."""
    place = Place(folder)
    for source, target in ((backup, place.path), (witness or backup.with_suffix(".witness"), place.witness)):
        target.parent.mkdir(parents=True)
        shutil.copyfile(source, target)
    return folder
