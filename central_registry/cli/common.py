"""Holds what the registry's commands share: options, a database to work on, results for people and for machines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from central_registry import db
from central_registry.config import Database, load_config
from central_registry.here.postgres import Home
from central_registry.problems import RefusedError

DsnOption = Annotated[
    str | None, typer.Option("--dsn", metavar="DSN", help="PostgreSQL，优先于 --config · wins over --config")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="F", help="配置文件 registry.toml · configuration")
]
JsonOption = Annotated[bool, typer.Option("--json", help="机器可读 · machine-readable output on stdout")]
LotOption = Annotated[str | None, typer.Option("--lot", metavar="LOT_NO", help="批次 · the lot")]
StyleOption = Annotated[
    str | None, typer.Option("--style", metavar="STYLE_NO", help="款号，无批次的货 · for goods without a lot")
]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="原因 · why")]


def run_on(dsn: str | None, config: Path | None, work: Callable[[db.Pool], Awaitable[Any]]) -> Any:
    """Do `work` on the configured database, for as long as it takes: the service's time limits are not a command's.

    Raises:
        RefusedError: no database was named.
        ConfigError: one of the registry's own was named, and it was never started.
        DatabaseError: not reachable, or it refused.
    """
    found = dsn or dsn_of(load_config(config).database)
    if not found:
        raise RefusedError(
            "database: expected --dsn or a --config with [database] dsn, or its data, got none; serve prints its own"
        )

    async def connected() -> Any:
        async with await db.connect(found, connections_max=2) as pool:
            with db.told():
                return await work(pool)

    return asyncio.run(connected())


def dsn_of(database: Database) -> str:
    """Of the database that a configuration names, "" if it names none. Raises ConfigError: it has no login yet."""
    return database.dsn or (Home(Path(database.data).absolute()).dsn() if database.data else "")


def show(value: Any, as_json: bool, text: str) -> None:
    """Print a result once."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str) if as_json else text)
