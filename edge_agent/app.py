"""The composition root: builds everything once, starts it in order, stops it in the opposite order.

ledger → boot (SENDING becomes IN_DOUBT) → pump → workers → catalogue → web. On the way down the web stops taking
orders, each worker ends after the window it is in, the pump stops, and the ledger closes last.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any

from aiohttp import web

from edge_agent.bell import Bell
from edge_agent.catalog import Catalog
from edge_agent.clock import now_utc, today_local
from edge_agent.config import AgentConfig
from edge_agent.credentials import Credentials
from edge_agent.errors import cannot_listen
from edge_agent.labels import LinkStyle, plan_of_job
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.model import Clock, Job, Probe, no_probe
from edge_agent.opening import open_ledger, press_for, profile_of
from edge_agent.pipeline import Artist, Worker, WorkerSettings
from edge_agent.press import Sheet
from edge_agent.printers.desk import PrinterDesk, PrinterView
from edge_agent.render.alignment import alignment_picture
from edge_agent.service import AgentService
from edge_agent.stock import Media
from edge_agent.sync.http_client import HttpRegistry
from edge_agent.sync.pump import Pump, PumpSettings
from edge_agent.web.api import build_web
from edge_agent.words import Words

STOP_TIMEOUT_S = 30.0
"""A window of 64 labels at 2 in/s and 90 mm pitch takes longer; such a site is stopped between windows."""


@contextlib.asynccontextmanager
async def agent(
    config: AgentConfig, *, clock: Clock = now_utc, probe: Probe = no_probe
) -> AsyncIterator[tuple[AgentService, str]]:
    """The running agent: its service, and the address of its page. Stops in order when the block ends."""
    async with contextlib.AsyncExitStack() as stack:
        ledger = await stack.enter_async_context(_ledger(config, clock, probe))
        bell = Bell()
        workers = _workers(config, ledger, bell, probe)
        pump = await stack.enter_async_context(_pump(config, ledger, clock, probe, bell))
        await stack.enter_async_context(_running_workers(workers))
        service = AgentService(
            ledger=ledger,
            catalog=Catalog.open(config.data.catalog_path),
            printers=PrinterDesk(lambda: _views(config, workers), partial(_test_label, config, workers)),
            pump=pump,
            bell=bell,
            link=LinkStyle(config.link.host, config.link.case == "upper"),
            today=today_local,
            operator_required=config.site.operator_required,
        )
        yield service, await stack.enter_async_context(_web(config, service))


@contextlib.asynccontextmanager
async def _ledger(config: AgentConfig, clock: Clock, probe: Probe) -> AsyncIterator[LedgerThread]:
    thread = await LedgerThread.open(lambda: open_ledger(config, create=True, clock=clock, probe=probe))
    try:
        await thread.do(Ledger.boot)
        yield thread
    finally:
        await thread.close()


def _workers(config: AgentConfig, ledger: LedgerThread, bell: Bell, probe: Probe) -> list[Worker]:
    settings = WorkerSettings(
        window_labels=config.printing.window_labels,
        counts_as="commissioned" if config.site.commission_on == "print" else "printed",
    )
    return [
        Worker(
            row.id,
            press_for(row, config.printing, probe),
            ledger,
            _artist(ledger, row.dpi or profile_of(row).dpi),
            bell,
            settings,
        )
        for row in config.printers
    ]


def _artist(ledger: LedgerThread, dpi: int) -> Artist:
    """Draws jobs for one resolution; drawing runs beside the loop, since a background takes a tenth of a second."""

    async def draw(job: Job) -> Sheet:
        snapshot = json.loads(await ledger.do(Ledger.snapshot, job.snapshot_hash))
        return await asyncio.to_thread(_sheet, job.template, snapshot, dpi)

    return draw


def _sheet(template: str, snapshot: Mapping[str, Any], dpi: int) -> Sheet:
    plan = plan_of_job(template, snapshot, dpi)
    return Sheet(plan.media, plan.background, plan.patches, plan.full)


@contextlib.asynccontextmanager
async def _running_workers(workers: Sequence[Worker]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(worker.run(), name=f"worker-{worker.printer_id}") for worker in workers]
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=STOP_TIMEOUT_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def _pump(
    config: AgentConfig, ledger: LedgerThread, clock: Clock, probe: Probe, bell: Bell
) -> AsyncIterator[Pump | None]:
    """Syncs in the background; an agent that was never enrolled has nothing to sync with."""
    credentials = Credentials.load(config.registry.credentials_path)
    if credentials is None:
        yield None
        return
    client = HttpRegistry(credentials.registry, credentials.agent, credentials.secret)
    waits = PumpSettings(idle_s=config.registry.interval_s)
    pump = Pump(ledger, client, clock=clock, settings=waits, probe=probe)
    tasks = [asyncio.create_task(pump.run(), name="pump"), asyncio.create_task(_nudge(pump, bell), name="nudge")]
    try:
        yield pump
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await client.close()


async def _nudge(pump: Pump, bell: Bell) -> None:
    heard = bell.count
    while True:
        heard = await bell.wait(heard, 3600)
        pump.notify()


@contextlib.asynccontextmanager
async def _web(config: AgentConfig, service: AgentService) -> AsyncIterator[str]:
    runner = web.AppRunner(build_web(service), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, config.web.host, config.web.port)
        try:
            await site.start()
        except OSError as cause:
            raise cannot_listen("web", config.web.host, config.web.port, cause) from cause
        yield f"http://{config.web.host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _views(config: AgentConfig, workers: Sequence[Worker]) -> list[PrinterView]:
    return [_view(config, worker) for worker in workers]


async def _test_label(config: AgentConfig, workers: Sequence[Worker], printer_id: str) -> Words:
    """A frame and a staircase over the whole label: shows darkness, alignment and dead dots, and carries no code."""
    worker = next(one for one in workers if one.printer_id == printer_id)
    row = next(row for row in config.printers if row.id == printer_id)
    dpi = row.dpi or profile_of(row).dpi
    picture = alignment_picture(60.0, 40.0, dpi)
    media = Media(dpi, picture.width_dots, picture.height_dots)
    return await worker.test(Sheet(media, picture, lambda _serial: (), lambda _serial: picture))


def _view(config: AgentConfig, worker: Worker) -> PrinterView:
    row = next(row for row in config.printers if row.id == worker.printer_id)
    facts = profile_of(row)
    return PrinterView(
        printer_id=row.id,
        name=row.name,
        url=row.url,
        language=facts.language,
        dpi=row.dpi or facts.dpi,
        proof=facts.proof.word,
        words=worker.press.status_words,
        job_id=worker.job_id,
        counter=worker.press.counter,
    )
