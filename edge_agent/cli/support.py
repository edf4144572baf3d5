"""`edge-agent support-bundle`: one file for whoever is asked for help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge_agent import __version__
from edge_agent.cli.common import ConfigOption, configuration, wait_for
from edge_agent.ops.bundle.pack import pack


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="support-bundle")(support_bundle)


def support_bundle(
    out: Annotated[Path, typer.Argument(metavar="OUT.zip", help="写到这个新文件 · a new file")],
    config: ConfigOption = None,
) -> None:
    """支持包，不含密钥、序列号和人名 · How the agent stands, in one file without secrets, serials or names.

    Example: edge-agent support-bundle support.zip
    """
    target = out.absolute()
    parts = wait_for(pack(configuration(config), __version__, target))
    typer.echo(f"已写好 written: {target} ({', '.join(parts)})")
    typer.echo("发出去之前请看一遍 look through it before you send it", err=True)
