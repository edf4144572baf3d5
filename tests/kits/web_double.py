"""A service for the web tests: real catalogue, change signal and printers; jobs and labels in memory, every request
noted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, cast

from edge_agent.access.asking import Asking, Who
from edge_agent.access.people import PeopleTerms
from edge_agent.catalog import Catalog
from edge_agent.change_signal import ChangeSignal
from edge_agent.errors import IdempotencyError, NotFoundError
from edge_agent.labels.prepare import LabelTerms, LinkStyle
from edge_agent.ledger import LedgerThread
from edge_agent.ledger.values import Balance, EndingLease, Stop
from edge_agent.messages.job import of_copies
from edge_agent.messages.life import STEPS, LifeRow, LifeStep
from edge_agent.messages.printer import CALIBRATING, DOWN, IDLE
from edge_agent.messages.text import Words
from edge_agent.model.cartons import Carton, CartonLine, CartonState, PackedGarment
from edge_agent.model.copies import Copies, CopiesState
from edge_agent.model.disk import Disk
from edge_agent.model.goods import Goods
from edge_agent.model.job import Job, JobState, Label, Window
from edge_agent.model.printer_identity import PrinterQuestion
from edge_agent.model.search import FoundLabel, LabelSearch, MissingLabels
from edge_agent.printing.directory import GroupView, PrinterDirectory, PrinterView
from edge_agent.reports.report import CopiesOrdered, Counts, Moved, Packed, Printed, ShiftReport
from edge_agent.reports.shifts import Period
from edge_agent.reports.stood import Stood
from edge_agent.service.catalogue import CatalogueService
from edge_agent.service.find import FindService, FoundPage
from edge_agent.service.fitting import Fitting
from edge_agent.service.jobs import JobService
from edge_agent.service.label_tables import LabelTables
from edge_agent.service.names import NameService
from edge_agent.service.parts import AgentParts
from edge_agent.service.people import PeopleService
from edge_agent.service.previews import PreviewService
from edge_agent.service.printers import PrinterService
from edge_agent.service.reports import ReportService
from edge_agent.service.requests import GarmentBody
from edge_agent.service.scans import ScanService
from edge_agent.service.site import SiteService
from edge_agent.service.work_orders import WorkOrderService
from label_protocol.errors import ConflictError
from label_protocol.states import Step
from tests.kits.approvals_kit import ApprovalsDouble

JOB = Job(
    job_id="j1",
    state=JobState.RUNNING,
    reason="已开始 · started",
    template="down_grade_60x40",
    printer="p1",
    quantity=10,
    drawn=8,
    printed=4,
    in_doubt=4,
    invalid=0,
    scrapped=0,
    snapshot_hash="0" * 64,
    gtin="06901234567892",
    lot_no="L1",
    quota_key="lot:L1",
    opened_at="2026-11-20T09:15:03.120Z",
)
LABEL = Label(
    serial="PH17K3M9QX2W4T0AB",
    state="in_doubt",
    level=None,
    window_id="w1",
    job_id="j1",
    printer="p1",
    snapshot_hash="0" * 64,
    gtin="06901234567892",
    lot_no="L1",
    replaces=None,
    replaced_by=None,
    operator=None,
    reason=None,
    sent_at="2026-11-20T09:15:03.120Z",
    changed_at="2026-11-20T09:15:03.120Z",
)
VIEW = PrinterView("p1", "一号线", "tcp://127.0.0.1:9100", "zpl", 203, "counter", IDLE, None, 412, ready=True)

OTHER = replace(
    VIEW,
    printer_id="p2",
    name="二号线",
    url="queue://Zebra-1",
    proof="sent",
    words=DOWN,
    counter=None,
    ready=False,
    trouble="queue Zebra-1: expected the policy abort-job, got retry-job; run: lpadmin",
)
GROUP = GroupView("line-a", "甲线", ("p1", "p2"))


COPIES = Copies(
    copies_id="c1",
    state=CopiesState.OPEN,
    reason="",
    template="wash_care_30",
    printer="p1",
    quantity=20,
    printed=8,
    unproven=0,
    sending=4,
    level="counter",
    snapshot_hash="0" * 64,
    operator="A01",
    opened_at="2026-11-20T09:15:03.120Z",
    changed_at="2026-11-20T09:15:03.120Z",
)


GOODS = Goods("YR2026-0801", "175/92A", "男式连帽羽绒服")


class PartsDouble(AgentParts):
    """The parts of an agent without a ledger, whose disk has room."""

    on_disk = Disk(80_000_000_000, 50_000_000, refused=False)
    asked: ClassVar[dict[str, PrinterQuestion]] = {}

    async def disk(self) -> Disk:
        return self.on_disk

    async def printer_questions(self) -> dict[str, PrinterQuestion]:
        return self.asked


@dataclass
class Notes:
    """What was asked, in order; `fails` is raised by the next request."""

    orders: list[tuple[Any, ...]] = field(default_factory=list)
    fails: Exception | None = None

    def note(self, *order: Any) -> None:
        self.orders.append(tuple(one.stated if isinstance(one, Asking) else one for one in order))
        if self.fails is not None:
            raise self.fails


class CatalogueDouble(CatalogueService):
    """The catalogue of an agent to which the registry fed nothing."""

    left: int | None = None

    async def _fed(self) -> tuple[dict[str, str], dict[str, Stop]]:
        return {}, {}

    async def free(self, body: GarmentBody) -> int | None:
        return self.left


class JobsDouble:
    """Answers as `JobService` does, of the jobs in `found`."""

    def __init__(self, parts: AgentParts, notes: Notes) -> None:
        self._changes = parts.changes
        self._notes = notes
        self._keys: dict[str, Any] = {}
        self.found = {"j1": JOB}

    async def submit(self, body: Mapping[str, Any], key: str, who: Who = "") -> Job:
        self._notes.note("submit", body, key)
        if self._keys.setdefault(key, body) != body:
            raise IdempotencyError("job: expected the same body for the same key, got another; send a new key")
        return JOB

    async def recent(self, limit: int = 100, after: str = "") -> Sequence[Job]:
        ids = list(self.found)
        first = ids.index((await self.find(after)).job_id) + 1 if after else 0
        return [self.found[job_id] for job_id in ids[first:]][:limit]

    async def open(self) -> Sequence[Job]:
        over = (JobState.DONE, JobState.CANCELLED)
        return [one for one in self.found.values() if one.state not in over]

    async def all(self) -> Sequence[Job]:
        return list(self.found.values())

    async def find(self, job_id: str) -> Job:
        if job_id not in self.found:
            raise NotFoundError(f"job {job_id}: expected one of this ledger, got an unknown name")
        return self.found[job_id]

    async def follow(self, job_id: str) -> AsyncIterator[Job]:
        while True:
            heard, job = self._changes.count, await self.find(job_id)
            yield job
            if job.state is JobState.DONE:
                return
            await self._changes.wait(heard, 30)

    async def pause(self, job_id: str, operator: Who) -> Job:
        self._notes.note("pause", job_id, operator)
        return await self.find(job_id)

    async def resume(self, job_id: str, operator: Who) -> Job:
        self._notes.note("resume", job_id, operator)
        return await self.find(job_id)

    async def cancel(self, job_id: str, operator: Who) -> Job:
        self._notes.note("cancel", job_id, operator)
        return await self.find(job_id)


class LabelsDouble:
    """Answers as `LabelService` does; `stopped` is what a scan is told of its lot."""

    stopped: Words | None = None

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    async def find(self, serial: str) -> Label:
        self._notes.note("label", serial)
        return LABEL

    async def page(self, state: str | None, limit: int = 100, after: str = "") -> Sequence[Label]:
        self._notes.note("labels", state, limit, after)
        return [LABEL]

    async def doubts(self) -> Sequence[tuple[Window, Sequence[Label]]]:
        return [(Window("w1", "j1", "p1", "0" * 64, (LABEL.serial,)), [LABEL])]

    async def stop_of(self, serial: str) -> Words | None:
        return self.stopped

    async def scan(self, text: str, operator: Who, *, serial: str | None = None, on_garment: bool = False) -> Label:
        self._notes.note("scan", text, operator, serial, on_garment)
        return LABEL

    async def scrap(self, serial: str, operator: Who, reason: str) -> Label:
        self._notes.note("decide", serial, "scrap", operator, reason)
        return LABEL

    async def invalidate(self, serial: str, operator: Who, reason: str) -> Label:
        self._notes.note("decide", serial, "invalidate", operator, reason)
        return LABEL

    async def decide(self, serial: str, step: Step, operator: str, reason: str) -> Label:
        self._notes.note("decide", serial, step.value, operator, reason)
        return LABEL

    async def settle_window(
        self, window_id: str, text: str | None, operator: Who, rest: str = "invalid"
    ) -> Sequence[Label]:
        self._notes.note("settle", window_id, text, operator, rest)
        return [LABEL]

    async def replace(self, serial: str, operator: Who, reason: str, key: str) -> Job:
        self._notes.note("replace", serial, operator, reason, key)
        return JOB


class CopiesDouble:
    """Answers as `CopiesService` does."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    async def submit(self, body: Mapping[str, Any], key: str, who: Who = "") -> Copies:
        self._notes.orders.append(("copies", body, key))
        return COPIES

    async def find(self, copies_id: str) -> Copies:
        if copies_id != "c1":
            raise NotFoundError(f"copies {copies_id}: expected an order of this ledger, got an unknown number")
        return COPIES

    async def snapshot(self, copies: Copies) -> Any:
        return {"snapshot": 1, "product": {"style_no": "YR2026-0801", "size": "175/92A", "name": "男式连帽羽绒服"}}

    async def recent(self, limit: int = 100, skip: int = 0) -> Sequence[Copies]:
        return [COPIES][skip : skip + limit]

    async def open(self) -> Sequence[Copies]:
        return [COPIES]

    async def cancel(self, copies_id: str, operator: Who) -> Copies:
        self._notes.note("cancel copies", copies_id, operator)
        return COPIES

    async def told(self, copies: Copies) -> Words:
        return of_copies(copies, IDLE)


