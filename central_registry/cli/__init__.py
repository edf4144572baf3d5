"""`central-registry`: the platform's service and its operator's commands. Exit codes: 0 done, 1 refused, 2 wrong usage.

Commands go straight to the database (`--dsn`, or `[database] dsn` of `--config`), so they work whether or not the
service runs. With the embedded PostgreSQL, `serve` prints the DSN to give them.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from central_registry import __version__
from central_registry.cli.agents import agents_app
from central_registry.cli.alarms import alarms_app
from central_registry.cli.audit import audit_app
from central_registry.cli.beginning import break_the_glass, init
from central_registry.cli.books import reconcile_books
from central_registry.cli.cases import cases_app
from central_registry.cli.certificates import certificates_app
from central_registry.cli.check_keys import check_key_app
from central_registry.cli.demo import demo
from central_registry.cli.dumps import dump, restore
from central_registry.cli.former import import_old
from central_registry.cli.label_stops import label_stops_app
from central_registry.cli.lots import allot, lots_app
from central_registry.cli.notices import recall, suspend
from central_registry.cli.orders import orders_app
from central_registry.cli.parties import parties_app
from central_registry.cli.people import people_app
from central_registry.cli.place import place_app
from central_registry.cli.roles import roles
from central_registry.cli.rolls import rolls_app
from central_registry.cli.serve import serve
from central_registry.cli.spot_checks import spot_checks_app
from central_registry.cli.told import told_app
from central_registry.cli.verify_keys import verify_keys_app
from central_registry.cli.webhooks import webhooks_app
from label_protocol.errors import AgentError, of_system

app = typer.Typer(
    help="标签登记中心 · Central registry of issued labels",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"central-registry {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="版本 · the version, and exit", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """What may stand before a command; the help is the app's own."""


app.add_typer(agents_app, name="agents")
app.add_typer(lots_app, name="lots")
app.add_typer(certificates_app, name="certificates")
app.add_typer(check_key_app, name="check-key")
app.add_typer(people_app, name="people")
app.add_typer(parties_app, name="parties")
app.add_typer(audit_app, name="audit")
app.add_typer(orders_app, name="orders")
app.add_typer(rolls_app, name="rolls")
app.add_typer(cases_app, name="cases")
app.add_typer(spot_checks_app, name="spot-checks")
app.add_typer(label_stops_app, name="label-stops")
app.add_typer(verify_keys_app, name="verify-keys")
app.add_typer(webhooks_app, name="webhooks")
app.add_typer(place_app, name="place")
app.add_typer(told_app, name="told")
app.add_typer(alarms_app, name="alarms")
app.command()(init)
app.command("break-glass")(break_the_glass)
app.command("import-old")(import_old)
app.command()(allot)
app.command()(serve)
app.command()(demo)
app.command()(roles)
app.command()(dump)
app.command()(restore)
app.command()(suspend)
app.command()(recall)
app.command("reconcile")(reconcile_books)


def main() -> None:
    """Entry point of the wheel: a refusal is one line on stderr and exit code 1."""
    try:
        app()
    except AgentError as refusal:
        typer.echo(f"拒绝 refused: {refusal}", err=True)
        sys.exit(1)
    except OSError as cause:
        typer.echo(f"拒绝 refused: {of_system(cause)}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(0)
