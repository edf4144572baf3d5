"""`central-registry serve`: the service until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from aiohttp import web

from central_registry.app import build_app
from central_registry.cli.common import ConfigOption, DsnOption
from central_registry.config import Database, RegistryConfig, load_config
from central_registry.db import Pool, sql
from central_registry.embedded import CONNECTIONS, EmbeddedError, EmbeddedPostgres
from central_registry.fence.policies import Role
from central_registry.fence.roles import Logins, enter
from central_registry.here.dumps import keep_dumping
from central_registry.here.postgres import OwnPostgres
from central_registry.here.ready import ready
from central_registry.http.context import COUNTERS, POOL
from central_registry.workers.parent import ScanWorkers, Task
from label_protocol import collector
from label_protocol.errors import cannot_listen
from label_protocol.http_limits import LimitedRunner, Limits
from label_protocol.logs import configure_logs

_log = structlog.get_logger("central_registry")
Work = Callable[[], Coroutine[Any, Any, Any]]


def serve(
    dsn: DsnOption = None,
    listen: Annotated[
        str | None, typer.Option("--listen", metavar="H:P", help="监听地址，端口 0 任选 · port 0: any free one")
    ] = None,
    config: ConfigOption = None,
    workers: Annotated[
        int,
        typer.Option("--workers", metavar="N", min=0, max=64, help="另开的扫码进程数 · processes for scans alone"),
    ] = 0,
) -> None:
    """启动服务 · Run the registry until interrupted.

    Example: central-registry serve --listen 127.0.0.1:8700
    """
    configure_logs()
    settings = load_config(config)
    host, port = _address(listen, settings)
    asyncio.run(_serve(dsn or settings.database.dsn, (host, port), settings, workers))


async def _serve(dsn: str, at: tuple[str, int], settings: RegistryConfig, workers: int) -> None:
    async with contextlib.AsyncExitStack() as stack:
        ends: list[Work] = [until_stopped]
        needed = settings.database.connections(workers)
        if dsn:
            logins = _configured(dsn, settings.database)
        elif settings.database.data:
            own = OwnPostgres(Path(settings.database.data), connections=max(needed, CONNECTIONS))
            logins = await enter(await stack.enter_async_context(own))
            ends += [own.ended, *_dumps(settings.database)]
        else:
            embedded = EmbeddedPostgres(connections=max(needed, CONNECTIONS))
            logins = await enter(await stack.enter_async_context(embedded))
            told = f"内置数据库，停止即清空 embedded PostgreSQL, gone at stop; other commands: --dsn '{logins.owner}'"
            typer.echo(told)
        app = build_app(logins, settings)
        address = await _listen(app, at, settings, stack)
        await tell_if_few(app[POOL], needed)
        if workers:
            task = Task(logins, settings, at[0], settings.http.scans_port)
            scans = await stack.enter_async_context(ScanWorkers(workers, task, app[COUNTERS]))
            typer.echo(f"扫码进程已启动 {workers} scan workers at http://{at[0]}:{scans}/01/")
        collector.started()
        typer.echo(f"登记中心已启动 registry at {address}")
        sys.stdout.flush()
        ready(address)
        await _first_of(ends)


async def tell_if_few(pool: Pool, needed: int) -> None:
    """A database that takes fewer connections than the pools may open refuses some of them when most is asked of it."""
    given = int(await sql.connections_given(pool))
    if given < needed:
        _log.warning("connections_few", needed=needed, given=given, do="raise max_connections of PostgreSQL")


async def _listen(
    app: web.Application, at: tuple[str, int], settings: RegistryConfig, stack: contextlib.AsyncExitStack
) -> str:
    """Serve the application until the stack unwinds; its address."""
    runner = LimitedRunner(app, Limits.of(settings.http), shutdown_timeout=5.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, *at).start()
    except OSError as cause:
        raise cannot_listen("registry", *at, cause) from cause
    bound = runner.addresses[0]
    return f"http://{bound[0]}:{bound[1]}"


def _configured(dsn: str, database: Database) -> Logins:
    """The logins of a database that is not the registry's own: those of the roles belong to the DSN beside them."""
    named = {Role.INGEST: database.ingest_dsn, Role.READER: database.reader_dsn, Role.PEOPLE: database.people_dsn}
    logins = Logins(dsn, named if dsn == database.dsn else {})
    if logins.missing:
        _log.warning("rows_not_fenced", roles=[*logins.missing], do="central-registry roles --apply")
    return logins


def _dumps(database: Database) -> list[Work]:
    return [partial(keep_dumping, Path(database.data), database.dump_every_h)] if database.dump_every_h else []


async def _first_of(work: Sequence[Work]) -> None:
    """Until somebody stops it, or its own database has ended, which is told: whoever watches starts both again.

    Raises:
        EmbeddedError
    """
    stopped, *others = [asyncio.create_task(one()) for one in work]
    try:
        await asyncio.wait([stopped, *others], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (stopped, *others):
            task.cancel()
        await asyncio.gather(stopped, *others, return_exceptions=True)
    if stopped.cancelled():
        raise EmbeddedError("database: expected it to run as long as the registry, got its end; see the lines above")


async def until_stopped() -> None:
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
