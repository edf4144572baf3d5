"""The command `edge-agent`: commands, no decisions. Exit 0 success, 1 a refusal, 2 wrong usage.

A refusal is one line on stderr that says what, expected, got, and what to do. `--json` puts machine-readable output on
stdout; logs go to stderr.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from edge_agent import __version__
from edge_agent.cli import (
    admin,
    alerts,
    approvals,
    artwork,
    cartons,
    catalogue,
    copies,
    find,
    jobs,
    labels,
    ledger,
    order_sheet,
    people,
    printers,
    registry_here,
    report,
    scanner,
    serve,
    service,
    setup,
    support,
    templates,
    tls,
    update,
    work_orders,
)
from edge_agent.cli import config as config_command
from edge_agent.cli import render as render_command
from edge_agent.messages.error import sentence, words_of
from label_protocol.errors import AgentError, of_system

app = typer.Typer(
    name="edge-agent",
    help="吊牌打印代理 · Prints garment labels with unique serials and proves what is on paper.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"edge-agent {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="版本 · the version, and exit", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """What may stand before a command; the help is the app's own."""


render_command.register(app)
order_sheet.register(app)
serve.register(app)
copies.register(labels.app)
app.add_typer(jobs.app, name="job")
app.add_typer(work_orders.app, name="orders")
find.register(labels.app)
app.add_typer(labels.app, name="label")
app.add_typer(cartons.app, name="carton")
app.add_typer(ledger.app, name="ledger")
app.add_typer(printers.app, name="printers")
app.add_typer(catalogue.app, name="catalog")
app.add_typer(templates.app, name="template")
app.add_typer(approvals.rules_app, name="rules")
app.add_typer(people.people_app, name="people")
app.add_typer(people.tokens_app, name="tokens")
app.add_typer(artwork.app, name="artwork")
app.add_typer(report.app, name="report")
scanner.register(app)
app.add_typer(config_command.app, name="config")
app.add_typer(alerts.app, name="alerts")
app.add_typer(admin.sync_app, name="sync")
app.add_typer(admin.hold_app, name="hold")
app.add_typer(service.app, name="service")
app.add_typer(tls.app, name="tls")
app.add_typer(registry_here.app, name="registry-here")
setup.register(app)
admin.register(app)
support.register(app)
update.register(app)


def main() -> None:
    """Entry point of the wheel."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console may not be UTF-8 by default
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except AgentError as cause:
        sys.stderr.write(f"edge-agent: {sentence(words_of(cause), str(cause))}\n")
        raise SystemExit(1) from None
    except OSError as cause:  # a file or folder that no command has a better sentence for
        sys.stderr.write(f"edge-agent: 这台电脑上的文件或文件夹不能用 · {of_system(cause)}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
