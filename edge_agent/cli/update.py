"""`edge-agent update …`: what is offered, fetched, put in and taken back. Nothing of it happens by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_agent import __version__
from edge_agent.cli.common import ConfigOption, JsonOption, configuration, show
from edge_agent.clock import now_utc
from edge_agent.config import AgentConfig, default_paths, load_config, places
from edge_agent.errors import UpdateError
from edge_agent.ledger.peek import peek
from edge_agent.ops.service import systemd
from edge_agent.ops.update import standing as standings
from edge_agent.ops.update.here import form_here
from edge_agent.ops.update.look import Place, look
from edge_agent.ops.update.release import Release, newest, number_of
from label_protocol.errors import ConfigError

if TYPE_CHECKING:
    from edge_agent.ops.update.apply import Installation

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


@app.command()
def apply(source: FromOption = None, config: ConfigOption = None) -> None:
    """装上取回的新版本并启动；自检通过之前不发码 · Put in what get fetched (or PLACE has), and start it: held until
    its own self-check is well. As root (sudo), where the agent is a service.

    Example: edge-agent update apply
    """
    from edge_agent.ops.update import apply as apply_
    from edge_agent.ops.update import roots
    from edge_agent.ops.update.client import Client

    settings = load_config(config)
    here = _installation(settings, config)
    apply_.require_rights(here)
    fetched = Place("", settings.update.beside(settings.data.ledger_path), here.form).mirror
    where = source or (str(fetched) if fetched.is_dir() else settings.update.mirror)
    client = Client(_somewhere(where), here.home.root / "trusted", roots.shipped())
    found = newest(client.look().releases, here.form.kind, here.form.architecture)
    if found is None or not _newer(found):
        typer.echo(f"没有更新的版本 nothing newer（本机 this is {__version__}）")
        return
    typer.echo(f"正在装 putting in {found.version}", err=True)
    apply_.apply(here, client, found)
    typer.echo(f"已换成 now {found.version}; 自检通过后才发码 it issues once its self-check is well: edge-agent doctor")
    _tell_how_to_start(here)


@app.command()
def back(config: ConfigOption = None) -> None:
    """退回上一版，只在新版还没有记账时；数据不动 · Back to the version before, if the new one has recorded nothing.
    Data stays as it is. As root (sudo), where the agent is a service.

    Example: edge-agent update back
    """
    from edge_agent.ops.update import apply as apply_

    here = _installation(load_config(config), config)
    apply_.require_rights(here)
    version = apply_.back(here, lambda: _may_return(here))
    typer.echo(f"已退回 back at {version}")
    _tell_how_to_start(here)


@app.command()
def standing(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """能不能退回上一版 · Whether the version before may come back; exit 1 and why, if not. With the agent stopped.

    Example: edge-agent update standing
    """
    settings = configuration(config)
    kept = standings.kept(settings.update.beside(settings.data.ledger_path))
    version = standings.require_return(kept, __version__, peek(settings.data.ledger_path))
    show({"may_return": version}, as_json=as_json, text=f"可以退回 may come back: {version}")


def _tell_how_to_start(here: Installation) -> None:
    """A service is started by `apply` and `back` themselves."""
    if not here.serves:
        typer.echo(f"请重启 start it anew: {here.home.python()} -m edge_agent run --config {here.source}", err=True)


def _may_return(here: Installation) -> str:
    """Asked by another process, which gives up root for the user whose ledger it is. Raises UpdateError: it says no."""
    words = [here.python, "-I", "-m", "edge_agent", "update", "standing", "--json", "--config", str(here.source)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, encoding="utf-8")  # noqa: S603 our words
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or ["no answer"]
        raise UpdateError(lines[-1].removeprefix("edge-agent: "))
    return str(json.loads(ended.stdout)["may_return"])


def _installation(settings: AgentConfig, config: Path | None) -> Installation:
    from edge_agent.ops.update.apply import Installation

    return Installation(
        host=systemd.Host(Path("/"), systemd.run_here),
        config=settings,
        source=(config or places.found(default_paths().config)).absolute(),
        form=form_here(),
        version=__version__,
        prefix=Path(sys.prefix),
        python=sys.executable,
    )


def _place(config: AgentConfig, source: str | None) -> Place:
    where = _somewhere(source or config.update.mirror)
    return Place(where, config.update.beside(config.data.ledger_path), form_here())


def _somewhere(where: str | None) -> str:
    """Raises ConfigError: nobody said where to look."""
    if where is None:
        raise ConfigError(
            "更新：没有说到哪里看，请用 --from 给网址或文件夹，或写 [update] mirror · update: expected a place to "
            "look at, got none; give --from ADDRESS or --from FOLDER, or set [update] mirror"
        )
    return where if where.startswith(("http://", "https://")) else str(Path(where).absolute())


def _newer(release: Release) -> bool:
    return number_of(release.version) > number_of(__version__)
