"""Holds what the registry's commands share: options, a database to work on, results for people and for machines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from central_registry import db
from central_registry.config import load_config
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
        DatabaseError: not reachable, or it refused.
    """
    found = dsn or load_config(config).database.dsn
    if not found:
        raise RefusedError(
            "database: expected --dsn or a --config with [database] dsn, got neither; serve prints its own"
        )

    async def connected() -> Any:
        async with await db.connect(found, connections_max=2) as pool:
            with db.told():
                return await work(pool)

    return asyncio.run(connected())


def show(value: Any, as_json: bool, text: str) -> None:
    """Print a result once."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str) if as_json else text)
