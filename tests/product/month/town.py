"""Who is in the month: an association with its people, firms with their lots and agents, and what the play knows of
them; all of it by chance that a seed replays."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import asyncpg  # type: ignore[import-untyped]

from central_registry.parties.actor import Actor, PartyKind, Role
from edge_agent.identity.credentials import Credentials
from edge_agent.identity.next_secret import SecretFile
from edge_agent.model.job import Job
from edge_agent.sync.http_client import HttpRegistry
from label_protocol.answers import Receipt
from tests.kits.platform_kit import add_party, add_person
from tests.kits.platform_story import Firm, Line, Story, garment_of
from tests.kits.registry_kit import Edge

if TYPE_CHECKING:
    from tests.product.month.disk import Disk, Kept

ROLLS = "rolls"
"""The agent of the association."""
_OLD = 7
"""One firm in so many has an agent of before leases, firms and certificates, beginning with the second."""
_Result = TypeVar("_Result")
GONE = (
    aiohttp.ClientError,
    TimeoutError,
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a pool that was cut off while it worked
)
"""What a question ends with while the registry or its database is dead; nobody knows then whether it was done."""


@dataclass(frozen=True)
class Size:
    """How much happens: `labels` are drawn before it ends, `bouts` of work make about thirty days."""

    firms: int
    lots_each: int
    labels: int
    window: int
    kills: int

    @property
    def each_lot(self) -> int:
        return self.labels // (self.firms * self.lots_each)


@dataclass
class Lot:
    """A firm's lot as the firm knows it: `record` is what an honest label says."""

    firm: Firm
    lot_no: str
    record: dict[str, Any]
    versions: int = 1
    recalled: bool = False

    def link(self, serial: str) -> str:
        """What is read off a label of it."""
        return f"HTTPS://ID.EXAMPLE.CN/01/{self.record['product']['gtin']}/10/{self.lot_no}/21/{serial}"


@dataclass
class Worker:
    """A line at work: its jobs by lot, every serial it ever drew, windows that were proven, strips in doubt, garments
    not in a carton yet, and its own chance, whatever others do meanwhile. `old`: it understands nothing of leases,
    firms and certificates; `strangers` counts what somebody else told in its name; `away`: for how many bouts it has
    no network."""

    line: Line
    firm: Firm
    name: str
    lots: list[Lot]
    life: contextlib.AsyncExitStack
    chance: random.Random
    jobs: dict[str, Job] = field(default_factory=dict)
    serials: dict[str, Lot] = field(default_factory=dict)
    proven: list[list[str]] = field(default_factory=list)
    doubted: list[tuple[str, list[str], Lot]] = field(default_factory=list)
    worn: list[str] = field(default_factory=list)
    old: bool = False
    away: int = 0
    revoked: bool = False
    strangers: Counter[str] = field(default_factory=Counter)
    backup: Any = None

    @property
    def edge(self) -> Edge:
        return self.line.at.edge


