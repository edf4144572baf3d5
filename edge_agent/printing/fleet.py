"""All printers of one agent put together: a worker each, the groups that let one stand in for another, and the
directory where people ask for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from edge_agent.change_signal import ChangeSignal
from edge_agent.clock import Probe, today_local
from edge_agent.config import AgentConfig, PrinterRow
from edge_agent.labels.from_snapshot import layout_of_copies, plan_of_job, require_mark
from edge_agent.labels.kept_files import KeptOf, nothing_kept
from edge_agent.labels.plans_ahead import PlansAhead
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.messages.printer import BUSY, PRINTING, beside
from edge_agent.messages.text import Words, all_of
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.copies import Copies
from edge_agent.model.job import Job
from edge_agent.model.media import Media
from edge_agent.printing import preflight
from edge_agent.printing.copy_worker import Inspect, RenderCopies
from edge_agent.printing.directory import Draw, GroupView, PrinterDirectory, PrinterView
from edge_agent.printing.from_config import gap_of, profile_of, window_printer_for
from edge_agent.printing.imposition import Imposition, shifted, side_by_side, single
from edge_agent.printing.printer_groups import Group, PrinterGroups
from edge_agent.printing.window_printer import WindowPrinter
from edge_agent.printing.worker import RenderJob, Worker, WorkerSettings
from edge_agent.render.painters.mark import ArtworkOf
from edge_agent.render.plan import LabelPlan
from edge_agent.render.raster import dots
from edge_agent.render.test_pattern import alignment_picture
from label_protocol.codes.check_code import CheckCodes

TEST_LABEL_MM = (60.0, 40.0)

NOBODYS = "0" * 16 + "1"
"""A serial by its check character, and of no issuer: rendered to see whether a label can be, and never sent."""

CodesOf = Callable[[Mapping[str, Any]], Awaitable[CheckCodes | None]]
"""The check codes of a snapshot's labels, None if they have none; raises ConflictError: its key is not here."""


def make_workers(
    config: AgentConfig,
    ledger: LedgerThread,
    changes: ChangeSignal,
    probe: Probe,
    *,
    artwork: ArtworkOf,
    codes: CodesOf,
    plans_ahead: PlansAhead,
    kept: KeptOf | None = None,
) -> list[Worker]:
    """Makes a worker for every printer of the configuration and starts none; raises as `window_printer_for`. `kept`:
    templates as they were approved."""
    kept = kept or nothing_kept
    workers: list[Worker] = []
    later_rows = asyncio.Lock()
    groups = [Group(row.id, row.printers, row.fallback_after_s, row.after_fault == "move") for row in config.groups]
    printer_groups = PrinterGroups(
        groups,
        lambda printer_id: _unready_s(_worker(workers, printer_id)),
        lambda printer_id: _worker(workers, printer_id).job_id is not None,
        lambda printer_id: _worker(workers, printer_id).queue.strip is not None,
    )
    settings = WorkerSettings(
        window_labels=config.printing.window_labels,
        counts_as="commissioned" if config.site.commission_on == "print" else "printed",
    )
    for row in config.printers:
        window_printer = window_printer_for(row, config.printing, probe)
        window_printer.later_rows = later_rows
        workers.append(
            Worker(
                row.id,
                window_printer,
                ledger,
                _job_renderer(ledger, row, artwork, codes, plans_ahead, kept),
                changes,
                settings,
                printer_groups=printer_groups,
                inspect=_inspector(row),
                render_copies=_copies_renderer(ledger, row, artwork, kept),
            )
        )
    return workers


def _worker(workers: Sequence[Worker], printer_id: str) -> Worker:
    return next(worker for worker in workers if worker.printer_id == printer_id)


def _unready_s(worker: Worker) -> float:
    since_s = worker.window_printer.unready_since_s
    return 0.0 if since_s is None else max(0.001, asyncio.get_running_loop().time() - since_s)


def _job_renderer(
    ledger: LedgerThread,
    row: PrinterRow,
    artwork: ArtworkOf,
    codes: CodesOf,
    plans_ahead: PlansAhead,
    kept: KeptOf,
) -> RenderJob:
    """Renders jobs for one printer, beside the loop, since a background takes a tenth of a second."""

    async def render(job: Job) -> Imposition:
        snapshot = json.loads(await ledger.do(Ledger.snapshot, job.snapshot_hash))
        its_codes = await codes(snapshot)
        drawn = plans_ahead.take(job.snapshot_hash, _dpi(row))
        return await asyncio.to_thread(_imposition_of_job, job.template, snapshot, row, artwork, its_codes, drawn, kept)

    return render


def _imposition_of_job(
    template: str,
    snapshot: Mapping[str, Any],
    row: PrinterRow,
    artwork: ArtworkOf,
    codes: CheckCodes | None,
    drawn: LabelPlan | None,
    kept: KeptOf,
) -> Imposition:
    plan = plan_of_job(template, snapshot, _dpi(row), artwork, codes, drawn, kept)
    imposition = single(plan.media, plan.background, plan.patches, plan.full)
    return _while_certified(_on_this_roll(imposition, row), snapshot)


