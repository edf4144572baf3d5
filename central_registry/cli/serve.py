"""`central-registry serve`: the service until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from typing import Annotated

import typer
from aiohttp import web

from central_registry.app import build_app
from central_registry.cli.common import ConfigOption, DsnOption
from central_registry.config import RegistryConfig, load_config
from central_registry.embedded import EmbeddedPostgres
from label_protocol.errors import cannot_listen
from label_protocol.http_limits import LimitedRunner, Limits
from label_protocol.logs import configure_logs


def serve(
    dsn: DsnOption = None,
    listen: Annotated[
        str | None, typer.Option("--listen", metavar="H:P", help="监听地址，端口 0 任选 · port 0: any free one")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """启动服务 · Run the registry until interrupted.

    Example: central-registry serve --listen 127.0.0.1:8700
    """
    configure_logs()
    settings = load_config(config)
    host, port = _address(listen, settings)
    asyncio.run(_serve(dsn or settings.database.dsn, host, port, settings))


async def _serve(dsn: str, host: str, port: int, settings: RegistryConfig) -> None:
    async with contextlib.AsyncExitStack() as stack:
        if not dsn:
            dsn = await stack.enter_async_context(EmbeddedPostgres())
            typer.echo(f"内置数据库，停止即清空 embedded PostgreSQL, gone at stop; other commands: --dsn '{dsn}'")
        runner = LimitedRunner(build_app(dsn, settings), Limits.of(settings.http), shutdown_timeout=5.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as cause:
            raise cannot_listen("registry", host, port, cause) from cause
        bound = runner.addresses[0]
        typer.echo(f"登记中心已启动 registry at http://{bound[0]}:{bound[1]}")
        sys.stdout.flush()
        await _until_stopped()


async def _until_stopped() -> None:
    """Until SIGINT or SIGTERM; where the loop cannot take signals (Windows) Ctrl-C cancels the wait."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stopped.set)
    await stopped.wait()


def _address(listen: str | None, settings: RegistryConfig) -> tuple[str, int]:
    if listen is None:
        return settings.http.host, settings.http.port
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or not port.isascii() or int(port) > 65535:
        raise typer.BadParameter(f"expected HOST:PORT, got {listen!r}", param_hint="--listen")
    return host.strip("[]"), int(port)
