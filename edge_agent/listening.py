"""Where the agent listens: its page, locked or not, and beside it the one that gives devices the site's certificate."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from edge_agent.access.tls.terms import url_of
from edge_agent.config import AgentConfig
from edge_agent.errors import already_running
from edge_agent.service.agent_service import AgentService
from edge_agent.web.api import build_web
from edge_agent.web.context import Lock
from edge_agent.web.devices.page import Handed, build_devices
from edge_agent.web.doorstep import TlsSite
from edge_agent.wiring import hosts_of, page_url, tls_terms
from label_protocol.errors import cannot_listen
from label_protocol.http_limits import LimitedRunner, Limits

if TYPE_CHECKING:
    from edge_agent.access.tls.serving import Shown


@contextlib.asynccontextmanager
async def listening(config: AgentConfig, service: AgentService) -> AsyncIterator[str]:
    """The page, for as long as the block runs; gives its address, which this computer reaches.

    Raises:
        ConfigError: the port is taken, or the certificate of the page cannot be shown.
    """
    lock = Lock(config.web.tls, config.web.allow_plain_http, config.web.proxies)
    app = build_web(service, hosts=hosts_of(config), host=config.web.host, lock=lock)
    async with contextlib.AsyncExitStack() as stack:
        shown = await stack.enter_async_context(_shown(config))
        port = await stack.enter_async_context(_served(config, app, config.web.port, shown))
        if shown is not None and config.web.tls == "site" and config.web.ca_port:
            devices = build_devices(config.site.name, partial(_handed, config, port, shown))
            await stack.enter_async_context(_served(config, devices, config.web.ca_port, few=True))
        yield url_of(config.web.host, port, tls=shown is not None)


@contextlib.asynccontextmanager
async def in_its_place(config: AgentConfig, app: web.Application) -> AsyncIterator[str]:
    """Another page where the agent's is, locked like it, for as long as the block runs. Raises as `listening`."""
    async with _shown(config) as shown, _served(config, app, config.web.port, shown) as port:
        yield url_of(config.web.host, port, tls=shown is not None)


@contextlib.asynccontextmanager
async def _shown(config: AgentConfig) -> AsyncIterator[Shown | None]:
    """The certificate of the page, looked after while the block runs; None: this agent speaks no TLS."""
    if not tls_terms(config).spoken:
        yield None
        return
    from edge_agent.access.tls.serving import Shown  # a page in clear needs no library of certificates in its memory

    shown = Shown(tls_terms(config))
    keeping = asyncio.create_task(shown.keep(), name="page-certificate")
    try:
        yield shown
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


@contextlib.asynccontextmanager
async def _served(
    config: AgentConfig, app: web.Application, port: int, shown: Shown | None = None, *, few: bool = False
) -> AsyncIterator[int]:
    """Listens at `port`, with TLS where there is a certificate; gives the port that it is. `few`: beside the page,
    whose bounds are by what this process may open."""
    host, limits = config.web.host, Limits(32, 16) if few else Limits.of(config.web)
    runner = LimitedRunner(app, limits, shutdown_timeout=2.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port) if shown is None else TlsSite(runner, host, port, lambda: shown.context)
        try:
            await site.start()
        except OSError as cause:
            if cause.errno == errno.EADDRINUSE:
                raise already_running(f"{host}:{port}", page_url(config), cause) from cause
            raise cannot_listen("web", host, port, cause) from cause
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _handed(config: AgentConfig, port: int, shown: Shown) -> Handed:
    """What devices are given now; pages at what they can reach this computer by, its addresses first."""
    from cryptography.hazmat.primitives.serialization import Encoding

    from edge_agent.access.tls.authority import fingerprint, names_of

    authority = shown.authority
    names = names_of(authority)
    places = [*(str(one) for one in names.addresses if not one.is_loopback), *names.dns]
    pages = [url_of(one, port, tls=True) + "/" for one in places if one != "localhost"]
    until = authority.not_valid_after_utc.date().isoformat()
    return Handed(authority.public_bytes(Encoding.PEM), fingerprint(authority), until, pages)
