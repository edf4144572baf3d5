"""`central-registry dump` and `restore`: of the registry's own PostgreSQL; another has its own tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from central_registry.cli.common import ConfigOption
from central_registry.config import load_config
from central_registry.here import dumps
from central_registry.problems import RefusedError


def dump(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="F", help="缺省放进数据文件夹的 dump/ · default: in its data's dump/"),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """导出自带的数据库，平台照常运行 · Copy the registry's own database into one file, while the registry runs.

    Example: central-registry dump --config registry.toml
    """
    typer.echo(f"已导出 dumped: {dumps.dump(_data(config), out)}")


def restore(
    source: Annotated[Path, typer.Option("--from", metavar="F", help="dump 打出的文件 · a file that dump made")],
    config: ConfigOption = None,
) -> None:
    """把导出的放回空的数据文件夹，先停平台 · Put a dump into an empty data folder; stop the registry first.

    Example: central-registry restore --from registry.dump --config registry.toml
    """
    dumps.restore(_data(config), source)
    typer.echo("已放回，可以启动了 · restored; start the registry")


def _data(config: Path | None) -> Path:
    data = load_config(config).database.data
    if not data:
        raise RefusedError(
            "database: expected a --config with [database] data, got none; another PostgreSQL is copied by its own "
            "pg_dump and pg_restore"
        )
    return Path(data)
