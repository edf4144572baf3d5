"""The first start of another version: held until its self-check is well.

Held is more than issuing nothing: the ledger is not even opened for writing, so that nothing stands in the way of the
version before. Printers are looked at before the workers have them. A site that printed yesterday and has no flaw
starts some seconds later, once, and sees nothing of this.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import structlog
from aiohttp import web

from edge_agent.config import AgentConfig
from edge_agent.ledger.lock import FileLock
from edge_agent.ledger.peek import peek
from edge_agent.ops.service.notify import Notifier, beating
from edge_agent.ops.update.held_page import HeldPage
from edge_agent.ops.update.standing import Standing, is_known, keep, kept, started

RETRY_S = 30.0
"""A printer that is being switched on, a template that is being mended: looked at again after so long."""

SelfCheck = Callable[[], Awaitable[Sequence[str]]]
"""What is not well, one sentence each; none: all is well."""
Listen = Callable[[web.Application], contextlib.AbstractAsyncContextManager[str]]
"""Shows a page where this agent's page is, for as long as the block lasts."""
Wait = Callable[[float], Awaitable[None]]

_log = structlog.get_logger("edge_agent.updates")


async def hold_until_well(
    config: AgentConfig,
    version: str,
    look: SelfCheck,
    *,
    systemd: Notifier,
    listen: Listen,
    wait: Wait = asyncio.sleep,
) -> None:
    """Returns when `version` may have the ledger: at once, if it had it last and was well.

    Raises:
        ConfigError: the page's port is taken, or its certificate cannot be shown.
        LedgerError: another process has the ledger, or it is damaged.
        OSError: the record cannot be kept.
    """
    folder = config.update.beside(config.data.ledger_path)
    standing = kept(folder)
    if standing is None or is_known(standing, version):
        return
    found = started(standing, version, await asyncio.to_thread(peek, config.data.ledger_path))
    keep(folder, found)
    if not found.confirmed:
        page = HeldPage(found.version, found.before)
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(FileLock(config.data.ledger_path).release)  # commands of this version keep off it, too
            if flaws := await look():
                await stack.enter_async_context(listen(page.app()))
                systemd.tell("READY=1", f"STATUS=held: {version} is not well; edge-agent doctor")
                await stack.enter_async_context(beating(systemd, _nothing))
                await _until_well(found, page, look, flaws, wait)
        _log.info("update_self_check_passed", version=version)


async def _until_well(found: Standing, page: HeldPage, look: SelfCheck, flaws: Sequence[str], wait: Wait) -> None:
    while flaws:
        _log.warning("update_held", version=found.version, before=found.before, flaws=len(flaws))
        page.flaws = tuple(flaws)
        await wait(RETRY_S)
        flaws = await look()


def confirm(config: AgentConfig, version: str) -> None:
    """Keeps that `version` has started well. A disk that does not take it costs another self-check."""
    folder = config.update.beside(config.data.ledger_path)
    standing = kept(folder)
    with contextlib.suppress(OSError):
        if standing is None:
            keep(folder, Standing(version, confirmed=True))
        elif not standing.confirmed and standing.version == version:
            keep(folder, replace(standing, confirmed=True))
            _log.info("update_confirmed", version=version, before=standing.before)


async def _nothing() -> None:
    """There is no ledger yet that could answer."""