def _copies_renderer(ledger: LedgerThread, row: PrinterRow, artwork: ArtworkOf, kept: KeptOf) -> RenderCopies:
    """Renders orders of copies for one printer, from the snapshot they were ordered with."""

    async def render(order: Copies) -> Imposition:
        snapshot = json.loads(await ledger.do(Ledger.snapshot, order.snapshot_hash))
        return await asyncio.to_thread(_imposition_of_copies, order.template, snapshot, row, artwork, kept)

    return render


def _imposition_of_copies(
    template: str, snapshot: Mapping[str, Any], row: PrinterRow, artwork: ArtworkOf, kept: KeptOf
) -> Imposition:
    art = layout_of_copies(template, snapshot, _dpi(row), artwork, kept)
    imposition = single(art.media, art.bare, lambda _serial: (), lambda _serial: art.bare)
    return _while_certified(_on_this_roll(imposition, row), snapshot)


def _while_certified(imposition: Imposition, snapshot: Mapping[str, Any]) -> Imposition:
    """Asked now and before each window: a rendered label may wait for its printer until the certificate has run
    out."""

    def require_still_valid() -> None:
        require_mark(snapshot, today_local())

    require_still_valid()
    return replace(imposition, require_still_valid=require_still_valid)


def _on_this_roll(imposition: Imposition, row: PrinterRow) -> Imposition:
    """One label as this printer's roll and alignment want it."""
    gap_mm = 0.0 if imposition.media.continuous else gap_of(row)
    imposition = replace(imposition, media=replace(imposition.media, gap_mm=gap_mm))
    rows = side_by_side(imposition, row.across, dots(row.across_gap_mm, _dpi(row)))
    return shifted(rows, dots(row.shift_right_mm, _dpi(row)), dots(row.shift_down_mm, _dpi(row)))


def _inspector(row: PrinterRow) -> Inspect:
    traits = replace(profile_of(row), dpi=_dpi(row))

    async def inspect(window_printer: WindowPrinter, imposition: Imposition) -> Words | None:
        # what cannot be printed is refused before a serial is issued
        window_printer.encode(imposition, (NOBODYS,) * imposition.across)
        status, reported = await window_printer.reported(imposition)
        setup = window_printer.settings.setup
        findings = preflight.check(imposition.media, setup, traits, status, reported, roll_gap_mm=gap_of(row))
        return all_of(findings) if findings else None

    return inspect


def _dpi(row: PrinterRow) -> int:
    return row.dpi or profile_of(row).dpi


def make_directory(config: AgentConfig, workers: Sequence[Worker]) -> PrinterDirectory:
    """Makes what the printers and groups are asked for at."""
    by_id = {worker.printer_id: worker for worker in workers}
    rows = {row.id: row for row in config.printers}

    async def test(printer_id: str) -> Words:
        return await by_id[printer_id].maintenance.test(_test_imposition(rows[printer_id]))

    async def card(printer_id: str, draw: Draw) -> Words:
        row = rows[printer_id]
        return await by_id[printer_id].maintenance.test(_of_picture(row, draw(_dpi(row))))

    async def calibrate(printer_id: str) -> Words:
        return await by_id[printer_id].maintenance.calibrate()

    return PrinterDirectory(
        lambda: [_view(rows[worker.printer_id], worker) for worker in workers],
        maintenance={"test": test, "calibrate": calibrate},
        card=card,
        groups=[GroupView(row.id, row.name, row.printers) for row in config.groups],
    )


def _test_imposition(row: PrinterRow) -> Imposition:
    """A frame and a staircase over the whole label: shows darkness, alignment and dead dots, and carries no code."""
    return _of_picture(row, alignment_picture(*TEST_LABEL_MM, _dpi(row)))


def _of_picture(row: PrinterRow, picture: Bitmap) -> Imposition:
    """One label without a code of a garment."""
    media = Media(_dpi(row), picture.width_dots, picture.height_dots)
    return _on_this_roll(single(media, picture, lambda _serial: (), lambda _serial: picture), row)


def _view(row: PrinterRow, worker: Worker) -> PrinterView:
    traits, window_printer = profile_of(row), worker.window_printer
    busy = (worker.copier.copies_id or worker.job_id) and window_printer.status_words == BUSY
    return PrinterView(
        printer_id=row.id,
        name=row.name,
        url=row.url,
        language=traits.language,
        dpi=_dpi(row),
        proof=window_printer.provable.word,
        words=beside(PRINTING if busy else window_printer.status_words, window_printer.warnings),
        job_id=worker.job_id,
        counter=window_printer.counter,
        ready=window_printer.unready_since_s is None,
        trouble=window_printer.trouble,
        identity=window_printer.identity,
        unread=window_printer.link.unread,
    )
