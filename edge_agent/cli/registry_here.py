"""`edge-agent registry-here …`: a registry on this PC for a firm without an association's; docs/registry-here.md."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from edge_agent.cli.common import ConfigOption, JsonOption, show
from edge_agent.errors import RefusedError
from edge_agent.ops.registry_here import install as service
from edge_agent.ops.registry_here.unit import CONFIG, NAME, URL
from edge_agent.ops.service import systemd

app = typer.Typer(help="本机平台 · A registry of your own on this PC", no_args_is_help=True)

_HOST = systemd.Host(Path("/"), systemd.run_here)

Agent = Annotated[
    str, typer.Option("--agent", metavar="NAME", help="本机在平台上叫什么 · what this agent is called there")
]
RegistryConfig = Annotated[
    Path, typer.Option("--registry-config", metavar="F", help="平台的 registry.toml · the registry's configuration")
]
Url = Annotated[str, typer.Option("--registry", metavar="URL", help="平台地址 · its address")]


@app.command()
def install() -> None:
    """装成开机自启的服务并启动，数据库第一次启动时建 · Install, enable, start it, make its database. As root.

    Example: edge-agent registry-here install
    """
    systemd.require_systemd(_HOST, as_root=True)
    service.install(_HOST, service.program())
    typer.echo(systemd.words_of(systemd.state(_HOST, NAME), NAME))


@app.command()
def enrol(
    agent: Agent = "agent-1",
    registry_config: RegistryConfig = Path(CONFIG),
    registry: Url = URL,
    config: ConfigOption = None,
) -> None:
    """本机代理登记到本机平台；平台要在运行，代理要停着 · Enrol this agent there; the registry runs, the agent does not.

    Example: edge-agent registry-here enrol --config /etc/edge-agent/agent.toml
    """
    asked = [*service.program(), "agents", "add", agent, "--config", str(registry_config), "--json"]
    told = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8", check=False)  # noqa: S603
    if told.returncode:
        raise RefusedError(
            f"本机平台没有给口令 · registry-here enrol: expected a token from central-registry, got "
            f"{' '.join(told.stderr.split())[-400:]}; see that it runs: edge-agent registry-here status"
        )
    named = [] if config is None else ["--config", str(config)]
    words = [sys.executable, "-m", "edge_agent", "enrol", "--registry", registry, "--token", "-", *named]
    token = json.loads(told.stdout)["token"]
    if subprocess.run(words, input=token, text=True, check=False).returncode:  # noqa: S603 our own words
        raise RefusedError(
            "没有登记成，原因在上一行 · registry-here enrol: expected the agent to be enrolled, got the refusal above; "
            "do what it says, then run this again"
        )


@app.command()
def status(as_json: JsonOption = False) -> None:
    """平台现状 · Whether it runs, since when, and whether it starts at boot; exit 1 if it does not run.

    Example: edge-agent registry-here status
    """
    systemd.require_systemd(_HOST, as_root=False)
    found = systemd.state(_HOST, NAME)
    show(found, as_json=as_json, text=systemd.words_of(found, NAME, "registry-here install"))
    if (got := found.get("ActiveState", "no answer")) != systemd.RUNNING:
        raise RefusedError(f"平台没有运行 · registry: expected it to run, got {got}; the line above says what to do")


@app.command()
def remove() -> None:
    """停止并卸载平台的服务，数据和配置都留着 · Stop and take out its service; data and configuration stay. As root.

    Example: edge-agent registry-here remove
    """
    systemd.require_systemd(_HOST, as_root=True)
    service.remove(_HOST)
    typer.echo("已卸载，数据和配置都还在 · removed; data and configuration are where they were")
