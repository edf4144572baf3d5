"""What a new version asks of itself before it may have the ledger: that it reads what this site has, and understands
its printers. A printer that is off or out of paper is no flaw of the version; one whose status it cannot read is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from functools import partial

from edge_agent.clock import no_probe
from edge_agent.config import AgentConfig, PrinterRow
from edge_agent.errors import LinkError, RefusedError
from edge_agent.model.printer import Health
from edge_agent.ops.doctor import site
from edge_agent.ops.doctor.row import Row, row_of
from edge_agent.printing.from_config import window_printer_for
from edge_agent.render.templates.library import TemplateLibrary

CONNECT_S = 5.0
"""As the doctor waits."""


async def self_check(config: AgentConfig) -> Sequence[str]:
    """What is not well, one sentence each; none: all is well. Changes nothing, never raises for what it finds."""
    looks = [row_of("字体 font", site.font), row_of("规则补充 rule overrides", partial(site.overrides, config))]
    looks.append(row_of("资料 catalogue", partial(site.catalogue, config)))
    if config.labels.template_path is not None:
        looks.append(row_of("模板 templates", partial(site.templates, TemplateLibrary(config.labels.template_path))))
    looks += [row_of(f"打印机 printer {row.id}", partial(_printer, config, row)) for row in config.printers]
    rows: list[Row] = await asyncio.gather(*looks)
    return [f"{row.what}: {row.found}" for row in rows if not row.ok]


async def _printer(config: AgentConfig, row: PrinterRow) -> str:
    """Raises RefusedError: it answers, and this version cannot tell from that how it is. What is unread beside a status
    that is known was so before."""
    window_printer = window_printer_for(row, config.printing, no_probe)
    link, health = window_printer.link, Health.UNKNOWN
    try:
        with contextlib.suppress(LinkError, TimeoutError):
            await asyncio.wait_for(link.connect(), CONNECT_S)
            if not window_printer.blind:
                await link.who()
                health = (await link.status()).health
        if link.unread and health is Health.UNKNOWN:
            told = "; ".join(f"{question} → {answer}" for question, answer in link.unread.items())
            raise RefusedError(f"答复读不懂 · expected answers that this version can read, got {told}")
    finally:
        await link.close()
    return "可以 well"
