"""The doctor's table, in the order in which somebody would look."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from time import time

from edge_agent.clock import now_utc
from edge_agent.config import AgentConfig
from edge_agent.ops.doctor import approval, page, printers, registry, running, site, sources, todo, updates, upkeep
from edge_agent.ops.doctor.row import Found, Row, row_of
from edge_agent.render.templates.library import TemplateLibrary


async def examine(config: AgentConfig) -> list[Row]:
    """All rows; never raises for what it finds."""
    ledger = await row_of("账本 ledger", partial(site.ledger, config), todo.LEDGER)
    is_running = ledger.words == site.RUNNING
    rows = [ledger, await row_of("运行 service", partial(upkeep.service, config, has_ledger=is_running), todo.SERVICE)]
    rows += [row async for row in _site(config, running=is_running)]
    rows += [row async for row in _registry(config)]
    rows.append(await site.people(config))
    told = page.open_page(config), site.plain_registry(config), site.carton_numbers(config)
    rows += [one for one in told if one is not None]
    if page.has_certificate(config):
        look = partial(page.certificate, config, datetime.now(UTC))
        rows.append(await row_of("页面证书 page certificate", look, todo.PAGE_CERTIFICATE))
    if is_running:
        rows.append(await row_of("停发 holds", partial(running.holds, config), todo.HOLDS))
        rows.append(await row_of("领用期限 leases", partial(running.leases, config)))
        rows.append(await row_of("上报 sync", partial(running.sync, config), todo.REGISTRY))
    rows += await sources.rows_of(config, running=is_running)
    rows += await printers.rows_of(config, running=is_running)
    return rows


async def _site(config: AgentConfig, *, running: bool) -> AsyncIterator[Row]:
    here = site.there(config.data.ledger_path.parent)
    yield await row_of("磁盘 disk", partial(site.disk, here), todo.DISK)
    if place := site.other_disk(config.backup_sets, here):
        yield await row_of("备份盘 backup disk", partial(site.disk, place), todo.DISK)
    yield await row_of("落盘 fsync", partial(site.fsync, here), todo.DISK)
    yield await row_of("备份 backup", partial(upkeep.backup, config, now_utc(), running=running), todo.BACKUP)
    yield await row_of("更新 update", partial(updates.update, config, now_utc()), todo.UPDATE_HELD)
    if dump := config.registry_here.dump_path:
        yield await row_of("本机平台 registry here", partial(upkeep.registry_dump, dump, time()), todo.DUMP)
    yield await row_of("字体 font", site.font)
    yield await row_of("资料 catalogue", partial(site.catalogue, config), todo.CATALOGUE)
    if config.rules.override_path is not None:
        yield await row_of("规则补充 rule overrides", partial(site.overrides, config), todo.SETTINGS)
    if config.labels.template_path is not None:
        library = TemplateLibrary(config.labels.template_path)
        yield await row_of("模板 templates", partial(site.templates, library), todo.SETTINGS)
    if approval.wanted(config):
        yield await row_of("审批 approval", partial(approval.approval, config, running=running), todo.APPROVE)
    yield await row_of("防伪码 check code", partial(site.check_keys, config))


async def _registry(config: AgentConfig) -> AsyncIterator[Row]:
    """One question tells of the registry and of its clock; its certificate is looked at beside it."""
    heard: registry.Heard | None = None

    async def look() -> Found:
        nonlocal heard
        heard = await registry.ask(config)
        return registry.answers(heard)

    yield await row_of("中心 registry", look, todo.REGISTRY)
    if heard is not None:
        yield await row_of("时钟 clock", partial(registry.clock, heard), todo.CLOCK)
    if heard is not None and heard.url.scheme == "https":
        look_at = partial(registry.certificate, heard, datetime.now(UTC))
        yield await row_of("中心证书 registry certificate", look_at, todo.CERTIFICATE)