@dataclass
class Town:
    """`done` counts what happened; `acted`, `receipts`, `looked_at` and `on_garments` hold what
    the registry answered for, which no kill may take back; `dying`: one is about to strike. `kept`: a dump of the
    registry was made and is put back soon, so that meanwhile nothing happens that no agent could tell again; `owed`:
    receipts of what such a dump lost; `why`: the last refusal of each act; `busy`: agents at
    work in this bout; `stopped`: firms that are suspended."""

    story: Story
    size: Size
    seed: int
    operator: Actor
    stack: contextlib.AsyncExitStack
    chance: random.Random = field(init=False)
    lots: list[Lot] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    acted: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    receipts: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    looked_at: set[str] = field(default_factory=set)
    on_garments: set[str] = field(default_factory=set)
    dying: bool = False
    hungry: list[tuple[Worker, Lot]] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    disk: Disk | None = None
    kept: Kept | None = None
    owed: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    @property
    def drawn(self) -> int:
        return sum(len(one.serials) for one in self.workers)

    @property
    def share(self) -> float:
        """How much of the month is over."""
        return min(1.0, self.drawn / self.size.labels)

    def falls(self, likely: float, *kinds: str) -> bool:
        """Whether something comes up now; ever more surely while one of the `kinds` that it brings never did."""
        never = any(not self.done[kind] for kind in kinds)
        return self.chance.random() < (max(likely, self.share) if never else likely)

    async def act(self, what: str, who: Actor, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """A person's act: its answer, or None where it was refused or nobody knows.

        Raises:
            AssertionError: an answer that a registry which works never gives.
        """
        try:
            status, found = await self.story.said(who, method, path, body, **more)
        except GONE:
            return None
        assert status < 500, (what, status, found)
        self.done[what if status == 200 else f"{what}_refused"] += 1
        if status != 200:
            self.why[what] = found.get("detail", "")
        return found if status == 200 else None

    def count_acts(self) -> None:
        """From now on each answer to a person's act is counted, and each that did not come."""
        said = self.story.said

        async def counted(who: Actor, method: str, path: str, *more: Any, **named: Any) -> tuple[int, Any]:
            try:
                status, found = await said(who, method, path, *more, **named)
                if status >= 500 and self.dying:
                    raise ConnectionError(status)
            except GONE:
                self.unknown[who.person] += method != "GET"
                self.done["unanswered"] += 1
                raise
            self.acted[who.person] += method != "GET" and status == 200
            return status, found

        self.story.said = counted  # type: ignore[method-assign]

    def heard(self, edge: Edge, receipt: Receipt) -> None:
        """The registry acknowledged events of this agent."""
        place = edge.agent, str(receipt.head.incarnation)
        self.receipts[place] = max(self.receipts.get(place, (0, "")), (receipt.acked_seq, receipt.head_hash))

    def idle(self) -> list[Worker]:
        """Those that may be revoked now: nobody prints on them."""
        own = self.story.association
        return [one for one in self.workers if not one.revoked and one.name not in self.busy and one.firm.party != own]

    def quiet(self) -> list[Worker]:
        """Those that are in contact."""
        return [one for one in self.workers if not one.away]


async def try_to(work: Awaitable[_Result]) -> _Result | None:
    """None while the registry is dead."""
    try:
        return await work
    except GONE:
        return None


def listen(town: Town, edge: Edge, client: Any) -> None:
    """Every receipt that comes back is kept."""
    send = client.send

    async def noted(batch: bytes) -> Receipt:
        receipt: Receipt = await send(batch)
        town.heard(edge, receipt)
        return receipt

    client.send = noted


async def settle_in(town: Town) -> None:
    """Firms with lots, certificates, first codes and a running line each; every fifth has a second line, and the
    association one that prints rolls for the first firm."""
    story, size = town.story, town.size
    for number in range(size.firms):
        firm, old = await story.firm(f"示例{number}厂"), number % _OLD == 1
        lots = [await _lot(town, firm, number, lot, old=old) for lot in range(size.lots_each)]
        town.lots += lots
        for name in [f"line-{number}"] + [f"second-{number}"] * (number % 5 == 0):
            await new_worker(town, firm, await story.enrolled(firm, name), lots, old=old)
    first, officer = town.workers[0], story.officer
    made = await story.ask(officer, "POST", "agents", {"name": ROLLS, "firms": [first.firm.party]})
    hall = Firm(story.association, "示例协会", officer, await add_person(story.pool, story.association, Role.IT))
    await new_worker(town, hall, await story.spend(made["file"]["token"], ROLLS, "pc of rolls"), first.lots[:1])


async def _lot(town: Town, firm: Firm, number: int, lot: int, *, old: bool) -> Lot:
    """Lots of all firms have the same numbers, but for those of an agent that builds its keys of them itself."""
    quantity, lot_no = town.size.each_lot * 3 + 100, f"O{number}L{lot}" if old else f"L{lot}"
    garment = garment_of(lot_no, 100 + number, quantity=quantity)
    garment["product"]["style_no"] = f"S{number}"
    return Lot(firm, lot_no, await town.story.graded(firm, garment, f"R-{number}-{lot}"))


async def new_worker(town: Town, firm: Firm, edge: Edge, lots: list[Lot], *, old: bool = False) -> Worker:
    """A newly enrolled agent that has heard of the first codes of each lot that it may have."""
    name = edge.agent
    life = await town.stack.enter_async_context(contextlib.AsyncExitStack())
    Credentials(edge.registry.url, name, edge.secret).save(_credentials(town, edge))
    line = await opened(town, life, edge, town.story.folder / name, old=old)
    worker = Worker(line, firm, name, lots, life, random.Random(f"{town.seed} {name}"), old=old)
    await worker.line.tell()
    for lot in lots:
        days = town.chance.choice((7, 14, 45))
        wanted = {"firm": lot.firm.party, "agent": name, "quantity": max(8, town.size.each_lot // 2)}
        order = await town.act("first_ordered", lot.firm.clerk, "POST", "orders", wanted | {"lot_no": lot.lot_no})
        if order is not None:  # the certificate may be stopped by now
            place = f"orders/{order['code_order']}/approve"
            await town.act("first_approved", town.story.approver, "POST", place, {"days": days})
    await worker.line.tell()
    town.workers.append(worker)
    return worker


async def opened(town: Town, life: contextlib.AsyncExitStack, edge: Edge, folder: Path, *, old: bool) -> Line:
    """The agent whose ledger lies in `folder`, at work until its life ends."""
    others = secrets_of(town, edge).others()
    client = (OfBefore if old else HttpRegistry)(
        edge.registry.url, edge.agent, edge.secret, others=others, timeout_s=10
    )
    line = await life.enter_async_context(town.story.running(edge, folder, client))
    listen(town, edge, line.at.client)
    return line


class OfBefore(HttpRegistry):
    """Says of itself what an agent of before leases, firms and certificates said: nothing."""

    async def _once(self, secret: str, method: str, path: str, **more: Any) -> Any:
        more["headers"] = {**more.get("headers", {}), "X-Agent-Can": ""}
        return await super()._once(secret, method, path, **more)


def secrets_of(town: Town, edge: Edge) -> SecretFile:
    """The agent's secrets on its disk; no image of its ledger holds them."""
    return SecretFile(_credentials(town, edge))


def _credentials(town: Town, edge: Edge) -> Path:
    return town.story.folder / "secrets" / f"{edge.agent}.json"


@contextlib.asynccontextmanager
async def a_town(story: Story, size: Size, seed: int, disk: Disk) -> AsyncIterator[Town]:
    """Everybody is there until the block ends; `disk` is the registry's."""
    operator = await add_party(story.pool, PartyKind.OPERATOR, "示例运营")
    it = await add_person(story.pool, operator, Role.IT, Role.OFFICER)
    async with contextlib.AsyncExitStack() as stack:
        town = Town(story, size, seed, it, stack, disk=disk)
        town.count_acts()
        await settle_in(town)
        yield town
