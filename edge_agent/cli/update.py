"""`edge-agent update …`: what is offered, fetched, put in and taken back. Nothing of it happens by itself."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edge_agent import __version__
from edge_agent.cli.common import ConfigOption, JsonOption, configuration, show
from edge_agent.clock import now_utc
from edge_agent.config import AgentConfig
from edge_agent.ops.update.here import form_here
from edge_agent.ops.update.look import Place, look
from edge_agent.ops.update.release import Release, number_of
from label_protocol.errors import ConfigError

app = typer.Typer(help="更新 · Updates of the program", no_args_is_help=True)

FromOption = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="PLACE", help="网址或文件夹（U 盘），缺省为 [update] mirror · address, or a folder on a stick"
    ),
]


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="update")


@app.command()
def check(source: FromOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """有没有新版本 · Whether there is a newer version.

    Example: edge-agent update check
    """
    found = look(_place(configuration(config), source), now_utc)
    is_newer = found is not None and _newer(found)
    value = {"installed": __version__, "newest": asdict(found) if found else None, "newer": is_newer}
    told = f"有新版本 there is {found.version}" if found and is_newer else "没有更新的版本 nothing newer"
    show(value, as_json=as_json, text=f"{told}（本机 this is {__version__}）")


@app.command()
def get(source: FromOption = None, config: ConfigOption = None) -> None:
    """取回新版本，核对签名，不装 · Fetch the newest version and verify it; nothing is installed.

    Example: edge-agent update get --from /media/stick/updates
    """
    from edge_agent.ops.update import roots
    from edge_agent.ops.update.client import Client

    place = _place(configuration(config), source)
    found = look(place, now_utc)
    if found is None or not _newer(found):
        typer.echo(f"没有更新的版本 nothing newer（本机 this is {__version__}）")
        return
    client = Client(place.source, place.trusted, roots.shipped())
    client.look()
    client.fetch(found, place.mirror)
    typer.echo(f"已取回并核对 fetched and verified: {found.version}, {client.file(found.file, place.mirror)}")
    typer.echo("装：sudo edge-agent update apply · to put it in: sudo edge-agent update apply", err=True)


def _place(config: AgentConfig, source: str | None) -> Place:
    """Raises ConfigError: nobody said where to look."""
    where = source or config.update.mirror
    if where is None:
        raise ConfigError(
            "更新：没有说到哪里看，请用 --from 给网址或文件夹，或写 [update] mirror · update: expected a place to "
            "look at, got none; give --from ADDRESS or --from FOLDER, or set [update] mirror"
        )
    if not where.startswith(("http://", "https://")):
        where = str(Path(where).absolute())
    return Place(where, config.update.beside(config.data.ledger_path), form_here())


def _newer(release: Release) -> bool:
    return number_of(release.version) > number_of(__version__)
