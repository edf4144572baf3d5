"""`edge-agent catalog …`: garment styles, lots, printers and operators of this site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge_agent.catalog import Catalog
from edge_agent.cli.common import ConfigOption, JsonOption, configuration, show

app = typer.Typer(help="资料 · Styles, lots, printers, operators", no_args_is_help=True)


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="JSON 或 CSV", metavar="F")], config: ConfigOption = None
) -> None:
    """导入款式与批次 · All of it or nothing.

    Example: edge-agent catalog import styles.csv
    """
    report = Catalog.open(configuration(config).data.catalog_path).import_file(file)
    typer.echo(str(report))


@app.command(name="list")
def list_documents(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """列出 · How many there are; --json gives them all.

    Example: edge-agent catalog list --json
    """
    found = Catalog.open(configuration(config).data.catalog_path).export()
    lines = [f"{kind}: {len(rows)}" for kind, rows in found.items()]
    show(found, as_json=as_json, text="\n".join(lines))
