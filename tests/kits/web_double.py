"""A service for the web tests: real catalogue, bell and desk; jobs and labels in memory, every order noted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from edge_agent.catalog import Catalog
from edge_agent.change_signal import ChangeSignal
from edge_agent.errors import IdempotencyError, NotFoundError
from edge_agent.labels.prepare import LinkStyle
from edge_agent.ledger.room import Disk
from edge_agent.ledger.values import Copies, CopiesState, Stop
from edge_agent.messages.printer import CALIBRATING, DOWN, IDLE
from edge_agent.messages.text import Words
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.job import Job, JobState, Label, Window
from edge_agent.printing.directory import GroupView, PrinterDirectory, PrinterView
from edge_agent.render.painters.mark import no_artwork
from edge_agent.render.templates.library import TemplateLibrary
from edge_agent.service.copies import told
from edge_agent.service.lots import LotDesk
from garment.standards import Override
from label_protocol.errors import ConflictError

if TYPE_CHECKING:
    from edge_agent.service.agent_service import AgentService

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


class CopiesDouble:
    """Answers as `CopyDesk` does; `orders` is what was asked."""

    def __init__(self, orders: list[tuple[Any, ...]]) -> None:
        self._orders = orders

    async def order(self, body: Mapping[str, Any], key: str) -> Copies:
        self._orders.append(("copies", body, key))
        return COPIES

    async def find(self, copies_id: str) -> Copies:
        if copies_id != "c1":
            raise NotFoundError(f"copies {copies_id}: expected an order of this ledger, got an unknown number")
        return COPIES

    async def snapshot(self, order: Copies) -> Any:
        return {"snapshot": 1, "product": {"style_no": "YR2026-0801", "size": "175/92A", "name": "男式连帽羽绒服"}}

    async def recent(self, limit: int = 100) -> Sequence[Copies]:
        return [COPIES][:limit]

    async def cancel(self, copies_id: str, operator: str) -> Copies:
        self._orders.append(("cancel copies", copies_id, operator))
        return COPIES

    def told(self, order: Copies) -> Words:
        return told(order, IDLE)


class LotsDouble(LotDesk):
    """The desk of an agent to which the registry fed nothing; `stopped` is what a scan is told of its lot."""

    stopped: Words | None = None

    async def _fed(self) -> tuple[dict[str, str], dict[str, Stop]]:
        return {}, {}

    async def stop_of(self, serial: str) -> Words | None:
        return self.stopped


class Anybody:
    """People of a site that names none."""

    async def require(self, operator: str, what: str, *, recorded: bool = True) -> str:
        return operator


class ServiceDouble:
    """Answers as `AgentService` does. `fails` is raised by the next order; `orders` is what was asked."""

    def __init__(self, folder: Path) -> None:
        self.catalog = Catalog.open(folder / "catalogue.json")
        self.changes = ChangeSignal()
        self.tested: list[str] = []
        self.calibrated: list[str] = []
        chores = {"test": self._test, "calibrate": self._calibrate}
        self.people = Anybody()
        self.printers = PrinterDirectory(lambda: [VIEW, OTHER], maintenance=chores, groups=[GROUP])
        self.pump: Any = None
        self.link = LinkStyle("id.example.cn")
        self.overrides: tuple[Override, ...] = ()
        self.artwork = no_artwork
        self.library = TemplateLibrary()
        self.found = {"j1": JOB}
        self.keys: dict[str, Any] = {}
        self.orders: list[tuple[Any, ...]] = []
        self.copies = CopiesDouble(self.orders)
        self.lots = LotsDouble(cast("AgentService", self))
        self.fails: Exception | None = None
        self.held: list[dict[str, Any]] = []
        self.on_disk = Disk(80_000_000_000, 50_000_000, refused=False)

    def today(self) -> str:
        return "2026-11-20"

    async def _test(self, printer: str) -> Words:
        self.tested.append(printer)
        return Words("测试签已打印", "test label printed")

    async def _calibrate(self, printer: str) -> Words:
        if printer == "p2":
            raise ConflictError("printer p2: expected no job on it, got j1; pause it first")
        self.calibrated.append(printer)
        return CALIBRATING

    def _note(self, *order: Any) -> None:
        self.orders.append(order)
        if self.fails is not None:
            raise self.fails

    async def submit_job(self, body: Mapping[str, Any], key: str) -> Job:
        self._note("submit", body, key)
        if self.keys.setdefault(key, body) != body:
            raise IdempotencyError("job: expected the same body for the same key, got another; send a new key")
        return JOB

    async def jobs(self, limit: int | None = 100) -> Sequence[Job]:
        return list(self.found.values())[:limit]

    async def job(self, job_id: str) -> Job:
        if job_id not in self.found:
            raise NotFoundError(f"job {job_id}: expected one of this ledger, got an unknown name")
        return self.found[job_id]

    async def job_events(self, job_id: str) -> AsyncIterator[Job]:
        while True:
            heard, job = self.changes.count, await self.job(job_id)
            yield job
            if job.state is JobState.DONE:
                return
            await self.changes.wait(heard, 30)

    def move(self, **changes: Any) -> None:
        self.found["j1"] = replace(self.found["j1"], **changes)
        self.changes.tell()

    async def pause(self, job_id: str, operator: str) -> Job:
        self._note("pause", job_id, operator)
        return await self.job(job_id)

    async def resume(self, job_id: str, operator: str) -> Job:
        self._note("resume", job_id, operator)
        return await self.job(job_id)

    async def cancel(self, job_id: str, operator: str) -> Job:
        self._note("cancel", job_id, operator)
        return await self.job(job_id)

    async def label(self, serial: str) -> Label:
        self._note("label", serial)
        return LABEL

    async def labels(self, state: str | None, limit: int = 100, after: str = "") -> Sequence[Label]:
        self._note("labels", state, limit, after)
        return [LABEL]

    async def doubts(self) -> Sequence[tuple[Window, Sequence[Label]]]:
        return [(Window("w1", "j1", "p1", "0" * 64, (LABEL.serial,)), [LABEL])]

    async def scan(self, text: str, operator: str, *, serial: str | None = None, on_garment: bool = False) -> Label:
        self._note("scan", text, operator, serial, on_garment)
        return LABEL

    async def decide(self, serial: str, step: Any, operator: str, reason: str) -> Label:
        self._note("decide", serial, step.value, operator, reason)
        return LABEL

    async def settle(self, window_id: str, text: str, operator: str, rest: str = "invalid") -> Sequence[Label]:
        self._note("settle", window_id, text, operator, rest)
        return [LABEL]

    async def replace(self, serial: str, operator: str, reason: str, key: str) -> Job:
        self._note("replace", serial, operator, reason, key)
        return JOB

    async def picture(self, serial: str, dpi: int) -> Bitmap:
        self._note("picture", serial, dpi)
        return Bitmap(8, 1, b"\xf0")

    def printer_views(self) -> Sequence[PrinterView]:
        return self.printers.views()

    def sync_view(self) -> Any:
        return None

    async def disk(self) -> Disk:
        return self.on_disk

    async def holds(self) -> Sequence[Mapping[str, Any]]:
        return self.held

    async def release_hold(self, kind: str, operator: str, reason: str) -> None:
        self._note("release", kind, operator, reason)

    async def alarms(self) -> Sequence[Mapping[str, Any]]:
        return []

    async def close_alarm(self, alarm: str, operator: str, reason: str) -> None:
        self._note("close", alarm, operator, reason)
