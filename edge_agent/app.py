"""The composition root: builds everything once, starts it in order, stops it in the opposite order.

ledger → boot (SENDING becomes IN_DOUBT) → pump → workers → catalogue → web. On the way down the web stops taking
orders, each worker ends after the window it is in, the pump stops, and the ledger closes last.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import structlog

from edge_agent import __version__
from edge_agent.access import local_token
from edge_agent.catalog import Catalog
from edge_agent.change_signal import ChangeSignal
from edge_agent.clock import Clock, Probe, no_probe, now_utc
from edge_agent.config import AgentConfig
from edge_agent.errors import LedgerBusyError, already_running
from edge_agent.identity.check_keys import KeyRing
from edge_agent.identity.credentials import Credentials
from edge_agent.identity.next_secret import SecretFile
from edge_agent.intake.watcher import Watcher
from edge_agent.labels.plans_ahead import PlansAhead
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.listening import listening
from edge_agent.ops.alerts.certificates import EVERY_S, ending, watched
from edge_agent.ops.alerts.look import Looks
from edge_agent.ops.alerts.run import Alerts, Robot
from edge_agent.ops.backups.aside import Aside
from edge_agent.ops.backups.keeper import BackupKeeper
from edge_agent.ops.backups.make import Folders, make_set
from edge_agent.ops.backups.sources import sources
from edge_agent.ops.update.here import form_here
from edge_agent.ops.update.look import Place, UpdateWatch
from edge_agent.printing.fleet import make_directory, make_workers
from edge_agent.printing.worker import Worker
from edge_agent.render.templates.library import TemplateLibrary
from edge_agent.service.agent_service import AgentService
from edge_agent.service.parts import AgentParts, PackingTerms
from edge_agent.sync.check_key_errand import KeyErrand
from edge_agent.sync.http_client import HttpRegistry
from edge_agent.sync.pump import Pump, PumpSettings
from edge_agent.sync.secret_errand import SecretErrand, one_after_the_other
from edge_agent.wiring import (
    approving,
    carton_template,
    label_terms,
    open_artwork,
    open_codes,
    open_ledger,
    page_url,
    people_terms,
    require_page,
    require_registry_locked,
    settings_told,
    sscc_block,
)
from edge_agent.work_orders.book import OrderBook

_log = structlog.get_logger("edge_agent.app")

STOP_TIMEOUT_S = 30.0
"""A window of 64 labels at 2 in/s and 90 mm pitch takes longer; such a site is stopped between windows."""


@contextlib.asynccontextmanager
async def agent(
    config: AgentConfig, *, clock: Clock = now_utc, probe: Probe = no_probe
) -> AsyncIterator[tuple[AgentService, str]]:
    """The running agent: its service, and the address of its page. Stops in order when the block ends."""
    terms = label_terms(config, drafts=False)  # before anything is touched: a start it refuses leaves nothing behind
    require_registry_locked(config)
    require_page(config)
    from_print = config.site.commission_on == "print"
    packing = PackingTerms(config.site.name, sscc_block(config), from_print, carton_template(config))
    async with contextlib.AsyncExitStack() as stack:
        ledger = await stack.enter_async_context(_ledger(config, clock, probe))
        found = await ledger.do(Ledger.boot)
        changes = ChangeSignal()
        keyring = KeyRing(config.registry.credentials_path)
        artwork, codes = open_artwork(config), open_codes(keyring, ledger)
        ahead = PlansAhead()
        approval = approving(config)
        workers = make_workers(
            config, ledger, changes, probe, artwork=artwork, codes=codes, plans_ahead=ahead, kept=approval.kept
        )
        pump = await stack.enter_async_context(_pump(config, ledger, clock, probe, changes, keyring))
        await stack.enter_async_context(_running_workers(workers))
        keeper = await stack.enter_async_context(_backups(config, ledger, clock))
        parts = AgentParts(
            ledger=ledger,
            catalog=Catalog.open(config.data.catalog_path),
            printers=make_directory(config, workers),
            changes=changes,
            terms=terms,
            plans_ahead=ahead,
            pump=pump,
            library=TemplateLibrary(config.labels.template_path),
            keyring=keyring,
            backups=config.data.backups,
            scanner=config.scanner.terms,
            people_terms=people_terms(config),
            local=local_token.write(config.local_token_path),
            work_orders=stack.enter_context(contextlib.closing(OrderBook(config.data.work_orders, clock))),
            sources=tuple(row.source for row in config.intake),
            packing=packing,
            settings=settings_told(config),
            scan_every=config.proof.scan_every,
            shifts=config.site.shift_times,
            approving=approval,
        )
        await stack.enter_async_context(_updates(config, clock))
        service = AgentService(parts)
        await stack.enter_async_context(_intake(config, service, probe))
        await stack.enter_async_context(_alerts(config, service, keeper))
        address = await stack.enter_async_context(listening(config, service))
        _log.info("agent_started", **_settings(config), enrolled=pump is not None, **asdict(found))
        stack.callback(_log.info, "agent_stopping")
        yield service, address


def _settings(config: AgentConfig) -> dict[str, Any]:
    """What whoever reads the log has to know of how this agent is set; no address and no path, which may hold names."""
    printing = config.printing.model_dump(mode="json")
    printers = [{"id": row.id, "profile": row.profile} for row in config.printers]
    groups = {row.id: list(row.printers) for row in config.groups}
    site = {"commission_on": config.site.commission_on, "check_code": config.labels.check_code}
    return {"version": __version__, "printing": printing, "printers": printers, "groups": groups, **site}


@contextlib.asynccontextmanager
async def _ledger(config: AgentConfig, clock: Clock, probe: Probe) -> AsyncIterator[LedgerThread]:
    try:
        thread = await LedgerThread.open(lambda: open_ledger(config, create=True, clock=clock, probe=probe))
    except LedgerBusyError as cause:
        raise already_running(f"ledger {config.data.ledger_path}", page_url(config), cause) from cause
    try:
        yield thread
    finally:
        await thread.close()


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
async def _intake(config: AgentConfig, service: AgentService, probe: Probe) -> AsyncIterator[None]:
    """Watches the hot folders; a file in hand is finished by the next start, whatever ends this one."""
    await service.work_orders.settle()
    watchers = [
        Watcher(
            row.source,
            row.folder,
            service.intake,
            quiet_s=row.quiet_s,
            look_every_s=row.look_every_s,
            force_polling=row.force_polling,
            probe=probe,
        )
        for row in config.intake
        if row.folder is not None
    ]
    tasks = [asyncio.create_task(one.run(), name=f"intake-{one.source.source_id}") for one in watchers]
    tasks.append(asyncio.create_task(service.rules.run(), name="signed-rules"))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def _pump(
    config: AgentConfig, ledger: LedgerThread, clock: Clock, probe: Probe, changes: ChangeSignal, keyring: KeyRing
) -> AsyncIterator[Pump | None]:
    """Syncs in the background; an agent that was never enrolled has nothing to sync with."""
    credentials = Credentials.load(config.registry.credentials_path)
    if credentials is None:
        yield None
        return
    kept = SecretFile(config.registry.credentials_path)
    client = HttpRegistry(credentials.registry, credentials.agent, credentials.secret, others=kept.others())
    waits = PumpSettings(idle_s=config.registry.interval_s)
    errands = one_after_the_other(SecretErrand(kept, client), KeyErrand(keyring, client))
    pump = Pump(ledger, client, clock=clock, settings=waits, probe=probe, errand=errands)
    try:
        async with _in_the_background(pump.run(), _nudge(pump, changes), name="pump"):
            yield pump
    finally:
        await client.close()


@contextlib.asynccontextmanager
async def _backups(config: AgentConfig, ledger: LedgerThread, clock: Clock) -> AsyncIterator[BackupKeeper | None]:
    """Makes sets in the background; a site that asks for none has nobody to make them."""
    if not config.backup.every_h:
        yield None
        return
    aside, settings = Aside(), config.backup
    folders = Folders(config.backup_sets, config.data.ledger_path)
    make = partial(make_set, ledger, tuple(sources(config)), folders, aside=aside, version=__version__)
    keeper = BackupKeeper(make, folders.sets, every_h=settings.every_h, keep=settings.keep, clock=clock, aside=aside)
    async with _in_the_background(keeper.run(), name="backups"):
        yield keeper


@contextlib.asynccontextmanager
async def _updates(config: AgentConfig, clock: Clock) -> AsyncIterator[None]:
    """Looks for newer versions in the background, where the site says so."""
    if config.update.mirror is None or not config.update.check_every_h:
        yield
        return
    place = Place(config.update.mirror, config.update.beside(config.data.ledger_path), form_here())
    watch = UpdateWatch(place, config.update.check_every_h, clock=clock, aside=Aside())
    async with _in_the_background(watch.run(), name="updates"):
        yield


@contextlib.asynccontextmanager
async def _alerts(config: AgentConfig, service: AgentService, keeper: BackupKeeper | None) -> AsyncIterator[None]:
    """Tells robots in the background; without any nothing is looked at."""
    if not config.alerts:
        yield
        return
    looks = Looks(service, keeper)
    robots = [Robot(row, number, config.site.name) for number, row in enumerate(config.alerts, start=1)]
    alerts = Alerts(robots, looks.causes, partial(ending, watched(config)), seldom_s=EVERY_S)
    async with _in_the_background(alerts.run(), name="alerts"):
        yield


@contextlib.asynccontextmanager
async def _in_the_background(*work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one, name=name) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _nudge(pump: Pump, changes: ChangeSignal) -> None:
    heard = changes.count
    while True:
        heard = await changes.wait(heard, 3600)
        pump.notify()
