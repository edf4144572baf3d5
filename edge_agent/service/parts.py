"""What the services of this room are built from: each gets this one value, and none holds them all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

from edge_agent.access.people import People, PeopleTerms
from edge_agent.catalog import Catalog
from edge_agent.change_signal import ChangeSignal
from edge_agent.identity.check_keys import KeyRing
from edge_agent.labels.approving import Approving
from edge_agent.labels.carton import TEMPLATE as CARTON_TEMPLATE
from edge_agent.labels.plans_ahead import PlansAhead
from edge_agent.labels.prepare import LabelTerms
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.model.disk import Disk
from edge_agent.model.printer_identity import PrinterQuestion
from edge_agent.model.review import ApprovalMode
from edge_agent.model.scan import ScannerTerms
from edge_agent.model.setting import Setting
from edge_agent.model.work_order import Source
from edge_agent.printing.directory import PrinterDirectory
from edge_agent.render.templates.library import TemplateLibrary
from edge_agent.sync.pump import Pump
from edge_agent.work_orders.book import OrderBook
from label_protocol.codes.check_code import SPECIMEN
from label_protocol.codes.sscc import SsccBlock


@dataclass(frozen=True, slots=True)
class PackingTerms:
    """How this site packs: who sends (on the label), the SSCCs that this computer may give out (None: none),
    whether a proven label counts as being on its garment, and the template of a carton's label, by name or path."""

    sender: str = ""
    block: SsccBlock | None = None
    from_print: bool = False
    template: str = CARTON_TEMPLATE


@dataclass(slots=True, kw_only=True)
class AgentParts:
    """What the agent runs. `terms`: what labels are prepared with on the day of the call; `pump` is None without a
    registry, `keyring` without keys of check codes; `backups` is the folder of copies of the ledger; `local` is the
    hash of the token of this computer's own commands; `sources` may send work orders; `settings` is what people are
    told that this agent is set to; `shifts` are the times of day at which they begin, in order; `approving` says whose
    word the site's own templates and rule overrides wait for; `scan_every`: after so many windows of a job a label is
    scanned, 0: never."""

    ledger: LedgerThread
    catalog: Catalog
    printers: PrinterDirectory
    changes: ChangeSignal
    terms: Callable[[], LabelTerms]
    plans_ahead: PlansAhead = field(default_factory=PlansAhead)
    pump: Pump | None = None
    library: TemplateLibrary = field(default_factory=TemplateLibrary)
    keyring: KeyRing | None = None
    backups: Path = Path("backups")
    scanner: ScannerTerms = field(default_factory=ScannerTerms)
    people_terms: PeopleTerms = field(default_factory=PeopleTerms)
    local: str = field(default="", repr=False)
    work_orders: OrderBook = field(default_factory=OrderBook)
    sources: tuple[Source, ...] = ()
    packing: PackingTerms = field(default_factory=PackingTerms)
    settings: tuple[Setting, ...] = ()
    scan_every: int = 0
    shifts: tuple[time, ...] = ()
    approving: Approving = field(default_factory=Approving)
    people: People = field(init=False)

    def __post_init__(self) -> None:
        self.people = People(self.catalog, self.people_terms, local=self.local)

    async def label_terms(self) -> LabelTerms:
        """What labels are prepared with now, by what is approved. Raises ConflictError: what was approved is lost."""
        if self.approving.mode is ApprovalMode.OFF:
            return self.terms()
        reviews = await self.ledger.do(Ledger.reviews)
        return await asyncio.to_thread(self.approving.terms, self.terms(), reviews)

    async def disk(self) -> Disk:
        """The disk that holds the ledger."""
        return await self.ledger.do(Ledger.disk)

    async def printer_questions(self) -> dict[str, PrinterQuestion]:
        """What has to be answered before a printer prints on, by printer."""
        return await self.ledger.do(Ledger.printer_questions)

    async def check_code_key(self) -> str:
        """The name of the key for check codes of new jobs; one that is none if this computer has no key."""
        keys = self.keyring.of(await self.ledger.do(Ledger.identity)) if self.keyring else None
        return keys.current if keys else SPECIMEN
