"""`edge-agent service …`: the agent as a service of systemd, from installing to removing."""

from __future__ import annotations

from pathlib import Path

import typer

from edge_agent.cli.common import ConfigOption, JsonOption, show
from edge_agent.config import default_paths, load_config, places
from edge_agent.errors import RefusedError
from edge_agent.ops.service import systemd

app = typer.Typer(help="系统服务 · The agent as a service of the system", no_args_is_help=True)

_HOST = systemd.Host(Path("/"), systemd.run_here)


@app.command()
def install(config: ConfigOption = None) -> None:
    """装成开机自启的服务并启动；改了配置再运行一次 · Install, enable and start; run again after a change. As root.

    Example: edge-agent service install --config /etc/edge-agent/agent.toml
    """
    systemd.require_systemd(_HOST, as_root=True)
    systemd.install(_HOST, load_config(config), config or places.found(default_paths().config))
    typer.echo(systemd.words_of(systemd.state(_HOST)))


@app.command()
def status(as_json: JsonOption = False) -> None:
    """服务现状 · Whether it runs, since when, and whether it starts at boot; exit 1 if it does not run.

    Example: edge-agent service status
    """
    systemd.require_systemd(_HOST, as_root=False)
    found = systemd.state(_HOST)
    show(found, as_json=as_json, text=systemd.words_of(found))
    if found.get("ActiveState") != systemd.RUNNING:
        got = found.get("ActiveState", "no answer")
        raise RefusedError(f"服务没有运行 · service: expected it to run, got {got}; the line above says what to do")


@app.command()
def remove() -> None:
    """停止并卸载服务，数据和配置都留着 · Stop and take out the service; data and configuration stay. As root.

    Example: edge-agent service remove
    """
    systemd.require_systemd(_HOST, as_root=True)
    systemd.remove(_HOST)
    typer.echo("已卸载，数据和配置都还在 · removed; data and configuration are where they were")