CARTON = Carton("C0F3A92C1", CartonState.OPEN, None, 1, 0, "A01", LABEL.sent_at, LABEL.sent_at)


class CartonsDouble:
    """Answers of one carton that is being filled; what packs is tested with the real service."""

    async def of_label(self, serial: str) -> None:
        return None

    async def by_scan(self, text: str) -> None:
        return None

    async def recent(self, limit: int = 100, *, only_open: bool = False) -> Sequence[Carton]:
        return [CARTON]

    async def find(self, name: str) -> Carton:
        return CARTON

    async def garments(self, carton: Carton) -> Sequence[PackedGarment]:
        return [PackedGarment(LABEL.serial, "commissioned", "A01", LABEL.sent_at, "0" * 64, LABEL.gtin, "L1", "lot:L1")]

    async def lines(self, garments: Sequence[PackedGarment]) -> Sequence[CartonLine]:
        return [CartonLine("YR2026-0801", "男式连帽羽绒服", "黑色", "175/92A", 1)]


class FittingDouble:
    """`found` fits every garment."""

    found = Fitting(("down_grade_60x40", "wash_care_30"), {}, "wash_care_30")

    async def of_garment(self, body: GarmentBody) -> Fitting:
        return self.found


class FindDouble:
    """Finds the one label whatever is asked, up to `labels` of it; `lacking` serials of its job are missing."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self.found: list[FoundLabel] = [FoundLabel(LABEL, GOODS, "A01")]
        sent = LifeRow(at=LABEL.sent_at, what=LifeStep.SENT, words=STEPS[LifeStep.SENT], printer="p1")
        self.rows: list[LifeRow] = [sent]
        self.lacking: tuple[str, ...] = ()

    async def labels(self, wanted: LabelSearch, limit: int = 100, after: str = "") -> FoundPage:
        self._notes.note("find", wanted, limit, after)
        return FoundPage(self.found[:limit], self.found[limit - 1].label.serial if len(self.found) > limit else None)

    async def label(self, text: str) -> FoundLabel:
        return self.found[0]

    async def life(self, serial: str) -> Sequence[LifeRow]:
        return self.rows

    async def ordered_by(self, job_id: str) -> str:
        return "A01"

    async def missing(self, *, job_id: str = "", lot_no: str = "") -> Sequence[MissingLabels]:
        return [MissingLabels(JOB, GOODS, self.lacking)] if self.lacking else []

    async def replace_missing(
        self, key: str, operator: str, expected: int, *, job_id: str = "", lot_no: str = ""
    ) -> Sequence[Job]:
        self._notes.note("missing", key, operator, expected, job_id, lot_no)
        return [JOB]


class GoodsDouble:
    """Every order is for the same garment."""

    async def of(self, snapshot_hash: str) -> Goods:
        return GOODS


class PreviewsDouble(PreviewService):
    """Renders samples of the real catalogue; of an issued label the same picture each time."""

    def __init__(self, parts: AgentParts, notes: Notes) -> None:
        super().__init__(parts)
        self._notes = notes

    async def issued(self, serial: str, dpi: int) -> bytes:
        self._notes.note("picture", serial, dpi)
        return b"\x89PNG a label"


class SiteDouble(SiteService):
    """Answers as `SiteService` does, without a ledger; `held` are its holds, `books` its balance."""

    def __init__(self, parts: AgentParts, notes: Notes) -> None:
        super().__init__(parts)
        self._notes = notes
        self.held: list[dict[str, Any]] = []
        self.books: list[Balance] = []

    async def balance(self) -> Sequence[Balance]:
        return self.books

    async def holds(self) -> Sequence[Mapping[str, Any]]:
        return self.held

    async def release_hold(self, kind: str, operator: Who, reason: str) -> None:
        self._notes.note("release", kind, operator, reason)

    async def alarms(self) -> Sequence[Mapping[str, Any]]:
        return []

    async def leases(self) -> Sequence[EndingLease]:
        return []

    async def close_alarm(self, alarm: str, operator: Who, reason: str) -> None:
        self._notes.note("close", alarm, operator, reason)


class ReportsDouble(ReportService):
    """Every time has the same report, as it would be of a day in which little happened."""

    report = ShiftReport(
        since="2026-11-20T00:00:00.000Z",
        until="2026-11-20T12:00:00.000Z",
        as_of="2026-11-20T11:00:00.000Z",
        printed=(
            Printed("A01", "p1", "L1", GOODS, "2026-11-20 08", Counts(drawn=1_200, printed=1_100, scrapped=100)),
            Printed("B02", "p2", "L2", GOODS, "2026-11-20 10", Counts(drawn=800, printed=792, in_doubt=8)),
        ),
        moved=(Moved("B02", "p1", "L1", GOODS, "scrapped", "碳带皱", 100),),
        packed=(Packed("B02", 40, 2),),
        copies=(CopiesOrdered(COPIES, GOODS),),
        stood=(Stood("p1", "缺纸 · out of labels", 3, 1_300),),
        in_doubt=12,
    )

    async def _made(self, period: Period) -> ShiftReport:
        return self.report


class ServiceDouble:
    """Answers as `AgentService` does, of a site that names nobody. `fails` is raised by the next request; `orders` is
    what was asked."""

    def __init__(self, folder: Path) -> None:
        self.tested: list[str] = []
        self.calibrated: list[str] = []
        maintenance = {"test": self._test, "calibrate": self._calibrate}
        self.parts = parts = PartsDouble(
            ledger=cast("LedgerThread", None),
            catalog=Catalog.open(folder / "catalogue.json"),
            printers=PrinterDirectory(lambda: [VIEW, OTHER], maintenance=maintenance, groups=[GROUP]),
            changes=ChangeSignal(),
            terms=lambda: LabelTerms("2026-11-20", LinkStyle("id.example.cn")),
            people_terms=PeopleTerms(operator_required=False),
        )
        self.notes = notes = Notes()
        self.catalogue = CatalogueDouble(parts)
        self.jobs = JobsDouble(parts, notes)
        self.labels = LabelsDouble(notes)
        self.scans = ScanService(parts, self.catalogue)
        self.copies = CopiesDouble(notes)
        self.cartons = CartonsDouble()
        self.goods = GoodsDouble()
        self.approvals = ApprovalsDouble()
        self.find = FindDouble(notes)
        self.fitting = FittingDouble()
        self.previews = PreviewsDouble(parts, notes)
        self.people = PeopleService(parts)
        self.printers = PrinterService(parts)
        self.names = NameService(self.people, self.printers)
        self.reports = ReportsDouble(parts, self.names)
        self.label_tables = LabelTables(cast("FindService", self.find), self.names)
        self.site = SiteDouble(parts, notes)
        self.work_orders = WorkOrderService(parts, cast("JobService", self.jobs))

    @property
    def orders(self) -> list[tuple[Any, ...]]:
        return self.notes.orders

    def move(self, **changes: Any) -> None:
        self.jobs.found["j1"] = replace(self.jobs.found["j1"], **changes)
        self.parts.changes.tell()

    async def _test(self, printer: str) -> Words:
        self.tested.append(printer)
        return Words("测试签已打印", "test label printed")

    async def _calibrate(self, printer: str) -> Words:
        if printer == "p2":
            raise ConflictError("printer p2: expected no job on it, got j1; pause it first")
        self.calibrated.append(printer)
        return CALIBRATING
