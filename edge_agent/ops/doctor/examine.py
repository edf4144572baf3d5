"""The doctor's table, in the order in which somebody would look."""

from __future__ import annotations

from edge_agent.config import AgentConfig
from edge_agent.ops.doctor import printers, running, site, sources
from edge_agent.ops.doctor.row import Row, row_of
from edge_agent.render.templates.library import TemplateLibrary


async def examine(config: AgentConfig) -> list[Row]:
    """All rows; never raises for what it finds."""
    rows = [
        await row_of("账本 ledger", lambda: site.ledger(config)),
        await row_of("磁盘 disk", lambda: site.disk(site.there(config.data.ledger_path.parent))),
        await row_of("落盘 fsync", lambda: site.fsync(site.there(config.data.ledger_path.parent))),
        await row_of("字体 font", site.font),
        await row_of("中心 registry", lambda: site.registry(config)),
        await row_of("防伪码 check code", lambda: site.check_keys(config)),
    ]
    rows += [one for one in (site.open_page(config), site.plain_registry(config)) if one is not None]
    if config.rules.override_path is not None:
        rows.append(await row_of("规则补充 rule overrides", lambda: site.overrides(config)))
    if config.labels.template_path is not None:
        rows.append(
            await row_of("模板 templates", lambda: site.templates(TemplateLibrary(config.labels.template_path)))
        )
    is_running = rows[0].found == site.RUNNING
    if is_running:
        rows.append(await row_of("停发 holds", lambda: running.holds(config)))
        rows.append(await row_of("上报 sync", lambda: running.sync(config)))
    rows += await sources.rows_of(config, running=is_running)
    rows += await printers.rows_of(config, running=is_running)
    return rows
