"""`edge-agent config …`: the configuration looked at before anything is started with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge_agent.cli.common import JsonOption, show
from edge_agent.config import default_paths, flaws_in, load_config
from edge_agent.ops.doctor.settings import refused_at_start
from label_protocol.errors import ConfigError

app = typer.Typer(help="配置 · The configuration", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `check` a word of its own, though it is the only one."""


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="配置文件 · the file; default: the user's own", metavar="FILE")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """查配置，错处一次说全 · Names every flaw at once; starts nothing.

    Example: edge-agent config check agent.toml
    """
    path = file or default_paths().config
    flaws = flaws_in(path) or refused_at_start(load_config(path))
    text = "\n".join(f"✗ {flaw}" for flaw in flaws) or f"✓ {path}: 没有不对的地方 nothing is wrong"
    show({"ok": not flaws, "file": str(path), "flaws": flaws}, as_json=as_json, text=text)
    if flaws:
        raise ConfigError(
            f"{path}: 有 {len(flaws)} 处不对，请照 ✗ 那几行改 · expected none, got {len(flaws)} flaws; correct each"
        )
