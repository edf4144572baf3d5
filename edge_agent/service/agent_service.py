"""The orders and questions of the people, in one place: what the HTTP API, the page and the commands all go through.

Nothing here decides what was printed; that is `proof.py`. Nothing here writes but through the ledger and the catalogue.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from edge_agent.access.people import People
from edge_agent.catalog import Catalog
from edge_agent.change_signal import ChangeSignal
from edge_agent.identity.check_keys import KeyRing
from edge_agent.labels.check_code_key import require_key
from edge_agent.labels.from_snapshot import plan_of_job
from edge_agent.labels.prepare import LinkStyle, Prepared, plan_prepared, prepare, require_drawn
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.ledger.room import Disk
from edge_agent.ledger.settle import VOID
from edge_agent.ledger.values import Report
from edge_agent.messages.job import CANCELLED, OPERATOR_PAUSED, SCAN_WINDOW, STARTED
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.job import Job, JobOrder, JobState, Label, Window
from edge_agent.printing.directory import PrinterDirectory, PrinterView
from edge_agent.render.painters.mark import ArtworkOf, no_artwork
from edge_agent.render.templates.library import TemplateLibrary
from edge_agent.service import audit
from edge_agent.service.copies import CopyDesk
from edge_agent.service.fitting import FittingRoom
from edge_agent.service.lots import LotDesk
from edge_agent.service.requests import Order, request_hash
from edge_agent.service.standing import as_it_stands
from edge_agent.sync.pump import Pump, SyncView
from garment.standards import Override
from label_protocol.codes.check_code import SPECIMEN
from label_protocol.codes.gs1 import gtin14
from label_protocol.codes.scanned import Scan, read_scan, require_same
from label_protocol.codes.serial import fold
from label_protocol.errors import CodeError
from label_protocol.states import Step


class AgentService:
    """What an operator, a scanner, IT or a script may ask of the agent."""

    def __init__(
        self,
        *,
        ledger: LedgerThread,
        catalog: Catalog,
        printers: PrinterDirectory,
        pump: Pump | None,
        changes: ChangeSignal,
        link: LinkStyle,
        today: Callable[[], str],
        overrides: tuple[Override, ...] = (),
        artwork: ArtworkOf = no_artwork,
        library: TemplateLibrary | None = None,
        keyring: KeyRing | None = None,
        operator_required: bool = True,
    ) -> None:
        self.ledger = ledger
        self.catalog = catalog
        self.printers = printers
        self.pump = pump
        self.changes = changes
        self.link = link
        self.today = today
        self.overrides = overrides
        self.artwork = artwork
        self.library = library or TemplateLibrary()
        self.keyring = keyring
        self.people = People(catalog, required=operator_required)
        self.copies = CopyDesk(self)
        self.lots = LotDesk(self)
        self.fitting = FittingRoom(self)

    # --- jobs --------------------------------------------------------------------------------------------------

    async def submit_job(self, body: Mapping[str, Any], key: str) -> Job:
        """Open a job, or return the one that the same key and body opened before.

        Body: `template`, `printer` (or a group of them), `quantity`, and `record` (7.1) or `style_no` + `size`
        (+ `lot_no`) of the catalogue; optional `replaces` (serials) and `operator`.

        Raises:
            RecordError, TemplateError, RenderError, NotFoundError: the body does not describe a label that fits.
            FindingsError: a rule blocks it.
            ConflictError: its template has a check code, and there is no key for it.
            IdempotencyError: the key was used with another body.
        """
        body_hash = request_hash(body)
        known = await self.ledger.do(Ledger.known_job, key, body_hash)
        if known is not None:
            return known  # whatever has changed since: the answer to the same order is the same job
        order = Order.read(body)
        operator = await self.people.require(order.operator, "job")
        resolutions = {view.dpi for view in self.printers.targets(order.printer)}
        known_here = (self.today(), self.link, self.overrides, self.artwork, await self.check_key())
        prepared = prepare(await asyncio.to_thread(self.lots.record_of, body), order.template, *known_here)
        # refuse now what could not be printed later: a rule, a text that does not fit, a QR that is too fine, no key
        require_key(prepared.require())
        for dpi in resolutions:
            await asyncio.to_thread(_require_printable, prepared, dpi)
        job = await self.ledger.do(Ledger.open_job, self._job_order(order, prepared, key, body_hash, operator))
        self.changes.tell()
        return job

    async def check_key(self) -> str:
        """The name of the key for check codes of new jobs; one that is none if this computer has no key."""
        keys = self.keyring.of(await self.ledger.do(Ledger.identity)) if self.keyring else None
        return keys.current if keys else SPECIMEN

    def _job_order(self, order: Order, prepared: Prepared, key: str, body_hash: str, operator: str) -> JobOrder:
        lot, snapshot = prepared.record.lot, prepared.require()
        return JobOrder(
            key=key,
            request_hash=body_hash,
            template=order.template,
            printer=order.printer,
            quantity=order.quantity,
            snapshot=snapshot,
            gtin=gtin14(prepared.record.product.gtin),
            lot_no=lot.lot_no if lot else None,
            quota_key=prepared.record.quota_key,
            replaces=order.replaces,
            operator=operator,
        )

    async def job(self, job_id: str) -> Job:
        """One job. Raises NotFoundError."""
        return as_it_stands(await self.ledger.do(Ledger.job, job_id), await self.disk())

    async def jobs(self, limit: int | None = 100) -> Sequence[Job]:
        """The newest jobs, newest first; with None all there ever were, oldest first, in one query: for counting."""
        found = await (self.ledger.do(Ledger.jobs) if limit is None else self.ledger.do(Ledger.recent_jobs, limit))
        disk = await self.disk()
        return tuple(as_it_stands(job, disk) for job in found)

    async def job_events(self, job_id: str, *, timeout_s: float = 15.0) -> AsyncIterator[Job]:
        """The job now, and again each time it changes, until it is done or cancelled."""
        last: Job | None = None
        while True:
            heard = self.changes.count
            job = await self.job(job_id)
            if job != last:
                yield job
            if job.state in (JobState.DONE, JobState.CANCELLED):
                return
            last = job
            await self.changes.wait(heard, timeout_s)

    async def pause(self, job_id: str, operator: str) -> Job:
        """Stop after the window in hand."""
        return await self._move(job_id, JobState.PAUSED, str(OPERATOR_PAUSED), operator)

    async def resume(self, job_id: str, operator: str) -> Job:
        """Go on with labels that were never drawn."""
        return await self._move(job_id, JobState.RUNNING, str(STARTED), operator)

    async def cancel(self, job_id: str, operator: str) -> Job:
        """Draw no more serials for this job; what was drawn keeps its state."""
        return await self._move(job_id, JobState.CANCELLED, str(CANCELLED), operator)

    async def _move(self, job_id: str, state: JobState, reason: str, operator: str) -> Job:
        operator = await self.people.require(operator, f"job {job_id}")
        job = await self.ledger.do(Ledger.move_job, job_id, state, reason, operator)
        self.changes.tell()
        return job

    # --- labels ------------------------------------------------------------------------------------------------

    async def label(self, serial: str) -> Label:
        """One label. Raises NotFoundError."""
        return await self.ledger.do(Ledger.label, fold(serial))

    async def labels(self, state: str | None, limit: int = 100, after: str = "") -> Sequence[Label]:
        """Labels in a state, in order of serial, after a serial."""
        return await self.ledger.do(Ledger.labels, state=state, limit=limit, after=after)

    async def doubts(self) -> Sequence[tuple[Window, Sequence[Label]]]:
        """Windows with labels in doubt, oldest first, and those labels in print order."""
        return await self.ledger.do(Ledger.doubts)

    async def scan(self, text: str, operator: str, *, serial: str | None = None, on_garment: bool = False) -> Label:
        """A scanner read `text` off paper. GTIN and lot must match the snapshot; a typed serial is not a scan.

        Raises:
            CodeError: the text is no Digital Link, or another label's.
            StateError: the label is void; the alarm is raised all the same.
            LotStoppedError: on its garment, though its lot is recalled or suspended.
        """
        operator = await self.people.require(operator, "scan")
        read = await self._read_code(text)
        got = read.link.serial
        if serial is not None and fold(serial) != got:
            raise CodeError(f"scan: expected the label {fold(serial)}, got {got}; scan the right label")
        found = await self.ledger.do(Ledger.scan, got, read.text, operator, on_garment=on_garment)
        self.changes.tell()
        return found

    async def _read_code(self, text: str) -> Scan:
        """What a scanner's text holds: its GTIN and lot are those of the label. Raises CodeError, NotFoundError."""
        read = read_scan(text, self.link.host)
        label = await self.ledger.do(Ledger.label, read.link.serial)
        require_same(read, label.gtin, label.lot_no)
        return read

    async def decide(self, serial: str, step: Step, operator: str, reason: str) -> Label:
        """An operator's recorded decision about one label (scrap, invalidate, commission, settle_printed)."""
        operator = await self.people.require(operator, f"label {serial}")
        found = await self.ledger.do(Ledger.decide, fold(serial), step, operator, reason)
        self.changes.tell()
        return found

    async def settle(self, window_id: str, text: str | None, operator: str, rest: str = "invalid") -> Sequence[Label]:
        """Settle a strip by the scan of its last good label, None if there is not one good label on it; `rest`:
        `invalid`, `scrapped` or `keep`."""
        operator = await self.people.require(operator, "settle")
        read = await self._read_code(text) if text else None
        last, kept = (read.link.serial, read.text) if read else (None, "")
        found = await self.ledger.do(Ledger.settle, window_id, last, kept, operator, rest=rest)
        if found:
            await self._go_on(found[0].job_id, operator)
        self.changes.tell()
        return found

    async def _go_on(self, job_id: str, operator: str) -> None:
        """A job that stood only because its printer cannot prove a window goes on when the window is settled."""
        job = await self.job(job_id)
        if job.state is JobState.PAUSED and job.reason == str(SCAN_WINDOW) and not job.in_doubt:
            await self.ledger.do(Ledger.move_job, job_id, JobState.RUNNING, str(STARTED), operator)

    async def replace(self, serial: str, operator: str, reason: str, key: str) -> Job:
        """Scrap a spoiled label and open a job of one for its replacement, on the same printer and snapshot; both or
        neither."""
        operator = await self.people.require(operator, f"label {serial}")
        label = await self.label(serial)
        if label.state in VOID:
            job = await self.ledger.do(Ledger.open_replacement, label.serial, key, operator)
        else:
            job = await self.ledger.do(Ledger.scrap_and_replace, label.serial, operator, reason, key)
        self.changes.tell()
        return job

    async def picture(self, serial: str, dpi: int) -> Bitmap:
        """What an issued label looks like: 样张, without a readable code."""
        label = await self.label(serial)
        job = await self.job(label.job_id)
        snapshot = json.loads(await self.ledger.do(Ledger.snapshot, label.snapshot_hash))
        return plan_of_job(job.template, snapshot, dpi, self.artwork).specimen(label.serial)

    async def verify(self) -> Report:
        """The whole chain, and rebuild == live; orders go on meanwhile."""
        return await audit.verify(self.ledger)

    # --- printers, sync, health --------------------------------------------------------------------------------

    def printer_views(self) -> Sequence[PrinterView]:
        """Every printer and what it is doing, in words."""
        return self.printers.views()

    def sync_view(self) -> SyncView | None:
        """Where the sync stands; None if no registry is configured."""
        return self.pump.view() if self.pump else None

    async def disk(self) -> Disk:
        """The disk that holds the ledger."""
        return await self.ledger.do(Ledger.disk)

    async def holds(self) -> Sequence[Mapping[str, Any]]:
        """Why nothing may be issued now, if so."""
        return await self.ledger.do(Ledger.holds)

    async def release_hold(self, kind: str, operator: str, reason: str) -> None:
        """An operator's recorded order to go on without the registry's word, where that is an operator's to give."""
        operator = await self.people.require(operator, f"hold {kind}")
        await self.ledger.do(Ledger.release_hold, kind, by="operator", operator=operator, reason=reason)
        self.changes.tell()

    async def alarms(self) -> Sequence[Mapping[str, Any]]:
        """Open alarms, oldest first."""
        return await self.ledger.do(Ledger.alarms)

    async def close_alarm(self, alarm: str, operator: str, reason: str) -> None:
        """Close an alarm with a reason."""
        operator = await self.people.require(operator, f"alarm {alarm}")
        await self.ledger.do(Ledger.close_alarm, alarm, operator, reason)
        self.changes.tell()


def _require_printable(prepared: Prepared, dpi: int) -> None:
    require_drawn(plan_prepared(prepared, dpi), prepared.context)
